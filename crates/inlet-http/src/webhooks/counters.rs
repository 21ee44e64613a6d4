//! What happened at the webhook doors, in numbers: for the metrics page, and for what is too much to be written down.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use inlet_core::{ids::EndpointKey, journal::RequestVerdict};

/// How many refused requests of one endpoint are written down in a [`WINDOW`]; the others are only counted.
const REFUSALS_KEPT: u32 = 60;
/// See [`REFUSALS_KEPT`].
const WINDOW: Duration = Duration::from_mins(1);

/// Counts since the start, and how much of each endpoint's journal allowance is used.
#[derive(Debug, Default)]
pub struct WebhookCounters {
    unknown: AtomicU64,
    unselected: AtomicU64,
    accepted: AtomicU64,
    parked: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    not_kept: AtomicU64,
    journal_failed: AtomicU64,
    refusals: Mutex<HashMap<EndpointKey, Refusals>>,
}

/// The refused requests of one endpoint that were written down in the current window.
#[derive(Clone, Copy, Debug)]
struct Refusals {
    since: Duration,
    kept: u32,
}

impl WebhookCounters {
    /// All counts under the names they have in metrics.
    pub fn all(&self) -> [(&'static str, u64); 8] {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("unknown", read(&self.unknown)),
            ("unselected", read(&self.unselected)),
            ("accepted", read(&self.accepted)),
            ("parked", read(&self.parked)),
            ("refused", read(&self.refused)),
            ("failed", read(&self.failed)),
            ("not_kept", read(&self.not_kept)),
            ("journal_failed", read(&self.journal_failed)),
        ]
    }

    /// A request to an address that no endpoint has.
    pub(super) fn count_unknown(&self) {
        add_one(&self.unknown);
    }

    /// A request without a token in its path whose account and number select no endpoint's keys.
    pub(super) fn count_unselected(&self) {
        add_one(&self.unselected);
    }

    /// A request that was answered.
    pub(super) fn count(&self, verdict: RequestVerdict) {
        add_one(match verdict {
            RequestVerdict::Accepted => &self.accepted,
            RequestVerdict::Parked => &self.parked,
            RequestVerdict::Refused => &self.refused,
            RequestVerdict::Failed => &self.failed,
        });
    }

    /// A request that should have been written down, but the journal could not.
    pub(super) fn count_journal_failed(&self) {
        add_one(&self.journal_failed);
    }

    /// Whether one more refused request of this endpoint may be written down at `now` (monotonic); if not, it is counted.
    pub(super) fn may_keep_refused(&self, endpoint: EndpointKey, now: Duration) -> bool {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Refusals { since: now, kept: 0 };
        let own = refusals.entry(endpoint).or_insert(fresh);
        if now.saturating_sub(own.since) >= WINDOW {
            *own = fresh;
        }
        let may = own.kept < REFUSALS_KEPT;
        if may {
            own.kept += 1;
        } else {
            add_one(&self.not_kept);
        }
        may
    }
}

fn add_one(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_endpoint_has_an_allowance_a_minute() {
        let counters = WebhookCounters::default();
        let at = |second: u64| Duration::from_secs(1_000 + second);
        let kept = (0..100).filter(|_| counters.may_keep_refused(EndpointKey(1), at(0)));
        assert_eq!(kept.count(), 60);
        assert!(
            counters.may_keep_refused(EndpointKey(2), at(1)),
            "another endpoint's own"
        );
        assert!(!counters.may_keep_refused(EndpointKey(1), at(59)));
        assert!(counters.may_keep_refused(EndpointKey(1), at(60)), "a new minute");
        assert!(counters.all().contains(&("not_kept", 41)));
    }
}
