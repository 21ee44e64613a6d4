//! `PUT /conversations/messages/{messageId}/status`: a later word of a provider on a message it was given.

use inlet_core::{channel::MessageStatus, ids::IdCodec, message::Message};
use serde::Serialize;

use crate::{fault::Fault, fields::Fields, message_type::status_word};

/// The words that are taken: four of the published versions, and those of the newer one for mail.
const WORDS: [(&str, MessageStatus); 10] = [
    ("pending", MessageStatus::Pending),
    ("scheduled", MessageStatus::Scheduled),
    ("sent", MessageStatus::Sent),
    ("connected", MessageStatus::Sent),
    ("delivered", MessageStatus::Delivered),
    ("read", MessageStatus::Read),
    ("opened", MessageStatus::Read),
    ("clicked", MessageStatus::Read),
    ("undelivered", MessageStatus::Undelivered),
    ("failed", MessageStatus::Failed),
];

/// The word, and why it failed, where it failed.
pub fn read(body: &[u8]) -> Result<(MessageStatus, Option<String>), Fault> {
    let mut body = Fields::parse(body)?;
    let word = body.text("status");
    let status = WORDS.iter().find(|(known, _)| Some(*known) == word.as_deref());
    if status.is_none() {
        body.complain("status", "must be one of delivered, failed, pending, read");
    }
    let error = body.object("error", "error.", |error| {
        let (message, kind, code) = (error.text("message"), error.text("type"), error.take("code"));
        let code = code.map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned));
        let words = [message, kind, code].into_iter().flatten();
        words.collect::<Vec<_>>().join(", ")
    });
    if word.as_deref() == Some("failed") && error.is_none() {
        body.complain("error", "must be an object");
    }
    body.finish()?;
    let status = status.map_or(MessageStatus::Pending, |(_, status)| *status);
    Ok((status, error.filter(|error| !error.is_empty())))
}

/// The answer: HighLevel's `SendMessageResponseDto`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    conversation_id: String,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<&'static str>,
    status: &'static str,
}

impl Standing {
    /// How a message stands.
    pub fn new(message: &Message, ids: &IdCodec) -> Self {
        Self {
            conversation_id: ids.conversation(message.contact),
            message_id: ids.message(message.key),
            email_message_id: message.channel.is_email().then(|| ids.email(message.key)),
            msg: None,
            status: status_word(message.status),
        }
    }

    /// The same with a remark for people.
    pub fn remarked(self, remark: Option<&'static str>) -> Self {
        Self { msg: remark, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_or_refused() {
        let cases = [
            (r#"{"status":"delivered"}"#, Ok((MessageStatus::Delivered, None))),
            (r#"{"status":"opened"}"#, Ok((MessageStatus::Read, None))),
            (
                r#"{"status":"failed","error":{"code":"7","type":"saas","message":"no route"}}"#,
                Ok((MessageStatus::Failed, Some("no route, saas, 7".to_owned()))),
            ),
            (r#"{"status":"failed"}"#, Err(422)),
            (r#"{"status":"failed","error":"no"}"#, Err(422)),
            (r#"{"status":"Delivered"}"#, Err(422)),
            ("{}", Err(422)),
            ("", Err(400)),
        ];
        for (body, expected) in cases {
            let read = read(body.as_bytes()).map_err(|fault| fault.status);
            assert_eq!(read, expected, "{body}");
        }
    }
}
