//! The port for how the store itself is doing: how large it is, how much room there is, whether it writes, and which nodes
//! run on it.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::directory::StoreFault;

/// Tells how the store is doing.
#[async_trait]
pub trait Gauges: fmt::Debug + Send + Sync {
    /// As it is now.
    async fn gauge(&self, now: Timestamp) -> Result<Gauge, StoreFault>;
}

/// How the store is doing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gauge {
    /// Which engine keeps it.
    pub engine: &'static str,
    /// Bytes that it takes.
    pub bytes: Option<u64>,
    /// The disk below it, where it is on this machine.
    pub disk: Option<Disk>,
    /// When this node last wrote, since it was started.
    pub last_commit: Option<Timestamp>,
    /// How many wait for their writing here.
    pub waiting: usize,
    /// How far what was written last is ahead of the clock; zero where the clock is right.
    pub ahead: Duration,
    /// What nodes hold, such as their numbers, and until when unless they renew it; a file has one node and no leases.
    pub leases: Vec<(String, Timestamp)>,
}

/// A disk, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disk {
    /// What can still be written.
    pub free: u64,
    /// All of it.
    pub total: u64,
}

/// A gauge without a store, for tests in which nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoGauges;

#[async_trait]
impl Gauges for NoGauges {
    async fn gauge(&self, _: Timestamp) -> Result<Gauge, StoreFault> {
        Ok(Gauge::default())
    }
}
