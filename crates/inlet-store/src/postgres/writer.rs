//! Group commit on PostgreSQL: one transaction of changes is under way, and what comes meanwhile is the next batch: a large
//! one costs little more than a small one. Where the database keeps locations on servers of their own, each location has
//! its own. What the engine undid is done again; what nobody knows is told by the keys of the changes.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::join_all;
use inlet_core::{
    bell::Ring,
    chance::Chance,
    change::Change,
    ids::LocationKey,
    intake::{Receipt, Refusal},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::{Id, JoinSet},
};

use super::{Plans, Postgres, connect::Database, failure::unreachable, fresh::Fresh, lease::Number, news::News};
use crate::{
    error::StoreError,
    group::{Batch, Desk, Job, MOST, Scribe},
};

mod care;
mod tries;

use tries::Tries;

/// Transactions under way at once: those of changes, and what is written beside them.
const AT_ONCE: usize = 4;
/// What may wait here; beyond that, and beyond a full batch of all locations, it waits in the queue.
const WAITING: usize = 4096;

/// What goes into a transaction together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Lane {
    /// The changes of all locations.
    Changes,
    /// The changes of one location.
    Location(LocationKey),
    /// All else that is written.
    Writes,
}

/// What every transaction needs.
pub(crate) struct Office {
    pub(super) scribe: Arc<Scribe>,
    pub(super) database: Database,
    pub(super) plans: Arc<Plans>,
    pub(super) news: News,
    pub(super) fresh: Arc<Fresh>,
    pub(super) chance: Arc<dyn Chance>,
    /// Whether each location is written in a transaction of its own.
    pub(super) apart: bool,
}

/// Sorts what is to be written, and sees to it that it is.
pub(crate) struct Writer {
    office: Arc<Office>,
    number: Number,
    waiting: HashMap<Lane, Batch>,
    turns: Vec<Lane>,
    tasks: JoinSet<()>,
    /// Which lane each task writes.
    lanes: HashMap<Id, Lane>,
    /// Who waits for the end.
    closing: Vec<oneshot::Sender<()>>,
}

impl Writer {
    pub(crate) fn new(office: Office, number: Number) -> Self {
        Self {
            office: Arc::new(office),
            number,
            waiting: HashMap::new(),
            turns: Vec::new(),
            tasks: JoinSet::new(),
            lanes: HashMap::new(),
            closing: Vec::new(),
        }
    }

    /// Works until the store is closed or nobody holds it any more, and all that is queued is done.
    pub(crate) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let care = care::begin(&self.office, self.number);
        let mut ended = false;
        while !(ended && self.turns.is_empty() && self.tasks.is_empty()) {
            let room = self.has_room();
            tokio::select! {
                Some(done) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    self.lanes.remove(&done.map_or_else(|error| error.id(), |(id, ())| id));
                }
                job = jobs.recv(), if !ended && room => match job {
                    Some(job) => self.sort(job, &mut jobs),
                    None => ended = true,
                }
            }
            while self.has_room()
                && let Ok(job) = jobs.try_recv()
            {
                self.sort(job, &mut jobs);
            }
            self.begin();
        }
        care.end().await;
        for closed in self.closing {
            let _ = closed.send(());
        }
    }

    fn has_room(&self) -> bool {
        let together = self.waiting.get(&Lane::Changes).map_or(0, Batch::len);
        together < MOST && self.waiting.values().map(Batch::len).sum::<usize>() < WAITING
    }

    fn sort(&mut self, job: Job, jobs: &mut mpsc::Receiver<Job>) {
        match job {
            Job::Changes(changes, sender) => self.sort_changes(changes, sender),
            Job::Write(write) => self.batch(Lane::Writes).add_write(write),
            Job::Close(closed) => {
                jobs.close();
                self.closing.push(closed);
            }
        }
    }

    /// Changes of one sender at several locations are parts of their own, and answered together.
    fn sort_changes(&mut self, changes: Vec<Change>, sender: oneshot::Sender<Vec<Result<Receipt, Refusal>>>) {
        let places: Vec<LocationKey> = changes.iter().map(|change| change.location).collect();
        if let Some(first) = places.first()
            && places.iter().all(|place| place == first)
        {
            self.batch(self.lane(*first)).add_changes(changes, sender);
            return;
        }
        let mut parts: HashMap<LocationKey, Vec<Change>> = HashMap::new();
        for change in changes {
            parts.entry(change.location).or_default().push(change);
        }
        let mut answers = HashMap::new();
        for (location, changes) in parts {
            let (part, answer) = oneshot::channel();
            self.batch(self.lane(location)).add_changes(changes, part);
            answers.insert(location, answer);
        }
        tokio::spawn(put_together(places, answers, sender));
    }

    fn lane(&self, location: LocationKey) -> Lane {
        if self.office.apart {
            Lane::Location(location)
        } else {
            Lane::Changes
        }
    }

    fn batch(&mut self, lane: Lane) -> &mut Batch {
        if !self.waiting.contains_key(&lane) {
            self.turns.push(lane);
        }
        self.waiting.entry(lane).or_default()
    }

    /// Begins what can begin: what has waited longest first.
    fn begin(&mut self) {
        for lane in std::mem::take(&mut self.turns) {
            let begins = self.tasks.len() < AT_ONCE && !self.lanes.values().any(|other| *other == lane);
            if !begins {
                self.turns.push(lane);
            } else if let Some(batch) = self.waiting.remove(&lane) {
                let task = self.tasks.spawn(write(Arc::clone(&self.office), batch));
                self.lanes.insert(task.id(), lane);
            }
        }
    }
}

/// Puts the answers of the locations back in the order of the changes.
async fn put_together(
    places: Vec<LocationKey>,
    waiting: HashMap<LocationKey, oneshot::Receiver<Vec<Result<Receipt, Refusal>>>>,
    sender: oneshot::Sender<Vec<Result<Receipt, Refusal>>>,
) {
    let mut answers = HashMap::new();
    for (location, answer) in waiting {
        answers.insert(location, answer.await.unwrap_or_default().into_iter());
    }
    let unheard = || Err(Refusal::Unavailable("it is closed".to_owned()));
    let in_order = places.iter().map(|location| {
        answers
            .get_mut(location)
            .and_then(Iterator::next)
            .unwrap_or_else(unheard)
    });
    let _ = sender.send(in_order.collect());
}

/// Writes a batch, as often as it takes.
async fn write(office: Arc<Office>, mut batch: Batch) {
    let mut desk = None;
    let mut tries = Tries::default();
    loop {
        let held = match desk.take() {
            Some(held) => Ok(held),
            None => office.desk().await,
        };
        let failure = match held {
            Ok(mut held) => match office.scribe.transact(&mut held, &mut batch).await {
                Ok(registry) => {
                    let rings = std::mem::take(&mut held.rings);
                    return office.committed(&rings, registry, batch);
                }
                Err(StoreError::Raced | StoreError::Conflict) => {
                    if held.waist.roll_back().await.is_ok() {
                        desk = Some(held);
                    }
                    StoreError::Raced
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        if matches!(failure, StoreError::Unknown(_)) {
            batch.refuse_unrepeatable(&failure);
            if batch.len() == 0 {
                tracing::error!(error = %failure, "nobody knows what came of it: whoever waits is told to come again");
                return;
            }
        }
        let Some(rest) = tries.rest(&failure, &*office.chance) else {
            tracing::error!(error = %failure, "the store failed: whoever waits is told to come again");
            return batch.refuse(&failure);
        };
        let mut parts = batch.parts();
        if parts.len() > 1 {
            drop(desk);
            return apart(office, parts).await;
        }
        let Some(only) = parts.pop() else { return };
        batch = only;
        tries::pause(rest).await;
    }
}

/// After a lost race each part goes by itself. Locations have no row in common, so none waits for another. Each piece of
/// writing locks rows in one order, but several of them do not: they go one after the other, so that they do not meet
/// another node's again.
async fn apart(office: Arc<Office>, parts: Vec<Batch>) {
    let (pieces, locations): (Vec<_>, Vec<_>) = parts.into_iter().partition(Batch::has_writes);
    let write_part = |part| Box::pin(write(Arc::clone(&office), part));
    join_all(locations.into_iter().map(write_part)).await;
    for piece in pieces {
        write_part(piece).await;
    }
}

impl Office {
    /// A connection to write with.
    pub(super) async fn desk(&self) -> Result<Desk, StoreError> {
        Ok(self.scribe.desk(Box::new(self.connection().await?)))
    }

    pub(super) async fn connection(&self) -> Result<Postgres, StoreError> {
        let client = self.database.pool.get().await.map_err(|error| unreachable(&error))?;
        Ok(Postgres::writer(client, Arc::clone(&self.plans)))
    }

    fn committed(&self, rings: &[Ring], registry: Option<inlet_core::registry::Registry>, batch: Batch) {
        self.scribe.committed(rings, registry, batch);
        self.news.tell(rings);
    }
}
