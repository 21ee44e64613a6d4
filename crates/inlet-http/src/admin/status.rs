//! What is running here: version, addresses, how much there is, and how the store is doing.

use axum::{Json, Router, extract::State, routing::get};
use inlet_core::gauges::{Disk, Gauge};
use serde::Serialize;

use super::{fault::Answer, input::stamp};
use crate::state::Shared;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/status", get(status))
}

#[derive(Serialize)]
struct Status {
    version: &'static str,
    listening: Option<String>,
    public_url: Option<String>,
    locations: usize,
    tokens: usize,
    providers: usize,
    destinations: usize,
    store: StoreView,
}

/// How the store is doing.
#[derive(Serialize)]
struct StoreView {
    engine: &'static str,
    bytes: Option<u64>,
    disk_free_bytes: Option<u64>,
    disk_bytes: Option<u64>,
    /// When this node last wrote, since it was started.
    last_commit_at: Option<String>,
    waiting_writers: usize,
    /// By how much the clock is behind what was written last: it was set back.
    clock_behind_ms: u64,
    leases: Vec<Lease>,
}

#[derive(Serialize)]
struct Lease {
    name: String,
    until: String,
}

async fn status(State(shared): State<Shared>) -> Answer<Status> {
    let registry = shared.directory.registry();
    let settings = &shared.settings;
    let gauge = shared.gauges.gauge(shared.clock.now()).await?;
    Ok(Json(Status {
        version: settings.version,
        listening: Some(settings.listening.clone()).filter(|address| !address.is_empty()),
        public_url: settings.has_public_url.then(|| settings.public_url.clone()),
        locations: registry.locations().len(),
        tokens: registry.tokens().filter(|token| token.revoked_at.is_none()).count(),
        providers: registry.providers().len(),
        destinations: registry.destinations().len(),
        store: store(gauge),
    }))
}

fn store(gauge: Gauge) -> StoreView {
    let of_disk = |part: fn(Disk) -> u64| gauge.disk.map(part);
    StoreView {
        engine: gauge.engine,
        bytes: gauge.bytes,
        disk_free_bytes: of_disk(|disk| disk.free),
        disk_bytes: of_disk(|disk| disk.total),
        last_commit_at: gauge.last_commit.map(stamp),
        waiting_writers: gauge.waiting,
        clock_behind_ms: u64::try_from(gauge.ahead.as_millis()).unwrap_or(u64::MAX),
        leases: gauge
            .leases
            .into_iter()
            .map(|(name, until)| Lease {
                name,
                until: stamp(until),
            })
            .collect(),
    }
}
