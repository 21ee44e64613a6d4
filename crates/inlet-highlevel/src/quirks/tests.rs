//! The undocumented answers as a table: each body with what becomes of it.

use inlet_core::ids::ContactKey;

use super::*;
use crate::sample::{self, CALL_PROVIDER, CUSTOM_PROVIDER, EMAIL_PROVIDER, FOREIGN_PROVIDER, HERE, SMS_PROVIDER};

fn read(rest: &str) -> Result<Option<Change>, Fault> {
    let door = Door {
        location: &sample::location(HERE),
        registry: &sample::registry(),
        ids: &sample::ids(),
        idempotency_key: None,
    };
    let contact = sample::ids().contact(ContactKey(5_000_001));
    add_inbound(&door, format!(r#"{{"contactId":"{contact}",{rest}}}"#).as_bytes())
}

#[test]
fn wrong_bodies_are_answered_in_the_words_that_users_met() {
    let no_access = format!("You don't have access to the conversationProvider with id: {FOREIGN_PROVIDER}");
    let one = |words: &str| Words::One(words.into());
    let each = |words: &[&str]| Words::Each(words.iter().map(|&word| word.into()).collect());
    let with =
        |kind: &str, provider: &str| format!(r#""type":"{kind}","conversationProviderId":"{provider}","message":"hi""#);
    let cases = [
        (
            r#""message":"hi""#.into(),
            422,
            each(&[BAD_TYPE, "type should not be empty"]),
        ),
        (r#""type":"sms","message":"hi""#.into(), 422, each(&[BAD_TYPE])),
        (r#""type":"SMS","attachments":[]"#.into(), 422, each(&[NO_ELEMENT])),
        (
            r#""type":"SMS","attachments":"x""#.into(),
            422,
            each(&[NO_ELEMENT, NO_LIST]),
        ),
        (
            r#""type":"Call""#.into(),
            400,
            one("No conversationProviderId passed in body"),
        ),
        (with("Call", CALL_PROVIDER), 400, one("No call object passed in body")),
        (with("SMS", FOREIGN_PROVIDER), 401, one(&no_access)),
        (
            with("SMS", "61d6d1f9cdac7612faf807ff"),
            500,
            one("Internal server error"),
        ),
        (
            with("SMS", CUSTOM_PROVIDER),
            400,
            one("Incorrect conversationProviderId/type"),
        ),
    ];
    for (body, status, words) in cases {
        let fault = read(&body).unwrap_err();
        assert_eq!((fault.status, fault.message), (status, words), "{body}");
    }
}

#[test]
fn what_is_lost_or_lands_elsewhere_is_lost_or_lands_elsewhere() {
    assert_eq!(
        read(r#""type":"Custom","message":"hi""#),
        Ok(None),
        "201 and nothing stored"
    );
    let provider = |rest: &str| read(rest).unwrap().unwrap().provider;
    let mail = format!(r#""type":"Email","html":"hi","conversationProviderId":"{EMAIL_PROVIDER}""#);
    assert_eq!(provider(&mail), provider(r#""type":"Email","html":"hi""#));
    let text = format!(r#""type":"SMS","message":"hi","conversationProviderId":"{SMS_PROVIDER}""#);
    assert_ne!(provider(&text), provider(r#""type":"SMS","message":"hi""#));
}

#[test]
fn an_alt_id_is_a_label_and_recognises_nothing() {
    let change = read(r#""type":"SMS","message":"hi","altId":"SM1""#).unwrap().unwrap();
    assert_eq!(change.keys, []);
    let What::Message(inbound) = change.what else {
        panic!("not a message")
    };
    assert_eq!(inbound.detail.label.as_deref(), Some("SM1"));
}

#[test]
fn a_contact_takes_the_fields_it_has_and_no_others() {
    assert_eq!(only_contact_fields(br#"{"firstName":"Maya","tags":[]}"#), Ok(()));
    let fault = only_contact_fields(br#"{"locationId":"l","firstName":"Maya"}"#).unwrap_err();
    assert_eq!(
        fault.message,
        Words::Each(vec!["property locationId should not exist".into()])
    );
}
