//! What HighLevel tells of itself by its webhooks: whom it has, under which numbers and addresses, and in which conversation.
//!
//! It mends what is remembered of it, and nothing else: what the relay wrote comes back here, and is not relayed again.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    address::{EmailAddress, Identity, Phone},
    clock::later,
};
use serde_json::Value;

use super::answer::text;
use crate::time;

/// For how long what is said may be learned from: later it may not be so any more, since HighLevel comes again for hours
/// with what was not taken.
const FRESH: Duration = Duration::from_mins(5);

/// A webhook, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct News {
    /// HighLevel's id of the location it is about.
    pub location: String,
    /// Its name, of those that are read.
    pub event: &'static str,
    /// When it was said.
    pub said_at: Option<Timestamp>,
    /// What it tells.
    pub told: Told,
}

/// What a webhook tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// Somebody is there, under these numbers and addresses.
    Person {
        /// HighLevel's id of them.
        id: String,
        /// By what they are found.
        identities: Vec<Identity>,
    },
    /// Somebody is not there any more.
    Gone {
        /// HighLevel's id of them.
        id: String,
    },
    /// A message is there.
    Message {
        /// HighLevel's id of it, or of the mail.
        message: Option<String>,
        /// Of its contact.
        contact: String,
        /// Of its conversation.
        conversation: Option<String>,
        /// What the contact wrote from, or was written to.
        identity: Option<Identity>,
    },
    /// Nothing that matters here.
    Nothing,
}

impl News {
    /// Whether it may be learned from at a moment: what was said long ago may not be so any more.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.said_at
            .is_some_and(|said| said <= later(now, FRESH) && later(said, FRESH) >= now)
    }
}

/// Reads a body. A sentence says what it lacks.
pub fn read(body: &[u8]) -> Result<News, &'static str> {
    let said: Value = serde_json::from_slice(body).map_err(|_| "its body is not JSON")?;
    let location = text(&said, "locationId").ok_or("it names no locationId, so nobody knows whom it is about")?;
    let (event, told) = told(&said)?;
    Ok(News {
        location,
        event,
        said_at: text(&said, "timestamp").and_then(|at| time::read(&at)),
        told,
    })
}

fn told(said: &Value) -> Result<(&'static str, Told), &'static str> {
    let id = || text(said, "id").ok_or("it names no contact");
    let kind = text(said, "type").unwrap_or_default();
    Ok(match kind.as_str() {
        "ContactCreate" => ("ContactCreate", person(said, id()?)),
        "ContactUpdate" => ("ContactUpdate", person(said, id()?)),
        "ContactDelete" => ("ContactDelete", Told::Gone { id: id()? }),
        "InboundMessage" => ("InboundMessage", message(said, "from")?),
        "OutboundMessage" => ("OutboundMessage", message(said, "to")?),
        _ => ("another", Told::Nothing),
    })
}

fn person(said: &Value, id: String) -> Told {
    let mut identities = Vec::new();
    let all = |key: &str, more: &str, inner: &str| {
        let listed = said.get(more).and_then(Value::as_array).into_iter().flatten();
        let listed = listed.filter_map(|one| one.as_str().map(str::to_owned).or_else(|| text(one, inner)));
        text(said, key).into_iter().chain(listed).collect::<Vec<_>>()
    };
    let phones = all("phone", "additionalPhones", "phone");
    identities.extend(phones.iter().filter_map(|raw| phone(raw)));
    let emails = all("email", "additionalEmails", "email");
    identities.extend(emails.iter().filter_map(|raw| email(raw)));
    Told::Person { id, identities }
}

/// A message; `theirs` is the field of the contact's own number or address.
fn message(said: &Value, theirs: &str) -> Result<Told, &'static str> {
    let contact = text(said, "contactId").ok_or("it names no contactId")?;
    let whose = text(said, theirs);
    let is_mail = text(said, "messageType").is_some_and(|kind| kind.eq_ignore_ascii_case("email"));
    Ok(Told::Message {
        message: text(said, "messageId").or_else(|| text(said, "emailMessageId")),
        contact,
        conversation: text(said, "conversationId"),
        identity: whose.and_then(|raw| if is_mail { email(&raw) } else { phone(&raw) }),
    })
}

/// A number as HighLevel writes it: with its country, or it is nobody's.
pub(super) fn phone(raw: &str) -> Option<Identity> {
    let whole = raw.trim().starts_with('+');
    let phone = Phone::parse(raw, None).ok().filter(|_| whole)?;
    Some(Identity::phone(&phone))
}

/// An address, alone or as `Name <a@b>`.
pub(super) fn email(raw: &str) -> Option<Identity> {
    let bare = raw
        .rsplit_once('<')
        .map_or(raw, |(_, rest)| rest.trim_end_matches([' ', '>']));
    EmailAddress::parse(bare).ok().map(|address| Identity::email(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::at;

    fn found(told: &Told) -> Vec<&str> {
        match told {
            Told::Person { identities, .. } => identities.iter().map(|one| one.value.as_str()).collect(),
            Told::Message { identity, .. } => identity.iter().map(|one| one.value.as_str()).collect(),
            Told::Gone { .. } | Told::Nothing => Vec::new(),
        }
    }

    #[test]
    fn each_webhook_says_whom_it_is_of_and_how_they_are_found() {
        let cases: [(&str, &[&str]); 8] = [
            (
                r#"{"type":"ContactCreate","locationId":"L","id":"c","phone":"+14155550119","email":"Maya@Okafor.Studio"}"#,
                &["+14155550119", "maya@okafor.studio"],
            ),
            (
                r#"{"type":"ContactUpdate","locationId":"L","id":"c","phone":null,"additionalPhones":["+14155550120",{"phone":"+14155550121"}],"additionalEmails":[{"email":"m@o.example"}]}"#,
                &["+14155550120", "+14155550121", "m@o.example"],
            ),
            (
                r#"{"type":"ContactCreate","locationId":"L","id":"c","phone":"4155550119"}"#,
                &[],
            ),
            (
                r#"{"type":"InboundMessage","locationId":"L","contactId":"c","from":"+14155550119","to":"+13125550100","messageType":"SMS"}"#,
                &["+14155550119"],
            ),
            (
                r#"{"type":"OutboundMessage","locationId":"L","contactId":"c","from":"+13125550100","to":"+14155550119","messageType":"SMS"}"#,
                &["+14155550119"],
            ),
            (
                r#"{"type":"InboundMessage","locationId":"L","contactId":"c","from":"Maya <maya@okafor.studio>","messageType":"Email"}"#,
                &["maya@okafor.studio"],
            ),
            (
                r#"{"type":"InboundMessage","locationId":"L","contactId":"c","messageType":"FB"}"#,
                &[],
            ),
            (
                r#"{"type":"ContactTagUpdate","locationId":"L","id":"c","phone":"+14155550119"}"#,
                &[],
            ),
        ];
        for (body, expected) in cases {
            let news = read(body.as_bytes()).unwrap();
            assert_eq!(news.location, "L", "{body}");
            assert_eq!(found(&news.told), expected, "{body}");
        }
    }

    #[test]
    fn what_lacks_its_subject_is_told_so() {
        for (body, expected) in [
            ("{", "not JSON"),
            (r#"{"type":"ContactCreate","id":"c"}"#, "locationId"),
            (r#"{"type":"ContactCreate","locationId":"L"}"#, "no contact"),
            (r#"{"type":"ContactDelete","locationId":"L","id":""}"#, "no contact"),
            (r#"{"type":"InboundMessage","locationId":"L"}"#, "contactId"),
        ] {
            let said = read(body.as_bytes()).unwrap_err();
            assert!(said.contains(expected), "{body}: {said}");
        }
    }

    #[test]
    fn only_what_was_said_lately_is_learned_from() {
        let now = at("2026-11-25T12:00:00Z");
        let cases = [
            (Some("2026-11-25T12:00:00Z"), true),
            (Some("2026-11-25T11:55:00Z"), true),
            (Some("2026-11-25T11:54:59Z"), false),
            (Some("2026-11-25T12:05:01Z"), false),
            (None, false),
        ];
        for (said, expected) in cases {
            let news = News {
                location: "L".into(),
                event: "ContactCreate",
                said_at: said.map(at),
                told: Told::Nothing,
            };
            assert_eq!(news.is_fresh(now), expected, "{said:?}");
        }
    }
}
