//! What is written in one transaction, whatever the engine: the changes of a batch through the rule, then all else.

use std::sync::{Arc, Mutex};

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

use super::{Batch, Desk, Published, tally};
use crate::{
    directory::load,
    error::StoreError,
    open::{Ground, Parts},
    process::process,
    sabotage::Sabotage,
    seal::Sealer,
    waist::Waist,
};

/// Writes batches.
pub(crate) struct Scribe {
    parts: Parts,
    keys: Arc<KeyMaker>,
    /// Held while a batch is decided, so that its keys follow one another.
    turn: Mutex<()>,
    hasher: SeenHasher,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    published: Arc<Published>,
    id_key: [u8; 16],
    sabotage: Sabotage,
}

impl Scribe {
    pub(crate) fn new(ground: &Ground, parts: Parts, keys: Arc<KeyMaker>) -> Self {
        Self {
            keys,
            turn: Mutex::new(()),
            hasher: SeenHasher::new(ground.settings.seen_key),
            sabotage: ground.options.sabotage(),
            id_key: ground.settings.id_key,
            sealer: ground.sealer.clone(),
            clock: Arc::clone(&ground.options.clock),
            published: Arc::clone(&ground.published),
            parts,
        }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// A desk with this connection.
    pub(crate) fn desk(&self, waist: Box<dyn Waist>) -> Desk {
        Desk::new(waist, self.sealer.clone())
    }

    /// One transaction for all; answers the registry where it changed.
    pub(crate) async fn transact(&self, desk: &mut Desk, batch: &mut Batch) -> Result<Option<Registry>, StoreError> {
        desk.begin(Millis::from(self.clock.now()).timestamp()).await?;
        batch.answers = self.record(desk, batch).await?;
        for write in &mut batch.writes {
            write.run(desk).await?;
        }
        let registry = if desk.directory_changed {
            Some(self.read_registry(&mut *desk.waist).await?)
        } else {
            None
        };
        if self.sabotage.answers_early() {
            batch.answer();
        }
        let begun = self.clock.monotonic();
        desk.waist.commit().await?;
        tally::commit(self.clock.monotonic().saturating_sub(begun), batch.len());
        desk.tally.count(&batch.answers);
        self.published.pulse.commit(desk.now, desk.tally.heard());
        Ok(registry)
    }

    /// The registry as it stands in the store.
    pub(crate) async fn read_registry(&self, waist: &mut dyn Waist) -> Result<Registry, StoreError> {
        load::registry(waist, &self.sealer, self.id_key).await
    }

    /// Records all changes together. If one cannot be stored, each sender's go by themselves, so that it spoils no other.
    async fn record(&self, desk: &mut Desk, batch: &Batch) -> Result<Vec<Result<Receipt, Refusal>>, StoreError> {
        if batch.changes.is_empty() {
            return Ok(Vec::new());
        }
        let together = self.process(desk, &batch.changes).await;
        match together {
            Err(StoreError::Conflict) if desk.waist.is_shared() => return Err(StoreError::Raced),
            Err(error) if !error.is_broken() => {}
            other => return other,
        }
        desk.waist.roll_back().await?;
        desk.waist.begin().await?;
        let mut answers = Vec::with_capacity(batch.changes.len());
        for changes in batch.by_sender() {
            desk.waist.begin_part().await?;
            let mut alone = self.process(desk, changes).await;
            if alone.is_ok()
                && let Err(error) = desk.waist.end_part(true).await
            {
                alone = Err(error);
            }
            match alone {
                Ok(mut decided) => answers.append(&mut decided),
                Err(error) if error.is_broken() => return Err(error),
                Err(error) => {
                    desk.waist.end_part(false).await?;
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
        let registry = self.published.get();
        let turn = (&self.turn, desk.now);
        let decisions = process(&mut *desk.waist, changes, &rule, &registry, turn).await?;
        for decision in &decisions {
            note(decision, &registry, desk);
        }
        Ok(decisions.into_iter().map(answer).collect())
    }

    /// After the commit: who waits hears, and the bell rings.
    pub(crate) fn committed(&self, rings: &[Ring], registry: Option<Registry>, mut batch: Batch) {
        if let Some(registry) = registry {
            self.published.set(registry);
        }
        batch.answer();
        self.ring(rings);
    }

    /// Rings for whoever waits in this process.
    pub(crate) fn ring(&self, rings: &[Ring]) {
        if !rings.is_empty() {
            self.parts.bell.ring(rings);
        }
    }

    /// Who makes this node's keys.
    pub(crate) fn keys(&self) -> &KeyMaker {
        &self.keys
    }

    /// The registry as of the last commit that is known here.
    pub(crate) fn published(&self) -> &Published {
        &self.published
    }
}

fn answer(decision: Decision) -> Result<Receipt, Refusal> {
    match decision {
        Decision::Seen(receipt) => Ok(receipt),
        Decision::Record(record) => Ok(record.receipt),
        Decision::Amend(amend) => Ok(amend.receipt),
        Decision::Wait(_) => Err(Refusal::Early),
        Decision::Mark(marked) => Ok(marked.receipt),
        Decision::Contact(kept) => Ok(kept.receipt),
        Decision::Forget(forgotten) => Ok(forgotten.receipt),
        Decision::Join(joined) => Ok(joined.receipt),
        Decision::Refused(refusal) => Err(refusal),
    }
}

/// What the bell will say of a decision, and what is counted of it.
fn note(decision: &Decision, registry: &Registry, desk: &mut Desk) {
    let rings = &mut desk.rings;
    let (message, events, new, old_files) = match decision {
        Decision::Record(record) => (&record.message, &record.events, true, 0),
        Decision::Amend(amend) => (&amend.message, &amend.events, false, amend.new_files),
        Decision::Mark(marked) => {
            rings.push(Ring::Mark {
                location: marked.location,
                contact: marked.contact,
            });
            return announce(&marked.events, registry, desk);
        }
        Decision::Contact(kept) => return announce(&kept.events, registry, desk),
        Decision::Forget(forgotten) => return announce(&forgotten.events, registry, desk),
        Decision::Join(joined) => {
            let location = joined.other.location;
            let both = [joined.contact, joined.other.key];
            rings.extend(both.map(|contact| Ring::Mark { location, contact }));
            return announce(&joined.events, registry, desk);
        }
        Decision::Seen(_) | Decision::Wait(_) | Decision::Refused(_) => return,
    };
    rings.push(Ring::Message {
        location: message.location,
        contact: message.contact,
        message: message.key,
        new,
    });
    if new {
        desk.tally.hear(message);
    }
    let pending = |attachment: &Attachment| attachment.state == MediaState::Pending;
    if message.detail.attachments.iter().skip(old_files).any(pending) {
        rings.push(Ring::Media);
    }
    announce(events, registry, desk);
}

fn announce(events: &[Event], registry: &Registry, desk: &mut Desk) {
    desk.tally.note(events, registry);
    desk.rings.extend(events.iter().flat_map(promised));
}

fn promised(event: &Event) -> impl Iterator<Item = Ring> {
    event.promises.iter().map(|promise| Ring::Promised {
        location: event.location,
        destination: promise.destination,
    })
}
