//! Group commit: one thread writes. A batch is all that queued while the one before was committed; it is one transaction
//! and one wait for the disk, then everybody in it hears. There is no lingering: a batch of one goes at once.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use inlet_core::{
    bell::Ring,
    change::Change,
    clock::{Clock, Millis},
    decide::{Decision, Rule},
    event::Event,
    ids::KeyMaker,
    inbound::{Attachment, MediaState},
    intake::{Receipt, Refusal},
    registry::Registry,
    seen::SeenHasher,
};
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::{
    directory::load,
    error::StoreError,
    open::{Ground, Parts},
    process::process,
    sabotage::Sabotage,
    seal::Sealer,
    sqlite::{Sqlite, finish, lock::Lock},
    waist::Waist,
};

mod batch;

use batch::Batch;
pub(crate) use batch::{Job, Waiting};

/// The registry as of the last commit, for whoever asks.
#[derive(Debug)]
pub(crate) struct Published(RwLock<Arc<Registry>>);

impl Published {
    pub(crate) fn new(registry: Registry) -> Self {
        Self(RwLock::new(Arc::new(registry)))
    }

    pub(crate) fn get(&self) -> Arc<Registry> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, registry: Registry) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
    }
}

/// What a piece of writing works with.
pub(crate) struct Desk {
    /// The connection, in a transaction.
    pub(crate) waist: Box<dyn Waist>,
    /// Seals secrets.
    pub(crate) sealer: Sealer,
    /// The time of this transaction.
    pub(crate) now: Timestamp,
    /// Whether the registry has to be read again.
    pub(crate) directory_changed: bool,
    /// What the bell says after the commit.
    pub(crate) rings: Vec<Ring>,
}

impl Desk {
    pub(crate) fn new(waist: Box<dyn Waist>, sealer: Sealer) -> Self {
        Self {
            waist,
            sealer,
            now: Timestamp::UNIX_EPOCH,
            directory_changed: false,
            rings: Vec::new(),
        }
    }

    async fn begin(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.now = now;
        self.directory_changed = false;
        self.rings.clear();
        self.waist.begin().await
    }
}

/// The thread that writes.
pub(crate) struct Writer {
    jobs: mpsc::Receiver<Job>,
    desk: Option<Desk>,
    parts: Parts,
    keys: KeyMaker,
    hasher: SeenHasher,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    published: Arc<Published>,
    id_key: [u8; 16],
    path: PathBuf,
    sabotage: Sabotage,
    failures: u32,
    not_before: Duration,
}

/// How long the store is left alone after the second failure in a row, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Writer {
    pub(crate) fn new(ground: Ground, parts: Parts, jobs: mpsc::Receiver<Job>, desk: Desk) -> Self {
        Self {
            keys: ground.keys(parts.node),
            hasher: SeenHasher::new(ground.settings.seen_key),
            sabotage: ground.options.sabotage(),
            id_key: ground.settings.id_key,
            sealer: ground.sealer,
            clock: ground.options.clock,
            published: ground.published,
            path: ground.path,
            desk: Some(desk),
            failures: 0,
            not_before: Duration::ZERO,
            parts,
            jobs,
        }
    }

    /// Works until the store is closed or nobody holds it any more.
    pub(crate) fn run(mut self, lock: Lock) {
        let mut closing = Vec::new();
        while let Some(mut batch) = Batch::gather(&mut self.jobs) {
            closing.append(&mut batch.closing);
            if self.desk.is_none() && self.clock.monotonic() < self.not_before {
                let words = "it failed and will be opened again in a moment";
                batch.refuse(&StoreError::Broken(words.to_owned()));
                continue;
            }
            let done = self.desk().and_then(|mut desk| {
                let registry = finish(self.transact(&mut desk, &mut batch))?;
                Ok((desk, registry))
            });
            match done {
                Ok((desk, registry)) => self.committed(desk, registry, batch),
                Err(error) => self.failed(&error, batch),
            }
        }
        drop((self.desk.take(), lock));
        for closed in closing {
            let _ = closed.send(());
        }
    }

    /// The connection; after a failure a new one.
    fn desk(&mut self) -> Result<Desk, StoreError> {
        if let Some(desk) = self.desk.take() {
            return Ok(desk);
        }
        let waist = Sqlite::writer(&self.path, self.sabotage).map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(Desk::new(Box::new(waist), self.sealer.clone()))
    }

    /// One transaction for all; answers the registry where it changed.
    async fn transact(&self, desk: &mut Desk, batch: &mut Batch) -> Result<Option<Registry>, StoreError> {
        desk.begin(Millis::from(self.clock.now()).timestamp()).await?;
        batch.answers = self.record(desk, batch).await?;
        for write in &mut batch.writes {
            write.run(desk).await?;
        }
        let registry = if desk.directory_changed {
            Some(load::registry(&mut *desk.waist, &self.sealer, self.id_key).await?)
        } else {
            None
        };
        if self.sabotage.answers_early() {
            batch.answer();
        }
        desk.waist.commit().await?;
        Ok(registry)
    }

    /// Records all changes together. If one cannot be stored, each sender's go by themselves, so that it spoils no other.
    async fn record(&self, desk: &mut Desk, batch: &Batch) -> Result<Vec<Result<Receipt, Refusal>>, StoreError> {
        if batch.changes.is_empty() {
            return Ok(Vec::new());
        }
        let together = self.process(desk, &batch.changes).await;
        match together {
            Err(error) if !error.is_broken() => {}
            other => return other,
        }
        desk.waist.roll_back().await?;
        desk.waist.begin().await?;
        let mut answers = Vec::with_capacity(batch.changes.len());
        for changes in batch.by_sender() {
            desk.waist.begin_part().await?;
            let alone = self.process(desk, changes).await;
            desk.waist.end_part(alone.is_ok()).await?;
            match alone {
                Ok(mut decided) => answers.append(&mut decided),
                Err(error) if error.is_broken() => return Err(error),
                Err(error) => {
                    tracing::error!(%error, "a change could not be stored");
                    let refused = Err(Refusal::Unavailable(error.to_string()));
                    answers.extend(changes.iter().map(|_| refused.clone()));
                }
            }
        }
        Ok(answers)
    }

    async fn process(&self, desk: &mut Desk, changes: &[Change]) -> Result<Vec<Result<Receipt, Refusal>>, StoreError> {
        let rule = Rule {
            keys: &self.keys,
            hasher: &self.hasher,
            announcer: &*self.parts.announcer,
        };
        let decisions = process(&mut *desk.waist, changes, &rule, &self.published.get(), desk.now).await?;
        for decision in &decisions {
            note(decision, &mut desk.rings);
        }
        Ok(decisions.into_iter().map(answer).collect())
    }

    fn committed(&mut self, desk: Desk, registry: Option<Registry>, mut batch: Batch) {
        if let Some(registry) = registry {
            self.published.set(registry);
        }
        batch.answer();
        if !desk.rings.is_empty() {
            self.parts.bell.ring(&desk.rings);
        }
        self.desk = Some(desk);
        self.failures = 0;
    }

    /// Nothing of the batch is answered as stored, and nothing more is until a new connection has committed. It is made
    /// at once after one failure, and with growing pauses after more in a row.
    fn failed(&mut self, error: &StoreError, batch: Batch) {
        tracing::error!(%error, "the store failed; it will be opened again");
        self.failures = self.failures.saturating_add(1);
        if let Some(more) = self.failures.checked_sub(2) {
            let pause = FIRST_PAUSE * 2_u32.saturating_pow(more.min(10));
            self.not_before = self.clock.monotonic() + pause.min(LONGEST_PAUSE);
        }
        batch.refuse(error);
    }
}

fn answer(decision: Decision) -> Result<Receipt, Refusal> {
    match decision {
        Decision::Seen(receipt) => Ok(receipt),
        Decision::Record(record) => Ok(record.receipt),
        Decision::Amend(amend) => Ok(amend.receipt),
        Decision::Mark(marked) => Ok(marked.receipt),
        Decision::Refused(refusal) => Err(refusal),
    }
}

/// What the bell will say of a decision.
fn note(decision: &Decision, rings: &mut Vec<Ring>) {
    let (message, events, new, old_files) = match decision {
        Decision::Record(record) => (&record.message, &record.events, true, 0),
        Decision::Amend(amend) => (&amend.message, &amend.events, false, amend.new_files),
        Decision::Mark(marked) => {
            rings.push(Ring::Mark {
                location: marked.location,
                contact: marked.contact,
            });
            return;
        }
        Decision::Seen(_) | Decision::Refused(_) => return,
    };
    rings.push(Ring::Message {
        location: message.location,
        contact: message.contact,
        message: message.key,
        new,
    });
    let pending = |attachment: &Attachment| attachment.state == MediaState::Pending;
    if message.detail.attachments.iter().skip(old_files).any(pending) {
        rings.push(Ring::Media);
    }
    rings.extend(events.iter().flat_map(promised));
}

fn promised(event: &Event) -> impl Iterator<Item = Ring> {
    event.promises.iter().map(|promise| Ring::Promised {
        location: event.location,
        destination: promise.destination,
    })
}
