//! Destinations: add one (its secret is shown this once), list them, and say whether they are sent to.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::Uri,
    routing::{get, post},
};
use inlet_core::{
    Timestamp, chance,
    directory::Entry,
    event::EventKind,
    filter::{Filter, NoFilter},
    ids::DestinationKey,
    registry::{Destination, DestinationState, Ordering, Registry},
    relay::Line,
    schedule::Schedule,
    secret::Secret,
    signature::show_secret,
    targets::Targets,
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::{Asked, Input, stamp},
};
use crate::state::{Shared, State as Ports};

mod treatment;
mod upstream;
mod warm;

/// Deliveries under way at once to one destination, unless its owner says otherwise.
const MAX_INFLIGHT: u32 = 8;
/// The most that an owner can say.
const MOST_INFLIGHT: u32 = 256;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/destinations", get(list).post(add))
        .route("/destinations/{id}/{verb}", post(change))
        .merge(treatment::routes())
        .merge(upstream::routes())
        .merge(warm::routes())
}

#[derive(Deserialize)]
struct New {
    location: String,
    /// Of a webhook.
    url: Option<String>,
    upstream: Option<upstream::New>,
    #[serde(default)]
    events: Vec<String>,
    app: Option<String>,
    schedule: Option<String>,
    max_inflight: Option<u32>,
    ordering: Option<String>,
    rate: Option<u32>,
    max_pending: Option<u32>,
    #[serde(default)]
    filters: Vec<String>,
}

#[derive(Serialize)]
struct Added {
    id: String,
    secret: String,
    public_key: String,
    app_id: String,
    /// Where HighLevel's own webhooks are to come, where it is the upstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
}

async fn add(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<Added> {
    let registry = shared.directory.registry();
    let location = find::location(&registry, &new.location)?;
    let app = find::builtin_app(&registry)?;
    if new.app.as_ref().is_some_and(|id| *id != app.id) {
        return Err(Fault::missing(format!(
            "there is no such app: leave --app out, or say {}",
            app.id
        )));
    }
    let now = shared.clock.now();
    let mut secret = [0; 32];
    shared.chance.fill(&mut secret);
    let line = Line {
        location: location.key,
        destination: DestinationKey(shared.keys.next(now)),
    };
    let destination = Destination {
        key: line.destination,
        id: chance::object_id(&*shared.chance),
        location: location.key,
        app: app.key,
        secret: Secret::new(secret),
        created_at: now,
        ..described(&shared, &new, line)?
    };
    upstream::check_alone(&registry, &destination)?;
    let opens = new.upstream.as_ref().map(upstream::New::grant).transpose()?;
    if let Some(opens) = opens.flatten() {
        upstream::save(&shared, &destination, opens).await?;
    }
    let added = Added {
        id: destination.id.clone(),
        secret: show_secret(&destination.secret),
        public_key: shared.signer.public_pem(),
        app_id: app.id.clone(),
        webhook_url: upstream::webhook_url(&shared, &destination),
    };
    shared.directory.write(Entry::Destination(destination)).await?;
    Ok(Json(added))
}

/// What was asked for; an upstream is spoken to in order, and tried as long as is worth while there.
fn described(shared: &Shared, new: &New, line: Line) -> Result<Destination, Fault> {
    let (flag, url) = match (&new.url, &new.upstream) {
        (Some(url), None) => ("--url", url.as_str()),
        (None, Some(upstream)) => ("--base-url", upstream.base_url()),
        _ => return Err(Fault::bad("say --url with a webhook's address, or --upstream")),
    };
    let registry = shared.directory.registry();
    let upstream = new.upstream.as_ref().map(|upstream| upstream.upstream(&registry, line));
    let upstream = upstream.transpose()?;
    if upstream.is_some() {
        upstream::check_wishes(&checked_events(&new.events)?, new.ordering.as_deref())?;
    }
    let ordering = new.ordering.as_deref().or(upstream.is_some().then_some("strict"));
    let schedule = new.schedule.as_deref().or(upstream.is_some().then_some("upstream"));
    Ok(Destination {
        events: checked_events(&new.events)?,
        filters: checked_filters(&new.filters)?,
        ordering: checked_ordering(ordering)?,
        rate: checked_rate(new.rate)?,
        schedule: checked_schedule(schedule)?,
        max_inflight: checked_inflight(new.max_inflight)?,
        upstream: upstream.map(Arc::new),
        ..with_room(
            Destination::to(checked_url(&*shared.targets, flag, url)?),
            new.max_pending,
        )?
    })
}

/// An address that may be called, as it was typed behind a flag.
pub(super) fn checked_url(targets: &dyn Targets, flag: &str, text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let web = text.parse::<Uri>().is_ok_and(|uri| {
        let named = uri.host().is_some_and(|host| !host.is_empty());
        named && matches!(uri.scheme_str(), Some("http" | "https"))
    });
    if !web || text.contains('#') {
        return Err(Fault::bad(format!("write {flag} as https://host/path")));
    }
    match targets.objection(text) {
        Some(objection) => Err(Fault::bad(format!("this URL is never called: {objection}"))),
        None => Ok(text.to_owned()),
    }
}

fn checked_events(names: &[String]) -> Result<Vec<EventKind>, Fault> {
    if names.is_empty() {
        return Ok(vec![EventKind::InboundMessage]);
    }
    let mut kinds = Vec::new();
    for name in names {
        let kind = EventKind::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
            Fault::bad(format!("there is no event {name}: choose from {}", known.join(", ")))
        })?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

fn checked_schedule(text: Option<&str>) -> Result<Schedule, Fault> {
    let Some(text) = text else {
        return Ok(Schedule::Standard);
    };
    Schedule::parse(text).ok_or_else(|| {
        Fault::bad("write the schedule as standard, highlevel, or up to 30 delays in seconds such as 5,30,120")
    })
}

fn checked_inflight(wish: Option<u32>) -> Result<u32, Fault> {
    let wish = wish.unwrap_or(MAX_INFLIGHT);
    if (1..=MOST_INFLIGHT).contains(&wish) {
        return Ok(wish);
    }
    Err(Fault::bad(format!(
        "--max-inflight is a number from 1 to {MOST_INFLIGHT}"
    )))
}

fn checked_filters(texts: &[String]) -> Result<Vec<Filter>, Fault> {
    let read = |text: &String| text.parse().map_err(|error: NoFilter| Fault::bad(error.to_string()));
    texts.iter().map(read).collect()
}

fn checked_ordering(name: Option<&str>) -> Result<Ordering, Fault> {
    let Some(name) = name else {
        return Ok(Ordering::None);
    };
    Ordering::from_name(name).ok_or_else(|| {
        Fault::bad(format!(
            "there is no ordering {name}: choose from none, best_effort, strict"
        ))
    })
}

fn checked_rate(wish: Option<u32>) -> Result<Option<u32>, Fault> {
    match wish {
        Some(0) => Err(Fault::bad("--rate is a number a second, from 1")),
        other => Ok(other),
    }
}

fn with_room(destination: Destination, max_pending: Option<u32>) -> Result<Destination, Fault> {
    match max_pending.unwrap_or(destination.max_pending) {
        0 => Err(Fault::bad("--max-pending is a number from 1")),
        max_pending => Ok(Destination {
            max_pending,
            ..destination
        }),
    }
}

#[derive(Deserialize)]
struct Which {
    location: Option<String>,
}

#[derive(Serialize)]
struct List {
    destinations: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    location: String,
    url: String,
    events: Vec<&'static str>,
    state: &'static str,
    reason: Option<String>,
    parked_until: Option<String>,
    schedule: String,
    max_inflight: u32,
    ordering: &'static str,
    filters: Vec<String>,
    rate: Option<u32>,
    max_pending: u32,
    full: bool,
    recovering: bool,
    app_id: String,
    /// The upstream's id of the location, where it is one.
    upstream_location: Option<String>,
    /// Where its own webhooks are to come, where it is one.
    webhook_url: Option<String>,
    created_at: String,
}

async fn list(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<List> {
    let registry = shared.directory.registry();
    let only = find::only(&registry, which.location.as_deref())?;
    let all = registry.destinations().iter();
    let found = all.filter(|destination| only.is_none_or(|location| destination.location == location));
    Ok(Json(List {
        destinations: found.map(|destination| view(&shared, &registry, destination)).collect(),
    }))
}

fn view(shared: &Ports, registry: &Registry, destination: &Destination) -> View {
    View {
        id: destination.id.clone(),
        location: registry
            .location(destination.location)
            .map(|found| found.id.clone())
            .unwrap_or_default(),
        url: destination.url.clone(),
        events: destination.events.iter().map(|kind| kind.name()).collect(),
        state: state_name(destination.state),
        reason: destination
            .state_reason
            .clone()
            .or_else(|| left_alone(destination, shared.clock.now())),
        parked_until: destination.parked_until.map(stamp),
        schedule: schedule_text(&destination.schedule),
        max_inflight: destination.max_inflight,
        ordering: destination.ordering.name(),
        filters: destination.filters.iter().map(ToString::to_string).collect(),
        rate: destination.rate,
        max_pending: destination.max_pending,
        full: destination.full,
        recovering: destination.trust.is_some(),
        app_id: registry
            .app(destination.app)
            .map(|app| app.id.clone())
            .unwrap_or_default(),
        upstream_location: destination.upstream.as_ref().map(|upstream| upstream.location.clone()),
        webhook_url: upstream::webhook_url(shared, destination),
        created_at: stamp(destination.created_at),
    }
}

/// Why nothing is sent to one that is active.
fn left_alone(destination: &Destination, now: Timestamp) -> Option<String> {
    let until = destination.parked_until.filter(|until| *until > now)?;
    Some(format!("left alone until {}", stamp(until)))
}

fn state_name(state: DestinationState) -> &'static str {
    match state {
        DestinationState::Active => "active",
        DestinationState::Paused => "paused",
        DestinationState::Disabled => "disabled",
    }
}

/// A schedule as `--schedule` takes it.
fn schedule_text(schedule: &Schedule) -> String {
    match schedule {
        Schedule::Standard => "standard".to_owned(),
        Schedule::Highlevel => "highlevel".to_owned(),
        Schedule::Upstream => "upstream".to_owned(),
        Schedule::Custom(delays) => delays.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
    }
}

#[derive(Serialize)]
struct Changed {
    id: String,
    state: &'static str,
}

async fn change(State(shared): State<Shared>, Path((id, verb)): Path<(String, String)>) -> Answer<Changed> {
    let registry = shared.directory.registry();
    let destination = find::destination(&registry, &id)?;
    let state = wanted(destination.state, &verb)?;
    if state != destination.state {
        let reason = match state {
            DestinationState::Active => None,
            DestinationState::Paused | DestinationState::Disabled => Some(format!("{} by hand", state_name(state))),
        };
        let entry = Entry::DestinationState(destination.key, state, reason);
        shared.directory.write(entry).await?;
    }
    Ok(Json(Changed {
        id,
        state: state_name(state),
    }))
}

/// The state that a verb asks for, or why it does not fit the present one.
pub(super) fn wanted(now: DestinationState, verb: &str) -> Result<DestinationState, Fault> {
    match (verb, now) {
        ("pause", DestinationState::Active | DestinationState::Paused) => Ok(DestinationState::Paused),
        ("pause", DestinationState::Disabled) => Err(Fault::conflict(
            "the destination is disabled, which holds its events already: `inlet destination enable` ends that",
        )),
        ("resume", DestinationState::Active | DestinationState::Paused) => Ok(DestinationState::Active),
        ("resume", DestinationState::Disabled) => Err(Fault::conflict(
            "the destination is disabled, not paused: use `inlet destination enable`",
        )),
        ("disable", _) => Ok(DestinationState::Disabled),
        _ => Err(Fault::missing(
            "a destination can be told to pause, resume, disable, enable or rotate-secret",
        )),
    }
}
