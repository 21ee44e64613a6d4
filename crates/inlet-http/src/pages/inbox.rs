//! The inbox: its pages, and the fragments of them that the script asks for when something changed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Html, Redirect},
};
use inlet_core::{
    inbox::{ConversationQuery, ConversationView, Tallies},
    people::Role,
    registry::Location,
};
use serde::Deserialize;

use super::{
    access::{FormToken, Viewer},
    assets,
    beside::beside,
    cut::{Chip, Cut, Tab},
    fault::Fault,
    find::{find_conversation, find_location, list_cursor, message_key},
    frame::{Rail, Section},
    guide::Guide,
    hits::{self, Hit},
    render,
    row::{Row, Setting},
    search::Asked,
    thread::{Thread, stretch},
    views::View,
    words,
};
use crate::state::Shared;

/// Conversations on a page of the list.
const ROWS: usize = 50;

/// The whole page.
#[derive(Debug, Template)]
#[template(path = "inbox.html")]
struct Page {
    style: String,
    script: String,
    rail: Rail,
    /// What its forms and its script carry.
    token: FormToken,
    /// Whether who looks may do no more.
    only_looks: bool,
    /// Whether they own the location.
    owns: bool,
    /// When it was drawn, by which the script keeps relative times right.
    now: String,
    /// The reader's offset with which it was drawn.
    minutes: i32,
    location: Location,
    others: Vec<Location>,
    /// Whether there is a session to end.
    has_session: bool,
    list: List,
    head: Head,
    /// What is searched for.
    q: String,
    besides: Vec<(String, String)>,
    chips: Vec<Chip>,
    views: Vec<View>,
    /// What a form for days of one's own carries on.
    kept: Vec<(String, String)>,
    /// The filters as a query string, by which the script tells lists apart.
    cut: String,
    pane: Pane,
    side: Option<String>,
}

/// What stands above the list and changes with each message.
#[derive(Debug, Template)]
#[template(path = "tabs.html")]
pub(super) struct Head {
    total: String,
    /// Conversations with something unread, for the title.
    unread: u64,
    tabs: Vec<Tab>,
}

/// The list of conversations.
#[derive(Debug)]
struct List {
    rows: Vec<Row>,
    /// Whether the location has a conversation at all.
    started: bool,
    /// Where older ones are.
    older: Option<String>,
    /// Whether it begins with the newest.
    newest: bool,
    /// Messages that fit what is searched for.
    hits: Vec<Hit>,
}

/// What stands beside the list.
#[derive(Debug)]
enum Pane {
    /// How to send the first message.
    Guide(Guide),
    /// Nothing is open.
    Nothing,
    /// A conversation.
    Open(Box<Thread>),
}

/// Which page of the list, and of the thread.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Place {
    /// The last row above: the milliseconds of its last message and its id.
    after: Option<String>,
    /// The message below.
    before: Option<String>,
    /// The message that is inspected.
    m: Option<String>,
    /// The message that is to be in view.
    at: Option<String>,
    /// What stands beside the thread: `contact`, or nothing.
    side: Option<String>,
}

/// `GET /`
pub(super) async fn home(State(shared): State<Shared>, viewer: Viewer) -> Result<Redirect, Fault> {
    let registry = shared.directory.registry();
    let own = viewer.locations(&shared, &registry);
    let first = own.first().ok_or(Fault::NoLocation)?;
    Ok(Redirect::to(&format!("/l/{}", first.id)))
}

/// `GET /l/{location}`
pub(super) async fn list(
    State(shared): State<Shared>,
    Path(location): Path<String>,
    Query(place): Query<Place>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let location = find_location(&shared, &location)?;
    page(shared, location, None, (place, cut), viewer).await
}

/// The page before the first message, with a fresh token in the line to paste.
pub(super) async fn guided(
    shared: Shared,
    location: Location,
    token: String,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let started = any(&shared, &location).await?;
    let tallies = shared.inbox.tallies(location.key).await?;
    drawn(shared, location, (viewer, Cut::default()), move |setting| {
        let registry = setting.state.directory.registry();
        let here = format!("/l/{}", setting.location.id);
        let list = draw_list(&[], None, (true, started), setting);
        let guide = Guide::new(setting.state, &registry, setting.location, Some(&token));
        let head = draw_head(&here, 0, tallies, setting);
        render(&draw_page((list, head), &here, Pane::Guide(guide), setting))
    })
    .await
}

/// `GET /l/{location}/c/{conversation}`
pub(super) async fn thread(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(place): Query<Place>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    page(shared, location, Some(view), (place, cut), viewer).await
}

async fn page(
    shared: Shared,
    location: Location,
    open: Option<ConversationView>,
    (place, cut): (Place, Cut),
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let after = place.after.as_deref();
    let query = ConversationQuery {
        after: after.map(|after| list_cursor(&shared, after)).transpose()?,
        ..ConversationQuery::newest(location.key, ROWS)
    };
    let newest = query.after.is_none();
    let asked = asked(&shared, &location, (&viewer, &cut), query);
    let (views, total) = conversations(&shared, asked.people.as_ref()).await?;
    let hits = if newest {
        hits::find(&shared, &asked).await?
    } else {
        Vec::new()
    };
    let tallies = shared.inbox.tallies(location.key).await?;
    let started = total > 0 || any(&shared, &location).await?;
    let key = |id: &Option<String>| id.as_deref().map(|id| message_key(&shared, id)).transpose();
    let (before, at) = (key(&place.before)?, key(&place.at)?);
    let opened = match open {
        Some(view) => {
            let (page, newest) = stretch(&shared, &location, view.key, (before, at)).await?;
            Some((view, page, newest))
        }
        None => None,
    };
    let side = match &opened {
        Some((view, ..)) => beside(&shared, &location, view, (place.m.as_deref(), place.side.as_deref())).await?,
        None => None,
    };
    drawn(shared, location, (viewer, cut), move |setting| {
        let id = opened
            .as_ref()
            .map(|(view, ..)| setting.state.ids.conversation(view.key));
        let below = id.as_deref().map(|id| format!("/c/{id}")).unwrap_or_default();
        let list = List {
            hits: hits.iter().map(|found| Hit::new(found, &asked, setting)).collect(),
            ..draw_list(&views, id.as_deref(), (newest, started), setting)
        };
        let here = format!("/l/{}{below}", setting.location.id);
        let head = draw_head(&here, total, tallies, setting);
        let pane = match opened {
            Some((view, page, newest)) => Pane::Open(Box::new(Thread {
                at: place.at,
                ..Thread::new(&view, page, newest, setting)
            })),
            None if !started => {
                let registry = setting.state.directory.registry();
                Pane::Guide(Guide::new(setting.state, &registry, setting.location, None))
            }
            None => Pane::Nothing,
        };
        let side = side.map(|side| side.drawn(setting));
        render(&Page {
            side,
            ..draw_page((list, head), &here, pane, setting)
        })
    })
    .await
}

/// What the search box and the filters ask for.
pub(super) fn asked(
    shared: &Shared,
    location: &Location,
    (viewer, cut): (&Viewer, &Cut),
    query: ConversationQuery,
) -> Asked {
    let (zone, now) = (viewer.zone, shared.clock.now());
    let setting = Setting {
        state: shared,
        location,
        viewer: *viewer,
        zone,
        now,
        cut,
    };
    setting.asked(cut.narrow(query, zone, now))
}

/// A page of conversations, and how many there are; none where only messages are asked for.
pub(super) async fn conversations(
    shared: &Shared,
    query: Option<&ConversationQuery>,
) -> Result<(Vec<ConversationView>, u64), Fault> {
    match query {
        Some(query) => Ok(shared.inbox.conversations(query).await?),
        None => Ok((Vec::new(), 0)),
    }
}

/// Whether the location has a conversation at all.
async fn any(shared: &Shared, location: &Location) -> Result<bool, Fault> {
    let (_, total) = shared
        .inbox
        .conversations(&ConversationQuery::newest(location.key, 0))
        .await?;
    Ok(total > 0)
}

fn draw_page((list, head): (List, Head), here: &str, pane: Pane, setting: Setting<'_>) -> Page {
    let registry = setting.state.directory.registry();
    let mut others = setting.viewer.locations(setting.state, &registry);
    others.retain(|other| other.key != setting.location.key);
    Page {
        style: assets::style_path(),
        script: assets::script_path(),
        rail: Rail::new(setting.location, Section::Inbox, setting.role()),
        token: setting.viewer.form_token,
        only_looks: setting.only_looks().is_some(),
        owns: setting.role().covers(Role::Owner),
        now: setting.now.to_string(),
        minutes: setting.zone.minutes,
        location: setting.location.clone(),
        others: others.into_iter().cloned().collect(),
        has_session: !setting.state.settings.open_pages,
        q: setting.cut.q.clone(),
        besides: setting.cut.besides_search(),
        chips: setting.cut.chips(here),
        views: setting.views(here),
        kept: setting.cut.kept(),
        cut: setting.cut.with(&[]),
        list,
        head,
        pane,
        side: None,
    }
}

pub(super) fn draw_head(here: &str, total: u64, tallies: Tallies, setting: Setting<'_>) -> Head {
    Head {
        unread: tallies.unread,
        tabs: setting.cut.tabs(here, tallies),
        total: match total {
            0 => "no conversations".to_owned(),
            1 => "1 conversation".to_owned(),
            _ => format!("{} conversations", words::count(total)),
        },
    }
}

fn draw_list(
    views: &[ConversationView],
    open: Option<&str>,
    (newest, started): (bool, bool),
    setting: Setting<'_>,
) -> List {
    let rows: Vec<_> = views.iter().map(|view| Row::new(view, open, setting)).collect();
    let below = open.map(|id| format!("/c/{id}")).unwrap_or_default();
    let last = rows.last().filter(|_| rows.len() == ROWS);
    List {
        older: last.map(|last| setting.address(&below, &[("after", &format!("{}.{}", last.at, last.id))])),
        started,
        newest,
        hits: Vec::new(),
        rows,
    }
}

/// Draws off the runtime's threads: a page may hold fifty large mails to clean.
pub(super) async fn drawn<T: Send + 'static>(
    shared: Shared,
    location: Location,
    (viewer, cut): (Viewer, Cut),
    draw: impl FnOnce(Setting<'_>) -> T + Send + 'static,
) -> Result<T, Fault> {
    let work = move || {
        draw(Setting {
            state: &shared,
            location: &location,
            viewer,
            zone: viewer.zone,
            now: shared.clock.now(),
            cut: &cut,
        })
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Store)
}
