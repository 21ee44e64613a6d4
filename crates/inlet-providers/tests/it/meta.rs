//! Meta: its signature over the raw body, its handshake, its batches and its files.

use inlet_core::{
    adapter::{Adapter, ItemError, ItemOutcome, Rejection, Scenario, WebhookRequest},
    channel::Channel,
    inbound::{Strength, Who},
    intake::Refusal,
    registry::Provider,
};
use inlet_providers::meta::Meta;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{MOMENT, SECRET, endpoint, fixtures_of, now, post, provider, target};

const SIGNATURE: &str = "x-hub-signature-256";

fn sample(scenario: &Scenario, number: &str) -> WebhookRequest {
    let endpoint = endpoint(&["token:an access token", SECRET]);
    let provider = Provider {
        account: None,
        number: Some(number.to_owned()),
        ..provider()
    };
    Meta.sample(scenario, &target(&endpoint, &provider), now())
}

fn hello(name: &str) -> Scenario {
    Scenario {
        name: name.to_owned(),
        from: "+14155550119".to_owned(),
        body: "Größe / Preis?".to_owned(),
        ..Scenario::default()
    }
}

fn verify(request: &WebhookRequest, secrets: &[&str]) -> Result<Strength, Rejection> {
    Meta.verify(request, &endpoint(secrets), now())
        .map(|verified| verified.strength)
}

#[test]
fn the_published_signature_of_the_same_scheme_fits() {
    let text = std::fs::read_to_string(fixtures_of("meta").join("vectors.json")).expect("the vectors");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let vectors = file["vectors"].as_array().expect("a list");
    assert_eq!(vectors.len(), 1);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().expect(name);
        let headers = [(SIGNATURE, text("signature"))];
        let request = post("https://inbox.example.com/in/meta/t", &headers, text("body"));
        assert_eq!(verify(&request, &[text("app_secret")]), Ok(Strength::SignedBody));
        assert!(matches!(
            verify(&request, &["another secret"]),
            Err(Rejection::Forged(_))
        ));
    }
}

fn header(request: &mut WebhookRequest) -> &mut String {
    let header = request.raw.headers.iter_mut().find(|(name, _)| name == SIGNATURE);
    &mut header.expect("it is signed").1
}

/// What is done to a good request so that it must be refused.
type Harm = (&'static str, fn(&mut WebhookRequest));

#[test]
fn a_request_that_was_touched_is_forged() {
    let harms: &[Harm] = &[
        ("a changed byte", |r| r.raw.body[20] ^= 1),
        ("a blank more", |r| r.raw.body.push(b' ')),
        ("an empty body", |r| r.raw.body.clear()),
        ("the same JSON in other letters", |r| {
            let body = String::from_utf8(r.raw.body.clone()).expect("text");
            r.raw.body = body.replace("\\u00f6", "ö").replace("\\/", "/").into_bytes();
        }),
        ("upper case", |r| {
            *header(r) = header(r).to_uppercase().replace("SHA256", "sha256");
        }),
        ("cut short", |r| header(r).truncate(70)),
        ("gone on", |r| header(r).push('0')),
        ("without its scheme", |r| *header(r) = header(r).replace("sha256=", "")),
        ("base64", |r| *header(r) = "sha256=dXNlcjpwYXNz".to_owned()),
        ("two of them", |r| {
            let second = (SIGNATURE.to_owned(), header(r).clone());
            r.raw.headers.push(second);
        }),
    ];
    assert_eq!(
        verify(&sample(&hello(""), "+15550783881"), &[SECRET]),
        Ok(Strength::SignedBody)
    );
    for (what, harm) in harms {
        let mut request = sample(&hello(""), "+15550783881");
        harm(&mut request);
        let verdict = verify(&request, &[SECRET]);
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{what}: {verdict:?}");
    }
    let mut request = sample(&hello(""), "+15550783881");
    header(&mut request).clear();
    assert!(
        matches!(verify(&request, &[SECRET]), Err(Rejection::Missing(_))),
        "empty"
    );
    request.raw.headers.retain(|(name, _)| name != SIGNATURE);
    request
        .raw
        .headers
        .push(("x-hub-signature".to_owned(), "sha1=00".to_owned()));
    assert!(
        matches!(verify(&request, &[SECRET]), Err(Rejection::Missing(_))),
        "only the old one"
    );
}

#[test]
fn any_app_secret_may_sign_and_no_token_does() {
    let request = sample(&hello(""), "+15550783881");
    let cases: [(&[&str], bool); 6] = [
        (&[SECRET], true),
        (&["another", SECRET], true),
        (&["another"], false),
        (&["token:12345"], false),
        (&[""], false),
        (&[], false),
    ];
    for (secrets, fits) in cases {
        assert_eq!(verify(&request, secrets).is_ok(), fits, "{secrets:?}");
    }
    let forged = Scenario {
        forge: true,
        ..hello("")
    };
    assert!(matches!(
        verify(&sample(&forged, "1"), &[SECRET]),
        Err(Rejection::Forged(_))
    ));
    let mut unsigned = endpoint(&[]);
    unsigned.unsigned = true;
    let verified = Meta.verify(&request, &unsigned, now()).expect("it was wished");
    assert_eq!(verified.strength, Strength::Unsigned);
}

#[test]
fn a_handshake_is_answered_with_its_challenge_to_who_knows_the_token() {
    let ask = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-token";
    let cases = [
        ("GET", ask.to_owned(), Some((200, "1158201444"))),
        ("GET", ask.replace("a-token", "b-token"), Some((403, ""))),
        ("GET", ask.replace("=a-token", "="), Some((403, ""))),
        ("GET", ask.replace("1158201444", "%3Cscript%3E"), Some((403, ""))),
        ("GET", ask.replace("1158201444", &"1".repeat(300)), Some((403, ""))),
        ("GET", ask.replace("1158201444", ""), Some((403, ""))),
        ("GET", ask.replace("subscribe", "unsubscribe"), None),
        ("GET", ask.replace("hub.mode", "hub_mode"), None),
        ("GET", String::new(), None),
        ("POST", ask.to_owned(), None),
    ];
    for (method, query, expected) in cases {
        let mut request = post(&format!("https://inbox.example.com/in/meta/a-token?{query}"), &[], "");
        method.clone_into(&mut request.raw.method);
        let reply = Meta.handshake(&request, &endpoint(&[SECRET]), &MOMENT);
        let found = reply.as_ref().map(|reply| (reply.status, reply.body.as_str()));
        match (found, expected) {
            (Some((403, sentence)), Some((403, _))) => assert!(sentence.contains("verify token"), "{query}"),
            _ => assert_eq!(found, expected, "{method} {query}"),
        }
    }
}

#[test]
fn samples_are_of_the_channel_that_was_asked_for() {
    let cases = [
        ("", "+15550783881", Channel::WhatsApp),
        ("", "104996122399160", Channel::Facebook),
        ("whatsapp", "104996122399160", Channel::WhatsApp),
        ("messenger", "+15550783881", Channel::Facebook),
        ("postback", "104996122399160", Channel::Facebook),
        ("instagram", "17841405822304914", Channel::Instagram),
    ];
    let endpoint = endpoint(&[SECRET]);
    for (name, number, channel) in cases {
        let request = sample(&hello(name), number);
        let verified = Meta.verify(&request, &endpoint, now()).expect("it is signed");
        let items = Meta.parse(&verified, &endpoint);
        let [Ok(item)] = items.as_slice() else {
            panic!("{name}: {items:?}")
        };
        assert_eq!(item.inbound.channel, channel, "{name}");
        assert_eq!(item.inbound.body.as_deref(), Some("Größe / Preis?"), "{name}");
        assert_eq!(item.inbound.occurred_at, Some(now()), "{name}");
    }
}

#[test]
fn meta_hears_200_unless_the_store_is_down() {
    let down = ItemOutcome::Refused(Refusal::Unavailable("full".to_owned()));
    let cases = [
        (vec![], 200),
        (vec![ItemOutcome::Parked], 200),
        (vec![ItemOutcome::Refused(Refusal::Nothing)], 200),
        (vec![ItemOutcome::Malformed(ItemError("odd".to_owned()))], 200),
        (vec![ItemOutcome::Parked, down], 503),
    ];
    for (outcomes, status) in cases {
        assert_eq!(Meta.reply(&outcomes).status, status, "{outcomes:?}");
    }
}

#[test]
fn the_access_token_goes_to_metas_own_hosts_only() {
    let cases = [
        ("https://graph.facebook.com/v23.0/1003383421387256", Some(true)),
        (
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            Some(true),
        ),
        ("https://scontent.xx.fbcdn.net/v/a.jpg", Some(false)),
        ("https://graph.facebook.com.evil.example/1", Some(false)),
        ("https://graph.facebook.com@evil.example/1", Some(false)),
        ("http://graph.facebook.com/1", Some(false)),
        ("https://graph.facebook.com:8443/1", Some(false)),
        ("file:///etc/passwd", None),
    ];
    let with = endpoint(&[SECRET, "token:an access token"]);
    for (url, expected) in cases {
        let request = Meta.media(url, &with, &provider());
        assert_eq!(
            request.as_ref().map(|request| request.bearer.is_some()),
            expected,
            "{url}"
        );
        if let Some(bearer) = request.and_then(|request| request.bearer) {
            assert_eq!(bearer.expose(), b"an access token");
        }
    }
    let (graph, _) = cases[0];
    assert_eq!(
        Meta.media(graph, &endpoint(&[SECRET]), &provider()),
        None,
        "it asks for a token"
    );
    let answer = br#"{"messaging_product":"whatsapp","url":"https:\/\/lookaside.fbsbx.com\/x?mid=1","id":"1"}"#;
    assert_eq!(
        Meta.media_leads(graph, answer).as_deref(),
        Some("https://lookaside.fbsbx.com/x?mid=1")
    );
    for (url, answer) in [
        ("https://lookaside.fbsbx.com/x", &answer[..]),
        (graph, b"a picture"),
        (graph, b"{}"),
    ] {
        assert_eq!(Meta.media_leads(url, answer), None, "{url}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives(body in "\\PC{1,60}", name in "(whatsapp|messenger|instagram)", media in prop::collection::vec("https://x\\.example/[a-z]{1,9}\\.png", 0..2)) {
        let endpoint = endpoint(&[SECRET]);
        let request = sample(&Scenario { body: body.clone(), media: media.clone(), ..hello(&name) }, "1049961223");
        let verified = Meta.verify(&request, &endpoint, now()).unwrap();
        let items = Meta.parse(&verified, &endpoint);
        prop_assert_eq!(items.len(), 1);
        let said = &items[0].as_ref().unwrap().inbound;
        prop_assert_eq!(said.body.clone(), Some(body));
        prop_assert_eq!(said.detail.attachments.len(), media.len());
        let Who::Person(person) = &said.who else { panic!("a person") };
        prop_assert!(!person.identities.is_empty());
    }

    #[test]
    fn one_changed_byte_is_refused(at: prop::sample::Index, byte: u8, signature: bool) {
        let mut request = sample(&hello(""), "+15550783881");
        if signature {
            let mut bytes = header(&mut request).clone().into_bytes();
            let place = at.index(bytes.len());
            prop_assume!(byte.is_ascii_graphic() && bytes[place] != byte);
            bytes[place] = byte;
            *header(&mut request) = String::from_utf8(bytes).unwrap();
        } else {
            let place = at.index(request.raw.body.len());
            prop_assume!(request.raw.body[place] != byte);
            request.raw.body[place] = byte;
        }
        prop_assert!(verify(&request, &[SECRET]).is_err());
    }

    #[test]
    fn nothing_makes_it_panic(pieces in prop::collection::vec(
        "(\"(object|entry|id|changes|value|field|messages|messaging|message|mid|text|type|from|attachments|payload|timestamp|contacts)\":|\"(page|instagram|whatsapp_business_account|messages|text|image|location)\"|[\\[\\]{},]|[0-9]{1,20}|\"\"|null|true)",
        0..40,
    )) {
        let mut unsigned = endpoint(&[]);
        unsigned.unsigned = true;
        for body in [pieces.concat(), format!("{{\"object\":\"page\",\"entry\":[{{\"id\":\"1\",\"messaging\":[{{{}}}]}}]}}", pieces.join(""))] {
            let request = post("https://inbox.example.com/in/meta/t", &[], &body);
            prop_assert!(verify(&request, &[SECRET]).is_err());
            let verified = Meta.verify(&request, &unsigned, now()).unwrap();
            let _ = Meta.parse(&verified, &unsigned);
        }
    }
}
