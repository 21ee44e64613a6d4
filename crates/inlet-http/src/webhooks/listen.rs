//! Pages that listen: a visitor is told what was written to them that their page does not show yet. Where there is nothing, the
//! answer waits a while for it. What a page says that it shows is delivered.
//!
//! There is no place in an order that a page goes on from: it names what it shows. So nothing is passed over that comes in
//! late, from another node or at a time of its own.

use std::time::Duration;

use axum::{http::StatusCode, response::Response};
use inlet_core::{
    Timestamp,
    adapter::Adapter,
    change::{Change, What},
    channel::{Direction, MessageStatus},
    directory::StoreFault,
    ids::{ContactKey, LocationKey},
    inbound::{Attachment, MediaState},
    inbox::MessageQuery,
    listening::{Listener, Said},
    message::Message,
    registry::{Endpoint, Provider},
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use super::{
    Door,
    answer::{respond, say},
};
use crate::{live::News, state::State};

/// How long an answer waits for what is new: less than proxies wait for an answer.
const PATIENCE: Duration = Duration::from_secs(25);
/// Messages of a conversation that are looked at together.
const PAGE: usize = 100;
/// How many pages of them, at most.
const PAGES: usize = 5;

/// Whose conversations a visitor's are, and what is new in them.
#[derive(Debug, Default)]
struct Heard {
    contacts: Vec<(LocationKey, ContactKey)>,
    new: Vec<Message>,
    shown: Vec<Message>,
}

/// Answers a page that listens.
pub(super) async fn answer(door: &Door<'_>, endpoint: &Endpoint, listener: &Listener) -> Response {
    match hear(door, endpoint, listener).await {
        Ok(said) => tell(door.adapter, &said),
        Err(_) => say(
            StatusCode::SERVICE_UNAVAILABLE,
            "the conversation cannot be read now: ask again",
        ),
    }
}

fn tell(adapter: &dyn Adapter, said: &[Said]) -> Response {
    match adapter.listening() {
        Some(listening) => respond(listening.tell(said)),
        None => say(StatusCode::NOT_FOUND, "nobody is told anything here"),
    }
}

async fn hear(door: &Door<'_>, endpoint: &Endpoint, listener: &Listener) -> Result<Vec<Said>, StoreFault> {
    // What happens from here on is noticed, so that nothing falls between looking and waiting.
    let news = door.state.live.listen();
    let place = door.state.live.visitor().filter(|_| listener.waits);
    let mut heard = look(door, endpoint, listener).await?;
    deliver(door.state, std::mem::take(&mut heard.shown)).await;
    if heard.new.is_empty() && !heard.contacts.is_empty() && place.is_some() {
        tokio::select! {
            _ = timeout(PATIENCE, something_new(news, &heard.contacts)) => {}
            () = door.state.live.closed() => {}
        }
        heard = look(door, endpoint, listener).await?;
    }
    Ok(heard
        .new
        .iter()
        .map(|message| said(door.state, listener, message))
        .collect())
}

/// Waits for a message of these conversations, or for so much news that it may be among them.
async fn something_new(mut news: Receiver<News>, contacts: &[(LocationKey, ContactKey)]) {
    loop {
        match news.recv().await {
            Ok(news) if !contacts.contains(&(news.location, news.contact)) => {}
            Ok(_) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
        }
    }
}

/// What the page does not show of the visitor's conversations, oldest first, and what it does.
async fn look(door: &Door<'_>, endpoint: &Endpoint, listener: &Listener) -> Result<Heard, StoreFault> {
    let mut heard = Heard::default();
    for provider in door.registry.providers_of(endpoint.key) {
        let owner = door.state.inbox.owner(provider.location, &listener.identity).await?;
        let Some(contact) = owner else { continue };
        heard.contacts.push((provider.location, contact));
        read(door.state, (provider, contact), listener, &mut heard).await?;
    }
    heard.new.sort_by_key(|message| (message.occurred_at, message.key));
    Ok(heard)
}

/// Goes back through a conversation as far as all of it is new.
async fn read(
    state: &State,
    (provider, contact): (&Provider, ContactKey),
    listener: &Listener,
    heard: &mut Heard,
) -> Result<(), StoreFault> {
    let now = state.clock.now();
    let mut before = None;
    for _ in 0..PAGES {
        let query = MessageQuery {
            location: provider.location,
            contact,
            before,
            channels: Vec::new(),
            limit: PAGE,
        };
        let page = state.inbox.messages(&query).await?;
        before = page.messages.last().map(|message| message.key);
        let visible = page
            .messages
            .into_iter()
            .filter(|message| is_visible(message, provider, listener, now));
        let is_known = |message: &Message| listener.known.contains(&state.ids.message(message.key));
        let (mut known, mut new): (Vec<_>, Vec<_>) = visible.partition(is_known);
        let goes_on = page.more && known.is_empty() && !new.is_empty();
        heard.new.append(&mut new);
        heard.shown.append(&mut known);
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// Whether a visitor sees a message: their own, and what was sent to them by this chat and is due.
fn is_visible(message: &Message, provider: &Provider, listener: &Listener, now: Timestamp) -> bool {
    let failed = matches!(message.status, MessageStatus::Failed | MessageStatus::Undelivered);
    let theirs = match message.direction {
        Direction::Inbound => own_id(message, listener).is_some(),
        Direction::Outbound => message.scheduled(now).is_none() && !failed,
    };
    message.provider == provider.key && theirs
}

/// The page's own id of a message that the visitor wrote.
fn own_id(message: &Message, listener: &Listener) -> Option<String> {
    if message.direction != Direction::Inbound {
        return None;
    }
    let own = message.external_id.as_deref()?.strip_prefix(listener.own.as_str())?;
    Some(own.to_owned())
}

fn said(state: &State, listener: &Listener, message: &Message) -> Said {
    Said {
        id: state.ids.message(message.key),
        own: own_id(message, listener),
        text: message.body.clone().unwrap_or_default(),
        files: message.detail.attachments.iter().filter_map(link).collect(),
        at: message.occurred_at,
    }
}

/// A file that stays where it is; others cannot be seen without a login.
fn link(file: &Attachment) -> Option<String> {
    match file.state {
        MediaState::Linked => Some(file.url.clone()),
        MediaState::Pending | MediaState::Kept { .. } | MediaState::Failed { .. } => None,
    }
}

/// What a page shows has arrived.
async fn deliver(state: &State, shown: Vec<Message>) {
    let arrived = |message: &Message| {
        message.direction == Direction::Outbound && message.status.rank() < MessageStatus::Delivered.rank()
    };
    let words = shown.into_iter().filter(arrived).map(|message| {
        let word = What::Status {
            message: message.key,
            status: MessageStatus::Delivered,
            error: None,
        };
        Change::later((message.location, message.provider), word)
    });
    let words: Vec<_> = words.collect();
    if !words.is_empty() {
        // What cannot be noted now is noted when the page asks again.
        let _ = state.intake.submit(words).await;
    }
}
