//! The page of health: what is wrong here, in words, with what to do about it; then what waits for whom, who was heard of,
//! and how the store is doing.

use askama::Template;
use axum::{extract::State, response::Response};
use inlet_core::Timestamp;
use serde::Deserialize;

mod trouble;

use trouble::Trouble;

use super::{
    ask,
    destination::{Card, Destination},
    fault::Fault,
    frame::{Frame, Section, Visit},
    journal,
    moment::Moment,
    providers,
    words::{count, size},
};
use crate::state::Shared;

/// What the admin API tells of the installation.
#[derive(Deserialize)]
struct Status {
    version: String,
    listening: Option<String>,
    public_url: Option<String>,
    store: Store,
}

/// What it tells of the store.
#[derive(Clone, Debug, Default, Deserialize)]
struct Store {
    engine: String,
    bytes: Option<u64>,
    disk_free_bytes: Option<u64>,
    disk_bytes: Option<u64>,
    last_commit_at: Option<String>,
    waiting_writers: u64,
    clock_behind_ms: u64,
    leases: Vec<Lease>,
}

#[derive(Clone, Debug, Deserialize)]
struct Lease {
    name: String,
}

/// A provider, and when a message last came by it.
struct Vendor {
    title: String,
    heard: Option<Moment>,
}

/// What waits for a destination.
struct Queue {
    host: String,
    href: String,
    card: Card,
}

#[derive(Template)]
#[template(path = "health.html")]
struct Page {
    frame: Frame,
    troubles: Vec<Trouble>,
    queues: Vec<Queue>,
    vendors: Vec<Vendor>,
    version: String,
    listening: Option<String>,
    public_url: Option<String>,
    engine: String,
    bytes: Option<String>,
    disk: Option<Room>,
    wrote: Option<Moment>,
    waiting: String,
    clock: String,
    nodes: usize,
}

/// The room on a disk.
struct Room {
    free: String,
    total: String,
    /// Percent that is used.
    used: u64,
}

/// `GET /l/{location}/health`
pub(super) async fn show(State(shared): State<Shared>, visit: Visit) -> Result<Response, Fault> {
    let status: Status = ask::get(&shared, "/status").await?;
    let destinations = Destination::all(&shared, &visit).await?;
    let providers = providers::all(&shared, &visit).await?;
    let parked = journal::find(&shared, &visit, &[("verdict", Some("parked"))]).await?;
    let mut troubles = trouble::of_destinations(&visit, &destinations);
    troubles.extend(trouble::of_providers(&shared, &visit, &providers));
    troubles.extend(trouble::of_requests(&visit, !parked.is_empty()));
    let facts = trouble::Facts {
        public: status.public_url.is_some(),
        now: visit.now,
        store: &status.store,
    };
    troubles.extend(facts.troubles());
    troubles.sort_by_key(|one| one.tone != "bad");
    let store = status.store;
    let page = Page {
        frame: visit.frame(&shared, Section::Health),
        troubles,
        queues: destinations.iter().map(|one| queue(one, &visit)).collect(),
        vendors: providers.iter().map(|told| vendor(&shared, told, &visit)).collect(),
        version: status.version,
        listening: status.listening,
        public_url: status.public_url,
        bytes: store.bytes.map(size),
        disk: room(&store),
        wrote: visit.maybe_ago(store.last_commit_at.as_ref()),
        waiting: count(store.waiting_writers),
        clock: visit.zone.clock(visit.now, visit.now),
        nodes: store
            .leases
            .iter()
            .filter(|lease| lease.name.starts_with("node/"))
            .count(),
        engine: store.engine,
    };
    Ok(visit.show(&page))
}

fn queue(one: &Destination, visit: &Visit) -> Queue {
    Queue {
        host: one.host().to_owned(),
        href: ask::query(&visit.path(one.section().path()), &[("destination", Some(&one.id))]),
        card: Card::new(one, visit),
    }
}

fn vendor(shared: &Shared, told: &providers::Told, visit: &Visit) -> Vendor {
    Vendor {
        title: named(shared, told),
        heard: visit.maybe_ago(told.heard_at.as_ref()),
    }
}

/// A provider's vendor and number.
fn named(shared: &Shared, told: &providers::Told) -> String {
    match told.number() {
        Some(number) => format!("{} {number}", told.title(shared)),
        None => told.title(shared).to_owned(),
    }
}

fn room(store: &Store) -> Option<Room> {
    let (free, total) = (store.disk_free_bytes?, store.disk_bytes?);
    Some(Room {
        free: size(free),
        total: size(total),
        used: used(free, total),
    })
}

/// Percent of a disk that is used.
fn used(free: u64, total: u64) -> u64 {
    100_u64.saturating_sub(free.saturating_mul(100) / total.max(1))
}

/// Seconds from then to now; 0 where it is ahead.
fn since(then: Timestamp, now: Timestamp) -> i64 {
    (now.as_second() - then.as_second()).max(0)
}

/// Seconds as people say them.
fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
