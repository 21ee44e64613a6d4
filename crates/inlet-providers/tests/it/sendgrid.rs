//! SendGrid's signature over the time and the raw body.

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Rejection, WebhookRequest},
    inbound::Strength,
};
use inlet_providers::sendgrid::SendGrid;
use serde_json::Value;

use crate::{
    mails::{letter, sample},
    support::{SENDGRID_KEY, SENDGRID_PUBLIC, endpoint, fixtures_of, post},
};

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
const NOW: i64 = 1_800_000_000;

fn verify(request: &WebhookRequest, secrets: &[&str], at: i64) -> Result<Strength, Rejection> {
    let at = Timestamp::from_second(at).expect("a moment");
    SendGrid
        .verify(request, &endpoint(secrets), at)
        .map(|verified| verified.strength)
}

#[test]
fn sendgrids_published_signature_fits_and_no_other_body_does() {
    let text = std::fs::read_to_string(fixtures_of("sendgrid").join("vectors.json")).expect("the vectors");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    for vector in file["vectors"].as_array().expect("a list") {
        let text = |name: &str| vector[name].as_str().expect(name);
        let headers = [(SIGNATURE, text("signature")), (TIMESTAMP, text("timestamp"))];
        let at = text("timestamp").parse().expect("seconds");
        let url = "https://inbox.example.com/in/sendgrid/t";
        let request = post(url, &headers, text("body"));
        assert_eq!(verify(&request, &[text("public_key")], at), Ok(Strength::SignedBody));
        for body in [text("body").trim_end(), "", &text("body").replacen('h', "H", 1)] {
            let verdict = verify(&post(url, &headers, body), &[text("public_key")], at);
            assert!(matches!(verdict, Err(Rejection::Forged(_))), "{body:.20}: {verdict:?}");
        }
        assert!(verify(&request, &[SENDGRID_PUBLIC], at).is_err(), "under another key");
    }
}

fn header<'r>(request: &'r mut WebhookRequest, name: &str) -> &'r mut String {
    let header = request.raw.headers.iter_mut().find(|(key, _)| key == name);
    &mut header.expect("the header is there").1
}

/// What is done to a good request so that it must be refused.
type Harm = (&'static str, fn(&mut WebhookRequest));

#[test]
fn a_request_that_was_touched_is_forged() {
    let harms: &[Harm] = &[
        ("a changed byte", |r| r.raw.body[100] ^= 1),
        ("a byte more", |r| r.raw.body.push(b'\n')),
        ("a byte less", |r| {
            r.raw.body.pop();
        }),
        ("an empty body", |r| r.raw.body.clear()),
        ("another time", |r| *header(r, TIMESTAMP) = "1800000001".to_owned()),
        ("a time that is no number", |r| *header(r, TIMESTAMP) = "now".to_owned()),
        ("a signature cut short", |r| header(r, SIGNATURE).truncate(40)),
        ("junk after it", |r| header(r, SIGNATURE).push('!')),
        ("another alphabet", |r| {
            *header(r, SIGNATURE) = header(r, SIGNATURE).replace(['+', '/', '='], "-");
        }),
        ("hex", |r| *header(r, SIGNATURE) = "00".repeat(70)),
        ("two signatures", |r| {
            let second = (SIGNATURE.to_owned(), header(r, SIGNATURE).clone());
            r.raw.headers.push(second);
        }),
        ("two times", |r| {
            r.raw.headers.push((TIMESTAMP.to_owned(), "1800000000".to_owned()));
        }),
    ];
    let own = endpoint(&[SENDGRID_KEY]);
    assert_eq!(
        verify(&sample(&SendGrid, &letter(""), &own), &[SENDGRID_PUBLIC], NOW),
        Ok(Strength::SignedBody)
    );
    for (what, harm) in harms {
        let mut request = sample(&SendGrid, &letter(""), &own);
        harm(&mut request);
        let verdict = verify(&request, &[SENDGRID_PUBLIC], NOW);
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{what}: {verdict:?}");
    }
    for missing in [SIGNATURE, TIMESTAMP] {
        let mut request = sample(&SendGrid, &letter(""), &own);
        header(&mut request, missing).clear();
        let empty = verify(&request, &[SENDGRID_PUBLIC], NOW);
        request.raw.headers.retain(|(name, _)| name != missing);
        for verdict in [empty, verify(&request, &[SENDGRID_PUBLIC], NOW)] {
            assert!(matches!(verdict, Err(Rejection::Missing(_))), "{missing}: {verdict:?}");
        }
    }
}

#[test]
fn a_key_asks_for_a_signature_and_no_password_will_do() {
    let own = endpoint(&["inlet:12345"]);
    let request = sample(&SendGrid, &letter(""), &own);
    assert_eq!(verify(&request, &["inlet:12345"], NOW), Ok(Strength::Secret));
    let verdict = verify(&request, &["inlet:12345", SENDGRID_PUBLIC], NOW);
    assert!(matches!(verdict, Err(Rejection::Missing(_))), "{verdict:?}");
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{SENDGRID_PUBLIC}\n-----END PUBLIC KEY-----\n");
    let signed = sample(&SendGrid, &letter(""), &endpoint(&[SENDGRID_KEY]));
    for key in [pem.as_str(), SENDGRID_PUBLIC, SENDGRID_KEY] {
        assert_eq!(verify(&signed, &["another", key], NOW), Ok(Strength::SignedBody));
    }
}

#[test]
fn a_signature_is_good_for_as_long_as_sendgrid_comes_again() {
    let request = sample(&SendGrid, &letter(""), &endpoint(&[SENDGRID_KEY]));
    let days = 24 * 60 * 60;
    for (age, good) in [
        (0, true),
        (3 * days, true),
        (3 * days + 1, false),
        (-300, true),
        (-301, false),
    ] {
        assert_eq!(
            verify(&request, &[SENDGRID_PUBLIC], NOW + age).is_ok(),
            good,
            "{age} seconds later"
        );
    }
}
