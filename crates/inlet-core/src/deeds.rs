//! The port for the log of deeds: who changed what, and when.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{directory::StoreFault, ids::LocationKey};

/// Keeps the log of deeds.
#[async_trait]
pub trait Deeds: fmt::Debug + Send + Sync {
    /// Writes one down.
    async fn note(&self, deed: Deed) -> Result<(), StoreFault>;
    /// Those that fit, newest first.
    async fn deeds(&self, query: &DeedQuery) -> Result<Vec<Deed>, StoreFault>;
}

/// Something that somebody changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    /// Its key.
    pub key: i64,
    /// Where; none, where it was about the whole installation or nobody knows.
    pub location: Option<LocationKey>,
    /// When.
    pub at: Timestamp,
    /// The user's name, or from where else it was done.
    pub who: String,
    /// What, as the path that was asked for: `destinations/ID/pause`. No content stands in it.
    pub what: String,
}

/// Which deeds to read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeedQuery {
    /// At one location only.
    pub location: Option<LocationKey>,
    /// Only those before this one in the list.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// A log that keeps nothing, for tests in which nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDeeds;

#[async_trait]
impl Deeds for NoDeeds {
    async fn note(&self, _: Deed) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn deeds(&self, _: &DeedQuery) -> Result<Vec<Deed>, StoreFault> {
        Ok(Vec::new())
    }
}
