//! What a verified event says: a message that was received, or nothing for us.

use inlet_core::{
    adapter::{Claim, Item, ItemError, WebhookRequest},
    channel::{Channel, Direction},
    inbound::{Attachment, Detail, Inbound, Person, Strength, Who},
    seen::SeenKey,
};
use serde_json::Value;

use crate::said::{LONGEST_ID, digest, file, problem, texter};

/// Files of one message.
const MOST_FILES: usize = 20;
/// What Telnyx says of the receiver for whom an event is.
const OURS: &str = "webhook_delivered";

/// The message that an event brings; `None` for events of other kinds: what was sent, calls, numbers.
pub(super) fn payload(request: &WebhookRequest) -> Result<Option<Value>, ItemError> {
    // The parser names what it expected and where, never what it found.
    let event: Value = serde_json::from_slice(&request.raw.body)
        .map_err(|error| problem(format!("its body is not valid JSON: {error}")))?;
    let kind =
        text(&event, "/data/event_type").ok_or_else(|| problem("it has no event_type, as Telnyx's events have"))?;
    if kind != "message.received" {
        return Ok(None);
    }
    let payload = event.pointer("/data/payload").filter(|payload| payload.is_object());
    payload.cloned().map(Some).ok_or_else(|| problem("it has no payload"))
}

/// Who a message says it is for.
pub(super) fn claim(payload: &Value) -> Option<Claim> {
    let account = text(payload, "/messaging_profile_id").map(ToOwned::to_owned);
    let number = receiver(payload).map(ToOwned::to_owned);
    (account.is_some() || number.is_some()).then_some(Claim { account, number })
}

/// The message in a payload.
pub(super) fn read(payload: &Value, strength: Strength) -> Result<Item, ItemError> {
    let id = text(payload, "/id").ok_or_else(|| problem("its payload has no id"))?;
    if id.len() > LONGEST_ID {
        return Err(problem("its id is longer than any that Telnyx gives"));
    }
    let from = text(payload, "/from/phone_number").ok_or_else(|| problem("its payload has no from.phone_number"))?;
    let (to, body) = (receiver(payload), text(payload, "/text"));
    let attachments = attachments(payload);
    let said = [from, to.unwrap_or_default(), body.unwrap_or_default()];
    let files = attachments.iter().map(|file| file.url.as_str());
    Ok(Item {
        to: claim(payload).unwrap_or_default(),
        key: SeenKey::message(id),
        replay: None,
        fingerprint: digest(said.into_iter().chain(files)),
        inbound: Inbound {
            channel: Channel::Sms,
            direction: Direction::Inbound,
            who: Who::Person(Person {
                identities: vec![texter(from)],
                name: None,
            }),
            body: body.map(ToOwned::to_owned),
            occurred_at: text(payload, "/received_at").and_then(|at| at.parse().ok()),
            detail: Detail {
                from: Some(from.to_owned()),
                to: to.map(ToOwned::to_owned),
                attachments,
                verified: Some(strength),
                ..Detail::default()
            },
            files: Vec::new(),
            answers: Vec::new(),
        },
    })
}

/// Our own among the receivers, which are several in a group.
fn receiver(payload: &Value) -> Option<&str> {
    let list = match payload.get("to")? {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let own = list.iter().find(|one| text(one, "/status") == Some(OURS));
    text(own.or(list.first())?, "/phone_number")
}

fn attachments(payload: &Value) -> Vec<Attachment> {
    let media = payload.get("media").and_then(Value::as_array);
    let read = |one: &Value| Some(file(text(one, "/url")?, text(one, "/content_type")));
    media.into_iter().flatten().take(MOST_FILES).filter_map(read).collect()
}

/// The text at a place, where it is one and not empty.
fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}
