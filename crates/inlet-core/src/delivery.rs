//! The promise of an event to a destination, its attempts, and what can become of it.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    channel::coded,
    directory::StoreFault,
    event::EventKind,
    health::Verdict,
    ids::{ContactKey, DeliveryKey, DestinationKey, EventKey, LocationKey, MessageKey},
};

coded! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// To be sent when it is due.
        Ready = 0,
        /// Claimed by a worker, until its lease ends.
        Leased = 1,
        /// Waiting for an earlier one of its lane.
        Blocked = 2,
        /// Done.
        Delivered = 3,
        /// Given up, with its reason; it can be replayed.
        Dead = 4,
        /// Taken back by a person.
        Cancelled = 5,
        /// Kept while its destination is disabled.
        Held = 6,
    }
}

impl DeliveryStatus {
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Blocked => "blocked",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }
}

coded! {
    /// In which order what is due is claimed.
    Class {
        /// What was never tried, before all else.
        First = 0,
        /// What failed before.
        Retry = 1,
        /// What is sent once more by a person's wish, or is old, after all else.
        Replay = 2,
    }
}

impl Class {
    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Retry => "retry",
            Self::Replay => "replay",
        }
    }
}

/// A delivery as the rule makes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// Its key.
    pub delivery: DeliveryKey,
    /// To whom.
    pub destination: DestinationKey,
    /// `Ready`, `Blocked` until its lane lets it go, or `Held` where the destination is disabled or full.
    pub status: DeliveryStatus,
    /// When it is claimed: what is old after all that is new.
    pub class: Class,
    /// Whether it has a place in the lane of its conversation.
    pub in_lane: bool,
    /// When it is first due.
    pub due_at: Timestamp,
    /// When it is given up at the latest.
    pub expires_at: Timestamp,
}

/// A delivery that a worker has claimed. Whoever holds one knows that it is in the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its key.
    pub key: DeliveryKey,
    /// Where it belongs.
    pub location: LocationKey,
    /// The event it promises.
    pub event: EventKey,
    /// What the event tells.
    pub kind: EventKind,
    /// To whom.
    pub destination: DestinationKey,
    /// What must stay in order: the conversation.
    pub lane: ContactKey,
    /// The message that the event is about, where it is about one.
    pub message: Option<MessageKey>,
    /// The exact bytes to send.
    pub body: String,
    /// Whether it is a first attempt, a retry or a replay.
    pub class: Class,
    /// When it was due.
    pub due_at: Timestamp,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Which claim this is: a settlement under an older one changes nothing.
    pub lease: i64,
    /// When it was promised.
    pub created_at: Timestamp,
    /// When it is given up at the latest.
    pub expires_at: Timestamp,
}

/// One try, as it is kept in the attempt log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub response: Option<String>,
}

impl Attempt {
    /// A try that begins now, of which nothing is known yet.
    pub fn begun(started_at: Timestamp) -> Self {
        Self {
            started_at,
            took: Duration::ZERO,
            status: None,
            error: None,
            response: None,
        }
    }
}

/// What one try came to. A refusal is an answer, not an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The destination has it.
    Delivered,
    /// To be tried again.
    Retry {
        /// What the destination asked for, if it did.
        after: Option<Duration>,
        /// Whether the whole destination should be left alone for that long, and the try not counted.
        park: bool,
        /// At how many attempts to give up, where the answer makes success unlikely.
        cap: Option<u32>,
    },
    /// Not now, and this was no try: to be looked at again at that moment.
    Later {
        /// When.
        at: Timestamp,
        /// Whether the whole destination should be left alone until then.
        park: bool,
    },
    /// Not to be tried again.
    Dead {
        /// Why, as a word for lists and metrics.
        reason: &'static str,
    },
    /// The destination wants no more events.
    Disable {
        /// Why, in words.
        reason: &'static str,
    },
}

/// A worker's last word on a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settlement {
    /// The claimed delivery.
    pub delivery: DeliveryKey,
    /// Where it belongs.
    pub location: LocationKey,
    /// To whom it was promised.
    pub destination: DestinationKey,
    /// What must stay in order.
    pub lane: ContactKey,
    /// The claim.
    pub lease: i64,
    /// Which attempt it was.
    pub number: u32,
    /// What happened, for the log.
    pub attempt: Attempt,
    /// What becomes of the delivery.
    pub fate: Fate,
    /// What the try says of its destination.
    pub verdict: Verdict,
    /// Whether so many of the last minute's tries failed that the destination is to be left alone.
    pub trip: bool,
    /// Until when the whole destination is left alone, if at all.
    pub park: Option<Timestamp>,
    /// Whether the destination is disabled, and why.
    pub disable: Option<String>,
}

/// What becomes of a delivery after a try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is done.
    Delivered,
    /// It is due again.
    Again {
        /// When.
        due_at: Timestamp,
        /// Whether the try counts as one.
        counted: bool,
    },
    /// It is given up.
    Dead {
        /// Why.
        reason: String,
    },
    /// It waits until its destination is enabled again.
    Held,
}

/// The port for one kind of destination.
#[async_trait]
pub trait Destination: fmt::Debug + Send + Sync {
    /// Sends once, and says what came of it.
    async fn send(&self, delivery: &Delivery) -> (Attempt, Outcome);

    /// Hears, before that is noted, that a delivery is given up and what its last attempt was. A fault keeps it from being
    /// given up yet. Most kinds have nothing to say to it.
    async fn given_up(&self, _delivery: &Delivery, _last: &Attempt) -> Result<(), StoreFault> {
        Ok(())
    }
}
