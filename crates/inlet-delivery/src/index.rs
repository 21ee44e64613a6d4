//! The chore for search: takes up what was recorded, a batch at a time and with a pause between, so that ingest keeps the
//! writer to itself. What a kill left is taken up at the next start.

use std::{sync::Arc, time::Duration};

use inlet_core::{backlog::Backlog, directory::StoreFault, search::Search};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::hints::Hints;

/// The pause between two batches, and so how long something new may wait to be found.
const PAUSE: Duration = Duration::from_millis(250);
/// How often it is looked without a hint.
const POLL: Duration = Duration::from_secs(30);

/// Keeps the index of search up to date.
#[derive(Clone, Debug)]
pub struct Indexer {
    /// Has the index.
    pub search: Arc<dyn Search>,
    /// Says which node does it.
    pub backlog: Arc<dyn Backlog>,
    /// Tells when there is something to do.
    pub hints: Arc<Hints>,
}

impl Indexer {
    /// Takes up one batch, if this node is the one that does; whether there may be more.
    pub async fn turn(&self) -> Result<bool, StoreFault> {
        Ok(self.backlog.leads().await? && self.search.index_on().await?)
    }

    /// Keeps turning until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let (mut pause, mut poll) = (interval(PAUSE), interval(POLL));
        pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let work = async {
            loop {
                pause.tick().await;
                match self.turn().await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(fault) => tracing::warn!(%fault, "new messages cannot be found by search yet"),
                }
                tokio::select! {
                    () = self.hints.recorded() => {}
                    _ = poll.tick() => {}
                }
            }
        };
        shutdown.run_until_cancelled(work).await;
    }
}
