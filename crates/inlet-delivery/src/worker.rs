//! The loop that keeps promises: claim what is due and has room, send, settle. No transaction is open while anything is
//! sent; what a worker that died had claimed is due again when its lease ends.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use inlet_core::{
    Timestamp,
    clock::{Clock, later},
    delivery::{Delivery, Destination, Fate, Settlement},
    directory::{Directory, StoreFault},
    ids::DestinationKey,
    outbox::Outbox,
    schedule::Schedule,
};
use metrics::{counter, gauge, histogram};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    fate,
    hints::Hints,
    pace::{GLOBAL_CAP, Pace, Permit},
    upstream::governor::Governors,
    window::Window,
};

/// How much longer than the longest attempt a claim lasts, so that no second worker sends what a first one still does.
const LEASE_MARGIN: Duration = Duration::from_secs(15);
/// How often the store is asked what is due; hints only make it sooner.
const POLL: Duration = Duration::from_secs(1);
/// How often claims whose lease is over are made due again.
const RECOVER: Duration = Duration::from_secs(5);
/// How much longer than the longest attempt the end waits for what is under way.
const LAST_WAIT: Duration = Duration::from_secs(5);
/// Last words that may wait for the store before the senders wait, too.
const BACKLOG: usize = 1024;
/// Last words that are written in one go.
const BATCH: usize = 256;
/// How often last words are offered to a store that cannot take them; after that the lease's end makes them due again.
const SETTLE_TRIES: usize = 3;

/// What a worker is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where promises are claimed and settled.
    pub outbox: Arc<dyn Outbox>,
    /// Says how many may be under way to a destination, and when to try again.
    pub directory: Arc<dyn Directory>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Sends.
    pub sender: Arc<dyn Destination>,
    /// Wakes the loop.
    pub hints: Arc<Hints>,
    /// How often upstreams may be called.
    pub governors: Governors,
    /// The longest that one attempt may take: the total deadline of whatever sends.
    pub deadline: Duration,
}

/// Claims, sends and settles.
#[derive(Debug)]
pub struct Worker {
    parts: Parts,
    pace: Pace,
    window: Window,
}

/// What one turn of the crank did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Turn {
    /// Deliveries that were claimed, and so sent or given up.
    pub claimed: usize,
    /// How many of them were no longer ours when they were settled.
    pub lost: usize,
    /// When something will be due next.
    pub next: Option<Timestamp>,
}

#[derive(Debug)]
struct Claim {
    delivery: Delivery,
    permit: Permit,
}

impl Worker {
    /// A worker with the usual room.
    pub fn new(parts: Parts) -> Self {
        Self {
            pace: Pace::new(GLOBAL_CAP, parts.governors.clone()),
            parts,
            window: Window::default(),
        }
    }

    /// Claims all that is due and has room, sends it, and settles it, once. A test turns this until nothing is claimed.
    pub async fn turn(&self) -> Result<Turn, StoreFault> {
        let due = self.parts.outbox.due(self.parts.clock.now()).await?;
        let mut wanted = self.parts.hints.take();
        wanted.extend(due.now);
        let claims = self.claim(&mut wanted).await?;
        let claimed = claims.len();
        let settlements = join_all(claims.into_iter().map(|claim| self.attempt(claim.delivery))).await;
        let lost = match claimed {
            0 => 0,
            _ => self.parts.outbox.settle(settlements).await?,
        };
        Ok(Turn {
            claimed,
            lost,
            next: earliest(due.next, self.opens(&wanted)),
        })
    }

    /// Makes due again what was claimed by a worker that did not come back.
    pub async fn recover(&self) -> Result<usize, StoreFault> {
        self.parts.outbox.recover(self.parts.clock.now()).await
    }

    /// Keeps turning until `shutdown`; then claims nothing more, and waits for what is under way to be settled.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let (done, settlements) = mpsc::channel(BACKLOG);
        let settler = tokio::spawn(Arc::clone(&self).settle_all(settlements));
        let tasks = TaskTracker::new();
        let mut wanted = HashSet::new();
        let (mut poll, mut recover) = (interval(POLL), interval(RECOVER));
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        recover.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                _ = recover.tick() => self.recover_or_warn().await,
                _ = poll.tick() => poll.reset_after(self.look(&mut wanted).await),
                () = self.parts.hints.deliveries() => {}
            }
            wanted.extend(self.parts.hints.take());
            match self.claim(&mut wanted).await {
                Ok(claims) => claims.into_iter().for_each(|claim| self.begin(claim, &tasks, &done)),
                Err(fault) => tracing::warn!(%fault, "nothing could be claimed"),
            }
        }
        drop(done);
        tasks.close();
        let rest = async {
            tasks.wait().await;
            settler.await
        };
        if timeout(self.parts.deadline + LAST_WAIT, rest).await.is_err() {
            tracing::warn!(
                "the end did not wait for all deliveries under way: they are tried again after the next start"
            );
        }
    }

    /// Asks the store which destinations have something due, and answers how long not to ask again.
    async fn look(&self, wanted: &mut HashSet<DestinationKey>) -> Duration {
        let now = self.parts.clock.now();
        match self.parts.outbox.due(now).await {
            Ok(due) => {
                *wanted = due.now.into_iter().collect();
                let next = earliest(due.next, self.opens(wanted)).map(|next| next.duration_since(now));
                let next = next.and_then(|wait| Duration::try_from(wait).ok());
                next.filter(|wait| !wait.is_zero()).map_or(POLL, |wait| wait.min(POLL))
            }
            Err(fault) => {
                tracing::warn!(%fault, "what is due could not be read");
                POLL
            }
        }
    }

    /// When an upstream may be called again to which something is wanted to be sent.
    fn opens(&self, wanted: &HashSet<DestinationKey>) -> Option<Timestamp> {
        let registry = self.parts.directory.registry();
        let found: Vec<_> = wanted.iter().filter_map(|&key| registry.destination(key)).collect();
        self.pace.opens(&found, self.parts.clock.now())
    }

    async fn recover_or_warn(&self) {
        match self.recover().await {
            Ok(0) => {}
            Ok(count) => {
                counter!("inlet_leases_expired_total").increment(count.try_into().unwrap_or(u64::MAX));
                tracing::info!(count, "deliveries whose worker did not come back are due again");
            }
            Err(fault) => tracing::warn!(%fault, "deliveries whose lease is over could not be made due again"),
        }
    }

    /// Claims for the wanted destinations as much as has room. One that gave less than it had room for is wanted no more.
    async fn claim(&self, wanted: &mut HashSet<DestinationKey>) -> Result<Vec<Claim>, StoreFault> {
        let now = self.parts.clock.now();
        let registry = self.parts.directory.registry();
        let mut destinations: Vec<_> = wanted.iter().filter_map(|&key| registry.destination(key)).collect();
        destinations.sort_unstable_by_key(|destination| destination.key);
        let rooms = self.pace.rooms(&destinations, now);
        if rooms.is_empty() {
            return Ok(Vec::new());
        }
        let until = later(now, self.parts.deadline + LEASE_MARGIN);
        let begun = self.parts.clock.monotonic();
        let deliveries = self.parts.outbox.claim(now, until, &rooms).await?;
        let took = self.parts.clock.monotonic().saturating_sub(begun);
        histogram!("inlet_claim_duration_seconds").record(took.as_secs_f64());
        for room in rooms {
            let claimed = deliveries
                .iter()
                .filter(|found| found.destination == room.destination)
                .count();
            if claimed < room.free {
                wanted.remove(&room.destination);
            }
        }
        let claim = |delivery: Delivery| {
            let url = registry
                .destination(delivery.destination)
                .map(|found| found.url.as_str());
            Claim {
                permit: self
                    .pace
                    .enter(delivery.destination, url.unwrap_or_default(), delivery.class),
                delivery,
            }
        };
        Ok(deliveries.into_iter().map(claim).collect())
    }

    /// Sends in a task of its own, so that nothing waits for it.
    fn begin(self: &Arc<Self>, claim: Claim, tasks: &TaskTracker, done: &mpsc::Sender<Settlement>) {
        let (worker, done) = (Arc::clone(self), done.clone());
        tasks.spawn(async move {
            let settlement = worker.attempt(claim.delivery).await;
            if done.send(settlement).await.is_err() {
                tracing::warn!("a delivery's end could not be noted: it is tried again after its lease");
            }
            drop(claim.permit);
            worker.parts.hints.look();
        });
    }

    async fn attempt(&self, delivery: Delivery) -> Settlement {
        let now = self.parts.clock.now();
        let mut settlement = if fate::is_over(&delivery, now) {
            fate::expire(&delivery, now)
        } else {
            let kind = self.parts.directory.registry().kind_of(delivery.destination);
            let inflight = gauge!("inlet_deliveries_inflight", "kind" => kind);
            inflight.increment(1.0);
            let tried = self.parts.sender.send(&delivery).await;
            inflight.decrement(1.0);
            let registry = self.parts.directory.registry();
            let schedule = registry.destination(delivery.destination).map(|found| &found.schedule);
            fate::settle(
                &delivery,
                tried,
                schedule.unwrap_or(&Schedule::Standard),
                self.parts.clock.now(),
            )
        };
        self.give_up(&delivery, &mut settlement).await;
        if let Some(until) = settlement.park {
            self.pace.park(settlement.destination, until);
        }
        let ended = self.parts.clock.now();
        settlement.trip = self.window.note(settlement.destination, settlement.verdict, ended);
        let kind = self.parts.directory.registry().kind_of(delivery.destination);
        count(kind, &delivery, &settlement, ended);
        tell(&settlement);
        settlement
    }

    /// What cannot be told yet is given up later.
    async fn give_up(&self, delivery: &Delivery, settlement: &mut Settlement) {
        if let Fate::Dead { .. } = settlement.fate
            && let Err(fault) = self.parts.sender.given_up(delivery, &settlement.attempt).await
        {
            tracing::warn!(%fault, "what became of a delivery could not be told: it is tried once more");
            settlement.fate = Fate::Again {
                due_at: later(self.parts.clock.now(), POLL),
                counted: false,
            };
        }
    }

    async fn settle_all(self: Arc<Self>, mut settlements: mpsc::Receiver<Settlement>) {
        let mut batch = Vec::with_capacity(BATCH);
        while settlements.recv_many(&mut batch, BATCH).await > 0 {
            self.settle(&batch).await;
            batch.clear();
        }
    }

    async fn settle(&self, batch: &[Settlement]) {
        let mut again = interval(POLL);
        for _ in 0..SETTLE_TRIES {
            again.tick().await;
            match self.parts.outbox.settle(batch.to_vec()).await {
                Ok(0) => return,
                Ok(lost) => {
                    counter!("inlet_leases_lost_total").increment(lost.try_into().unwrap_or(u64::MAX));
                    return tracing::warn!(lost, "deliveries were settled after their lease had ended");
                }
                Err(fault) => tracing::warn!(%fault, "deliveries could not be settled"),
            }
        }
    }
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// Counts an attempt for `/metrics`.
fn count(kind: &'static str, delivery: &Delivery, settlement: &Settlement, now: Timestamp) {
    let outcome = match &settlement.fate {
        Fate::Delivered => "delivered",
        Fate::Again { counted: true, .. } => "retry",
        Fate::Again { counted: false, .. } => "deferred",
        Fate::Dead { .. } => "dead",
        Fate::Held => "held",
    };
    let since = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64().max(0.0);
    let attempt = &settlement.attempt;
    counter!("inlet_delivery_attempts_total", "kind" => kind, "outcome" => outcome).increment(1);
    histogram!("inlet_delivery_attempt_duration_seconds", "kind" => kind).record(attempt.took.as_secs_f64());
    let lag = since(delivery.due_at, attempt.started_at);
    histogram!("inlet_delivery_start_lag_seconds", "kind" => kind, "class" => delivery.class.name()).record(lag);
    match &settlement.fate {
        Fate::Delivered => {
            histogram!("inlet_delivery_end_to_end_seconds", "kind" => kind).record(since(delivery.created_at, now));
        }
        Fate::Dead { reason } => {
            counter!("inlet_deliveries_dead_total", "kind" => kind, "reason" => reason.clone()).increment(1);
        }
        Fate::Again { counted: false, .. } => {
            counter!("inlet_deliveries_deferred_total", "kind" => kind, "reason" => "retry_after").increment(1);
        }
        Fate::Again { counted: true, .. } | Fate::Held => {}
    }
}

/// Says in the log what became of a delivery that failed.
fn tell(settlement: &Settlement) {
    let (delivery, status) = (settlement.delivery.0, settlement.attempt.status);
    match &settlement.fate {
        Fate::Delivered => tracing::debug!(delivery, status, "delivered"),
        Fate::Again { due_at, .. } => tracing::debug!(delivery, status, %due_at, "to be tried again"),
        Fate::Dead { reason } => tracing::warn!(delivery, status, reason, "given up"),
        Fate::Held => tracing::warn!(delivery, status, "held: its destination is disabled"),
    }
}
