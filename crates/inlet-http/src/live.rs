//! What happens right now, for pages that are open: a bell that hands on each commit's news to whoever listens.

use inlet_core::{
    bell::Ring,
    ids::{ContactKey, LocationKey, MessageKey},
};
use tokio::sync::broadcast;

/// How many news a slow page may lag behind before it must look for itself.
const BACKLOG: usize = 1024;

/// News of one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct News {
    /// Where.
    pub location: LocationKey,
    /// In whose conversation.
    pub contact: ContactKey,
    /// Which message.
    pub message: MessageKey,
    /// Whether it is new, or amended.
    pub new: bool,
}

/// Hands news on.
#[derive(Clone, Debug)]
pub struct Live(broadcast::Sender<News>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Live {
    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }

    /// Tells whoever listens of what one commit made true.
    pub fn tell(&self, rings: &[Ring]) {
        if self.0.receiver_count() == 0 {
            return;
        }
        for ring in rings {
            if let Ring::Message {
                location,
                contact,
                message,
                new,
            } = *ring
            {
                // Nobody may have come or stayed since the count: that is no error.
                let _ = self.0.send(News {
                    location,
                    contact,
                    message,
                    new,
                });
            }
        }
    }
}
