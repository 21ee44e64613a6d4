//! Mailgun's signature, and what it does not cover.

use inlet_core::{
    adapter::{Adapter, Rejection, WebhookRequest},
    inbound::Strength,
    seen::SeenKey,
};
use inlet_providers::mailgun::Mailgun;
use serde_json::Value;

use crate::{
    mails::{letter, sample},
    support::{SECRET, endpoint, fixtures_of, now, post},
};

const NOW: i64 = 1_800_000_000;

fn form(body: &str) -> WebhookRequest {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    post("https://inbox.example.com/in/mailgun/t", &headers, body)
}

fn verify(request: &WebhookRequest, secrets: &[&str], at: i64) -> Result<Strength, Rejection> {
    let at = inlet_core::Timestamp::from_second(at).expect("a moment");
    Mailgun
        .verify(request, &endpoint(secrets), at)
        .map(|verified| verified.strength)
}

#[test]
fn mailguns_published_signature_fits_and_its_negative_one_does_not() {
    let text = std::fs::read_to_string(fixtures_of("mailgun").join("vectors.json")).expect("the vectors");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let vectors = file["vectors"].as_array().expect("a list");
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().expect(name);
        let (timestamp, token, signature) = (text("timestamp"), text("token"), text("signature"));
        let request = form(&format!("timestamp={timestamp}&token={token}&signature={signature}"));
        let at = timestamp.parse().expect("seconds");
        let verdict = verify(&request, &[text("signing_key")], at);
        assert_eq!(
            verdict.is_ok(),
            vector["accept"].as_bool().expect("a verdict"),
            "{}",
            text("name")
        );
        assert!(verify(&request, &["another key"], at).is_err(), "{}", text("name"));
    }
}

/// What is done to the form of a good request so that it must be refused.
type Harm = (&'static str, fn(&str) -> String);

#[test]
fn a_signature_that_was_touched_is_forged() {
    let good = sample(&Mailgun, &letter(""), &endpoint(&[SECRET]));
    let body = String::from_utf8(good.raw.body.clone()).expect("a form is text");
    let harms: &[Harm] = &[
        ("another time", |b| {
            b.replacen("timestamp=1800000000", "timestamp=1800000001", 1)
        }),
        ("no number", |b| b.replacen("timestamp=1800000000", "timestamp=18e8", 1)),
        ("another token", |b| b.replacen("token=", "token=0", 1)),
        ("cut short", |b| {
            b.replacen("signature=", "signature=&x=", 1)
                .replacen("signature=&", "signature=0&", 1)
        }),
        ("gone on", |b| b.replacen("&recipient", "0&recipient", 1)),
        ("in upper case", |b| upper(b)),
        ("a second one", |b| format!("{b}&signature=0")),
        ("a second token", |b| format!("{b}&token=0")),
        ("a second time", |b| format!("{b}&timestamp=0")),
    ];
    assert_eq!(verify(&form(&body), &[SECRET], NOW), Ok(Strength::Secret), "untouched");
    for (what, harm) in harms {
        let touched = harm(&body);
        assert_ne!(touched, body, "{what}");
        let verdict = verify(&form(&touched), &[SECRET], NOW);
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{what}: {verdict:?}");
    }
    for missing in ["timestamp=", "token=", "signature="] {
        let verdict = verify(&form(&body.replacen(missing, "x=", 1)), &[SECRET], NOW);
        assert!(matches!(verdict, Err(Rejection::Missing(_))), "{missing}: {verdict:?}");
    }
    assert!(matches!(
        verify(&form("a=%FF"), &[SECRET], NOW),
        Err(Rejection::NotOurs(_))
    ));
    assert!(
        verify(&form(&body), &["api:12345"], NOW).is_err(),
        "an API key does not sign"
    );
}

fn upper(body: &str) -> String {
    let (before, rest) = body.split_once("signature=").expect("it is signed");
    let (signature, after) = rest.split_once('&').expect("more follows");
    format!("{before}signature={}&{after}", signature.to_uppercase())
}

#[test]
fn a_signature_is_good_for_as_long_as_mailgun_comes_again() {
    let request = sample(&Mailgun, &letter(""), &endpoint(&[SECRET]));
    let hours = 60 * 60;
    for (age, good) in [
        (0, true),
        (9 * hours, true),
        (9 * hours + 1, false),
        (-300, true),
        (-301, false),
    ] {
        assert_eq!(
            verify(&request, &[SECRET], NOW + age).is_ok(),
            good,
            "{age} seconds later"
        );
    }
}

#[test]
fn each_token_counts_once_whatever_comes_with_it() {
    let endpoint = endpoint(&[SECRET]);
    let request = sample(&Mailgun, &letter(""), &endpoint);
    let verified = Mailgun.verify(&request, &endpoint, now()).expect("signed");
    let items = Mailgun.parse(&verified, &endpoint);
    let item = items[0].as_ref().expect("a mail");
    let body = String::from_utf8(request.raw.body.clone()).expect("a form");
    let token = body
        .split("token=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .expect("a token");
    assert_eq!(item.replay, Some(SeenKey::replay(token)));
}

#[test]
fn the_api_key_goes_to_mailguns_own_hosts_only() {
    let cases = [
        ("https://storage-us-east4.api.mailgun.net/v3/x/0", Some(true)),
        ("https://sw.api.mailgun.org/v3/x/0", Some(true)),
        ("http://storage.api.mailgun.net/v3/x/0", Some(false)),
        ("https://storage.api.mailgun.net:8443/v3/x/0", Some(false)),
        ("https://mailgun.net.evil.example/0", Some(false)),
        ("https://evilmailgun.net/0", Some(false)),
        ("https://api.mailgun.net@evil.example/0", Some(false)),
        ("file:///etc/passwd", None),
    ];
    let endpoint = endpoint(&["signing key", "api:the key"]);
    for (url, expected) in cases {
        let request = Mailgun.media(url, &endpoint, &crate::support::provider());
        let found = request.as_ref().map(|request| request.basic_auth.is_some());
        assert_eq!(found, expected, "{url}");
        if expected == Some(true) {
            let (user, secret) = request.and_then(|request| request.basic_auth).unwrap_or_default();
            assert_eq!((user.as_str(), secret.expose()), ("api", &b"the key"[..]));
        }
    }
}
