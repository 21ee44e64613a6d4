//! How the writing goes, for whoever asks: who waits for it, when it last came to its end, and what was used meanwhile.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use inlet_core::{
    clock::Millis,
    ids::{LocationKey, ProviderKey},
    usage::Used,
};
use jiff::Timestamp;

/// When each was last used.
pub(crate) type Noted = BTreeMap<(LocationKey, Used), Timestamp>;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    waiting: AtomicUsize,
    /// Milliseconds since 1970; 0 where nothing was written yet.
    committed: AtomicI64,
    noted: Mutex<Noted>,
}

/// Somebody who waits, until this is dropped.
#[derive(Debug)]
pub(crate) struct Waits<'a>(&'a AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pulse {
    /// Counts somebody who waits for the writer.
    pub(crate) fn wait(&self) -> Waits<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waits(&self.waiting)
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// When something was last written.
    pub(crate) fn committed(&self) -> Option<Timestamp> {
        let millis = self.committed.load(Ordering::Relaxed);
        (millis != 0).then(|| Millis(millis).timestamp())
    }

    /// Notes a commit of messages that came by these providers.
    pub(super) fn commit(&self, at: Timestamp, heard: impl IntoIterator<Item = (LocationKey, ProviderKey)>) {
        self.committed.store(at.as_millisecond(), Ordering::Relaxed);
        for (location, provider) in heard {
            self.note(location, Used::Provider(provider), at);
        }
    }

    /// Notes that something was used.
    pub(crate) fn note(&self, location: LocationKey, used: Used, at: Timestamp) {
        note(&mut self.noted(), ((location, used), at));
    }

    /// What was noted, which is forgotten here.
    pub(crate) fn take(&self) -> Noted {
        std::mem::take(&mut *self.noted())
    }

    /// Notes again what could not be written down.
    pub(crate) fn put_back(&self, all: Noted) {
        let mut noted = self.noted();
        for one in all {
            note(&mut noted, one);
        }
    }

    /// What was noted of a location.
    pub(crate) fn of(&self, location: LocationKey) -> Vec<(Used, Timestamp)> {
        let noted = self.noted();
        let own = noted.iter().filter(|((at, _), _)| *at == location);
        own.map(|((_, used), at)| (*used, *at)).collect()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(noted: &mut Noted, (what, at): ((LocationKey, Used), Timestamp)) {
    let last = noted.entry(what).or_insert(at);
    *last = at.max(*last);
}
