//! The chore beside the worker: replays of many go on, what waits is counted and kept within limits, lanes are looked
//! after, and what is older than it is kept is deleted.

use std::{sync::Arc, time::Duration};

use inlet_core::{
    Timestamp,
    backlog::Backlog,
    clock::{Clock, later},
    delivery::DeliveryStatus,
    directory::{Directory, StoreFault},
    registry::{DestinationState, UPSTREAM, VENDOR, WEBHOOK},
};
use metrics::{counter, gauge};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often replays go on: a second's worth each time.
const EVERY: Duration = Duration::from_secs(1);
/// How often what waits is counted.
const MEASURE: Duration = Duration::from_secs(5);
/// How often lanes are looked after, and what was set aside is counted.
const UNSTICK: Duration = Duration::from_mins(1);
/// How often what is old is looked for; while there is some, once a turn.
const TIDY: Duration = Duration::from_mins(10);

/// How many of a destination's deliveries are counted at most, where nothing depends on how many more there are.
const MOST_COUNTED: usize = 10_000;
/// The kinds of destinations.
const KINDS: [&str; 3] = [WEBHOOK, UPSTREAM, VENDOR];

/// See the module.
#[derive(Debug)]
pub struct Chore {
    backlog: Arc<dyn Backlog>,
    directory: Arc<dyn Directory>,
    clock: Arc<dyn Clock>,
    next: Next,
}

/// When what is done next.
#[derive(Clone, Copy, Debug)]
struct Next {
    measure: Timestamp,
    stock: Timestamp,
    unstick: Timestamp,
    tidy: Timestamp,
}

impl Chore {
    /// A chore that does everything at its first turn.
    pub fn new(backlog: Arc<dyn Backlog>, directory: Arc<dyn Directory>, clock: Arc<dyn Clock>) -> Self {
        let at = Timestamp::UNIX_EPOCH;
        Self {
            backlog,
            directory,
            clock,
            next: Next {
                measure: at,
                stock: at,
                unstick: at,
                tidy: at,
            },
        }
    }

    /// Does what its time has come for; answers how many deliveries were replayed. Each node counts what waits, for each
    /// turns messages away by it; the rest one of them does.
    pub async fn turn(&mut self) -> Result<usize, StoreFault> {
        let now = self.clock.now();
        if now >= self.next.measure {
            self.next.measure = later(now, MEASURE);
            self.measure(now).await?;
        }
        if now >= self.next.stock {
            self.next.stock = later(now, UNSTICK);
            self.take_stock().await?;
        }
        if !self.backlog.leads().await? {
            return Ok(0);
        }
        let replayed = self.backlog.replay_on().await?;
        if now >= self.next.unstick {
            self.next.unstick = later(now, UNSTICK);
            let count = self.backlog.unstick().await?;
            counter!("inlet_lanes_unstuck_total").increment(count.try_into().unwrap_or(u64::MAX));
            if count > 0 {
                tracing::error!(count, "lanes had to be let go by hand: please report this");
            }
        }
        if now >= self.next.tidy && !self.backlog.tidy().await? {
            self.next.tidy = later(now, TIDY);
        }
        Ok(replayed)
    }

    /// Keeps turning until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let work = async {
            loop {
                every.tick().await;
                if let Err(fault) = self.turn().await {
                    tracing::warn!(%fault, "the backlog could not be looked after");
                }
            }
        };
        shutdown.run_until_cancelled(work).await;
    }

    async fn measure(&self, now: Timestamp) -> Result<(), StoreFault> {
        let counts = self.backlog.measure().await?;
        let registry = self.directory.registry();
        for kind in KINDS {
            let own = || counts.iter().filter(|one| registry.kind_of(one.destination) == kind);
            show(kind, DeliveryStatus::Ready, own().map(|one| one.ready).sum());
            show(kind, DeliveryStatus::Blocked, own().map(|one| one.blocked).sum());
            let oldest = own().filter_map(|one| one.oldest).min();
            let age = oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64().max(0.0));
            gauge!("inlet_delivery_oldest_pending_age_seconds", "kind" => kind).set(age);
            for (state, name) in [
                (DestinationState::Active, "active"),
                (DestinationState::Paused, "paused"),
                (DestinationState::Disabled, "disabled"),
            ] {
                let all = registry.destinations().iter();
                let all = all.filter(|one| one.state == state && one.kind() == kind);
                gauge!("inlet_destinations", "kind" => kind, "state" => name).set(number(all.count()));
            }
        }
        Ok(())
    }

    /// Counts what is held and was given up.
    async fn take_stock(&self) -> Result<(), StoreFault> {
        let stock = self.backlog.counts(None, MOST_COUNTED).await?;
        let registry = self.directory.registry();
        for kind in KINDS {
            let own = || stock.iter().filter(|one| registry.kind_of(one.destination) == kind);
            show(kind, DeliveryStatus::Held, own().map(|one| one.held).sum());
            show(kind, DeliveryStatus::Dead, own().map(|one| one.dead).sum());
        }
        Ok(())
    }
}

fn show(kind: &'static str, status: DeliveryStatus, count: usize) {
    gauge!("inlet_deliveries", "kind" => kind, "status" => status.name()).set(number(count));
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
