//! The HTTP client, the only one there is. A name is looked up once, all its addresses are vetted, and the connection
//! goes to exactly those; no redirect is followed, no proxy asked, nothing decompressed, and every answer is bounded in
//! time and bytes.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use metrics::counter;

mod exchange;
mod names;
#[cfg(test)]
mod tests;

pub use names::{Names, SystemNames};

use crate::guard::{Forbidden, Guard, Reach};

/// The longest that a name's look-up may take.
const DNS_DEADLINE: Duration = Duration::from_secs(3);
/// The longest that a connection, with its TLS, may take to come about.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// Shorter than the five seconds after which Node, which most receivers run on, closes an idle connection.
const POOL_IDLE: Duration = Duration::from_secs(4);
/// Who we say we are.
const USER_AGENT: &str = concat!("Inlet/", env!("CARGO_PKG_VERSION"));

/// What is asked of somebody.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The address, as it was typed.
    pub url: &'a str,
    /// Headers beside those the client sets.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// How long an answer may take, and how much of it is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// From the look-up to the last byte of the answer.
    pub total: Duration,
    /// Bytes of the answer's body that are read before the connection is dropped.
    pub read: usize,
    /// Bytes of it that are kept.
    pub keep: usize,
}

impl Limits {
    /// A webhook's: 15 seconds, 64 KiB read, 16 KiB kept.
    pub const WEBHOOK: Self = Self {
        total: Duration::from_secs(15),
        read: 64 << 10,
        keep: 16 << 10,
    };
    /// An upstream's: 15 seconds, 1 MiB.
    pub const UPSTREAM: Self = Self {
        total: Duration::from_secs(15),
        read: 1 << 20,
        keep: 1 << 20,
    };
    /// A file's: 30 seconds, 25 MiB.
    pub const MEDIA: Self = Self {
        total: Duration::from_secs(30),
        read: 25 << 20,
        keep: 25 << 20,
    };
}

/// An answer, at least its head.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, or the beginning of it.
    pub body: Vec<u8>,
    /// How its body ended.
    pub end: End,
}

/// How the body of an answer ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// As it should.
    Whole,
    /// It was longer than the limit, and was not read further.
    Long,
    /// It was not over when the time was.
    Late,
    /// The connection broke.
    Broken,
}

/// Why there is no answer, in words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody was called: the address is forbidden.
    #[error("not called: {0}")]
    Blocked(#[from] Forbidden),
    /// The name has no address, or none could be found out in time.
    #[error("the name of its host could not be resolved")]
    Unresolved,
    /// Nobody took the connection.
    #[error("no connection could be made")]
    Unreachable,
    /// The connection was taken, but not made safe.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// Nothing came in time.
    #[error("no answer came in time")]
    Late,
    /// The connection broke before the answer; what was asked may have been done.
    #[error("the connection broke before an answer came")]
    Lost,
}

/// Calls addresses that somebody typed. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    guard: Arc<Guard>,
    public: reqwest::Client,
    allowed: reqwest::Client,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up: {0}")]
pub struct NoClient(String);

impl Client {
    /// A client that calls only what `guard` lets it, and finds addresses through `names`.
    pub fn guarded(guard: Guard, names: &Arc<dyn Names>) -> Result<Self, NoClient> {
        let guard = Arc::new(guard);
        let build = |reach| {
            let vetted = names::Vetted {
                names: Arc::clone(names),
                guard: Arc::clone(&guard),
                reach,
            };
            let builder = exchange::builder(vetted).map_err(|error| NoClient(error.to_string()))?;
            builder.build().map_err(|error| NoClient(error.to_string()))
        };
        Ok(Self {
            public: build(Reach::Public)?,
            allowed: build(Reach::Allowed)?,
            guard,
        })
    }

    /// What it may call.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Asks once.
    pub async fn send(&self, request: Request<'_>, limits: &Limits) -> Result<Answer, Failure> {
        let answer = self.ask(request, limits).await;
        match &answer {
            Err(Failure::Blocked(forbidden)) => {
                counter!("inlet_ssrf_blocked_total", "reason" => forbidden.name()).increment(1);
            }
            Ok(Answer { end: End::Long, .. }) => counter!("inlet_response_bodies_truncated_total").increment(1),
            Ok(_) | Err(_) => {}
        }
        answer
    }

    async fn ask(&self, request: Request<'_>, limits: &Limits) -> Result<Answer, Failure> {
        let (url, reach) = self.guard.judge_text(request.url)?;
        let client = match reach {
            Reach::Public => &self.public,
            Reach::Allowed => &self.allowed,
        };
        exchange::exchange(client, (url, request), limits).await
    }
}
