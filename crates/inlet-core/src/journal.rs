//! The port for the request journal: what was refused, parked or failed, as it came, with the reason in words.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    channel::coded,
    directory::StoreFault,
    ids::{EndpointKey, LocationKey, MessageKey, RequestKey},
};

coded! {
    /// What was thought of a request.
    RequestVerdict {
        /// It became messages, or repeated some.
        Accepted = 1,
        /// It is authentic, but no provider has its number or account.
        Parked = 2,
        /// Its signature is missing or wrong, or it is not what the vendor sends.
        Refused = 3,
        /// It is authentic, but could not be understood or stored.
        Failed = 4,
    }
}

impl RequestVerdict {
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Parked => "parked",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Keeps requests.
#[async_trait]
pub trait Journal: fmt::Debug + Send + Sync {
    /// Writes one down, encrypted.
    async fn keep(&self, request: KeptRequest) -> Result<(), StoreFault>;
    /// Writes down what became of one that was processed again: its verdict, reason, messages and location.
    async fn revise(&self, request: KeptRequest) -> Result<(), StoreFault>;
    /// The newest that fit: of a long body the beginning.
    async fn list(&self, query: &RequestQuery) -> Result<Vec<KeptRequest>, StoreFault>;
    /// The one that became this message, where it is kept: of a long body the beginning.
    async fn of_message(&self, message: MessageKey) -> Result<Option<KeptRequest>, StoreFault>;
    /// One of them, whole.
    async fn show(&self, key: RequestKey) -> Result<Option<KeptRequest>, StoreFault>;
}

/// Which requests to read, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RequestQuery {
    /// Of one verdict only.
    pub verdict: Option<RequestVerdict>,
    /// Those of one location only, and those that came to an endpoint of its providers and belong to nobody yet.
    pub location: Option<LocationKey>,
    /// Those that came to one endpoint only.
    pub endpoint: Option<EndpointKey>,
    /// Only those before this one in the list.
    pub before: Option<RequestKey>,
    /// At most so many.
    pub limit: usize,
}

/// A request as it came, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptRequest {
    /// Its key.
    pub key: RequestKey,
    /// The endpoint it came to.
    pub endpoint: Option<EndpointKey>,
    /// The location it belongs to, where that is known.
    pub location: Option<LocationKey>,
    /// When it came.
    pub received_at: Timestamp,
    /// What was thought of it.
    pub verdict: RequestVerdict,
    /// Why, in words.
    pub reason: String,
    /// The messages it became.
    pub messages: Vec<MessageKey>,
    /// How long the answer took.
    pub took: Duration,
    /// The status it was answered with.
    pub status: u16,
    /// What it was.
    pub raw: RawRequest,
}

/// The request itself, raw.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct RawRequest {
    /// Its method.
    pub method: String,
    /// Its target, byte for byte.
    pub target: String,
    /// Its headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}
