//! What happens right now, for pages that are open: a bell that hands on each commit's news to whoever listens.

use std::sync::Arc;

use inlet_core::{
    bell::Ring,
    ids::{ContactKey, LocationKey, MessageKey},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// How many news a slow page may lag behind before it must look for itself.
const BACKLOG: usize = 1024;
/// How many pages may listen at once: each holds a connection.
const PLACES: usize = 256;
/// How many visitors of other sites' pages may wait at once: they must not crowd out who works here.
const VISITORS: usize = 1024;

/// News of one conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct News {
    /// Where.
    pub location: LocationKey,
    /// In whose conversation.
    pub contact: ContactKey,
    /// Which message; none where only the conversation was marked.
    pub message: Option<MessageKey>,
    /// Whether it is new, or amended.
    pub new: bool,
}

/// Hands news on.
#[derive(Clone, Debug)]
pub struct Live {
    news: broadcast::Sender<News>,
    places: Arc<Semaphore>,
    visitors: Arc<Semaphore>,
    over: CancellationToken,
}

impl Default for Live {
    fn default() -> Self {
        Self::with_places(PLACES)
    }
}

impl Live {
    /// One at which no more than `places` pages may listen at once.
    pub fn with_places(places: usize) -> Self {
        Self {
            news: broadcast::channel(BACKLOG).0,
            places: Arc::new(Semaphore::new(places)),
            visitors: Arc::new(Semaphore::new(VISITORS)),
            over: CancellationToken::new(),
        }
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Takes a place for an open page, if one is free; it is free again when the place is dropped.
    pub fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Takes a place for a visitor who waits, if one is free.
    pub fn visitor(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.visitors).try_acquire_owned().ok()
    }

    /// Sends every page away: a stream has no end of its own, and would hold the server's.
    pub fn close(&self) {
        self.over.cancel();
    }

    /// Waits until pages are sent away.
    pub fn closed(&self) -> WaitForCancellationFutureOwned {
        self.over.clone().cancelled_owned()
    }

    /// Tells whoever listens of what one commit made true.
    pub fn tell(&self, rings: &[Ring]) {
        if self.news.receiver_count() == 0 {
            return;
        }
        for ring in rings {
            let (location, contact, message, new) = match *ring {
                Ring::Message {
                    location,
                    contact,
                    message,
                    new,
                } => (location, contact, Some(message), new),
                Ring::Mark { location, contact } => (location, contact, None, false),
                Ring::Promised { .. } | Ring::Media | Ring::Directory => continue,
            };
            // Nobody may have come or stayed since the count: that is no error.
            let _ = self.news.send(News {
                location,
                contact,
                message,
                new,
            });
        }
    }
}
