//! The ports for what was missed while nobody listened: up to when a provider's messages are known to be whole, and whoever
//! closes the gap.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    directory::StoreFault,
    ids::{LocationKey, ProviderKey},
};

/// Remembers up to when each provider's messages were compared with its vendor's list.
#[async_trait]
pub trait Gaps: fmt::Debug + Send + Sync {
    /// Up to when; `None` where they never were.
    async fn closed_until(&self, location: LocationKey, provider: ProviderKey)
    -> Result<Option<Timestamp>, StoreFault>;
    /// Writes down that all that came before a moment is there.
    async fn close(&self, location: LocationKey, provider: ProviderKey, until: Timestamp) -> Result<(), StoreFault>;
}

/// Compares with vendors' lists, a page at a time.
#[async_trait]
pub trait Reconcile: fmt::Debug + Send + Sync {
    /// Asks for one page, and records what is missing.
    async fn page(&self, ask: &Ask) -> Result<Compared, Obstacle>;
}

/// Which page of whose list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// Where the provider belongs.
    pub location: LocationKey,
    /// The provider.
    pub provider: ProviderKey,
    /// What came from then on.
    pub since: Timestamp,
    /// Where the page is, as the page before it said; the first page where absent.
    pub page: Option<String>,
}

/// What became of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// Messages on it.
    pub listed: usize,
    /// Those that had been missed, and are recorded now.
    pub recorded: usize,
    /// Those that were there.
    pub known: usize,
    /// Those that no provider of the endpoint takes.
    pub unassigned: usize,
    /// Those that could not be understood, or that the rule refuses.
    pub refused: usize,
    /// Where the next page is, where there is one.
    pub next: Option<String>,
}

/// Why a page could not be compared. What it brought was recorded or will be listed again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Obstacle {
    /// Something is missing that a person can add.
    #[error("{0}")]
    Unable(String),
    /// The vendor or the store cannot now, and how long to wait.
    #[error("{reason}")]
    Later {
        /// What happened.
        reason: String,
        /// How long to wait before the same page is asked for again.
        pause: Duration,
    },
}

/// Nobody who closes gaps, for a stage without a network.
#[derive(Clone, Copy, Debug)]
pub struct NoReconcile;

#[async_trait]
impl Reconcile for NoReconcile {
    async fn page(&self, _: &Ask) -> Result<Compared, Obstacle> {
        Err(Obstacle::Unable("nothing here calls vendors".to_owned()))
    }
}
