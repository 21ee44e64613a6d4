//! The port for reading contacts in full. Every question names the location, so that a foreign id is answered exactly
//! like an unknown one.

use std::fmt;

use async_trait::async_trait;

use crate::{
    contact::{Alias, Contact, ContactQuery},
    directory::StoreFault,
    ids::{ContactKey, LocationKey},
};

/// Reads contacts.
#[async_trait]
pub trait Contacts: fmt::Debug + Send + Sync {
    /// One contact: who answers for it, where it was merged into another.
    async fn contact(&self, location: LocationKey, key: ContactKey) -> Result<Option<Contact>, StoreFault>;
    /// Those that were merged into it and answer as it, oldest first.
    async fn merged(&self, location: LocationKey, key: ContactKey) -> Result<Vec<Alias>, StoreFault>;
    /// Those that fit, and how many of them there are in all.
    async fn find(&self, query: &ContactQuery) -> Result<(Vec<Contact>, u64), StoreFault>;
}
