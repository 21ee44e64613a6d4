//! What HighLevel does with a body for `POST /conversations/messages/inbound`, and what to change: every mistake that was seen
//! in the wild has its sentence. It needs no server: what only a server knows, such as whether a contact is there, it does
//! not say.

use serde_json::{Map, Value};

use crate::{
    add_inbound::Body,
    fault::{Fault, Words},
    message_type::RequestType,
};

/// What becomes of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is written, in the thread where it belongs.
    Written,
    /// It is written, but not as it was meant.
    Astray,
    /// It is answered with 2xx, and lost.
    Lost,
    /// It is refused.
    Refused,
}

impl Fate {
    /// In one word, for JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Astray => "astray",
            Self::Lost => "lost",
            Self::Refused => "refused",
        }
    }
}

/// What becomes of a body, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// What becomes of it.
    pub fate: Fate,
    /// What to know, the worst first.
    pub sentences: Vec<String>,
}

/// Fields that people write, and what HighLevel calls them.
const MEANT: [(&str, &str); 17] = [
    ("timestamp", "date"),
    ("dateAdded", "date"),
    ("dateSent", "date"),
    ("createdAt", "date"),
    ("sentAt", "date"),
    ("body", "message"),
    ("text", "message"),
    ("content", "message"),
    ("messageType", "type"),
    ("channel", "type"),
    ("mediaUrl", "attachments"),
    ("mediaUrls", "attachments"),
    ("media", "attachments"),
    ("providerId", "conversationProviderId"),
    ("externalId", "altId"),
    ("externalMessageId", "altId"),
    ("idempotencyKey", "altId"),
];
/// Fields that mean nothing there.
const IGNORED: [(&str, &str); 6] = [
    ("locationId", "the token says which location it is"),
    ("status", "an inbound message has no status to set"),
    ("userId", "nobody of the location wrote it"),
    ("metadata", "the time goes into date, all else is lost"),
    (
        "endpoint",
        "it stands in an article of the help centre and nowhere else",
    ),
    ("source", "only the older endpoint knows it"),
];

/// Says what HighLevel does with a body.
pub fn explain(raw: &[u8]) -> Explanation {
    let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(raw) else {
        return refused(vec!["It is no JSON object: HighLevel answers 400.".to_owned()]);
    };
    let mut said = advice(&fields);
    match Body::read(raw) {
        Err(fault) => {
            let mut sentences = complaints(&fault, &fields);
            sentences.append(&mut said);
            refused(sentences)
        }
        Ok(body) => judge(&body, &fields, said),
    }
}

fn refused(sentences: Vec<String>) -> Explanation {
    Explanation {
        fate: Fate::Refused,
        sentences,
    }
}

fn complaints(fault: &Fault, fields: &Map<String, Value>) -> Vec<String> {
    let mut sentences = Vec::new();
    if is_older(fields) {
        sentences.push(
            "This is the older endpoint's body (messageType, body): write type, message, date and contactId, and post it to \
             /conversations/messages/inbound."
                .to_owned(),
        );
    }
    match &fault.message {
        Words::One(one) => sentences.push(format!("HighLevel answers {}: {one}", fault.status)),
        Words::Each(each) => {
            sentences.extend(
                each.iter()
                    .map(|one| format!("HighLevel answers {}: {one}.", fault.status)),
            );
        }
    }
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
    let known = RequestType::ALL
        .iter()
        .find(|known| known.name().eq_ignore_ascii_case(kind));
    if let Some(known) = known.filter(|known| known.name() != kind) {
        sentences.push(format!("Write type as {:?}: capital letters count.", known.name()));
    }
    sentences
}

fn is_older(fields: &Map<String, Value>) -> bool {
    fields.contains_key("messageType") && !fields.contains_key("type")
}

/// What every body with such fields should know.
fn advice(fields: &Map<String, Value>) -> Vec<String> {
    let meant = MEANT
        .iter()
        .filter(|(wrong, right)| fields.contains_key(*wrong) && !fields.contains_key(*right));
    let meant = meant.map(|(wrong, right)| format!("{wrong} is no field of this endpoint: did you mean {right}?"));
    let ignored = IGNORED.iter().filter(|(name, _)| fields.contains_key(*name));
    let ignored = ignored.map(|(name, why)| format!("{name} is ignored: {why}."));
    let phone = ["phone", "email"].into_iter().filter(|name| fields.contains_key(*name));
    let phone = phone.map(|name| {
        format!(
            "{name} is ignored by HighLevel, which wants contactId: POST /contacts/upsert finds or makes the contact."
        )
    });
    meant.chain(ignored).chain(phone).collect()
}

fn judge(body: &Body, fields: &Map<String, Value>, mut said: Vec<String>) -> Explanation {
    let has = |name: &str| fields.get(name).is_some_and(|value| !value.is_null() && value != "");
    let provider = has("conversationProviderId");
    let (fate, sentence) = if !has("contactId") && !has("conversationId") {
        (
            Fate::Refused,
            "HighLevel wants contactId or conversationId: contactId alone is enough, and the one call.".into(),
        )
    } else if body.kind == RequestType::Custom && !provider {
        let words =
            "HighLevel answers 201 with an empty body, and stores nothing: Custom needs conversationProviderId.";
        (Fate::Lost, words.into())
    } else if body.kind == RequestType::Call && !provider {
        let words = "HighLevel answers 400, No conversationProviderId passed in body: a call needs a provider of the type Call.";
        (Fate::Refused, words.into())
    } else if body.kind == RequestType::Call && !has("call") {
        (
            Fate::Refused,
            "HighLevel answers 400, No call object passed in body: say call.from and call.status.".into(),
        )
    } else if is_empty(body) {
        (
            Fate::Refused,
            "There is no text and no file: HighLevel stores nothing.".into(),
        )
    } else if body.kind == RequestType::Email && provider {
        let words = "HighLevel ignores conversationProviderId with the type Email, and puts the mail into the default channel: \
                     write the type Custom.";
        (Fate::Astray, words.into())
    } else if !has("direction") {
        let words = "It is written as an inbound message. HighLevel's documents say that it would be outbound: write \
                     \"direction\": \"inbound\", and it holds either way.";
        (Fate::Written, words.into())
    } else {
        (
            Fate::Written,
            format!("It is written, as an {} message.", direction(fields)),
        )
    };
    said.insert(0, sentence);
    if provider && fate == Fate::Written {
        said.push(
            "The provider has to belong to the app of the token: with a private integration token, a marketplace app's \
             provider is refused with 401."
                .to_owned(),
        );
    }
    if body.kind == RequestType::Sms && provider {
        said.push(
            "With a provider of one's own beside the default one, HighLevel takes the type Custom and refuses SMS."
                .to_owned(),
        );
    }
    Explanation { fate, sentences: said }
}

fn is_empty(body: &Body) -> bool {
    let text = body.message.is_some() || body.html.is_some();
    !text && body.attachments.is_empty() && body.call.is_none()
}

fn direction(fields: &Map<String, Value>) -> &'static str {
    match fields.get("direction").and_then(Value::as_str) {
        Some("outbound") => "outbound",
        Some(_) | None => "inbound",
    }
}

#[cfg(test)]
mod tests;
