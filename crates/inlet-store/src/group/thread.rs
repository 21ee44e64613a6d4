//! The thread that writes on SQLite: it gathers a batch, polls the whole transaction to its end, and answers.

use std::{path::PathBuf, time::Duration};

use inlet_core::registry::Registry;
use tokio::sync::mpsc;

use super::{Batch, Desk, Job, Scribe};
use crate::{
    error::StoreError,
    sabotage::Sabotage,
    sqlite::{Sqlite, finish, lock::Lock},
};

/// The thread that writes.
pub(crate) struct Writer {
    jobs: mpsc::Receiver<Job>,
    desk: Option<Desk>,
    scribe: Scribe,
    path: PathBuf,
    sabotage: Sabotage,
    failures: u32,
    not_before: Duration,
}

/// How long the store is left alone after the second failure in a row, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Writer {
    pub(crate) fn new(
        scribe: Scribe,
        (path, sabotage): (PathBuf, Sabotage),
        jobs: mpsc::Receiver<Job>,
        desk: Desk,
    ) -> Self {
        Self {
            desk: Some(desk),
            scribe,
            path,
            sabotage,
            failures: 0,
            not_before: Duration::ZERO,
            jobs,
        }
    }

    /// Works until the store is closed or nobody holds it any more.
    pub(crate) fn run(mut self, lock: Lock) {
        let mut closing = Vec::new();
        while let Some(mut batch) = Batch::gather(&mut self.jobs) {
            closing.append(&mut batch.closing);
            if self.desk.is_none() && self.scribe.clock().monotonic() < self.not_before {
                let words = "it failed and will be opened again in a moment";
                batch.refuse(&StoreError::Broken(words.to_owned()));
                continue;
            }
            let done = self.desk().and_then(|mut desk| {
                let registry = finish(self.scribe.transact(&mut desk, &mut batch))?;
                Ok((desk, registry))
            });
            match done {
                Ok((desk, registry)) => self.committed(desk, registry, batch),
                Err(error) => self.failed(&error, batch),
            }
        }
        drop((self.desk.take(), lock));
        for closed in closing {
            let _ = closed.send(());
        }
    }

    /// The connection; after a failure a new one.
    fn desk(&mut self) -> Result<Desk, StoreError> {
        if let Some(desk) = self.desk.take() {
            return Ok(desk);
        }
        let waist = Sqlite::writer(&self.path, self.sabotage).map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(self.scribe.desk(Box::new(waist)))
    }

    fn committed(&mut self, desk: Desk, registry: Option<Registry>, batch: Batch) {
        self.scribe.committed(&desk.rings, registry, batch);
        self.desk = Some(desk);
        self.failures = 0;
    }

    /// Nothing of the batch is answered as stored, and nothing more is until a new connection has committed. It is made
    /// at once after one failure, and with growing pauses after more in a row.
    fn failed(&mut self, error: &StoreError, batch: Batch) {
        tracing::error!(%error, "the store failed; it will be opened again");
        self.failures = self.failures.saturating_add(1);
        if let Some(more) = self.failures.checked_sub(2) {
            let pause = FIRST_PAUSE * 2_u32.saturating_pow(more.min(10));
            self.not_before = self.scribe.clock().monotonic() + pause.min(LONGEST_PAUSE);
        }
        batch.refuse(error);
    }
}
