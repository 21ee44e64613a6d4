//! The port for calls to an upstream beside the messages: whether all is well with it, and whom it has already.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::ids::DestinationKey;

/// Calls upstreams for people: one call at a time, within the upstream's limits, counted in the ledger.
#[async_trait]
pub trait Reach: fmt::Debug + Send + Sync {
    /// What can be told of an upstream by harmless calls; empty where it is none.
    async fn examine(&self, destination: DestinationKey) -> Vec<Finding>;
    /// Reads one page of its contacts and remembers them, from where an earlier page ended.
    async fn warm(&self, destination: DestinationKey, after: Option<String>) -> Result<Warmed, Hindered>;
}

/// What one check says of an upstream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub check: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// The same in words.
    pub words: String,
    /// What to change, where something is to be changed.
    pub cure: Option<String>,
}

/// How something is that was looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and might not always.
    Odd,
    /// It does not work.
    Bad,
}

impl Verdict {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Odd => "odd",
            Self::Bad => "bad",
        }
    }
}

/// One page of contacts that was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Warmed {
    /// Contacts on it.
    pub contacts: usize,
    /// Numbers and addresses that are remembered of them.
    pub identities: usize,
    /// How many there are in all, where the upstream says.
    pub total: Option<u64>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
}

/// Why a page was not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hindered {
    /// There may be no call before then.
    Until(Timestamp),
    /// It cannot be, and what to change.
    Refused(String),
}

/// Reaches nobody, for tests that have no upstream.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReach;

#[async_trait]
impl Reach for NoReach {
    async fn examine(&self, _: DestinationKey) -> Vec<Finding> {
        Vec::new()
    }

    async fn warm(&self, _: DestinationKey, _: Option<String>) -> Result<Warmed, Hindered> {
        Ok(Warmed::default())
    }
}
