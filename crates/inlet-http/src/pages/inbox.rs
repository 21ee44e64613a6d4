//! The inbox: its pages, and the fragments of them that the script asks for when something changed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use http::StatusCode;
use inlet_core::{
    Timestamp,
    clock::Millis,
    ids::{ContactKey, IdKind, MessageKey},
    inbox::{ConversationQuery, ConversationView, MessagePage, MessageQuery},
    registry::Location,
};
use serde::Deserialize;

use super::{
    access::Viewer,
    assets,
    bubble::Bubble,
    fault::Fault,
    guide::Guide,
    render,
    row::{Row, Setting},
    thread::{Thread, below},
    words,
};
use crate::state::Shared;

/// Conversations on a page of the list.
const ROWS: usize = 50;
/// Messages on a page of a thread.
const MESSAGES: usize = 50;

/// The whole page.
#[derive(Debug, Template)]
#[template(path = "inbox.html")]
struct Page {
    style: String,
    script: String,
    /// When it was drawn, by which the script keeps relative times right.
    now: String,
    /// The reader's offset with which it was drawn.
    minutes: i32,
    location: Location,
    others: Vec<Location>,
    /// Whether there is a session to end.
    has_session: bool,
    list: List,
    pane: Pane,
}

/// The list of conversations.
#[derive(Debug)]
struct List {
    rows: Vec<Row>,
    total: String,
    /// Rows with something unread, for the title.
    unread: usize,
    /// Where older ones are.
    older: Option<String>,
    /// Whether it begins with the newest.
    newest: bool,
}

/// What stands beside the list.
#[derive(Debug)]
enum Pane {
    /// How to send the first message.
    Guide(Guide),
    /// Nothing is open.
    Nothing,
    /// A conversation.
    Open(Thread),
}

/// Some messages of a thread.
#[derive(Debug, Template)]
#[template(path = "bubbles.html")]
struct Bubbles {
    bubbles: Vec<Bubble>,
}

/// Which page of the list, and of the thread.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Place {
    /// The last row above: the milliseconds of its last message and its id.
    after: Option<String>,
    /// The message below.
    before: Option<String>,
}

/// `GET /`
pub(super) async fn home(State(shared): State<Shared>, _: Viewer) -> Result<Redirect, Fault> {
    let registry = shared.directory.registry();
    let first = registry.locations().first().ok_or(Fault::NoLocation)?;
    Ok(Redirect::to(&format!("/l/{}", first.id)))
}

/// `GET /l/{location}`
pub(super) async fn list(
    State(shared): State<Shared>,
    Path(location): Path<String>,
    Query(place): Query<Place>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let location = find_location(&shared, &location)?;
    page(shared, location, None, place, viewer).await
}

/// `GET /l/{location}/c/{conversation}`
pub(super) async fn thread(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(place): Query<Place>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    page(shared, location, Some(view), place, viewer).await
}

/// `GET /l/{location}/rows/{conversation}`: one row of the list.
pub(super) async fn row(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    drawn(shared, location, viewer, move |setting| {
        render(&Row::new(&view, None, setting))
    })
    .await
}

/// `GET /l/{location}/c/{conversation}/after/{message}`: what came below a message, or 205 where the page must be drawn
/// anew because something came in between, or too much.
pub(super) async fn after(
    State(shared): State<Shared>,
    Path((location, conversation, message)): Path<(String, String, String)>,
    viewer: Viewer,
) -> Result<Response, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let last = message_key(&shared, &message)?;
    let newest = messages(&shared, &location, view.key, None).await?.messages;
    let Some(last) = newest.iter().find(|message| message.key == last).cloned() else {
        return Ok(StatusCode::RESET_CONTENT.into_response());
    };
    drawn(shared, location, viewer, move |setting| {
        match below(newest, &last, setting) {
            Some(bubbles) => render(&Bubbles { bubbles }).into_response(),
            None => StatusCode::RESET_CONTENT.into_response(),
        }
    })
    .await
}

/// `GET /l/{location}/c/{conversation}/m/{message}`: one message, after it changed.
pub(super) async fn message(
    State(shared): State<Shared>,
    Path((location, conversation, message)): Path<(String, String, String)>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let key = message_key(&shared, &message)?;
    let found = shared.inbox.message(location.key, key).await?;
    let found = found.filter(|found| found.contact == view.key).ok_or(Fault::NotFound)?;
    drawn(shared, location, viewer, move |setting| {
        let bubbles = vec![Bubble::new(&found, None, setting)];
        render(&Bubbles { bubbles })
    })
    .await
}

async fn page(
    shared: Shared,
    location: Location,
    open: Option<ConversationView>,
    place: Place,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let query = ConversationQuery {
        after: place
            .after
            .as_deref()
            .map(|after| list_cursor(&shared, after))
            .transpose()?,
        ..ConversationQuery::newest(location.key, ROWS)
    };
    let (views, total) = shared.inbox.conversations(&query).await?;
    let before = place.before.as_deref().map(|id| message_key(&shared, id)).transpose()?;
    let opened = match open {
        Some(view) => {
            let page = messages(&shared, &location, view.key, before).await?;
            Some((view, page))
        }
        None => None,
    };
    let newest = query.after.is_none();
    drawn(shared, location, viewer, move |setting| {
        let id = opened
            .as_ref()
            .map(|(view, _)| setting.state.ids.conversation(view.key));
        let list = draw_list(&views, id.as_deref(), total, newest, setting);
        let pane = match opened {
            Some((view, page)) => Pane::Open(Thread::new(&view, page, before.is_none(), setting)),
            None if total == 0 => {
                let registry = setting.state.directory.registry();
                Pane::Guide(Guide::new(setting.state, &registry, setting.location))
            }
            None => Pane::Nothing,
        };
        render(&draw_page(list, pane, setting))
    })
    .await
}

fn draw_page(list: List, pane: Pane, setting: Setting<'_>) -> Page {
    let registry = setting.state.directory.registry();
    let others = registry
        .locations()
        .iter()
        .filter(|other| other.key != setting.location.key);
    Page {
        style: assets::style_path(),
        script: assets::script_path(),
        now: setting.now.to_string(),
        minutes: setting.zone.minutes,
        location: setting.location.clone(),
        others: others.cloned().collect(),
        has_session: !setting.state.settings.open_pages,
        list,
        pane,
    }
}

fn draw_list(views: &[ConversationView], open: Option<&str>, total: u64, newest: bool, setting: Setting<'_>) -> List {
    let rows: Vec<_> = views.iter().map(|view| Row::new(view, open, setting)).collect();
    let here = match open {
        Some(id) => format!("/l/{}/c/{id}", setting.location.id),
        None => format!("/l/{}", setting.location.id),
    };
    let last = rows.last().filter(|_| rows.len() == ROWS);
    List {
        older: last.map(|last| format!("{here}?after={}.{}", last.at, last.id)),
        unread: rows.iter().filter(|row| row.unread.is_some()).count(),
        total: match total {
            0 => "no conversations yet".to_owned(),
            1 => "1 conversation".to_owned(),
            _ => format!("{} conversations", words::count(total)),
        },
        newest,
        rows,
    }
}

/// Draws off the runtime's threads: a page may hold fifty large mails to clean.
async fn drawn<T: Send + 'static>(
    shared: Shared,
    location: Location,
    viewer: Viewer,
    draw: impl FnOnce(Setting<'_>) -> T + Send + 'static,
) -> Result<T, Fault> {
    let work = move || {
        draw(Setting {
            state: &shared,
            location: &location,
            zone: viewer.zone,
            now: shared.clock.now(),
        })
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Store)
}

/// The location of that id.
pub(super) fn find_location(shared: &Shared, id: &str) -> Result<Location, Fault> {
    let registry = shared.directory.registry();
    registry.location_by_id(id).cloned().ok_or(Fault::NotFound)
}

async fn find_conversation(shared: &Shared, location: &str, id: &str) -> Result<(Location, ConversationView), Fault> {
    let location = find_location(shared, location)?;
    let key = conversation_key(shared, id)?;
    let view = shared.inbox.conversation(location.key, key).await?;
    Ok((location, view.ok_or(Fault::NotFound)?))
}

async fn messages(
    shared: &Shared,
    location: &Location,
    contact: ContactKey,
    before: Option<MessageKey>,
) -> Result<MessagePage, Fault> {
    let query = MessageQuery {
        location: location.key,
        contact,
        before,
        channels: Vec::new(),
        limit: MESSAGES,
    };
    Ok(shared.inbox.messages(&query).await?)
}

fn conversation_key(shared: &Shared, id: &str) -> Result<ContactKey, Fault> {
    let key = shared.ids.decode(IdKind::Conversation, id);
    key.map(ContactKey).ok_or(Fault::NotFound)
}

fn message_key(shared: &Shared, id: &str) -> Result<MessageKey, Fault> {
    let key = shared.ids.decode(IdKind::Message, id);
    key.map(MessageKey).ok_or(Fault::NotFound)
}

fn list_cursor(shared: &Shared, text: &str) -> Result<(Timestamp, Option<ContactKey>), Fault> {
    let (millis, id) = text.split_once('.').ok_or(Fault::NotFound)?;
    let millis = millis.parse().map_err(|_| Fault::NotFound)?;
    Ok((Millis(millis).timestamp(), Some(conversation_key(shared, id)?)))
}
