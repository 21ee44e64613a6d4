//! Replays of many deliveries by filter: ask for one, see how far they came, stop one.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use inlet_core::{
    backlog::Replay,
    delivery::DeliveryStatus,
    event::EventKind,
    ids::{ContactKey, DeliveryKey, IdKind, ReplayKey, first_key},
    registry::Destination,
};
use serde::{Deserialize, Serialize};

use super::{
    deliveries::checked_status,
    fault::{Answer, Fault},
    find,
    input::{Input, moment, stamp},
};
use crate::state::{Shared, State as Ports};

/// Deliveries in a second, unless asked otherwise, and at most.
const RATE: u32 = 20;
const MOST_RATE: u32 = 1_000;
/// How far a dry run counts.
const MOST_COUNTED: usize = 100_000;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/replays", get(list).post(add))
        .route("/replays/{id}/stop", post(stop))
}

#[derive(Deserialize)]
struct New {
    destination: String,
    status: Option<String>,
    event: Option<String>,
    conversation: Option<String>,
    since: Option<String>,
    until: Option<String>,
    rate: Option<u32>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Added {
    /// Absent where it was only counted.
    id: Option<String>,
    deliveries: usize,
}

async fn add(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<Added> {
    let replay = checked(&shared, &new)?;
    let deliveries = shared.backlog.count(&replay, MOST_COUNTED).await?;
    let key = replay.key;
    if !new.dry_run {
        shared.backlog.add_replay(replay).await?;
    }
    Ok(Json(Added {
        id: (!new.dry_run).then(|| shared.ids.encode(IdKind::Replay, key.0)),
        deliveries,
    }))
}

fn checked(shared: &Ports, new: &New) -> Result<Replay, Fault> {
    let registry = shared.directory.registry();
    let destination = find::destination(&registry, &new.destination)?;
    let status = new.status.as_deref().map_or(Ok(DeliveryStatus::Dead), checked_status)?;
    match status {
        DeliveryStatus::Dead | DeliveryStatus::Held | DeliveryStatus::Delivered | DeliveryStatus::Cancelled => {}
        DeliveryStatus::Ready | DeliveryStatus::Leased | DeliveryStatus::Blocked => {
            return Err(Fault::bad(
                "what is ready, leased or blocked is sent anyway: choose from dead, held, delivered, cancelled",
            ));
        }
    }
    let kind = |name: &str| EventKind::from_name(name).ok_or_else(|| Fault::bad(format!("there is no event {name}")));
    let lane = |id: &str| {
        let key = shared.ids.decode(IdKind::Conversation, id);
        key.map(ContactKey)
            .ok_or_else(|| Fault::missing("there is no such conversation"))
    };
    let now = shared.clock.now();
    let since = new.since.as_deref().map(|text| moment(text, now)).transpose()?;
    let until = new.until.as_deref().map(|text| moment(text, now)).transpose()?;
    let replay = whole(shared, destination, status, new.rate)?;
    Ok(Replay {
        kind: new.event.as_deref().map(kind).transpose()?,
        lane: new.conversation.as_deref().map(lane).transpose()?,
        cursor: since.map_or(replay.cursor, |since| DeliveryKey(first_key(since) - 1)),
        end: until.map_or(replay.end, |until| DeliveryKey(first_key(until).min(replay.end.0))),
        ..replay
    })
}

/// A replay of all that a destination has in one state by now.
pub(super) fn whole(
    shared: &Ports,
    destination: &Destination,
    status: DeliveryStatus,
    rate: Option<u32>,
) -> Result<Replay, Fault> {
    let rate = rate.unwrap_or(RATE);
    if !(1..=MOST_RATE).contains(&rate) {
        return Err(Fault::bad(format!(
            "--rate is a number a second, from 1 to {MOST_RATE}"
        )));
    }
    let now = shared.clock.now();
    let key = shared.keys.next(now);
    Ok(Replay {
        key: ReplayKey(key),
        location: destination.location,
        destination: destination.key,
        status,
        kind: None,
        lane: None,
        rate,
        cursor: DeliveryKey(0),
        end: DeliveryKey(key),
        replayed: 0,
        created_at: now,
        done_at: None,
    })
}

#[derive(Serialize)]
struct List {
    replays: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    destination: String,
    status: &'static str,
    rate: u32,
    replayed: u64,
    created_at: String,
    done_at: Option<String>,
}

async fn list(State(shared): State<Shared>) -> Answer<List> {
    let registry = shared.directory.registry();
    let found = shared.backlog.replays().await?;
    let view = |replay: &Replay| View {
        id: shared.ids.encode(IdKind::Replay, replay.key.0),
        destination: registry
            .destination(replay.destination)
            .map(|found| found.id.clone())
            .unwrap_or_default(),
        status: replay.status.name(),
        rate: replay.rate,
        replayed: replay.replayed,
        created_at: stamp(replay.created_at),
        done_at: replay.done_at.map(stamp),
    };
    Ok(Json(List {
        replays: found.iter().map(view).collect(),
    }))
}

#[derive(Serialize)]
struct Stopped {
    id: String,
}

async fn stop(State(shared): State<Shared>, Path(id): Path<String>) -> Answer<Stopped> {
    let key = shared.ids.decode(IdKind::Replay, &id).map(ReplayKey);
    let stopped = match key {
        Some(key) => shared.backlog.stop_replay(key).await?,
        None => false,
    };
    if stopped {
        return Ok(Json(Stopped { id }));
    }
    Err(Fault::missing(
        "there is no such replay that still goes on: `inlet delivery replays` shows them",
    ))
}
