//! The port for promises: a worker claims what is due, and settles each claim with its last word.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    delivery::{Attempt, Delivery, DeliveryStatus, Settlement},
    directory::StoreFault,
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, EventKey, LocationKey, MessageKey},
};

/// Claims and settles deliveries.
#[async_trait]
pub trait Outbox: fmt::Debug + Send + Sync {
    /// Leases what is due, first attempts ahead of retries, no more for each destination than there is room for.
    async fn claim(&self, now: Timestamp, until: Timestamp, rooms: &[Room]) -> Result<Vec<Delivery>, StoreFault>;
    /// Writes the last words. One under a lease that is no longer the current one is logged and changes nothing;
    /// answers how many were lost so.
    async fn settle(&self, settlements: Vec<Settlement>) -> Result<usize, StoreFault>;
    /// Makes due again what was leased to a worker that did not come back; answers how many.
    async fn recover(&self, now: Timestamp) -> Result<usize, StoreFault>;
    /// Which destinations have something due, and when the next thing will be.
    async fn due(&self, now: Timestamp) -> Result<Due, StoreFault>;
    /// Deliveries, newest first.
    async fn list(&self, query: &DeliveryQuery) -> Result<Vec<DeliveryView>, StoreFault>;
    /// One delivery with its body and attempts.
    async fn show(&self, key: DeliveryKey) -> Result<Option<(DeliveryView, String, Vec<Attempt>)>, StoreFault>;
}

/// How many more deliveries a destination can take now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Where it belongs.
    pub location: LocationKey,
    /// The destination.
    pub destination: DestinationKey,
    /// How many.
    pub free: usize,
    /// How many of them may be retries or replays: the rest is kept for first attempts.
    pub later: usize,
}

/// What there is to do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Due {
    /// Destinations with something due now.
    pub now: Vec<DestinationKey>,
    /// When something will be due next.
    pub next: Option<Timestamp>,
}

/// Which deliveries to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeliveryQuery {
    /// At one location only.
    pub location: Option<LocationKey>,
    /// To one destination only.
    pub destination: Option<DestinationKey>,
    /// In one state only.
    pub status: Option<DeliveryStatus>,
    /// Of one message only.
    pub message: Option<MessageKey>,
    /// At most so many.
    pub limit: usize,
}

/// A delivery as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryView {
    /// Its key.
    pub key: DeliveryKey,
    /// Where it belongs.
    pub location: LocationKey,
    /// The event.
    pub event: EventKey,
    /// What the event tells.
    pub kind: EventKind,
    /// The conversation.
    pub lane: ContactKey,
    /// The message the event is about; none, where it is about a contact.
    pub message: Option<MessageKey>,
    /// To whom.
    pub destination: DestinationKey,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How many attempts were made.
    pub attempts: u32,
    /// When it is due, or was.
    pub due_at: Timestamp,
    /// When it was promised.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
    /// The last answer or error, in words.
    pub last: Option<String>,
}
