//! Webhooks of one's own: what proves them, what does not, and what their sender hears.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signer, SigningKey};
use inlet_core::{
    Timestamp,
    adapter::{Adapter, ItemError, ItemOutcome, Rejection, Scenario, WebhookRequest},
    inbound::Strength,
    intake::Refusal,
    registry::Endpoint,
};
use inlet_providers::custom::Custom;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{SENT, WHSEC, endpoint, fixtures_of, now, post, provider, target};

const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const URL: &str = "https://inbox.example.com/in/custom/t";

fn sample(secret: &str) -> WebhookRequest {
    let scenario = Scenario {
        from: "+14155550119".to_owned(),
        body: "It's me".to_owned(),
        ..Scenario::default()
    };
    Custom.sample(&scenario, &target(&endpoint(&[secret]), &provider()), now())
}

fn verdict(request: &WebhookRequest, secrets: &[&str], at: i64) -> &'static str {
    let at = Timestamp::from_second(at).expect("a time that can be");
    match Custom
        .verify(request, &endpoint(secrets), at)
        .map(|verified| verified.strength)
    {
        Ok(Strength::SignedBody) => "signed",
        Ok(Strength::Secret) => "secret",
        Ok(_) => "another strength",
        Err(Rejection::Missing(_)) => "missing",
        Err(Rejection::Forged(_)) => "forged",
        Err(Rejection::NotOurs(_) | Rejection::TooLarge(_)) => "not ours",
    }
}

fn header<'r>(request: &'r mut WebhookRequest, name: &str) -> &'r mut String {
    let mut headers = request.raw.headers.iter_mut();
    headers
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
        .expect("the header is there")
}

fn twice(request: &mut WebhookRequest, name: &str) {
    let again = (name.to_owned(), header(request, name).clone());
    request.raw.headers.push(again);
}

/// What is done to a good request, and what becomes of it then.
type Harm = (&'static str, fn(&mut WebhookRequest), &'static str);

const SIGNATURE: &str = "webhook-signature";

const HARMS: &[Harm] = &[
    ("nothing", |_| {}, "signed"),
    (
        "a changed byte",
        |r| *r.raw.body.last_mut().expect("a body") ^= 1,
        "forged",
    ),
    ("a blank more", |r| r.raw.body.push(b' '), "forged"),
    ("no body", |r| r.raw.body.clear(), "forged"),
    ("another id", |r| header(r, "webhook-id").push('x'), "forged"),
    (
        "another time",
        |r| "1800000001".clone_into(header(r, "webhook-timestamp")),
        "forged",
    ),
    (
        "a time in words",
        |r| "now".clone_into(header(r, "webhook-timestamp")),
        "forged",
    ),
    (
        "a time with a sign",
        |r| header(r, "webhook-timestamp").insert(0, '+'),
        "forged",
    ),
    (
        "a time beyond all",
        |r| *header(r, "webhook-timestamp") = "9".repeat(30),
        "forged",
    ),
    ("no id", |r| header(r, "webhook-id").clear(), "missing"),
    ("no time", |r| header(r, "webhook-timestamp").clear(), "missing"),
    ("no signature", |r| header(r, SIGNATURE).clear(), "missing"),
    ("no header", |r| r.raw.headers.clear(), "missing"),
    ("two signatures", |r| twice(r, SIGNATURE), "forged"),
    ("two ids", |r| twice(r, "webhook-id"), "forged"),
    (
        "cut short",
        |r| {
            header(r, SIGNATURE).pop();
        },
        "forged",
    ),
    ("gone on", |r| header(r, SIGNATURE).push('='), "forged"),
    (
        "another alphabet",
        |r| *header(r, SIGNATURE) = header(r, SIGNATURE).replace(['+', '/', '='], "-"),
        "forged",
    ),
    (
        "hex",
        |r| *header(r, SIGNATURE) = format!("v1,{}", "00".repeat(32)),
        "forged",
    ),
    (
        "no version",
        |r| *header(r, SIGNATURE) = header(r, SIGNATURE).replace("v1,", ""),
        "forged",
    ),
    (
        "another version",
        |r| *header(r, SIGNATURE) = header(r, SIGNATURE).replace("v1,", "v1a,"),
        "forged",
    ),
    (
        "one of several",
        |r| header(r, SIGNATURE).insert_str(0, "v1,AAAA v2,BBBB "),
        "signed",
    ),
    (
        "one of far too many",
        |r| header(r, SIGNATURE).insert_str(0, &"v1,A ".repeat(16)),
        "forged",
    ),
    (
        "under Svix's names",
        |r| {
            for (name, _) in &mut r.raw.headers {
                *name = name.replace("webhook-", "svix-");
            }
        },
        "signed",
    ),
    (
        "sent instead",
        |r| r.raw.headers = vec![("authorization".to_owned(), format!("Bearer {WHSEC}"))],
        "forged",
    ),
];

#[test]
fn a_signed_request_that_was_touched_is_refused() {
    for (what, harm, expected) in HARMS {
        let mut request = sample(WHSEC);
        harm(&mut request);
        assert_eq!(verdict(&request, &[WHSEC], now().as_second()), *expected, "{what}");
    }
}

#[test]
fn a_signature_is_good_for_five_minutes_and_under_any_key_of_the_endpoint() {
    let (request, now) = (sample(WHSEC), now().as_second());
    let at = [
        (-301, "forged"),
        (-300, "signed"),
        (300, "signed"),
        (301, "forged"),
        (-now, "forged"),
    ];
    for (seconds, expected) in at {
        assert_eq!(
            verdict(&request, &[WHSEC], now + seconds),
            expected,
            "{seconds} seconds later"
        );
    }
    let keys: [(&[&str], _); 6] = [
        (&[OTHER, WHSEC], "signed"),
        (&[OTHER], "forged"),
        (&[SENT], "forged"),
        (&[SENT, WHSEC], "signed"),
        (&["whsec_!", WHSEC], "signed"),
        (&[], "forged"),
    ];
    for (secrets, expected) in keys {
        assert_eq!(verdict(&request, secrets, now), expected, "{} secrets", secrets.len());
    }
}

#[test]
fn a_secret_is_brought_in_one_of_two_headers() {
    let now = now().as_second();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("authorization", "Bearer sixteen-letters-or-more")], "secret"),
        (&[("authorization", "bearer  sixteen-letters-or-more ")], "secret"),
        (&[("x-api-key", "sixteen-letters-or-more")], "secret"),
        (&[("authorization", "Bearer sixteen-letters-or-mor")], "forged"),
        (&[("authorization", "Bearer ")], "forged"),
        (&[("authorization", "Basic c2l4dGVlbg==")], "forged"),
        (&[("authorization", "sixteen-letters-or-more")], "forged"),
        (&[("x-api-key", "other")], "forged"),
        (
            &[("x-api-key", "sixteen-letters-or-more"), ("x-api-key", "other")],
            "forged",
        ),
        (&[("x-api-key", ""), ("authorization", "")], "missing"),
        (&[("cookie", "sixteen-letters-or-more")], "missing"),
    ];
    for (headers, expected) in cases {
        assert_eq!(
            verdict(&post(URL, headers, "{}"), &[WHSEC, SENT], now),
            *expected,
            "{headers:?}"
        );
    }
    let mut unsigned = endpoint(&[]);
    unsigned.unsigned = true;
    let request = post(URL, &[], "{}");
    let verified = Custom.verify(&request, &unsigned, crate::support::now()).unwrap();
    assert_eq!(verified.strength, Strength::Unsigned);
}

#[test]
fn an_asymmetric_signature_fits_its_public_key() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = format!("whpk_{}", BASE64.encode(key.verifying_key().as_bytes()));
    let body = r#"{"type":"SMS"}"#;
    let signed = BASE64.encode(key.sign(format!("m.1800000000.{body}").as_bytes()).to_bytes());
    let request = |signature: &str, body| {
        let headers = [
            ("webhook-id", "m"),
            ("webhook-timestamp", "1800000000"),
            (SIGNATURE, signature),
        ];
        post(URL, &headers, body)
    };
    let now = now().as_second();
    assert_eq!(
        verdict(&request(&format!("v1a,{signed}"), body), &[&public], now),
        "signed"
    );
    assert_eq!(
        verdict(&request(&format!("v1a,{signed}"), "{}"), &[&public], now),
        "forged"
    );
    assert_eq!(
        verdict(&request(&format!("v1,{signed}"), body), &[&public], now),
        "forged"
    );
    assert_eq!(verdict(&request("v1a,AAAA", body), &[&public], now), "forged");
}

#[test]
fn the_published_signatures_of_standard_webhooks_fit() {
    let text = std::fs::read_to_string(fixtures_of("custom").join("vectors.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 2, "some of the published vectors are gone");
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let headers = [
            ("webhook-id", text("id")),
            ("webhook-timestamp", text("timestamp")),
            (SIGNATURE, text("signature")),
        ];
        let (request, at) = (post(URL, &headers, text("body")), text("timestamp").parse().unwrap());
        assert_eq!(verdict(&request, &[text("secret")], at), "signed", "{}", text("name"));
        assert_eq!(verdict(&request, &[SENT], at), "forged", "under another key");
    }
}

#[test]
fn secrets_that_cannot_prove_anything_are_refused_at_once() {
    let cases = [
        (WHSEC, true),
        (SENT, true),
        ("whsec_", false),
        ("whsec_c2hvcnQ=", false),
        ("whsec_not base64", false),
        ("whpk_AAAA", false),
        ("short", false),
        ("", false),
    ];
    for (secret, fine) in cases {
        assert_eq!(Custom.check(&endpoint(&[secret])).is_ok(), fine, "{secret}");
    }
    let with = Endpoint {
        template: Some("id = 1".to_owned()),
        ..endpoint(&[WHSEC])
    };
    assert!(Custom.check(&with).is_err(), "a template that reads wrong");
}

#[test]
fn ones_own_system_hears_what_is_wrong_and_comes_again_when_the_store_is_down() {
    let malformed = ItemOutcome::Malformed(ItemError("it has no altId".to_owned()));
    let down = ItemOutcome::Refused(Refusal::Unavailable("full".to_owned()));
    let cases = [
        (vec![], 200),
        (vec![ItemOutcome::Parked], 200),
        (vec![ItemOutcome::Parked, malformed.clone()], 422),
        (vec![malformed, down], 503),
    ];
    for (outcomes, status) in cases {
        assert_eq!(Custom.reply(&outcomes).status, status, "{outcomes:?}");
    }
    let rejections = [
        (Rejection::Missing(String::new()), 401),
        (Rejection::Forged(String::new()), 403),
        (Rejection::NotOurs(String::new()), 400),
    ];
    for (rejection, status) in rejections {
        assert_eq!(Custom.reject(&rejection).status, status);
    }
    let media = Custom
        .media("https://example.com/a", &endpoint(&[SENT]), &provider())
        .unwrap();
    assert_eq!(media.basic_auth, None, "no secret goes to a host that a message names");
    assert_eq!(Custom.media("file:///etc/passwd", &endpoint(&[]), &provider()), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_verify_and_one_changed_byte_does_not(body in "[^\\x00]+", at: prop::sample::Index, byte: u8, secret in prop::sample::select(vec![WHSEC, SENT])) {
        let endpoint = endpoint(&[OTHER, secret]);
        let (scenario, provider) = (Scenario { from: "+14155550119".to_owned(), body: body.clone(), ..Scenario::default() }, provider());
        let only = crate::support::endpoint(&[secret]);
        let mut request = Custom.sample(&scenario, &target(&only, &provider), now());
        let verified = Custom.verify(&request, &endpoint, now()).unwrap();
        let item = Custom.parse(&verified, &endpoint).remove(0);
        if body.trim().is_empty() {
            return Ok(());
        }
        prop_assert_eq!(item.unwrap().inbound.body, Some(body));
        let forged = Custom.sample(&Scenario { forge: true, ..scenario }, &target(&only, &provider), now());
        prop_assert!(matches!(Custom.verify(&forged, &endpoint, now()), Err(Rejection::Forged(_))));
        let place = at.index(request.raw.body.len());
        prop_assume!(request.raw.body[place] != byte && secret == WHSEC);
        request.raw.body[place] = byte;
        prop_assert!(Custom.verify(&request, &endpoint, now()).is_err());
    }

    #[test]
    fn nothing_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), template in "[a-z]{2,9} = \"[$@.a-z0-9]{0,9}\"\n") {
        let mut request = post(URL, &[], "");
        request.raw.body = body;
        let template = format!("from = \"$.a\"\nchannel = \"sms\"\n{template}");
        let unsigned = Endpoint { unsigned: true, template: Some(template), ..endpoint(&[]) };
        let verified = Custom.verify(&request, &unsigned, now()).unwrap();
        let _ = Custom.parse(&verified, &unsigned);
        let _ = Custom.sample(&Scenario::default(), &target(&unsigned, &provider()), now());
    }
}
