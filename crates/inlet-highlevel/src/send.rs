//! `POST /conversations/messages`: a message that a provider is to send. From its body to a change in our words, read
//! against the contact it goes to.

use inlet_core::{
    Timestamp,
    address::{EmailAddress, Phone},
    change::{Change, What},
    channel::{Channel, Direction},
    clock::Millis,
    contact::Contact,
    ids::{IdKind, MessageKey},
    inbound::{Handover, Inbound},
    registry::{Provider, ProviderKind},
};
use serde::Serialize;

#[cfg(test)]
mod tests;

use crate::{
    add_inbound::{Body, Door, Named, meaning, read_attachments},
    fault::{BAD_TYPE, Fault},
    fields::Fields,
    message_type::RequestType,
};

/// What can be sent: the `type` of HighLevel's `SendMessageBodyDto`, without `InternalComment`.
const SENDABLE: [RequestType; 9] = [
    RequestType::Sms,
    RequestType::Rcs,
    RequestType::Email,
    RequestType::WhatsApp,
    RequestType::Ig,
    RequestType::Fb,
    RequestType::Custom,
    RequestType::LiveChat,
    RequestType::TikTok,
];
/// How a message that is sent by this channel of such a provider is called, where it can be. What is sent to any chat widget
/// is a live chat: there is no other type for it.
pub fn kind_of(channel: Channel, provider: &ProviderKind) -> Option<&'static str> {
    let channel = if channel == Channel::WebChat {
        Channel::LiveChat
    } else {
        channel
    };
    let kinds = SENDABLE.into_iter();
    let mut fitting = kinds.filter(|kind| kind.at(provider) == Some(channel));
    fitting.next().map(RequestType::name)
}

/// Copies of one mail, at most, and as many blind ones.
const MAX_COPIES: usize = 100;

/// A well-formed body, before it is known whom it is for.
#[derive(Debug)]
pub struct Sending {
    body: Body,
    from_number: Option<String>,
    to_number: Option<String>,
    at: Option<Timestamp>,
    answers: Option<String>,
}

impl Sending {
    /// Reads the body. What HighLevel's templates, appointments and optimisations need is ignored.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        let mut fields = Fields::parse(body)?;
        let kind = fields.text("type").as_deref().and_then(RequestType::from_name);
        let kind = kind.filter(|kind| SENDABLE.contains(kind));
        if kind.is_none() {
            fields.say(BAD_TYPE);
        }
        let named = named(&mut fields);
        if !matches!(
            fields.text("emailReplyMode").as_deref(),
            None | Some("reply" | "reply_all")
        ) {
            fields.complain("emailReplyMode", "must be reply or reply_all");
        }
        let sending = Self {
            from_number: fields.word("fromNumber"),
            to_number: fields.word("toNumber"),
            at: scheduled(&mut fields),
            answers: fields.word("replyMessageId").or_else(|| fields.word("threadId")),
            body: Body {
                kind: kind.unwrap_or(RequestType::Sms),
                named,
                provider_id: fields.word("conversationProviderId"),
                message: fields.text("message"),
                attachments: read_attachments(&mut fields),
                html: fields.text("html"),
                subject: fields.text("subject"),
                email_from: fields.word("emailFrom"),
                email_to: fields.word("emailTo"),
                email_cc: fields.words("emailCc", MAX_COPIES),
                email_bcc: fields.words("emailBcc", MAX_COPIES),
                email_message_id: None,
                alt_id: None,
                direction: Direction::Outbound,
                date: None,
                call: None,
                source: None,
            },
        };
        let read = fields.finish();
        read.map_err(|fault| {
            if kind.is_none() {
                fault.hint_of_types(&SENDABLE)
            } else {
                fault
            }
        })?;
        Ok(sending)
    }

    /// The id of the contact it goes to, and what kind of id that is.
    pub fn contact(&self) -> (IdKind, &str) {
        match &self.body.named {
            Named::Conversation(id) => (IdKind::Conversation, id),
            Named::Contact(id) | Named::Both { contact: id, .. } => (IdKind::Contact, id),
            Named::Person { .. } => (IdKind::Contact, ""),
        }
    }

    /// The message that it answers, where it names one: by its own id or by its mail's.
    pub fn answers(&self, door: &Door<'_>) -> Result<Option<MessageKey>, Fault> {
        let Some(id) = &self.answers else { return Ok(None) };
        let key = door.ids.decode(IdKind::Message, id);
        let key = key.or_else(|| door.ids.decode(IdKind::Email, id));
        key.map(|key| Some(MessageKey(key))).ok_or_else(Fault::unknown_message)
    }

    /// The change it asks for, to this contact. `answered` is the message that it answers and the vendor's id of that.
    pub fn change(
        self,
        door: &Door<'_>,
        contact: &Contact,
        answered: Option<(MessageKey, Option<String>)>,
    ) -> Result<Change, Fault> {
        let (from, to, at) = (self.from_number, self.to_number, self.at);
        let mut change = door.change(self.body)?;
        let provider = door.registry.provider(change.location, change.provider);
        let What::Message(inbound) = &mut change.what else {
            return Ok(change);
        };
        if dnd(contact, inbound.channel) {
            return Err(Fault::do_not_disturb());
        }
        if inbound.channel.is_email() {
            address_mail(inbound, contact)?;
        } else {
            address_text(inbound, door, (from, to), (contact, provider.as_ref()))?;
        }
        let (reply_to, answers) = answered.map_or((None, None), |(key, id)| (Some(key), id));
        if let Some(email) = &mut inbound.detail.email {
            email.reply_to = reply_to;
        }
        inbound.detail.handover = Some(Handover {
            at: at.map(Millis::from),
            answers,
        });
        change.fingerprint = meaning(inbound);
        Ok(change)
    }
}

fn named(fields: &mut Fields) -> Named {
    match (fields.word("contactId"), fields.word("conversationId")) {
        (Some(contact), Some(conversation)) => Named::Both { contact, conversation },
        (Some(contact), None) => Named::Contact(contact),
        (None, Some(conversation)) => Named::Conversation(conversation),
        (None, None) => {
            fields.complain("contactId", "is required (here conversationId will do as well)");
            Named::Contact(String::new())
        }
    }
}

/// `scheduledTimestamp`, in seconds. One that has passed already means at once.
fn scheduled(fields: &mut Fields) -> Option<Timestamp> {
    let given = fields.take("scheduledTimestamp")?;
    let at = given.as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
    // Written in milliseconds, the moment would lie in the far future and the message never go.
    let at = at.filter(|at| *at < Timestamp::from_second(LAST_SECOND).unwrap_or(Timestamp::MAX));
    if at.is_none() {
        fields.complain("scheduledTimestamp", "must be a UTC timestamp in seconds");
    }
    at
}

/// 2100-01-01T00:00:00Z.
const LAST_SECOND: i64 = 4_102_444_800;

fn address_mail(inbound: &mut Inbound, contact: &Contact) -> Result<(), Fault> {
    let own = contact.email.as_deref();
    let detail = &mut inbound.detail;
    match detail.to.as_deref() {
        None => detail.to = Some(own.ok_or_else(|| Fault::no_address("e-mail address"))?.to_owned()),
        Some(to) => {
            let same = EmailAddress::parse(to).is_ok_and(|to| Some(to.as_str()) == own);
            same.then_some(()).ok_or_else(Fault::not_their_address)?;
        }
    }
    Ok(())
}

fn address_text(
    inbound: &mut Inbound,
    door: &Door<'_>,
    (from, to): (Option<String>, Option<String>),
    (contact, provider): (&Contact, Option<&Provider>),
) -> Result<(), Fault> {
    let country = door.location.country.as_deref();
    let read = |name: &str, number: String| match Phone::parse(&number, country) {
        Ok(phone) => Ok(phone.as_str().to_owned()),
        Err(why) => Err(Fault::unprocessable(vec![format!("{name} cannot be used: {why}")])),
    };
    let to = to.map(|to| read("toNumber", to)).transpose()?;
    let from = from.map(|from| read("fromNumber", from)).transpose()?;
    let detail = &mut inbound.detail;
    detail.to = to.or_else(|| contact.phone.clone());
    detail.from = from.or_else(|| provider?.number.clone());
    let of_texts = provider.is_some_and(|provider| provider.kind == ProviderKind::Sms);
    let by_phone = matches!(inbound.channel, Channel::Sms | Channel::Rcs) || of_texts;
    if by_phone && detail.to.is_none() {
        return Err(Fault::no_address("phone number"));
    }
    Ok(())
}

/// Whether the contact wants nothing, or nothing by this channel.
fn dnd(contact: &Contact, channel: Channel) -> bool {
    let name = match channel {
        Channel::Sms | Channel::Rcs | Channel::CustomSms => "SMS",
        Channel::WhatsApp => "WhatsApp",
        Channel::GoogleBusiness => "GMB",
        Channel::Facebook => "FB",
        Channel::Email | Channel::CustomEmail => "Email",
        Channel::Call | Channel::IvrCall | Channel::CampaignCall | Channel::CampaignVoicemail => "Call",
        Channel::Instagram
        | Channel::WebChat
        | Channel::LiveChat
        | Channel::AllInOneChat
        | Channel::TikTok
        | Channel::Form => "",
    };
    let setting = contact.profile.dnd_settings.get(name);
    contact.profile.dnd || setting.is_some_and(|setting| setting.status != "inactive")
}

/// The answer to a message that was to be sent later and is not sent at all.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ScheduleCancelled {
    status: u16,
    message: &'static str,
}

impl Default for ScheduleCancelled {
    fn default() -> Self {
        Self {
            status: 200,
            message: "The scheduled message was cancelled.",
        }
    }
}
