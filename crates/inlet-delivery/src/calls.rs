//! The chore for calls without an end: after ten minutes they are announced as they stand.

use std::{sync::Arc, time::Duration};

use inlet_core::{
    change::{Change, What},
    clock::Clock,
    directory::StoreFault,
    inbox::Inbox,
    intake::{Intake, Refusal},
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often overdue calls are looked for.
const EVERY: Duration = Duration::from_secs(30);
/// Calls that are announced in one go.
const LIMIT: usize = 100;

/// Announces overdue calls.
#[derive(Clone, Debug)]
pub struct Calls {
    /// Knows which are overdue.
    pub inbox: Arc<dyn Inbox>,
    /// Announces them.
    pub intake: Arc<dyn Intake>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Calls {
    /// Announces what is overdue, and answers how many calls that were.
    pub async fn turn(&self) -> Result<usize, StoreFault> {
        let overdue = self.inbox.overdue_calls(self.clock.now(), LIMIT).await?;
        for &(location, provider, message) in &overdue {
            let change = Change {
                location,
                provider,
                keys: Vec::new(),
                fingerprint: 0,
                what: What::CallOverdue { message },
            };
            submit_one(&*self.intake, change).await?;
        }
        Ok(overdue.len())
    }

    /// Keeps turning until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let work = async {
            loop {
                every.tick().await;
                if let Err(fault) = self.turn().await {
                    tracing::warn!(%fault, "overdue calls could not be announced");
                }
            }
        };
        shutdown.run_until_cancelled(work).await;
    }
}

/// Submits one later word on a message. That it came too late is no fault: the message went on without it.
pub(crate) async fn submit_one(intake: &dyn Intake, change: Change) -> Result<(), StoreFault> {
    match intake.submit(vec![change]).await.pop() {
        Some(Err(Refusal::Unavailable(reason))) => Err(StoreFault::Unavailable(reason)),
        Some(Err(refusal)) => {
            tracing::debug!(%refusal, "a later word on a message changed nothing");
            Ok(())
        }
        Some(Ok(_)) | None => Ok(()),
    }
}
