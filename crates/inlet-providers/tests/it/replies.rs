//! What Twilio is told, and how its files are fetched.

use inlet_core::{
    Timestamp,
    adapter::{Adapter, ItemError, ItemOutcome, Rejection},
    ids::{ContactKey, MessageKey},
    intake::{Receipt, Refusal},
};
use inlet_providers::twilio::Twilio;

use crate::support::{endpoint, provider};

#[test]
fn twilio_hears_empty_twiml_unless_it_should_come_again() {
    let stored = ItemOutcome::Stored(Receipt {
        message: MessageKey(1),
        contact: ContactKey(2),
        occurred_at: Timestamp::UNIX_EPOCH,
        email: false,
        repeated: false,
        differs: false,
    });
    let unavailable = ItemOutcome::Refused(Refusal::Unavailable("full".to_owned()));
    let cases = [
        (vec![stored.clone()], 200),
        (vec![], 200),
        (vec![ItemOutcome::Parked], 200),
        (vec![ItemOutcome::Refused(Refusal::Nothing)], 200),
        (vec![ItemOutcome::Malformed(ItemError("odd".to_owned()))], 200),
        (vec![unavailable.clone()], 503),
        (vec![stored, unavailable], 503),
    ];
    for (outcomes, status) in cases {
        let reply = Twilio.reply(&outcomes);
        assert_eq!(reply.status, status, "{outcomes:?}");
        if status == 200 {
            assert_eq!(reply.content_type, Some("text/xml"));
            assert_eq!(
                reply.body,
                r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#
            );
        }
    }
}

#[test]
fn a_rejection_is_a_status_and_a_sentence() {
    let cases = [
        (Rejection::Missing("no header".to_owned()), 400),
        (Rejection::NotOurs("no form".to_owned()), 400),
        (Rejection::Forged("no fit".to_owned()), 403),
    ];
    for (rejection, status) in cases {
        let reply = Twilio.reject(&rejection);
        assert_eq!((reply.status, reply.body), (status, rejection.to_string()));
    }
}

#[test]
fn the_auth_token_goes_to_twilios_own_hosts_only() {
    let path = "/2010-04-01/Accounts/AC7/Messages/MM1/Media/ME1";
    let cases = [
        (format!("https://api.twilio.com{path}"), Some(true)),
        (format!("https://api.dublin.ie1.twilio.com{path}"), Some(true)),
        (
            "https://mcs.us1.twilio.com/v1/Services/IS1/Media/ME1".to_owned(),
            Some(true),
        ),
        (format!("http://api.twilio.com{path}"), Some(false)),
        (format!("https://api.twilio.com:8443{path}"), Some(false)),
        (format!("https://api.twilio.com@evil.example{path}"), Some(false)),
        (format!("https://api.twilio.com.evil.example{path}"), Some(false)),
        (format!("https://api.eviltwilio.com{path}"), Some(false)),
        ("https://media.twiliocdn.com/x".to_owned(), Some(false)),
        ("http://127.0.0.1:9/picture.png".to_owned(), Some(false)),
        ("file:///etc/passwd".to_owned(), None),
        ("picture.png".to_owned(), None),
    ];
    let endpoint = endpoint(&["webhooks_sharedkey_one:secret", "the token"]);
    for (url, expected) in cases {
        let request = Twilio.media(&url, &endpoint, &provider());
        let with = request.as_ref().map(|request| request.basic_auth.is_some());
        assert_eq!(with, expected, "{url}");
        let (user, secret) = request.and_then(|request| request.basic_auth).unwrap_or_default();
        if expected == Some(true) {
            assert_eq!(user, "AC0123456789abcdef0123456789abcdef");
            assert_eq!(secret.expose(), b"the token", "never a shared key");
        }
    }
    let mut any = provider();
    any.account = None;
    let request = Twilio.media(&format!("https://api.twilio.com{path}"), &endpoint, &any);
    let user = request.and_then(|request| request.basic_auth).map(|(user, _)| user);
    assert_eq!(user.as_deref(), Some("AC7"), "the account that the link names");
}
