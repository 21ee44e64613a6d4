//! The port for what is done with promises beside sending them: a person's orders, replays of many, and housekeeping.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    delivery::DeliveryStatus,
    directory::StoreFault,
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, LocationKey, ReplayKey},
};

/// Works on deliveries beside the worker.
#[async_trait]
pub trait Backlog: fmt::Debug + Send + Sync {
    /// Whether this process is the one that does what only one may do at a time; it stays so while it keeps asking. Whoever
    /// stood still for so long that another one does it finds what it still does without effect.
    async fn leads(&self) -> Result<bool, StoreFault>;
    /// Carries out a person's order for one delivery.
    async fn order(&self, delivery: DeliveryKey, order: Order) -> Result<Told, StoreFault>;
    /// Begins a replay of many; it goes on across restarts until it is done or stopped.
    async fn add_replay(&self, replay: Replay) -> Result<(), StoreFault>;
    /// The replays there are, newest first.
    async fn replays(&self) -> Result<Vec<Replay>, StoreFault>;
    /// How many deliveries a replay would take up, at most `limit`.
    async fn count(&self, replay: &Replay, limit: usize) -> Result<usize, StoreFault>;
    /// Stops a replay; false if there is none that goes on.
    async fn stop_replay(&self, key: ReplayKey) -> Result<bool, StoreFault>;
    /// Ends a disablement. What is held is sent by `release`, in order; without one it stays held, and leaves its lanes.
    async fn enable(&self, destination: DestinationKey, release: Option<Replay>) -> Result<(), StoreFault>;
    /// Goes on with all replays, each by what its rate allows in a second; answers how many deliveries were taken up.
    async fn replay_on(&self) -> Result<usize, StoreFault>;
    /// Counts what waits, holds or releases what is beyond a destination's limit, and answers the counts.
    async fn measure(&self) -> Result<Vec<Waiting>, StoreFault>;
    /// What waits, was given up and is held for each destination, of one location or of all, each counted up to `limit`.
    async fn counts(&self, location: Option<LocationKey>, limit: usize) -> Result<Vec<Counts>, StoreFault>;
    /// Lets go on any lane that has nothing under way; answers how many did not go on by themselves, which must stay 0.
    async fn unstick(&self) -> Result<usize, StoreFault>;
    /// Deletes one batch of what is older than it is kept, and answers whether there may be more.
    async fn tidy(&self) -> Result<bool, StoreFault>;
}

/// What a person wants of a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Send it once more, with a whole schedule before it.
    Replay,
    /// Do not send it: it waits still.
    Cancel,
    /// Put it away: it was given up or is held.
    Discard,
}

impl Order {
    /// Its name on the command line and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Cancel => "cancel",
            Self::Discard => "discard",
        }
    }

    /// Whether it can be carried out on a delivery in that state.
    pub fn fits(self, status: DeliveryStatus) -> bool {
        match status {
            DeliveryStatus::Leased => false,
            DeliveryStatus::Ready | DeliveryStatus::Blocked => self == Self::Cancel,
            DeliveryStatus::Delivered | DeliveryStatus::Cancelled => self == Self::Replay,
            DeliveryStatus::Dead => matches!(self, Self::Replay | Self::Discard),
            DeliveryStatus::Held => true,
        }
    }
}

/// What came of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// It was done.
    Done,
    /// There is no such delivery.
    Missing,
    /// It does not fit where the delivery stands.
    Unfit(DeliveryStatus),
}

/// A replay of many deliveries to one destination, at a limited rate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// Its key.
    pub key: ReplayKey,
    /// Where the destination belongs.
    pub location: LocationKey,
    /// To whom.
    pub destination: DestinationKey,
    /// Those in this state: dead, held, delivered or cancelled.
    pub status: DeliveryStatus,
    /// Of this kind only.
    pub kind: Option<EventKind>,
    /// Of this conversation only.
    pub lane: Option<ContactKey>,
    /// How many in a second.
    pub rate: u32,
    /// The last delivery it took up; before the first, the end of those that are too old.
    pub cursor: DeliveryKey,
    /// The first delivery that is too new.
    pub end: DeliveryKey,
    /// How many it took up.
    pub replayed: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub done_at: Option<Timestamp>,
}

/// How a destination's deliveries stand, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    /// The destination.
    pub destination: DestinationKey,
    /// Deliveries that wait to be sent.
    pub pending: usize,
    /// When the first of them was due.
    pub oldest: Option<Timestamp>,
    /// Deliveries that were given up.
    pub dead: usize,
    /// Deliveries that are held until it is enabled again or has room.
    pub held: usize,
}

/// What waits for one destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The destination.
    pub destination: DestinationKey,
    /// Deliveries that are to be sent when they are due, counted up to a little more than the destination may have.
    pub ready: usize,
    /// Deliveries that wait for an earlier one of their lane, counted alike.
    pub blocked: usize,
    /// When the first of them was due.
    pub oldest: Option<Timestamp>,
}

impl Waiting {
    /// All that wait.
    pub fn pending(&self) -> usize {
        self.ready + self.blocked
    }
}

/// A backlog with nothing in it, for a stage without a store: what is ordered is missing.
#[derive(Clone, Copy, Debug)]
pub struct NoBacklog;

#[async_trait]
impl Backlog for NoBacklog {
    async fn leads(&self) -> Result<bool, StoreFault> {
        Ok(true)
    }

    async fn order(&self, _: DeliveryKey, _: Order) -> Result<Told, StoreFault> {
        Ok(Told::Missing)
    }

    async fn add_replay(&self, _: Replay) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn replays(&self) -> Result<Vec<Replay>, StoreFault> {
        Ok(Vec::new())
    }

    async fn count(&self, _: &Replay, _: usize) -> Result<usize, StoreFault> {
        Ok(0)
    }

    async fn stop_replay(&self, _: ReplayKey) -> Result<bool, StoreFault> {
        Ok(false)
    }

    async fn enable(&self, _: DestinationKey, _: Option<Replay>) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn replay_on(&self) -> Result<usize, StoreFault> {
        Ok(0)
    }

    async fn measure(&self) -> Result<Vec<Waiting>, StoreFault> {
        Ok(Vec::new())
    }

    async fn counts(&self, _: Option<LocationKey>, _: usize) -> Result<Vec<Counts>, StoreFault> {
        Ok(Vec::new())
    }

    async fn unstick(&self) -> Result<usize, StoreFault> {
        Ok(0)
    }

    async fn tidy(&self) -> Result<bool, StoreFault> {
        Ok(false)
    }
}
