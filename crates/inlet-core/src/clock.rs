//! The port for time: whoever needs the time is given a clock, so that a test can hold it still.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Tells the time. The binary passes the system's, a test its own.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The wall clock, for what is shown and stored. It may jump.
    fn now(&self) -> Timestamp;
    /// A clock that never goes back, for durations: the time since some fixed moment.
    fn monotonic(&self) -> Duration;
}

/// Milliseconds since 1970: how times stand in the store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// The same moment as a timestamp; beyond what a timestamp holds, its nearest end.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl From<Timestamp> for Millis {
    fn from(at: Timestamp) -> Self {
        Self(at.as_millisecond())
    }
}

/// A moment `by` later; at the end of time, the end of time.
pub fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
