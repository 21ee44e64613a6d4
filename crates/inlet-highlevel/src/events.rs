//! The webhooks `InboundMessage` and `OutboundMessage`: flat JSON in HighLevel's shapes for messages, calls, voicemails
//! and mail, compact, and such that `JSON.stringify(JSON.parse(body))` gives the same bytes, since HighLevel's SDK may
//! check the signature over that. So: texts and whole numbers only, and no key that looks like an index.

use inlet_core::{
    announcer::{Announcement, Announcer, ContactAnnouncement},
    channel::{CallStatus, Channel, Direction},
    event::EventKind,
    ids::IdCodec,
    links::MediaLinks,
    message::Message,
};
use serde::Serialize;

mod contacts;
mod handover;
#[cfg(test)]
mod tests;

use crate::{
    message_type::{call_word, direction_word, status_word, stored, webhook_word},
    read::attachments,
    time,
};

/// Renders events in HighLevel's words.
#[derive(Clone, Debug)]
pub struct Events {
    ids: IdCodec,
    links: MediaLinks,
}

/// What every event carries, around what its kind of message adds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    location_id: &'a str,
    attachments: Vec<String>,
    contact_id: String,
    conversation_id: String,
    date_added: String,
    direction: &'static str,
    message_type: &'static str,
    message_id: String,
    message_type_id: u32,
    message_type_string: &'static str,
    conversation_provider_id: &'a str,
    #[serde(flatten)]
    payload: Payload<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    app_id: &'a str,
    version_id: &'a str,
    timestamp: String,
    webhook_id: String,
}

/// What differs between texts, calls and mail.
#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    Text(Text<'a>),
    Call(PhoneCall<'a>),
    Mail(Mail<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    body: &'a str,
    content_type: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_widget_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhoneCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    status: &'static str,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_duration: Option<u32>,
    call_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mail<'a> {
    body: &'a str,
    email_message_id: String,
    thread_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    /// A list as in the published examples and in the reading API; one published schema says text.
    to: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    cc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bcc: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cc_list: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    bcc_list: &'a [String],
}

impl Events {
    /// An announcer that names things by `ids`, and kept files by `links`.
    pub fn new(ids: IdCodec, links: MediaLinks) -> Self {
        Self { ids, links }
    }

    fn envelope<'a>(&self, announcement: &Announcement<'a>, payload: Payload<'a>) -> Envelope<'a> {
        let Announcement { message, app, .. } = *announcement;
        let (message_type_id, message_type_string) = webhook_type(message);
        Envelope {
            kind: announcement.kind.name(),
            location_id: &announcement.location.id,
            attachments: attachments(&self.links, message),
            contact_id: self.ids.contact(message.contact),
            conversation_id: self.ids.conversation(message.contact),
            date_added: time::print(message.occurred_at),
            direction: direction_word(message.direction),
            message_type: webhook_word(message.channel),
            message_id: self.ids.message(message.key),
            message_type_id,
            message_type_string,
            conversation_provider_id: &announcement.provider.id,
            payload,
            source: source(announcement),
            app_id: &app.id,
            // An app here has one version, which bears its id.
            version_id: &app.id,
            timestamp: time::print(announcement.at),
            webhook_id: self.ids.webhook(announcement.event),
        }
    }

    fn mail<'a>(&self, announcement: &Announcement<'a>) -> Mail<'a> {
        let message = announcement.message;
        let detail = &message.detail;
        let email = detail.email.as_ref();
        let cc = email.map(|email| email.cc.as_slice()).unwrap_or_default();
        let bcc = email.map(|email| email.bcc.as_slice()).unwrap_or_default();
        Mail {
            body: message.body.as_deref().unwrap_or_default(),
            email_message_id: self.ids.email(message.key),
            thread_id: self.ids.email(message.thread_root()),
            provider: announcement.provider.adapter.as_deref(),
            from: detail.from.as_deref(),
            subject: email.and_then(|email| email.subject.as_deref()),
            to: detail.to.as_slice(),
            cc: (!cc.is_empty()).then(|| cc.join(", ")),
            bcc: (!bcc.is_empty()).then(|| bcc.join(", ")),
            cc_list: cc,
            bcc_list: bcc,
        }
    }
}

impl Announcer for Events {
    fn render(&self, announcement: &Announcement<'_>) -> String {
        if announcement.kind == EventKind::ProviderOutboundMessage {
            return serde_json::to_string(&self.handover(announcement)).unwrap_or_default();
        }
        let message = announcement.message;
        let payload = if message.channel.is_call() {
            Payload::Call(call(message))
        } else if message.channel.is_email() {
            Payload::Mail(self.mail(announcement))
        } else {
            Payload::Text(text(message))
        };
        // Plain data with text keys only: it cannot fail to serialise.
        serde_json::to_string(&self.envelope(announcement, payload)).unwrap_or_default()
    }

    fn render_contact(&self, announcement: &ContactAnnouncement<'_>) -> String {
        let about = contacts::about(announcement, &self.ids);
        serde_json::to_string(&about).unwrap_or_default()
    }
}

fn text(message: &Message) -> Text<'_> {
    Text {
        body: message.body.as_deref().unwrap_or_default(),
        content_type: "text/plain",
        status: status_word(message.status),
        from: message.detail.from.as_deref(),
        to: message.detail.to.as_deref(),
        chat_widget_id: message.detail.chat_widget.as_deref(),
    }
}

fn call(message: &Message) -> PhoneCall<'_> {
    let outcome = call_status(message);
    // A call that went out and met a voicemail is completed, as HighLevel says it.
    let reached_voicemail = outcome == CallStatus::Voicemail && message.direction == Direction::Outbound;
    PhoneCall {
        body: message.body.as_deref(),
        status: call_word(if reached_voicemail {
            CallStatus::Completed
        } else {
            outcome
        }),
        call_duration: message.detail.call.as_ref().and_then(|call| call.duration),
        call_status: call_word(outcome),
        from: message.detail.from.as_deref(),
        to: message.detail.to.as_deref(),
    }
}

fn call_status(message: &Message) -> CallStatus {
    let call = message.detail.call.as_ref();
    call.map_or(CallStatus::Completed, |call| call.status)
}

/// The number and name that webhooks give: a call is 1 whatever it is stored as, and a voicemail 10 under a name that
/// the stored types do not have.
fn webhook_type(message: &Message) -> (u32, &'static str) {
    if !message.channel.is_call() {
        stored(message.channel)
    } else if call_status(message) == CallStatus::Voicemail && message.direction == Direction::Inbound {
        (10, "TYPE_VOICEMAIL")
    } else if message.channel == Channel::Call {
        (1, "TYPE_CALL")
    } else {
        stored(message.channel)
    }
}

/// What made a message that went out; HighLevel gives none for those that came in.
fn source<'a>(announcement: &Announcement<'a>) -> Option<&'a str> {
    match announcement.kind {
        EventKind::OutboundMessage => Some(announcement.message.detail.source.as_deref().unwrap_or("api")),
        EventKind::InboundMessage
        | EventKind::ProviderOutboundMessage
        | EventKind::ContactCreate
        | EventKind::ContactUpdate
        | EventKind::ContactDelete
        | EventKind::ContactTagUpdate
        | EventKind::ContactDndUpdate
        | EventKind::ConversationUnreadUpdate => None,
    }
}
