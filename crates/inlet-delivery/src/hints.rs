//! What wakes the loops between their polls: the store's bell, as hints. A missed hint costs a second, never a delivery.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use inlet_core::{
    bell::{Bell, Ring},
    ids::DestinationKey,
};
use tokio::sync::Notify;

/// Hints since they were last taken. Shared by the store, which rings, and the loops, which listen.
#[derive(Debug, Default)]
pub struct Hints {
    promised: Mutex<HashSet<DestinationKey>>,
    deliveries: Notify,
    media: Notify,
    recorded: Notify,
}

impl Hints {
    /// Notes that a destination was promised something.
    pub fn promised(&self, destination: DestinationKey) {
        self.lock().insert(destination);
        self.deliveries.notify_one();
    }

    /// Notes that there may be something to do for the worker.
    pub fn look(&self) {
        self.deliveries.notify_one();
    }

    /// The destinations that were promised something since the last call.
    pub(crate) fn take(&self) -> HashSet<DestinationKey> {
        std::mem::take(&mut *self.lock())
    }

    /// Until there may be something to do for the worker.
    pub(crate) async fn deliveries(&self) {
        self.deliveries.notified().await;
    }

    /// Until there may be a file to fetch.
    pub(crate) async fn media(&self) {
        self.media.notified().await;
    }

    /// Until there may be something new to find.
    pub(crate) async fn recorded(&self) {
        self.recorded.notified().await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<DestinationKey>> {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bell for Hints {
    fn ring(&self, rings: &[Ring]) {
        for ring in rings {
            match ring {
                Ring::Promised { destination, .. } => self.promised(*destination),
                Ring::Media => self.media.notify_one(),
                // A destination may have been resumed; whether it was, the poll finds out.
                Ring::Directory => self.look(),
                Ring::Message { new: true, .. } => self.recorded.notify_one(),
                Ring::Message { new: false, .. } | Ring::Mark { .. } => {}
            }
        }
    }
}
