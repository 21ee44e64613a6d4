//! The relay: a recorded message is written to the real HighLevel with one call, once, and never more often than it allows.
//!
//! What is on its way is on disk before the call is made. So whatever dies in between, the next attempt knows that nobody
//! knows, and reads back before it writes again.
//!
//! | to read about | open |
//! |---|---|
//! | the way of one message: contact, body, post, and what its answer means | `journey` |
//! | one call: its place, its token, its count | `call` |
//! | reading back what nobody knows | `reconcile` |
//! | tokens: one renewal at a time, on disk before it is used | `grants` |
//! | how often may be called | [`governor`] |
//! | whether all is well, by harmless calls | `doctor` |
//! | whom it has already, in bulk | `warm` |

use std::sync::Arc;

use async_trait::async_trait;
use inlet_core::{
    clock::Clock,
    contacts::Contacts,
    delivery::{Attempt, Delivery, Destination, Outcome},
    directory::Directory,
    ids::{DestinationKey, IdCodec},
    inbox::Inbox,
    links::MediaLinks,
    relay::{Finding, Hindered, Memory, Reach, Warmed},
};
use tokio::time::timeout;

mod call;
mod doctor;
pub mod governor;
mod grants;
mod headers;
mod journey;
mod reconcile;
mod warm;

use self::{governor::Governors, grants::Grants, journey::Journey};
use crate::client::{Client, Limits};

/// What the relay is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Says where an upstream is and how it is spoken to.
    pub directory: Arc<dyn Directory>,
    /// Remembers whom and what upstreams know of ours.
    pub memory: Arc<dyn Memory>,
    /// Reads messages.
    pub inbox: Arc<dyn Inbox>,
    /// Reads contacts.
    pub contacts: Arc<dyn Contacts>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes our own ids.
    pub ids: IdCodec,
    /// Makes links to kept files.
    pub links: MediaLinks,
    /// Makes the calls.
    pub client: Client,
    /// How long all calls for one message may take, and how much of an answer is read.
    pub limits: Limits,
    /// How often may be called.
    pub governors: Governors,
    /// The address the world knows, where one is set: its own webhooks come there.
    pub public_url: Option<String>,
}

/// Writes messages to upstreams.
#[derive(Debug)]
pub struct Upstreams {
    parts: Parts,
    grants: Grants,
}

impl Upstreams {
    /// A relay that holds no token yet: each is read when it is first needed.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            grants: Grants::default(),
        }
    }
}

#[async_trait]
impl Destination for Upstreams {
    async fn send(&self, delivery: &Delivery) -> (Attempt, Outcome) {
        let parts = &self.parts;
        let mut attempt = Attempt::begun(parts.clock.now());
        let begun = parts.clock.monotonic();
        let registry = parts.directory.registry();
        let destination = registry.destination(delivery.destination);
        let Some(mut journey) = destination.and_then(|found| Journey::new(self, found)) else {
            attempt.error = Some("not sent: its destination is no longer there".to_owned());
            let reason = "destination_gone";
            return (attempt, Outcome::Dead { reason });
        };
        // All its calls together: the lease of the delivery is no longer.
        let gone = timeout(parts.limits.total, journey.go(delivery)).await;
        let outcome = gone.map_or_else(|_| journey.late(), |gone| gone.unwrap_or_else(|outcome| outcome));
        let outcome = journey.put_down(outcome).await;
        let heard = journey.heard;
        attempt.took = parts.clock.monotonic().saturating_sub(begun);
        (attempt.status, attempt.error, attempt.response) = (heard.status, heard.words, heard.response);
        (attempt, outcome)
    }
}

#[async_trait]
impl Reach for Upstreams {
    async fn examine(&self, key: DestinationKey) -> Vec<Finding> {
        let registry = self.parts.directory.registry();
        match registry.destination(key) {
            Some(destination) => self.look_at(destination).await,
            None => Vec::new(),
        }
    }

    async fn warm(&self, key: DestinationKey, after: Option<String>) -> Result<Warmed, Hindered> {
        let registry = self.parts.directory.registry();
        let destination = registry.destination(key);
        let destination = destination.ok_or_else(|| Hindered::Refused("there is no such destination".to_owned()))?;
        self.read_contacts(destination, after.as_deref()).await
    }
}
