//! One message of a thread, as it is shown.

use askama::Template;
use inlet_core::{
    channel::{CallStatus, Direction, MessageStatus},
    consent::Consent,
    inbound::Revised,
    message::Message,
};

use super::{
    files::{File, files},
    mail::{Frame, frame},
    moment::{Day, Moment},
    quoted::split_text,
    row::Setting,
    words,
};
use crate::guards::Guards;

/// Messages of one side within so many seconds stand together, with one line of channel and time.
const TOGETHER: i64 = 300;

/// A message in the thread.
#[derive(Clone, Debug, Template)]
#[template(path = "bubble.html")]
pub(super) struct Bubble {
    /// Its id outside.
    pub(super) id: String,
    /// Where it is inspected.
    pub(super) inspect: String,
    /// Whether it went out.
    pub(super) outbound: bool,
    /// The day that begins with it, where one does.
    pub(super) day: Option<Day>,
    /// Whether what nobody has read begins with it.
    pub(super) unread_begins: bool,
    /// Whether it stands together with the message above it.
    pub(super) joins: bool,
    /// Its text, where that is not a mail's.
    pub(super) text: Option<String>,
    /// What a mail has.
    pub(super) mail: Option<Mail>,
    /// What a call has.
    pub(super) call: Option<Call>,
    /// Its files.
    pub(super) files: Vec<File>,
    /// The symbol of its channel.
    pub(super) icon: &'static str,
    /// Its channel, and the vendor where there is one.
    pub(super) channel: String,
    /// When it was written.
    pub(super) when: Moment,
    /// How it stands, where it went out.
    pub(super) tick: Option<Tick>,
    /// Why it failed, in words.
    pub(super) failed: Option<String>,
    /// What who wrote it did to it afterwards, in words.
    pub(super) revised: Option<&'static str>,
    /// What it says about being written to, in words.
    pub(super) consent: Option<&'static str>,
}

/// How an outbound message stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tick {
    pub(super) sign: &'static str,
    pub(super) words: &'static str,
}

/// A mail's head and body.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub(super) subject: String,
    /// Label and value of each line of its head.
    pub(super) head: Vec<(&'static str, String)>,
    /// Its body, where it is HTML.
    pub(super) frame: Option<Frame>,
    /// Its body, where it is text, without what it quotes.
    pub(super) text: Option<String>,
    /// What its text quotes.
    pub(super) quoted: Option<String>,
    /// Something to know about how it is shown.
    pub(super) note: Option<String>,
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) icon: &'static str,
    pub(super) title: String,
    pub(super) duration: Option<String>,
    pub(super) number: Option<String>,
}

impl Bubble {
    /// A message with the one above it in the thread, if there is one.
    pub(super) fn new(message: &Message, above: Option<&Message>, setting: Setting<'_>) -> Self {
        let day = |message: &Message| setting.zone.day(message.occurred_at, setting.now);
        let mail = message
            .channel
            .is_email()
            .then(|| mail(message, setting.state.settings.guards));
        let call = call(message);
        let body = message.body.clone().filter(|body| !body.trim().is_empty());
        Self {
            id: setting.state.ids.message(message.key),
            inspect: inspect(message, setting),
            outbound: message.direction == Direction::Outbound,
            day: Some(day(message)).filter(|today| above.is_none_or(|above| day(above) != *today)),
            unread_begins: false,
            joins: above.is_some_and(|above| joins(above, message)),
            text: body.filter(|_| mail.is_none()),
            mail,
            call,
            files: files(message, setting.state),
            icon: words::channel_icon(message.channel),
            channel: channel(message, setting),
            when: setting.zone.written(message.occurred_at, message.created_at),
            tick: tick(message),
            failed: failed(message),
            revised: message.detail.revised.map(Revised::words),
            consent: message.detail.consent.map(Consent::words),
        }
    }

    /// Whether there is nothing in it to show.
    pub(super) fn is_empty(&self) -> bool {
        let says_nothing = self.text.is_none() && self.mail.is_none() && self.call.is_none();
        says_nothing && self.files.is_empty() && self.revised.is_none()
    }
}

fn inspect(message: &Message, setting: Setting<'_>) -> String {
    let ids = &setting.state.ids;
    let conversation = ids.conversation(message.contact);
    setting.address(&format!("/c/{conversation}"), &[("m", &ids.message(message.key))])
}

fn joins(above: &Message, message: &Message) -> bool {
    let key = |message: &Message| (message.direction, message.channel, message.provider);
    let apart = (message.occurred_at.as_second() - above.occurred_at.as_second()).abs();
    let backdated = (above.created_at.as_second() - above.occurred_at.as_second()).abs() > TOGETHER;
    key(above) == key(message) && apart < TOGETHER && !backdated && !message.channel.is_email()
}

fn channel(message: &Message, setting: Setting<'_>) -> String {
    let name = words::channel_name(message.channel);
    let registry = setting.state.directory.registry();
    let provider = registry.provider(message.location, message.provider);
    let adapter = provider.and_then(|provider| setting.state.adapter(provider.adapter.as_deref()?));
    match adapter {
        Some(adapter) => format!("{name} · {}", adapter.title()),
        None => name.to_owned(),
    }
}

fn mail(message: &Message, guards: Guards) -> Mail {
    let email = message.detail.email.clone().unwrap_or_default();
    let body = message.body.as_deref().filter(|body| !body.trim().is_empty());
    let (text, quoted) = body.filter(|_| !email.html).map(split_text).unzip();
    let shown = body
        .filter(|_| email.html)
        .map(|html| frame(html, guards).ok_or(html.len()));
    let head = [
        ("from", message.detail.from.clone()),
        ("to", message.detail.to.clone()),
        ("cc", Some(email.cc.join(", "))),
        ("bcc", Some(email.bcc.join(", "))),
    ];
    Mail {
        subject: email
            .subject
            .filter(|subject| !subject.trim().is_empty())
            .unwrap_or_else(|| "No subject".to_owned()),
        head: head
            .into_iter()
            .filter_map(|(label, value)| Some((label, value.filter(|value| !value.is_empty())?)))
            .collect(),
        text: text.map(str::to_owned),
        quoted: quoted.flatten().map(str::to_owned),
        note: match &shown {
            Some(Ok(frame)) if frame.blocked == 1 => Some("1 remote picture not loaded".to_owned()),
            Some(Ok(frame)) if frame.blocked > 1 => Some(format!("{} remote pictures not loaded", frame.blocked)),
            Some(Err(bytes)) => {
                let size = u64::try_from(*bytes).unwrap_or(u64::MAX);
                Some(format!("This mail is too large to show here: {}", words::size(size)))
            }
            Some(Ok(_)) | None => None,
        },
        frame: shown.and_then(Result::ok),
    }
}

fn call(message: &Message) -> Option<Call> {
    let call = message.detail.call.as_ref()?;
    let number = match message.direction {
        Direction::Inbound => message
            .detail
            .from
            .as_deref()
            .map(|number| format!("from {}", words::phone(number))),
        Direction::Outbound => message
            .detail
            .to
            .as_deref()
            .map(|number| format!("to {}", words::phone(number))),
    };
    Some(Call {
        icon: if call.status == CallStatus::Voicemail {
            "voicemail"
        } else {
            "phone"
        },
        title: words::call_words(call, message.direction),
        duration: call.duration.map(words::duration),
        number,
    })
}

fn tick(message: &Message) -> Option<Tick> {
    let (sign, words) = match message.status {
        MessageStatus::Pending | MessageStatus::Queued => ("◷", "on its way"),
        MessageStatus::Scheduled => ("◷", "scheduled"),
        MessageStatus::Sent => ("✓", "sent"),
        MessageStatus::Delivered => ("✓✓", "delivered"),
        MessageStatus::Read => ("✓✓", "read"),
        MessageStatus::Undelivered | MessageStatus::Failed => return None,
    };
    let outbound = message.direction == Direction::Outbound && message.detail.call.is_none();
    outbound.then_some(Tick { sign, words })
}

fn failed(message: &Message) -> Option<String> {
    let word = match message.status {
        MessageStatus::Failed => "Not sent",
        MessageStatus::Undelivered => "Not delivered",
        MessageStatus::Pending
        | MessageStatus::Scheduled
        | MessageStatus::Queued
        | MessageStatus::Sent
        | MessageStatus::Delivered
        | MessageStatus::Read => return None,
    };
    match &message.detail.error {
        Some(error) => Some(format!("{word}: {error}")),
        None => Some(word.to_owned()),
    }
}
