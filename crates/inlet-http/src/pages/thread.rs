//! A page of a thread: messages in the order in which they were written, with what stands between them.

use askama::Template;
use inlet_core::{
    channel::Direction,
    ids::{ContactKey, MessageKey},
    inbox::{ConversationView, MessagePage},
    message::Message,
    registry::Location,
};

use super::{
    access::FormToken,
    bubble::Bubble,
    fault::Fault,
    find::messages,
    reply::Reply,
    row::{Avatar, Setting, avatar},
    words,
};
use crate::state::Shared;

/// A conversation that is open.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    /// Its id outside.
    pub(super) id: String,
    /// Whose it is.
    pub(super) person: Avatar,
    /// Their number and address.
    pub(super) reach: Vec<String>,
    /// Its messages on this page.
    pub(super) bubbles: Vec<Bubble>,
    /// Where older ones are, if there are any.
    pub(super) older: Option<String>,
    /// Where the newest are, if this page does not end with them.
    pub(super) newer: Option<String>,
    /// Where the list is.
    pub(super) back: String,
    /// What can be done with it.
    pub(super) tools: Tools,
    /// The box to reply in.
    pub(super) reply: Reply,
    /// The message that is to be in view.
    pub(super) at: Option<String>,
}

/// A page of a conversation: what is before one message, or what one message is in, or else the newest; and whether it ends
/// with the newest.
pub(super) async fn stretch(
    shared: &Shared,
    location: &Location,
    contact: ContactKey,
    (before, at): (Option<MessageKey>, Option<MessageKey>),
) -> Result<(MessagePage, bool), Fault> {
    let page = messages(shared, location, contact, before).await?;
    let wanted = at.filter(|&at| before.is_none() && !page.messages.iter().any(|message| message.key == at));
    let Some(wanted) = wanted else {
        return Ok((page, before.is_none()));
    };
    let found = shared.inbox.message(location.key, wanted).await?;
    let found = found
        .filter(|message| message.contact == contact)
        .ok_or(Fault::NotFound)?;
    let mut older = messages(shared, location, contact, Some(wanted)).await?;
    older.messages.insert(0, found);
    Ok((older, false))
}

/// What can be done with a conversation.
#[derive(Clone, Debug, Template)]
#[template(path = "tools.html")]
pub(super) struct Tools {
    /// Where marks go.
    pub(super) mark: String,
    /// Where its contact is shown.
    pub(super) contact: String,
    /// What its form carries.
    pub(super) token: FormToken,
    /// Whether it is starred.
    pub(super) starred: bool,
    /// Whether something in it has not been read.
    pub(super) unread: bool,
    /// Why it cannot be marked by who looks at it.
    pub(super) only_looks: Option<&'static str>,
}

impl Tools {
    /// The tools of a conversation as it stands.
    pub(super) fn new(view: &ConversationView, setting: Setting<'_>) -> Self {
        let id = setting.state.ids.conversation(view.key);
        Self {
            token: setting.viewer.form_token,
            mark: setting.address(&format!("/c/{id}/mark"), &[]),
            contact: setting.address(&format!("/c/{id}"), &[("side", "contact")]),
            starred: view.starred,
            unread: view.unread > 0,
            only_looks: setting.only_looks(),
        }
    }
}

impl Thread {
    /// A page of a conversation; `newest` says whether it ends with the newest message.
    pub(super) fn new(view: &ConversationView, page: MessagePage, newest: bool, setting: Setting<'_>) -> Self {
        let id = setting.state.ids.conversation(view.key);
        let below = format!("/c/{id}");
        let oldest = page.messages.iter().min_by_key(|message| message.key);
        let older = oldest
            .filter(|_| page.more)
            .map(|message| setting.address(&below, &[("before", &setting.state.ids.message(message.key))]));
        let person = avatar(view, &id);
        let reach = [view.phone.as_deref().map(words::phone), view.email.clone()];
        let unread = if newest { view.unread } else { 0 };
        Self {
            reach: reach
                .into_iter()
                .flatten()
                .filter(|reach| *reach != person.name)
                .collect(),
            reply: Reply::new(view, &page.messages, setting),
            bubbles: bubbles(page.messages, unread, setting),
            older,
            newer: (!newest).then(|| setting.address(&below, &[])),
            back: setting.address("", &[]),
            tools: Tools::new(view, setting),
            at: None,
            person,
            id,
        }
    }
}

/// Puts messages in order and draws them; the last `unread` inbound ones are set off.
fn bubbles(mut messages: Vec<Message>, unread: i64, setting: Setting<'_>) -> Vec<Bubble> {
    messages.sort_by_key(in_order);
    let begins = first_unread(&messages, unread);
    let mut above = None;
    let mut bubbles = Vec::with_capacity(messages.len());
    for message in &messages {
        let mut bubble = Bubble::new(message, above, setting);
        bubble.unread_begins = begins == Some(message.key);
        bubbles.push(bubble);
        above = Some(message);
    }
    bubbles
}

/// The place of the first of the last `unread` inbound messages. There is none if all are unread: then no line says more
/// than the list does.
fn first_unread(messages: &[Message], unread: i64) -> Option<MessageKey> {
    let unread = usize::try_from(unread).ok()?.checked_sub(1)?;
    let mut inbound = messages
        .iter()
        .rev()
        .filter(|message| message.direction == Direction::Inbound);
    let first = inbound.nth(unread)?.key;
    (messages.first()?.key != first).then_some(first)
}

/// What of `messages` comes below `last`: `None` if something new belongs further up, or `last` is not among them, so
/// that the page must be drawn anew.
pub(super) fn below(mut messages: Vec<Message>, last: &Message, setting: Setting<'_>) -> Option<Vec<Bubble>> {
    messages.retain(|message| message.key > last.key);
    messages.sort_by_key(in_order);
    if messages.first().is_some_and(|first| in_order(first) < in_order(last)) {
        return None;
    }
    let mut above = last;
    let mut bubbles = Vec::with_capacity(messages.len());
    for message in &messages {
        bubbles.push(Bubble::new(message, Some(above), setting));
        above = message;
    }
    Some(bubbles)
}

/// The time of writing orders a thread, the order of arrival breaks ties.
fn in_order(message: &Message) -> (inlet_core::Timestamp, MessageKey) {
    (message.occurred_at, message.key)
}
