//! Group commit. A batch is all that queued while the one before was committed; it is one transaction and one wait for the
//! disk, then everybody in it hears. There is no lingering: a batch of one goes at once. On SQLite one thread writes; on
//! PostgreSQL one transaction of changes is under way.

use std::sync::{Arc, PoisonError, RwLock};

use inlet_core::{bell::Ring, registry::Registry};
use jiff::Timestamp;

use crate::{error::StoreError, seal::Sealer, waist::Waist};

mod batch;
mod pulse;
mod scribe;
mod tally;
mod thread;

pub(crate) use batch::{Batch, Job, MOST, Waiting};
pub(crate) use pulse::{Noted, Pulse};
pub(crate) use scribe::Scribe;
use tally::Tally;
pub(crate) use thread::Writer;

/// The registry as of the last commit, and how the writing goes, for whoever asks.
#[derive(Debug)]
pub(crate) struct Published {
    registry: RwLock<Arc<Registry>>,
    pub(crate) pulse: Pulse,
}

impl Published {
    pub(crate) fn new(registry: Registry) -> Self {
        Self {
            registry: RwLock::new(Arc::new(registry)),
            pulse: Pulse::default(),
        }
    }

    pub(crate) fn get(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the place of an older one. Transactions may end in another order than they began.
    pub(crate) fn set(&self, registry: Registry) {
        let mut held = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        if registry.version() >= held.version() {
            *held = Arc::new(registry);
        }
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
    /// What is counted after the commit.
    tally: Tally,
}

impl Desk {
    pub(crate) fn new(waist: Box<dyn Waist>, sealer: Sealer) -> Self {
        Self {
            waist,
            sealer,
            now: Timestamp::UNIX_EPOCH,
            directory_changed: false,
            rings: Vec::new(),
            tally: Tally::default(),
        }
    }

    async fn begin(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.now = now;
        self.directory_changed = false;
        self.rings.clear();
        self.tally = Tally::default();
        self.waist.begin().await
    }
}
