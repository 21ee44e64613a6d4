//! What an answer of HighLevel's means: done, refused for good, or that nobody knows.

use serde_json::Value;

/// How much of HighLevel's own words is passed on.
const LONGEST: usize = 300;

/// What an answer means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer<T> {
    /// It was done.
    Good(T),
    /// It was not done, and never will be as it is.
    Refused {
        /// A word for lists and metrics.
        reason: &'static str,
        /// HighLevel's words.
        words: String,
    },
    /// It was not done: there is no such contact any more.
    NoContact,
    /// It was not done: the token is not valid.
    Unauthorised(String),
    /// It was not done: the token is not for this location.
    Forbidden(String),
    /// It was not done: too many calls.
    Limited,
    /// Nobody knows whether it was done.
    Unclear,
}

/// A message that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// HighLevel's id of it.
    pub message: String,
    /// Of its conversation.
    pub conversation: Option<String>,
    /// Of its contact: another one than was named, where that was merged.
    pub contact: Option<String>,
    /// Of the mail, where it is one.
    pub email: Option<String>,
}

/// What the answer to a post means. Success needs an id: HighLevel answers 201 to some messages that it does not store.
pub fn posted(status: u16, body: &[u8]) -> Answer<Written> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    if !(200..300).contains(&status) {
        return failure(status, &said);
    }
    match text(&said, "messageId") {
        Some(message) => Answer::Good(Written {
            message,
            conversation: text(&said, "conversationId"),
            contact: text(&said, "contactId"),
            email: text(&said, "emailMessageId"),
        }),
        // An answer that was cut off says nothing either way.
        None if !body.is_empty() && said.is_null() => Answer::Unclear,
        None => Answer::Refused {
            reason: "accepted_without_id",
            words: "HighLevel answered that all is well, but named no message: it stores nothing then".to_owned(),
        },
    }
}

/// What the answer to an upsert means: the contact's id. A refusal that names the contact there is is as good.
pub fn upserted(status: u16, body: &[u8]) -> Answer<String> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    if (200..300).contains(&status) {
        let id = said.get("contact").and_then(|contact| text(contact, "id"));
        return id.map_or(Answer::Unclear, Answer::Good);
    }
    let there = said.get("meta").and_then(|meta| text(meta, "contactId"));
    match there.filter(|_| status == 400) {
        Some(id) => Answer::Good(id),
        None => match failure(status, &said) {
            Answer::NoContact => refused(status, words(&said)),
            other => other,
        },
    }
}

/// What a failure of any call means.
pub fn failed<T>(status: u16, body: &[u8]) -> Answer<T> {
    failure(status, &serde_json::from_slice(body).unwrap_or_default())
}

fn failure<T>(status: u16, said: &Value) -> Answer<T> {
    let words = words(said);
    match status {
        401 if names_provider(&words) => Answer::Refused {
            reason: "provider_no_access",
            words,
        },
        401 if words.contains("ersion header") => refused(status, words),
        401 => Answer::Unauthorised(words),
        403 => Answer::Forbidden(words),
        429 => Answer::Limited,
        400 | 404 | 410 | 422 if is_gone(status, &words) => Answer::NoContact,
        300..500 if !matches!(status, 408 | 425) => refused(status, words),
        _ => Answer::Unclear,
    }
}

fn refused<T>(status: u16, words: String) -> Answer<T> {
    let reason = match status {
        300..=399 => "unexpected_redirect",
        401 => "unauthorised",
        404 => "not_found",
        413 => "too_large",
        _ => "validation",
    };
    Answer::Refused { reason, words }
}

fn names_provider(words: &str) -> bool {
    words.contains("conversationProvider")
}

/// Whether these words say that the contact is gone: deleted, or merged into another.
fn is_gone(status: u16, words: &str) -> bool {
    let words = words.to_lowercase();
    let gone = [
        "not found",
        "no contact",
        "not exist",
        "deleted",
        "merged",
        "there is no",
    ];
    words.contains("contact") && (status == 404 || gone.iter().any(|gone| words.contains(gone)))
}

/// HighLevel's words in the body of a refusal.
pub fn said(body: &[u8]) -> String {
    words(&serde_json::from_slice(body).unwrap_or_default())
}

/// HighLevel's words: `message` as a text or a list, else `error`.
pub fn words(said: &Value) -> String {
    let message = match said.get("message") {
        Some(Value::String(one)) => Some(one.clone()),
        Some(Value::Array(each)) => {
            let each: Vec<&str> = each.iter().filter_map(Value::as_str).collect();
            Some(each.join(", "))
        }
        _ => text(said, "error_description").or_else(|| text(said, "error")),
    };
    message.unwrap_or_default().chars().take(LONGEST).collect()
}

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
