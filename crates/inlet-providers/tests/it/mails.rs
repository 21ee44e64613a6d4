//! What holds for every door that mails come by: samples say what they were made of, nothing makes it panic, and each
//! vendor hears what makes it stop or come again.

use inlet_core::{
    adapter::{Adapter, Item, ItemError, ItemOutcome, Rejection, Scenario, WebhookRequest},
    channel::Channel,
    inbound::{Strength, Who},
    intake::Refusal,
    registry::{Endpoint, Provider, ProviderKind},
};
use inlet_providers::{mailgun::Mailgun, mime::Mime, postmark::Postmark, sendgrid::SendGrid};
use proptest::prelude::*;

use crate::support::{SECRET, endpoint, endpoint_of, now, provider, target};

const DOORS: [&dyn Adapter; 4] = [&Mailgun, &Mime, &Postmark, &SendGrid];

pub(crate) fn mailbox() -> Provider {
    Provider {
        kind: ProviderKind::Email,
        number: Some("inbox@studio.example".to_owned()),
        ..provider()
    }
}

/// A mail as the vendor would send it to this endpoint.
pub(crate) fn sample(adapter: &dyn Adapter, scenario: &Scenario, endpoint: &Endpoint) -> WebhookRequest {
    let mailbox = mailbox();
    adapter.sample(scenario, &target(endpoint, &mailbox), now())
}

pub(crate) fn letter(name: &str) -> Scenario {
    Scenario {
        name: name.to_owned(),
        from: "maya@okafor.example".to_owned(),
        body: "Größe?\n\n-- \nMaya".to_owned(),
        ..Scenario::default()
    }
}

fn read(adapter: &dyn Adapter, request: &WebhookRequest, endpoint: &Endpoint) -> Result<Item, ItemError> {
    let verified = adapter.verify(request, endpoint, now()).expect("it is signed");
    let mut items = adapter.parse(&verified, endpoint);
    assert_eq!(items.len(), 1);
    items.remove(0)
}

#[test]
fn samples_of_every_scenario_are_read_as_they_were_made() {
    for adapter in DOORS {
        let endpoint = endpoint_of(adapter);
        for name in ["", "reply", "html", "mime", "raw"] {
            let scenario = Scenario {
                media: vec![
                    "https://x.example/logo.png".to_owned(),
                    "https://x.example/a.pdf".to_owned(),
                ],
                external_id: "second@sample.example".to_owned(),
                ..letter(name)
            };
            let what = format!("{} {name}", adapter.name());
            let item = read(adapter, &sample(adapter, &scenario, &endpoint), &endpoint).expect(&what);
            assert_eq!(item.to.number.as_deref(), Some("inbox@studio.example"), "{what}");
            assert_eq!(item.key.id, "second@sample.example", "{what}");
            let said = item.inbound;
            assert_eq!(said.channel, Channel::Email);
            let answers: &[&str] = if name == "reply" {
                &["first@sample.example"]
            } else {
                &[]
            };
            assert_eq!(said.answers, answers, "{what}");
            let body = said.body.unwrap_or_default();
            let expected = if name == "html" {
                format!("<p>{}</p>", scenario.body)
            } else {
                scenario.body
            };
            assert_eq!(body.replace("\r\n", "\n").trim_end(), expected, "{what}");
            let names: Vec<_> = said.files.iter().map(|file| file.attachment().url).collect();
            assert_eq!(names, ["logo.png", "a.pdf"], "{what}");
            assert_eq!(
                said.files[0].bytes(),
                b"a sample of https://x.example/logo.png",
                "{what}"
            );
            assert_eq!(said.occurred_at, Some(now()), "{what}");
            let Who::Person(person) = said.who else {
                panic!("{what}")
            };
            assert_eq!(person.identities[0].value, "maya@okafor.example", "{what}");
        }
    }
}

#[test]
fn what_does_not_prove_its_origin_is_not_believed() {
    for adapter in DOORS {
        let (own, other) = (
            endpoint_of(adapter),
            endpoint(&["user:another secret", "another secret"]),
        );
        let name = adapter.name();
        let forged = Scenario {
            forge: true,
            ..letter("")
        };
        let verdict = adapter
            .verify(&sample(adapter, &forged, &own), &own, now())
            .map(|verified| verified.strength);
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{name}: {verdict:?}");
        let request = sample(adapter, &letter(""), &own);
        for stranger in [&other, &endpoint(&[]), &endpoint(&[""])] {
            let verdict = adapter
                .verify(&request, stranger, now())
                .map(|verified| verified.strength);
            assert!(verdict.is_err(), "{name} under another secret: {verdict:?}");
        }
        let mut rotated = own.clone();
        rotated.secrets.insert(0, other.secrets[0].clone());
        assert!(
            adapter.verify(&request, &rotated, now()).is_ok(),
            "{name}: any of the secrets"
        );
        let mut unsigned = endpoint(&[]);
        unsigned.unsigned = true;
        let verified = adapter.verify(&request, &unsigned, now()).expect("it was wished");
        assert_eq!(verified.strength, Strength::Unsigned);
    }
}

/// What is done to the secret that comes with a good request, and what is thought of it then.
type Harm = (&'static str, fn(&mut WebhookRequest), Option<u16>);

#[test]
fn secrets_come_whole_and_once_or_are_refused() {
    let harms: &[Harm] = &[
        ("nothing", |_| {}, None),
        ("a scheme in other letters", |r| set(r, "bearer 12345"), None),
        ("as a password", |r| set(r, "Basic aW5sZXQ6MTIzNDU="), None),
        ("as a user and a password", |r| set(r, "Basic MTIzNDU6"), Some(403)),
        (
            "no header",
            |r| r.raw.headers.retain(|(name, _)| name != "authorization"),
            Some(400),
        ),
        ("an empty header", |r| set(r, ""), Some(400)),
        ("a scheme alone", |r| set(r, "Bearer"), Some(403)),
        ("nothing after it", |r| set(r, "Bearer "), Some(403)),
        ("cut short", |r| set(r, "Bearer 1234"), Some(403)),
        ("gone on", |r| set(r, "Bearer 123456"), Some(403)),
        ("another scheme", |r| set(r, "Digest 12345"), Some(403)),
        ("broken base64", |r| set(r, "Basic %%%"), Some(403)),
        (
            "twice",
            |r| {
                let second = ("authorization".to_owned(), "Bearer 12345".to_owned());
                r.raw.headers.push(second);
            },
            Some(403),
        ),
    ];
    let own = endpoint(&[SECRET]);
    let doors: [&dyn Adapter; 3] = [&Mime, &Postmark, &SendGrid];
    for adapter in doors {
        for (what, harm, status) in harms {
            let mut request = sample(adapter, &letter(""), &own);
            harm(&mut request);
            let verdict = adapter.verify(&request, &own, now());
            let found = verdict.as_ref().err().map(|rejection| adapter.reject(rejection).status);
            // Postmark never comes again after a 403.
            let expected = status.map(|status| if adapter.name() == "postmark" { 401 } else { status });
            assert_eq!(found, expected, "{}: {what}", adapter.name());
        }
    }
}

fn set(request: &mut WebhookRequest, value: &str) {
    let header = request.raw.headers.iter_mut().find(|(name, _)| name == "authorization");
    value.clone_into(&mut header.expect("a secret comes along").1);
}

#[test]
fn each_vendor_hears_what_makes_it_stop_or_come_again() {
    let down = ItemOutcome::Refused(Refusal::Unavailable("full".to_owned()));
    let cases = [
        (vec![ItemOutcome::Parked], [200, 200, 200, 200]),
        (vec![ItemOutcome::Refused(Refusal::Nothing)], [406, 400, 403, 200]),
        (
            vec![ItemOutcome::Malformed(ItemError("odd".to_owned()))],
            [406, 400, 403, 200],
        ),
        (vec![down], [503, 503, 503, 503]),
    ];
    for (outcomes, statuses) in cases {
        assert_eq!(
            DOORS.map(|adapter| adapter.reply(&outcomes).status),
            statuses,
            "{outcomes:?}"
        );
    }
    let rejections = [
        (Rejection::Missing("x".to_owned()), [400, 400, 401, 400]),
        (Rejection::Forged("x".to_owned()), [403, 403, 401, 403]),
        (Rejection::NotOurs("x".to_owned()), [406, 400, 403, 400]),
    ];
    for (rejection, statuses) in rejections {
        assert_eq!(
            DOORS.map(|adapter| adapter.reject(&rejection).status),
            statuses,
            "{rejection:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_and_file_arrives(body in "[^\0\r]*[^\0\\s]", name in "[a-z]{1,9}", scenario in "(|mime|raw)") {
        for adapter in DOORS {
            let endpoint = endpoint_of(adapter);
            let scenario = Scenario {
                body: body.clone(),
                media: vec![format!("https://x.example/{name}.pdf")],
                ..letter(&scenario)
            };
            let item = read(adapter, &sample(adapter, &scenario, &endpoint), &endpoint).unwrap();
            prop_assert_eq!(item.inbound.body.unwrap_or_default(), body.clone(), "{}", adapter.name());
            prop_assert_eq!(item.inbound.files.len(), 1, "{}", adapter.name());
        }
    }

    #[test]
    fn no_body_makes_it_panic(
        body in prop::collection::vec(any::<u8>(), 0..300),
        text in "(--x(\r\n)?|Content-[A-Z][a-z]{2,9}: ?[a-z/]{0,9}[;=\"]?|\r\n|\\{|\"[A-Z][a-z]+\":|[ -~]){0,40}",
        content_type in "(multipart/form-data; boundary=x|application/json|application/x-www-form-urlencoded|message/rfc822)",
    ) {
        for adapter in DOORS {
            let mut unsigned = endpoint(&[]);
            unsigned.unsigned = true;
            for bytes in [&body, text.as_bytes()] {
                let mut request = sample(adapter, &letter(""), &unsigned);
                request.raw.headers.retain(|(name, _)| name != "content-type");
                request.raw.headers.push(("content-type".to_owned(), content_type.clone()));
                request.raw.body = bytes.to_vec();
                prop_assert!(adapter.verify(&request, &endpoint_of(adapter), now()).is_err() || adapter.name() != "sendgrid");
                let verified = adapter.verify(&request, &unsigned, now()).unwrap();
                prop_assert_eq!(adapter.parse(&verified, &unsigned).len(), 1);
            }
        }
    }
}
