//! The rules of the inbound endpoint as tables: what is taken, and every kind of wrong body with its sentence.

use serde_json::{Value, json};

use super::*;
use crate::{
    fault::Words,
    sample::{self, CALL_PROVIDER, CUSTOM_PROVIDER, EMAIL_PROVIDER, FOREIGN_PROVIDER, HERE, SMS_PROVIDER},
};

mod bad;
mod good;

const CONTACT: ContactKey = ContactKey(5_000_001);

/// A body in which `$contact` and the like stand for ids of this installation.
fn body(template: &Value) -> String {
    let ids = sample::ids();
    let names = [
        ("$contact", ids.contact(CONTACT)),
        ("$conversation", ids.conversation(CONTACT)),
        ("$other", ids.conversation(ContactKey(5_000_002))),
        ("$mail", ids.email(MessageKey(6_000_001))),
        ("$sms", SMS_PROVIDER.to_owned()),
        ("$emailer", EMAIL_PROVIDER.to_owned()),
        ("$caller", CALL_PROVIDER.to_owned()),
        ("$custom", CUSTOM_PROVIDER.to_owned()),
        ("$foreign", FOREIGN_PROVIDER.to_owned()),
    ];
    let text = template.to_string();
    names.iter().fold(text, |text, (name, id)| text.replace(name, id))
}

fn read_with(key: Option<&str>, body: &str) -> Result<Change, Fault> {
    let door = Door {
        location: &sample::location(HERE),
        registry: &sample::registry(),
        ids: &sample::ids(),
        idempotency_key: key,
    };
    read(&door, body.as_bytes())
}

fn taken(template: &Value) -> (Change, Inbound) {
    let change = read_with(None, &body(template)).unwrap_or_else(|fault| panic!("{template}: {fault:?}"));
    let What::Message(inbound) = change.what.clone() else {
        panic!("not a message")
    };
    (change, *inbound)
}
