//! Finding a message again whose post was not answered: in the messages of its conversation, by the label that it was given,
//! else by what it says and when.

use inlet_core::{Timestamp, channel::Direction};
use serde_json::Value;

use super::answer::text;
use crate::{message_type::direction_word, time};

/// How far the time that HighLevel keeps may be from the one it was given.
const TOLERANCE_MS: i64 = 1_000;

/// What is sought.
#[derive(Clone, Debug)]
pub struct Sought<'a> {
    /// Its label.
    pub label: &'a str,
    /// Its text.
    pub text: &'a str,
    /// When it was written.
    pub date: Timestamp,
    /// Which way it went.
    pub direction: Direction,
}

/// A message that may be it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// HighLevel's id of it.
    pub message: String,
    /// Of the mail, where it is one.
    pub email: Option<String>,
    /// Whether it carries the label, which settles it.
    pub labelled: bool,
}

/// One page of a conversation, searched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// What may be it, the labelled ones first.
    pub candidates: Vec<Candidate>,
    /// Where the next page begins, if there is one and what is sought may be on it.
    pub next: Option<String>,
}

/// The conversation of a contact in the answer to `GET /conversations/search`: `Some(None)` where there is none.
pub fn conversation(body: &[u8]) -> Option<Option<String>> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let found = said.get("conversations")?.as_array()?;
    Some(found.first().and_then(|first| text(first, "id")))
}

/// Searches one page of `GET /conversations/{id}/messages`; nothing where it cannot be read.
pub fn page(body: &[u8], sought: &Sought<'_>) -> Option<Page> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let nested = said.get("messages")?;
    let list = nested.get("messages").unwrap_or(nested).as_array()?;
    let mut candidates: Vec<Candidate> = list.iter().filter_map(|one| candidate(one, sought)).collect();
    candidates.sort_by_key(|candidate| !candidate.labelled);
    let more = [nested, &said]
        .iter()
        .any(|place| place.get("nextPage") == Some(&Value::Bool(true)));
    let oldest = list.last().and_then(|message| text(message, "id"));
    Some(Page {
        candidates,
        next: oldest.filter(|_| more),
    })
}

fn candidate(one: &Value, sought: &Sought<'_>) -> Option<Candidate> {
    let label = text(one, "altId");
    let labelled = label.as_deref() == Some(sought.label);
    let alike = label.is_none() && is_alike(one, sought);
    let id = text(one, "id").or_else(|| text(one, "messageId"))?;
    let mails = one.pointer("/meta/email/messageIds").and_then(Value::as_array);
    let email = mails
        .and_then(|mails| mails.last())
        .and_then(Value::as_str)
        .map(str::to_owned);
    (labelled || alike).then_some(Candidate {
        message: id,
        email,
        labelled,
    })
}

fn is_alike(one: &Value, sought: &Sought<'_>) -> bool {
    let direction = text(one, "direction").is_none_or(|direction| direction == direction_word(sought.direction));
    let same = one.get("body").and_then(Value::as_str).unwrap_or_default() == sought.text;
    let date = text(one, "dateAdded").and_then(|date| time::read(&date));
    let apart = date.map(|date| (date.as_millisecond() - sought.date.as_millisecond()).abs());
    direction && same && apart.is_some_and(|apart| apart <= TOLERANCE_MS)
}

#[cfg(test)]
mod tests;
