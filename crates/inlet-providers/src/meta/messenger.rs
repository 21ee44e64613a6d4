//! Messenger and Instagram: what an entry of a page or account says, event by event.

use inlet_core::{
    adapter::{Claim, Item, ItemError},
    address::Identity,
    channel::{Channel, Direction},
    inbound::{Attachment, Detail, Inbound, MediaState, Person, Revised, Strength, Who},
    seen::SeenKey,
};
use serde_json::Value;

use super::{list, moment, place, text};
use crate::said::{LONGEST_ID, digest, file, problem};

/// The messages of an entry. What tells how messages that were sent fare, and echoes of them, bring none.
pub(super) fn read(entry: &Value, channel: Channel, strength: Strength) -> Vec<Result<Item, ItemError>> {
    let page = text(entry, "/id").unwrap_or_default();
    let events = list(entry, "/messaging").iter().map(Ok);
    // Some Instagram accounts get the same events as changes of the field `messages`.
    let in_changes = list(entry, "/changes").iter().map(|change| {
        let event = change
            .pointer("/value")
            .filter(|_| text(change, "/field") == Some("messages"));
        event.ok_or_else(|| problem("it is about something else than a message: subscribe to messages only"))
    });
    let here = events.chain(in_changes).filter_map(|event| match event {
        Ok(event) => read_event(event, page, channel, strength),
        Err(error) => Some(Err(error)),
    });
    let standby = list(entry, "/standby")
        .iter()
        .filter(|event| !is_about_ours(event, page));
    let standby = standby.map(|_| {
        Err(problem(
            "another app answers this person (standby): give the thread to this one",
        ))
    });
    here.chain(standby).collect()
}

/// Whether an event tells of what the page itself sent.
fn is_about_ours(event: &Value, page: &str) -> bool {
    let yes = |place| event.pointer(place).and_then(Value::as_bool) == Some(true);
    let read = event.pointer("/delivery").is_some() || event.pointer("/read").is_some();
    read || yes("/message/is_echo") || text(event, "/sender/id") == Some(page)
}

fn read_event(event: &Value, page: &str, channel: Channel, strength: Strength) -> Option<Result<Item, ItemError>> {
    if is_about_ours(event, page) {
        return None;
    }
    let yes = |place| event.pointer(place).and_then(Value::as_bool) == Some(true);
    let is = |place| event.pointer(place).is_some();
    let no = |sentence: &str| Some(Err(problem(sentence)));
    if yes("/message/is_unsupported") {
        return no("Meta says that it cannot pass this kind of message on");
    }
    if let Some(edit) = event.pointer("/message_edit") {
        return Some(edited(event, edit, page, (channel, strength)));
    }
    if is("/reaction") {
        return no("it is a reaction to a message, and brings none");
    }
    if is("/message") || is("/postback") {
        let mut item = message(event, page, channel, strength);
        if let Ok(item) = &mut item
            && yes("/message/is_deleted")
        {
            item.inbound.detail.revised = Some(Revised::WITHDRAWN);
        }
        return Some(item);
    }
    no("it is a kind of event that brings no message, such as a referral or an opt-in")
}

/// A message as it stands after an edit, under its own id.
fn edited(
    event: &Value,
    edit: &Value,
    page: &str,
    (channel, strength): (Channel, Strength),
) -> Result<Item, ItemError> {
    let mut after = event.clone();
    if let Some(fields) = after.as_object_mut() {
        fields.insert("message".to_owned(), edit.clone());
    }
    let count = edit.pointer("/num_edit");
    let version = count.and_then(|count| count.as_i64().or_else(|| count.as_str()?.parse().ok()));
    let mut item = message(&after, page, channel, strength)?;
    item.inbound.detail.revised = Some(Revised {
        version: version.unwrap_or(1),
        withdrawn: false,
    });
    Ok(item)
}

fn message(event: &Value, page: &str, channel: Channel, strength: Strength) -> Result<Item, ItemError> {
    let from = text(event, "/sender/id").ok_or_else(|| problem("it names no sender"))?;
    let attachments = list(event, "/message/attachments");
    let said = text(event, "/message/text").or_else(|| text(event, "/postback/title"));
    let places = attachments
        .iter()
        .filter_map(|attachment| attachment.pointer("/payload/coordinates").and_then(location));
    let lines: Vec<_> = said.map(ToOwned::to_owned).into_iter().chain(places).collect();
    let body = (!lines.is_empty()).then(|| lines.join("\n"));
    let kinds = attachments.iter().filter_map(|attachment| text(attachment, "/type"));
    let parts = [from, body.as_deref().unwrap_or_default()].into_iter().chain(kinds);
    Ok(Item {
        to: Claim {
            account: Some(page.to_owned()),
            number: Some(page.to_owned()),
        },
        key: SeenKey::message(id(event, from)?),
        replay: None,
        fingerprint: digest(parts),
        inbound: Inbound {
            channel,
            direction: Direction::Inbound,
            who: Who::Person(Person {
                identities: vec![Identity::page(page, from)],
                name: None,
            }),
            body,
            occurred_at: moment(event.pointer("/timestamp")),
            detail: Detail {
                from: Some(from.to_owned()),
                to: Some(page.to_owned()),
                attachments: attachments.iter().filter_map(attached).collect(),
                verified: Some(strength),
                ..Detail::default()
            },
            files: Vec::new(),
            answers: Vec::new(),
        },
    })
}

/// Its own id; a button that was pressed may have none, and is known by who pressed what and when.
fn id(event: &Value, from: &str) -> Result<String, ItemError> {
    let own = text(event, "/message/mid").or_else(|| text(event, "/postback/mid"));
    if let Some(own) = own.filter(|own| own.len() <= LONGEST_ID) {
        return Ok(own.to_owned());
    }
    let pressed = event.pointer("/postback").zip(event.pointer("/timestamp"));
    let (what, when) = pressed.ok_or_else(|| problem("it has no id of its own"))?;
    let what = digest([
        text(what, "/payload").unwrap_or_default(),
        text(what, "/title").unwrap_or_default(),
    ]);
    Ok(format!("postback:{from}:{when}:{what}"))
}

/// A file to be fetched, as its address will not last; or a link, as it is.
fn attached(attachment: &Value) -> Option<Attachment> {
    let url = text(attachment, "/payload/url").or_else(|| text(attachment, "/url"))?;
    let linked = matches!(text(attachment, "/type"), Some("fallback" | "share" | "template"));
    let mut found = file(url, None);
    if linked && found.state == MediaState::Pending {
        found.state = MediaState::Linked;
    }
    Some(found)
}

fn location(coordinates: &Value) -> Option<String> {
    let pair = coordinates.pointer("/lat").zip(coordinates.pointer("/long"))?;
    Some(place(None, None, pair))
}
