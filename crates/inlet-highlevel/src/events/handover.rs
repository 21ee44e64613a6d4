//! What a provider is handed at its delivery URL: HighLevel's `ProviderOutboundMessage` (`docs/webhook events` of its
//! repository). It differs from the other webhooks: its `type` is the channel, and no event's name stands in it. `appId` is
//! added, for without one HighLevel's SDK does not verify it.

use inlet_core::{announcer::Announcement, channel::Channel, message::Message, registry::ProviderKind};
use serde::Serialize;

use super::Events;
use crate::{message_type::webhook_word, read::attachments, time};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Handover<'a> {
    contact_id: String,
    location_id: &'a str,
    message_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    attachments: Vec<String>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(flatten)]
    mail: Option<Mail<'a>>,
    conversation_id: String,
    conversation_provider_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to_alt_id: Option<&'a str>,
    app_id: &'a str,
    timestamp: String,
    webhook_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mail<'a> {
    email_message_id: String,
    thread_id: String,
    email_to: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    email_cc: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    email_bcc: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    email_from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
}

impl Events {
    pub(super) fn handover<'a>(&self, announcement: &Announcement<'a>) -> Handover<'a> {
        let Announcement { message, provider, .. } = *announcement;
        let detail = &message.detail;
        let mail = self.outgoing_mail(message);
        let texted = mail.is_none();
        Handover {
            contact_id: self.ids.contact(message.contact),
            location_id: &announcement.location.id,
            message_id: self.ids.message(message.key),
            kind: kind(message.channel, &provider.kind),
            attachments: attachments(&self.links, message),
            message: message.body.as_deref().unwrap_or_default(),
            phone: detail.to.as_deref().filter(|_| texted),
            from: detail.from.as_deref().filter(|_| texted),
            mail,
            conversation_id: self.ids.conversation(message.contact),
            conversation_provider_id: &provider.id,
            reply_to_alt_id: detail
                .handover
                .as_ref()
                .and_then(|handover| handover.answers.as_deref()),
            app_id: &announcement.app.id,
            timestamp: time::print(announcement.at),
            webhook_id: self.ids.webhook(announcement.event),
        }
    }

    fn outgoing_mail<'a>(&self, message: &'a Message) -> Option<Mail<'a>> {
        let (detail, email) = (&message.detail, message.detail.email.as_ref()?);
        Some(Mail {
            email_message_id: self.ids.email(message.key),
            thread_id: self.ids.email(message.thread_root()),
            email_to: detail.to.as_slice(),
            email_cc: &email.cc,
            email_bcc: &email.bcc,
            email_from: detail.from.as_deref(),
            html: message.body.as_deref().filter(|_| email.html),
            subject: email.subject.as_deref(),
        })
    }
}

/// The channel in HighLevel's words. A provider for texts gets `SMS`, also for what was asked of it as `Custom`.
fn kind(channel: Channel, provider: &ProviderKind) -> &'static str {
    match (channel, provider) {
        (Channel::CustomSms, ProviderKind::Sms) => "SMS",
        _ => webhook_word(channel),
    }
}
