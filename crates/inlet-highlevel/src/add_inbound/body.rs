//! The body of the inbound endpoint as types that cannot be wrong: every field of the published versions, and our own
//! `phone` and `email`. Fields that nobody published are ignored, as HighLevel does.

use inlet_core::{
    Timestamp,
    channel::{CallStatus, Channel, Direction},
    inbound::Call,
};

use crate::{
    fault::{BAD_TYPE, Fault},
    fields::Fields,
    message_type::{RequestType, call_word},
    time,
};

/// Files that one message may carry.
const MAX_ATTACHMENTS: usize = 50;
/// Carbon copies, and as many blind ones.
const MAX_COPIES: usize = 100;
/// Bytes of the sender's own id for a message.
const ALT_ID_LENGTH: usize = 255;

/// A well-formed body.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) kind: RequestType,
    pub(crate) named: Named,
    pub(crate) provider_id: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) attachments: Vec<String>,
    pub(crate) html: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) email_from: Option<String>,
    pub(crate) email_to: Option<String>,
    pub(crate) email_cc: Vec<String>,
    pub(crate) email_bcc: Vec<String>,
    pub(crate) email_message_id: Option<String>,
    pub(crate) alt_id: Option<String>,
    pub(crate) direction: Direction,
    pub(crate) date: Option<Timestamp>,
    pub(crate) call: Option<CallBody>,
    pub(crate) source: Option<String>,
}

/// How the contact is named.
#[derive(Debug)]
pub(crate) enum Named {
    /// By `contactId` alone.
    Contact(String),
    /// By `conversationId` alone.
    Conversation(String),
    /// By both, which must agree.
    Both { contact: String, conversation: String },
    /// By our own `phone` and `email`, of which there is at least one.
    Person {
        phone: Option<String>,
        email: Option<String>,
    },
}

/// The `call` of a body.
#[derive(Debug, Default)]
pub(crate) struct CallBody {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) status: Option<CallStatus>,
}

impl CallBody {
    /// How the call stands. Without a word on it the rule takes it for completed, but a voicemail is one by its type.
    pub(crate) fn outcome(&self, channel: Channel) -> Option<Call> {
        let voicemail = (channel == Channel::CampaignVoicemail).then_some(CallStatus::Voicemail);
        self.status.or(voicemail).map(|status| Call {
            status,
            duration: None,
            announced: false,
        })
    }
}

impl Body {
    /// Reads the body, or says all that is wrong with it.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Fault> {
        let mut fields = Fields::parse(body)?;
        if fields.is_list("direction") {
            return Err(pasted_sample());
        }
        let kind = read_type(&mut fields);
        let named = read_named(&mut fields);
        let read = |fields: &mut Fields, kind, named| Self {
            kind,
            named,
            provider_id: fields.word("conversationProviderId"),
            message: fields.text("message"),
            attachments: read_attachments(fields),
            html: fields.text("html"),
            subject: fields.text("subject"),
            email_from: fields.word("emailFrom"),
            email_to: fields.word("emailTo"),
            email_cc: fields.words("emailCc", MAX_COPIES),
            email_bcc: fields.words("emailBcc", MAX_COPIES),
            email_message_id: fields.word("emailMessageId"),
            alt_id: read_alt_id(fields),
            direction: read_direction(fields),
            date: read_date(fields, "date"),
            call: fields.object("call", "call.", read_call),
            source: None,
        };
        // Read with stand-ins where type or ids are wrong, so that all other mistakes are named too.
        let body = read(
            &mut fields,
            kind.unwrap_or(RequestType::Sms),
            named.unwrap_or(Named::Person {
                phone: None,
                email: None,
            }),
        );
        fields.finish()?;
        Ok(body)
    }
}

fn pasted_sample() -> Fault {
    Fault::unprocessable(vec![
        "direction must be one text, \"inbound\" or \"outbound\": in the published sample it is a list, which only names the two. \
         Leave it out for an inbound message."
            .to_owned(),
    ])
}

fn read_type(fields: &mut Fields) -> Option<RequestType> {
    let kind = fields.text("type").as_deref().and_then(RequestType::from_name);
    if kind.is_none() {
        fields.say(BAD_TYPE);
    }
    kind
}

fn read_named(fields: &mut Fields) -> Option<Named> {
    let (contact, conversation) = (fields.word("contactId"), fields.word("conversationId"));
    let (phone, email) = (fields.word("phone"), fields.word("email"));
    match (contact, conversation) {
        (Some(contact), Some(conversation)) => Some(Named::Both { contact, conversation }),
        (Some(contact), None) => Some(Named::Contact(contact)),
        (None, Some(conversation)) => Some(Named::Conversation(conversation)),
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

/// The links to files that a message names.
pub(crate) fn read_attachments(fields: &mut Fields) -> Vec<String> {
    read_links(fields, MAX_ATTACHMENTS)
}

/// At most `most` links to files.
pub(crate) fn read_links(fields: &mut Fields, most: usize) -> Vec<String> {
    let links = fields.words("attachments", most);
    if !links.iter().all(|link| is_link(link)) {
        fields.complain("attachments", "must be links that begin with https:// or http://");
    }
    links
}

/// Whether it is a link that a page may show: of no other kind than http.
fn is_link(link: &str) -> bool {
    url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

fn read_alt_id(fields: &mut Fields) -> Option<String> {
    let id = fields.word("altId");
    if id.as_ref().is_some_and(|id| id.len() > ALT_ID_LENGTH) {
        fields.complain(
            "altId",
            &format!("must be shorter than or equal to {ALT_ID_LENGTH} characters"),
        );
    }
    id
}

fn read_direction(fields: &mut Fields) -> Direction {
    match fields.text("direction").as_deref() {
        None | Some("inbound") => Direction::Inbound,
        Some("outbound") => Direction::Outbound,
        Some(_) => {
            fields.complain("direction", "must be \"inbound\" or \"outbound\"");
            Direction::Inbound
        }
    }
}

/// Takes a date, which must be RFC 3339.
pub(crate) fn read_date(fields: &mut Fields, name: &str) -> Option<Timestamp> {
    let text = fields.text(name)?;
    let date = time::read(&text);
    if date.is_none() {
        fields.complain(
            name,
            "must be a valid ISO 8601 date string with its offset, such as 2024-07-29T15:51:28.071Z",
        );
    }
    date
}

fn read_call(fields: &mut Fields) -> CallBody {
    let status = fields.text("status");
    let known = status.as_deref().and_then(call_status);
    if status.is_some() && known.is_none() {
        fields.complain(
            "status",
            "must be one of pending, completed, answered, busy, no-answer, failed, canceled, voicemail",
        );
    }
    CallBody {
        from: fields.word("from"),
        to: fields.word("to"),
        status: known,
    }
}

fn call_status(word: &str) -> Option<CallStatus> {
    CallStatus::ALL
        .iter()
        .copied()
        .find(|&status| call_word(status) == word)
}
