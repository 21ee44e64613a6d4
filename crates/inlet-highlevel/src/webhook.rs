//! HighLevel's two bodies where they come by a webhook of one's own: signed by its sender instead of carrying a token,
//! and for the provider of the webhook, whichever they name.

use inlet_core::{channel::Channel, inbound::Inbound};
use serde_json::Value;

use crate::{
    add_inbound::{Body, Named, inbound, meaning, person},
    fault::{Fault, Words},
    message_type::RequestType,
    v1,
};

/// What a body says.
#[derive(Clone, PartialEq, Debug)]
pub struct Said {
    /// The sender's own id for the message, `altId`.
    pub external_id: Option<String>,
    /// A digest of what is said.
    pub fingerprint: i64,
    /// What is said.
    pub inbound: Inbound,
}

/// Reads a body of `POST /conversations/messages/inbound`, or one of `POST /v1/conversations/messages`, which has a
/// `messageType`. The sentence of a refusal says what to change. `country` serves numbers without a country code.
pub fn read(body: &[u8], country: Option<&str>) -> Result<Said, String> {
    let body = if is_v1(body) {
        v1::read_body(body)
    } else {
        Body::read(body)
    };
    body.and_then(|body| understand(body, country)).map_err(sentence)
}

fn is_v1(body: &[u8]) -> bool {
    let object = serde_json::from_slice::<Value>(body);
    object.is_ok_and(|object| object.get("messageType").is_some() && object.get("type").is_none())
}

fn understand(mut body: Body, country: Option<&str>) -> Result<Said, Fault> {
    let who = match &body.named {
        Named::Person { phone, email } => person(phone.as_deref(), email.as_deref(), country)?,
        Named::Contact(_) | Named::Conversation(_) | Named::Both { .. } => {
            return Err(Fault::bad_request(
                "A webhook names its contact by phone or email: contactId and conversationId go with \
                 POST /conversations/messages/inbound and a token.",
            ));
        }
    };
    if body.email_message_id.is_some() {
        return Err(Fault::bad_request(
            "emailMessageId is an id of the API's: leave it out, and the mail begins a thread of its own.",
        ));
    }
    let channel = channel(&body);
    let external_id = body.alt_id.take();
    let inbound = inbound(body, channel, who, None);
    Ok(Said {
        external_id,
        fingerprint: meaning(&inbound),
        inbound,
    })
}

/// The channel that a type means where the provider is the webhook's own.
fn channel(body: &Body) -> Channel {
    match body.kind.builtin() {
        Some(channel) => channel,
        None if body.kind == RequestType::Call => Channel::Call,
        None if body.html.is_some() || body.subject.is_some() => Channel::CustomEmail,
        None => Channel::CustomSms,
    }
}

fn sentence(fault: Fault) -> String {
    let said = match fault.message {
        Words::One(sentence) => sentence,
        Words::Each(sentences) => sentences.join("; "),
    };
    match fault.hint {
        Some(hint) => format!("{said} {hint}"),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use inlet_core::inbound::Who;
    use serde_json::json;

    use super::*;

    #[test]
    fn both_bodies_are_read_without_a_token() {
        let cases = [
            (
                json!({"type": "SMS", "phone": "+14155550119", "message": "Hi", "altId": "m1"}),
                Channel::Sms,
            ),
            (
                json!({"type": "Custom", "phone": "+14155550119", "message": "Hi"}),
                Channel::CustomSms,
            ),
            (
                json!({"type": "Custom", "email": "a@b.c", "html": "<p>Hi"}),
                Channel::CustomEmail,
            ),
            (
                json!({"type": "Call", "phone": "415-555-2671", "call": {"status": "voicemail"}}),
                Channel::Call,
            ),
            (
                json!({"messageType": "sms", "phone": "+14155550119", "body": "Hi", "source": "mine"}),
                Channel::Sms,
            ),
        ];
        for (body, channel) in cases {
            let said = read(body.to_string().as_bytes(), Some("US")).expect("it is well-formed");
            assert_eq!(said.inbound.channel, channel, "{body}");
            assert!(matches!(said.inbound.who, Who::Person(_)), "{body}");
            assert_eq!(said.external_id.as_deref(), body["altId"].as_str(), "{body}");
        }
    }

    #[test]
    fn what_a_webhook_cannot_say_is_said_to_its_sender() {
        let cases = [
            (
                json!({"type": "SMS", "contactId": "x", "message": "Hi"}),
                "by phone or email",
            ),
            (
                json!({"messageType": "sms", "conversationId": "x", "body": "Hi"}),
                "by phone or email",
            ),
            (json!({"type": "SMS", "message": "Hi"}), "contactId or conversationId"),
            (
                json!({"type": "SMS", "phone": "030 123", "message": "Hi"}),
                "phone cannot be used",
            ),
            (
                json!({"type": "Email", "email": "a@b.c", "html": "x", "emailMessageId": "e"}),
                "emailMessageId",
            ),
            (json!({"type": "sms", "phone": "+14155550119"}), "type"),
            (json!([]), "not an object"),
        ];
        for (body, part) in cases {
            let sentence = read(body.to_string().as_bytes(), None).expect_err("it is wrong");
            assert!(sentence.contains(part), "{body}: {sentence}");
        }
    }
}
