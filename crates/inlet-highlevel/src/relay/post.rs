//! The body of `POST /conversations/messages/inbound` for a recorded message: what HighLevel takes, in its own words. What it
//! would answer with 2xx and lose, or put into another channel, is refused here, with the reason.

use inlet_core::{
    channel::{CallStatus, Channel},
    ids::IdCodec,
    inbound::MediaState,
    links::MediaLinks,
    message::Message,
    relay::Upstream,
};
use serde::Serialize;

use crate::{
    message_type::{RequestType, call_word, direction_word},
    read::attachments,
    time,
};

/// Where it is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// How the upstream is spoken to.
    pub upstream: &'a Upstream,
    /// Makes links to kept files.
    pub links: &'a MediaLinks,
    /// Makes our own ids.
    pub ids: &'a IdCodec,
}

/// Why a message is not written, now or ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hindrance {
    /// It would be lost, or misunderstood: never.
    Refused {
        /// A word for lists and metrics.
        reason: &'static str,
        /// What to change.
        words: String,
    },
    /// It is not complete yet: later.
    Incomplete {
        /// What it waits for.
        words: &'static str,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    contact_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_provider_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    mail: Option<Mail<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<Call<'a>>,
    /// Always written: HighLevel's documents and its service disagree on what holds without.
    direction: &'static str,
    date: String,
    alt_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_to: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    email_cc: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    email_bcc: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    email_message_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Call<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    status: &'static str,
}

/// The label under which HighLevel keeps a message of ours: the vendor's own id, else ours.
pub fn label(message: &Message, ids: &IdCodec) -> String {
    let own = message.external_id.clone().or_else(|| message.detail.label.clone());
    own.unwrap_or_else(|| ids.message(message.key))
}

/// Says why a message is not written at all, or not yet, before anybody is asked about its contact.
pub fn check(message: &Message, upstream: &Upstream) -> Result<(), Hindrance> {
    kind(message.channel, upstream)?;
    let pending = |file: &inlet_core::inbound::Attachment| file.state == MediaState::Pending;
    if message.detail.attachments.iter().any(pending) {
        return Err(Hindrance::Incomplete {
            words: "its files are still being fetched",
        });
    }
    match &message.detail.call {
        Some(call) if matches!(call.status, CallStatus::Pending | CallStatus::Answered) => Err(Hindrance::Incomplete {
            words: "the call is not over",
        }),
        None if message.body.is_none() && message.detail.attachments.is_empty() => Err(refused(
            "nothing_to_write",
            "it has no text and no file, and HighLevel stores nothing then",
        )),
        Some(_) | None => Ok(()),
    }
}

/// The body that writes a message to a contact there; `reply_to` is HighLevel's id of the mail it answers.
pub fn body(message: &Message, contact: &str, reply_to: Option<&str>, place: &Place<'_>) -> Result<Vec<u8>, Hindrance> {
    check(message, place.upstream)?;
    let (kind, provider) = kind(message.channel, place.upstream)?;
    let detail = &message.detail;
    let mail = detail.email.as_ref();
    let html = mail.is_some_and(|mail| mail.html);
    let text = message.body.as_deref();
    let body = Body {
        kind: kind.name(),
        contact_id: contact,
        conversation_provider_id: provider,
        message: text.filter(|_| !html),
        attachments: attachments(place.links, message),
        mail: mail.map(|mail| Mail {
            html: text.filter(|_| html),
            subject: mail.subject.as_deref(),
            email_from: detail.from.as_deref(),
            email_to: detail.to.as_deref(),
            email_cc: &mail.cc,
            email_bcc: &mail.bcc,
            email_message_id: reply_to,
        }),
        call: detail.call.as_ref().map(|call| Call {
            to: detail.to.as_deref(),
            from: detail.from.as_deref(),
            status: call_word(call.status),
        }),
        direction: direction_word(message.direction),
        date: time::print(message.occurred_at),
        alt_id: label(message, place.ids),
    };
    serde_json::to_vec(&body).map_err(|_| refused("unwritable", "it cannot be written as JSON"))
}

/// The type and provider under which messages of a channel are written.
pub(super) fn kind(channel: Channel, upstream: &Upstream) -> Result<(RequestType, Option<&str>), Hindrance> {
    let provider = upstream.providers.get(&channel).map(String::as_str);
    let own = RequestType::ALL
        .iter()
        .copied()
        .find(|kind| kind.builtin() == Some(channel));
    match (own, provider) {
        // With a provider of one's own, HighLevel takes `Custom` and nothing else; `Email` would go to the default
        // channel in silence.
        (Some(_), Some(id)) if !channel.is_call() => Ok((RequestType::Custom, Some(id))),
        (Some(kind), id) => Ok((kind, id)),
        (None, Some(id)) if channel.is_call() => Ok((RequestType::Call, Some(id))),
        (None, Some(id)) => Ok((RequestType::Custom, Some(id))),
        (None, None) => Err(refused(
            "provider_needed",
            &format!(
                "HighLevel takes this kind of message only under a conversation provider, and loses it in silence without \
                 one: name it with --provider-id {}=ID",
                word(channel)
            ),
        )),
    }
}

/// The word by which a channel is named on the command line.
pub fn word(channel: Channel) -> String {
    let named = serde_json::to_value(channel).ok();
    named
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The channel of that word.
pub fn channel(word: &str) -> Option<Channel> {
    Channel::ALL
        .iter()
        .copied()
        .find(|&channel| self::word(channel) == word)
}

fn refused(reason: &'static str, words: &str) -> Hindrance {
    Hindrance::Refused {
        reason,
        words: words.to_owned(),
    }
}

#[cfg(test)]
mod tests;
