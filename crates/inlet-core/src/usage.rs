//! The port for when tokens were last used and providers last heard of: noted in memory with each request, and written
//! down now and then, so that no request pays for a write.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    directory::StoreFault,
    ids::{LocationKey, ProviderKey, TokenKey},
};

/// What is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Used {
    /// A token: a request came with it.
    Token(TokenKey),
    /// A provider: somebody's message came by it.
    Provider(ProviderKey),
}

/// When each was last used.
pub type LastUse = BTreeMap<Used, Timestamp>;

/// Notes when things are used.
#[async_trait]
pub trait Usage: fmt::Debug + Send + Sync {
    /// Notes that it was used; nothing is written yet, so a crash may forget it.
    fn note(&self, location: LocationKey, used: Used, at: Timestamp);
    /// Writes down what was noted since the last time.
    async fn keep(&self) -> Result<(), StoreFault>;
    /// When a location's tokens and providers were last used: to the moment on this node, and as far as it was written down
    /// by others. What was never used is left out.
    async fn last_use(&self, location: LocationKey) -> Result<LastUse, StoreFault>;
}

/// Notes nothing, for a stage without a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoUsage;

#[async_trait]
impl Usage for NoUsage {
    fn note(&self, _: LocationKey, _: Used, _: Timestamp) {}

    async fn keep(&self) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn last_use(&self, _: LocationKey) -> Result<LastUse, StoreFault> {
        Ok(LastUse::new())
    }
}
