//! A row of the list: who it is, by what they wrote last, when, and the beginning of it.

use askama::Template;
use inlet_core::{
    Timestamp,
    channel::{CallStatus, Direction, MessageStatus},
    inbound::Revised,
    inbox::ConversationView,
    message::Message,
    people::Role,
    registry::Location,
};

use super::{
    access::Viewer,
    cut::Cut,
    files, mail,
    moment::{Moment, Zone},
    words,
};
use crate::state::State;

/// How many letters of a message the list shows; the stylesheet cuts what does not fit.
pub(super) const PREVIEW: usize = 120;

/// What is said to who may only look.
const ONLY_LOOKING: &str = "Your role here is to look: ask an owner for the role of an agent.";

/// A conversation in the list.
#[derive(Clone, Debug, Template)]
#[template(path = "row.html")]
pub(super) struct Row {
    /// The conversation's id outside.
    pub(super) id: String,
    /// Where it opens.
    pub(super) href: String,
    /// Whether it is the one that is open.
    pub(super) current: bool,
    /// Whose it is.
    pub(super) person: Avatar,
    /// The symbol of the channel of its last message.
    pub(super) icon: &'static str,
    /// What that channel is called.
    pub(super) channel: &'static str,
    /// When its last message was written.
    pub(super) when: Moment,
    /// The same as milliseconds, by which rows stand in order.
    pub(super) at: i64,
    /// Its last message in a few words.
    pub(super) preview: Preview,
    /// How many messages nobody has read, where there are any.
    pub(super) unread: Option<String>,
    /// Whether a person starred it.
    pub(super) starred: bool,
}

/// Someone's name and what stands for their face.
#[derive(Clone, Debug)]
pub(super) struct Avatar {
    pub(super) name: String,
    pub(super) initials: String,
    pub(super) tint: u32,
}

/// A message in a few words.
#[derive(Clone, Debug, Default)]
pub(super) struct Preview {
    /// Whether it went out.
    pub(super) outbound: bool,
    /// Whether it failed.
    pub(super) failed: bool,
    /// A symbol for what is not text.
    pub(super) icon: Option<&'static str>,
    /// The words.
    pub(super) text: String,
}

/// What a row is drawn from, beside the conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    pub(super) state: &'a State,
    pub(super) location: &'a Location,
    /// Who looks at it.
    pub(super) viewer: Viewer,
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
    /// Which part of the list is shown.
    pub(super) cut: &'a Cut,
}

impl Setting<'_> {
    /// What who looks may do here.
    pub(super) fn role(self) -> Role {
        let role = self.viewer.role(self.state, self.location.key);
        role.unwrap_or(Role::ReadOnly)
    }

    /// Why who looks may only look, if they may do no more.
    pub(super) fn only_looks(self) -> Option<&'static str> {
        (!self.role().covers(Role::Agent)).then_some(ONLY_LOOKING)
    }
}

impl Row {
    /// The row of a conversation; `open` is the id of the one that is shown beside the list.
    pub(super) fn new(view: &ConversationView, open: Option<&str>, setting: Setting<'_>) -> Self {
        let id = setting.state.ids.conversation(view.key);
        let last = view.last.as_ref();
        Self {
            href: setting.address(&format!("/c/{id}"), &[]),
            current: open == Some(id.as_str()),
            person: avatar(view, &id),
            icon: last.map_or("sms", |message| words::channel_icon(message.channel)),
            channel: last.map_or("", |message| words::channel_name(message.channel)),
            when: setting.zone.ago(view.last_at, setting.now),
            at: view.last_at.as_millisecond(),
            preview: last.map(preview).unwrap_or_default(),
            unread: unread(view.unread),
            starred: view.starred,
            id,
        }
    }
}

/// Whose conversation it is.
pub(super) fn avatar(view: &ConversationView, id: &str) -> Avatar {
    let name = words::person(view.name.as_deref(), view.phone.as_deref(), view.email.as_deref());
    Avatar {
        initials: words::initials(&name),
        tint: words::tint(id),
        name,
    }
}

fn unread(count: i64) -> Option<String> {
    match count {
        ..=0 => None,
        1..=99 => Some(count.to_string()),
        _ => Some("99+".to_owned()),
    }
}

fn preview(message: &Message) -> Preview {
    let (icon, text) = summary(message);
    Preview {
        outbound: message.direction == Direction::Outbound,
        failed: matches!(message.status, MessageStatus::Failed | MessageStatus::Undelivered),
        icon,
        text: words::one_line(&text, PREVIEW),
    }
}

pub(super) fn summary(message: &Message) -> (Option<&'static str>, String) {
    let body = message.body.as_deref().filter(|body| !body.trim().is_empty());
    if let Some(call) = &message.detail.call {
        let name = words::call_words(call, message.direction);
        let length = call.duration.map(|seconds| format!(" · {}", words::duration(seconds)));
        let icon = if call.status == CallStatus::Voicemail {
            "voicemail"
        } else {
            "phone"
        };
        return (Some(icon), name + &length.unwrap_or_default());
    }
    if let Some(email) = &message.detail.email {
        let text = body.map(|body| {
            if email.html {
                mail::text_of(body)
            } else {
                body.to_owned()
            }
        });
        let parts = [email.subject.clone(), text];
        let parts: Vec<_> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let clip = (!message.detail.attachments.is_empty()).then_some("clip");
        return (clip, parts.join(" — "));
    }
    match (body, message.detail.attachments.first()) {
        (Some(body), None) => (None, body.to_owned()),
        (Some(body), Some(file)) => (Some(files::preview(file).0), body.to_owned()),
        (None, Some(file)) => {
            let (icon, text) = files::preview(file);
            (Some(icon), text)
        }
        (None, None) => (
            None,
            message
                .detail
                .revised
                .map(Revised::words)
                .unwrap_or_default()
                .to_owned(),
        ),
    }
}
