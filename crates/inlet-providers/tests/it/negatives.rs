//! What must not be believed.

use inlet_core::{
    adapter::{Adapter, Rejection, Scenario, WebhookRequest},
    inbound::Strength,
};
use inlet_providers::twilio::Twilio;

use crate::support::{endpoint, now, post, provider, target, verify};

const TOKEN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const SHARED: &str = "webhooks_sharedkey_one:a shared secret";
const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// A text message signed under `secret`, at an address with a query.
fn signed(secret: &str) -> WebhookRequest {
    let scenario = Scenario {
        from: "+14155550119".to_owned(),
        body: "It's me".to_owned(),
        ..Scenario::default()
    };
    let (endpoint, provider) = (endpoint(&[secret]), provider());
    let mut at = target(&endpoint, &provider);
    at.path = "/in/twilio/a-token?a=1&b=2";
    Twilio.sample(&scenario, &at, now())
}

fn header<'r>(request: &'r mut WebhookRequest, name: &str) -> &'r mut String {
    let mut headers = request.raw.headers.iter_mut();
    headers
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
        .expect("the header is there")
}

fn rename(request: &mut WebhookRequest, old: &str, new: &str) {
    let body = String::from_utf8(request.raw.body.clone()).expect("a form is text");
    assert!(body.contains(old));
    request.raw.body = body.replacen(old, new, 1).into_bytes();
}

/// What is done to a good request so that it must be refused.
type Harm = (&'static str, fn(&mut WebhookRequest));

#[test]
fn a_request_that_was_touched_is_forged() {
    let harms: &[Harm] = &[
        ("a changed byte", |r| rename(r, "Body=It%27s+me", "Body=It%27s+mE")),
        ("a changed blank", |r| rename(r, "It%27s+me", "It%27s++me")),
        ("an extra field", |r| r.raw.body.extend(b"&Extra=1")),
        ("an extra empty field", |r| r.raw.body.extend(b"&Extra=")),
        ("a second value", |r| r.raw.body.extend(b"&Body=other")),
        ("a missing field", |r| rename(r, "&ApiVersion=2010-04-01", "")),
        ("an empty body", |r| r.raw.body.clear()),
        ("the query in another order", |r| {
            r.raw.target = "/in/twilio/a-token?b=2&a=1".to_owned();
        }),
        ("no query", |r| r.raw.target = "/in/twilio/a-token".to_owned()),
        ("another path", |r| {
            r.raw.target = "/in/twilio/b-token?a=1&b=2".to_owned();
        }),
        ("another scheme", |r| {
            r.public_url = "http://inbox.example.com".to_owned();
        }),
        ("another host", |r| r.public_url = "https://example.com".to_owned()),
        ("a body hash that does not fit", |r| {
            r.raw.target.push_str("&bodySHA256=00");
        }),
        ("a signature cut short", |r| header(r, SIGNATURE).truncate(27)),
        ("a signature gone on", |r| header(r, SIGNATURE).push('=')),
        ("junk after it", |r| header(r, SIGNATURE).push_str(" x")),
        ("another alphabet", |r| {
            *header(r, SIGNATURE) = header(r, SIGNATURE).replace('=', "-");
        }),
        ("hex", |r| *header(r, SIGNATURE) = "00".repeat(20)),
        ("two signatures", |r| {
            let second = (SIGNATURE.to_owned(), header(r, SIGNATURE).clone());
            r.raw.headers.push(second);
        }),
        ("an unknown algorithm", |r| {
            set(r, SETTINGS, "key=webhooks_sharedkey_one,algorithm=HMAC_MD5");
        }),
        ("the other algorithm", |r| {
            set(r, SETTINGS, "key=webhooks_sharedkey_one,algorithm=HMAC_SHA256");
        }),
        ("no algorithm's name", |r| set(r, SETTINGS, "algorithm=")),
    ];
    assert_eq!(verify(&signed(TOKEN), &[TOKEN]), Ok(Strength::SignedForm), "untouched");
    for (what, harm) in harms {
        let mut request = signed(TOKEN);
        harm(&mut request);
        let verdict = verify(&request, &[TOKEN]);
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{what}: {verdict:?}");
    }
}

fn set(request: &mut WebhookRequest, name: &str, value: &str) {
    request.raw.headers.push((name.to_owned(), value.to_owned()));
}

#[test]
fn without_a_signature_the_answer_is_another() {
    let mut request = signed(TOKEN);
    header(&mut request, SIGNATURE).clear();
    assert!(
        matches!(verify(&request, &[TOKEN]), Err(Rejection::Missing(_))),
        "empty"
    );
    request.raw.headers.retain(|(name, _)| name != SIGNATURE);
    assert!(
        matches!(verify(&request, &[TOKEN]), Err(Rejection::Missing(_))),
        "absent"
    );
    let mut unsigned = endpoint(&[]);
    unsigned.unsigned = true;
    let verified = Twilio.verify(&request, &unsigned, now()).expect("it was wished");
    assert_eq!(verified.strength, Strength::Unsigned);
}

#[test]
fn a_form_that_is_not_utf8_is_not_twilios() {
    let mut request = signed(TOKEN);
    request.raw.body.extend(b"&x=%FF");
    assert!(matches!(verify(&request, &[TOKEN]), Err(Rejection::NotOurs(_))));
}

#[test]
fn any_key_of_the_endpoint_may_sign_and_no_other() {
    let request = signed(TOKEN);
    let cases: [(&[&str], bool); 6] = [
        (&[TOKEN], true),
        (&["another", TOKEN], true),
        (&["another"], false),
        (&[""], false),
        (&[], false),
        (&[SHARED], false),
    ];
    for (secrets, fits) in cases {
        assert_eq!(verify(&request, secrets).is_ok(), fits, "{} secrets", secrets.len());
    }
}

#[test]
fn a_shared_key_signs_with_sha256_only_and_under_its_own_id() {
    let request = signed(SHARED);
    assert_eq!(verify(&request, &[SHARED]), Ok(Strength::SignedForm));
    assert_eq!(
        verify(&request, &[TOKEN, SHARED]),
        Ok(Strength::SignedForm),
        "beside a token"
    );
    assert!(
        verify(&request, &["a shared secret"]).is_ok(),
        "its secret, pasted without its id"
    );
    assert!(
        verify(&request, &["webhooks_sharedkey_two:a shared secret"]).is_err(),
        "under another id"
    );
    let mut weaker = signed("a shared secret");
    assert!(verify(&weaker, &[SHARED]).is_err(), "SHA-1 under a shared key");
    set(&mut weaker, SETTINGS, "key=webhooks_sharedkey_one,algorithm=HMAC_SHA1");
    assert!(
        verify(&weaker, &[SHARED]).is_err(),
        "the header cannot choose the weaker one"
    );
}

#[test]
fn a_json_body_is_bound_by_its_hash() {
    // Published by Twilio: see vectors.json.
    let url =
        "https://mycompany.com/myapp.php?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let headers = [
        ("content-type", "application/json"),
        (SIGNATURE, "y77kIzt2vzLz71DgmJGsen2scGs="),
    ];
    let body = r#"{"property": "value", "boolean": true}"#;
    assert_eq!(verify(&post(url, &headers, body), &["12345"]), Ok(Strength::SignedBody));
    for touched in [r#"{"property": "value","boolean": true}"#, "", "{}"] {
        let verdict = verify(&post(url, &headers, touched), &["12345"]);
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{touched}");
    }
    let upper = url.replace("0a1ff", "0A1FF");
    assert!(
        verify(&post(&upper, &headers, body), &["12345"]).is_err(),
        "a hash in upper case"
    );
}
