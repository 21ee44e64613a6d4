//! The older `POST /v1/conversations/messages`, as a third party describes it: its few fields become the same change as
//! those of the newer endpoint. Where that description is thin, `docs/compatibility.md` says what was decided.

use inlet_core::{change::Change, channel::Direction};

use crate::{
    add_inbound::{Body, Door, Named, read_date},
    fault::Fault,
    fields::Fields,
    message_type::RequestType,
};

/// The words for `messageType`, in lower case.
const TYPES: [(&str, RequestType); 11] = [
    ("sms", RequestType::Sms),
    ("email", RequestType::Email),
    ("instagram", RequestType::Ig),
    ("ig", RequestType::Ig),
    ("facebook", RequestType::Fb),
    ("fb", RequestType::Fb),
    ("whatsapp", RequestType::WhatsApp),
    ("gmb", RequestType::Gmb),
    ("webchat", RequestType::WebChat),
    ("live_chat", RequestType::LiveChat),
    ("call", RequestType::Call),
];

/// Reads the body of `POST /v1/conversations/messages`.
pub fn read(door: &Door<'_>, body: &[u8]) -> Result<Change, Fault> {
    door.change(read_body(body)?)
}

pub(crate) fn read_body(body: &[u8]) -> Result<Body, Fault> {
    let mut fields = Fields::parse(body)?;
    let kind = read_type(&mut fields);
    let named = read_named(&mut fields);
    let message = fields.text("body");
    if message.is_none() {
        fields.complain("body", "must be a text that is not empty");
    }
    let body = Body {
        kind: kind.unwrap_or(RequestType::Sms),
        named: named.unwrap_or(Named::Person {
            phone: None,
            email: None,
        }),
        provider_id: fields.word("conversationProviderId"),
        message,
        attachments: Vec::new(),
        html: None,
        subject: None,
        email_from: None,
        email_to: None,
        email_cc: Vec::new(),
        email_bcc: Vec::new(),
        email_message_id: None,
        alt_id: None,
        direction: Direction::Inbound,
        date: read_date(&mut fields, "timestamp"),
        call: None,
        source: fields.word("source"),
    };
    fields.finish()?;
    Ok(body)
}

fn read_type(fields: &mut Fields) -> Option<RequestType> {
    let word = fields.word("messageType").unwrap_or_default().to_lowercase();
    let kind = TYPES.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind);
    if kind.is_none() {
        let names: Vec<_> = TYPES.iter().map(|(name, _)| *name).collect();
        fields.complain("messageType", &format!("must be one of {}", names.join(", ")));
    }
    kind
}

fn read_named(fields: &mut Fields) -> Option<Named> {
    let (phone, email) = (fields.word("phone"), fields.word("email"));
    match (fields.word("contactId"), fields.word("conversationId")) {
        (Some(contact), None) => Some(Named::Contact(contact)),
        (None, Some(conversation)) => Some(Named::Conversation(conversation)),
        (Some(_), Some(_)) => {
            fields.complain(
                "contactId",
                "and conversationId must not both be given: send one of them",
            );
            None
        }
        (None, None) if phone.is_some() || email.is_some() => Some(Named::Person { phone, email }),
        (None, None) => {
            fields.complain(
                "contactId",
                "or conversationId is required (here phone or email will do as well)",
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use inlet_core::{
        change::What,
        channel::Channel,
        ids::ContactKey,
        inbound::{Inbound, Who},
    };
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        fault::Words,
        sample::{self, HERE, at},
    };

    const CONTACT: ContactKey = ContactKey(5_000_001);

    fn taken(body: &Value) -> Result<Inbound, Fault> {
        let ids = sample::ids();
        let body = body
            .to_string()
            .replace("your-contact-id-here", &ids.contact(CONTACT))
            .replace("your-conversation-id-here", &ids.conversation(CONTACT));
        let door = Door {
            location: &sample::location(HERE),
            registry: &sample::registry(),
            ids: &ids,
            idempotency_key: None,
        };
        read(&door, body.as_bytes()).map(|change| match change.what {
            What::Message(inbound) => *inbound,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn both_published_bodies_are_taken() {
        let by_contact = taken(&json!({
            "contactId": "your-contact-id-here", "body": "Hi, I'm interested in learning more about your services.",
            "messageType": "sms", "source": "twilio", "timestamp": "2024-01-15T14:30:00Z",
        }))
        .unwrap();
        assert_eq!(
            (by_contact.channel, by_contact.who),
            (Channel::Sms, Who::Known(CONTACT))
        );
        assert_eq!(by_contact.detail.source.as_deref(), Some("twilio"));
        assert_eq!(by_contact.occurred_at, Some(at("2024-01-15T14:30:00Z")));
        let by_conversation = taken(&json!({
            "conversationId": "your-conversation-id-here", "body": "Thanks for reaching out!",
            "messageType": "sms", "source": "twilio", "timestamp": "2024-01-15T14:35:00Z",
        }))
        .unwrap();
        assert_eq!(by_conversation.who, Who::Known(CONTACT));
        assert_eq!(by_conversation.body.as_deref(), Some("Thanks for reaching out!"));
    }

    #[test]
    fn message_types_are_words_in_any_case() {
        let cases = [
            ("Email", Channel::Email),
            ("INSTAGRAM", Channel::Instagram),
            ("ig", Channel::Instagram),
            ("Facebook", Channel::Facebook),
            ("WhatsApp", Channel::WhatsApp),
            ("gmb", Channel::GoogleBusiness),
            ("webchat", Channel::WebChat),
            ("live_chat", Channel::LiveChat),
        ];
        for (word, channel) in cases {
            let body = json!({"contactId": "your-contact-id-here", "body": "hi", "messageType": word});
            assert_eq!(taken(&body).unwrap().channel, channel, "{word}");
        }
    }

    #[test]
    fn wrong_bodies_are_named_field_by_field() {
        let types = "messageType must be one of sms, email, instagram, ig, facebook, fb, whatsapp, gmb, webchat, \
                     live_chat, call";
        let cases = [
            (
                json!({"contactId": null}),
                "contactId or conversationId is required (here phone or email will do as well)",
            ),
            (
                json!({"conversationId": "your-conversation-id-here"}),
                "contactId and conversationId must not both be given: send one of them",
            ),
            (json!({"body": ""}), "body must be a text that is not empty"),
            (json!({"messageType": "fax"}), types),
            (
                json!({"timestamp": "15.01.2024"}),
                "timestamp must be a valid ISO 8601 date string with its offset, such as 2024-07-29T15:51:28.071Z",
            ),
        ];
        for (change, sentence) in cases {
            let mut body = json!({"contactId": "your-contact-id-here", "body": "hi", "messageType": "sms"});
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            let fault = taken(&body).unwrap_err();
            assert_eq!(fault.status, 422, "{change}");
            assert_eq!(fault.message, Words::Each(vec![sentence.to_owned()]), "{change}");
        }
    }
}
