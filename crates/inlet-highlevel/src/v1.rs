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

fn read_body(body: &[u8]) -> Result<Body, Fault> {
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
        (None, None) => {
            fields.complain("contactId", "or conversationId is required");
            None
        }
    }
}
