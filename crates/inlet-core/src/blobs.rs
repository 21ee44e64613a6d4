//! The port for files: kept once under the SHA-256 of their bytes, however many messages carry them.

use std::fmt;

use async_trait::async_trait;

use crate::{
    directory::StoreFault,
    ids::{LocationKey, MessageKey, ProviderKey},
};

/// Keeps files.
#[async_trait]
pub trait Blobs: fmt::Debug + Send + Sync {
    /// Keeps `bytes` for a location and answers their SHA-256 in lower hex.
    async fn put(&self, location: LocationKey, bytes: Vec<u8>) -> Result<String, StoreFault>;
    /// The bytes of a blob that the location has.
    async fn get(&self, location: LocationKey, blob: &str) -> Result<Option<Vec<u8>>, StoreFault>;
    /// Files that wait to be fetched, oldest first, at most `limit`.
    async fn pending(&self, limit: usize) -> Result<Vec<PendingMedia>, StoreFault>;
    /// Notes that a fetch failed for now, and when to try again.
    async fn postpone(&self, media: &PendingMedia, until: jiff::Timestamp) -> Result<(), StoreFault>;
}

/// A file that waits to be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingMedia {
    /// Where it belongs.
    pub location: LocationKey,
    /// The message that carries it.
    pub message: MessageKey,
    /// Which of the message's attachments, from 0.
    pub index: usize,
    /// Where it is.
    pub url: String,
    /// The provider whose credentials open it.
    pub provider: ProviderKey,
    /// How often it was tried.
    pub tries: u32,
    /// When it is due.
    pub due_at: jiff::Timestamp,
}
