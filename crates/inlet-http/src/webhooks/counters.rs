//! What happened at the webhook doors, in numbers: for the metrics page, and for what is too much to be written down.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use inlet_core::{adapter::Pace, ids::EndpointKey, journal::RequestVerdict};

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
    refusals: Mutex<HashMap<EndpointKey, Minute>>,
    senders: Mutex<HashMap<(EndpointKey, String), Minute>>,
}

/// How many senders are counted at once; those whose minute is over make room.
const SENDERS: usize = 10_000;

/// What was counted in the current window.
#[derive(Clone, Copy, Debug)]
struct Minute {
    since: Duration,
    count: u32,
}

impl Minute {
    fn at(now: Duration) -> Self {
        Self { since: now, count: 0 }
    }

    fn is_over(self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= WINDOW
    }

    /// Counts one more, if that is not more than `most`.
    fn take(&mut self, most: u32, now: Duration) -> bool {
        if self.is_over(now) {
            *self = Self::at(now);
        }
        let may = self.count < most;
        self.count += u32::from(may);
        may
    }
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
        let own = refusals.entry(endpoint).or_insert(Minute::at(now));
        let may = own.take(REFUSALS_KEPT, now);
        if !may {
            add_one(&self.not_kept);
        }
        may
    }

    /// Whether one more request of this sender may be taken at `now` (monotonic).
    pub(super) fn may_send(&self, endpoint: EndpointKey, pace: &Pace, now: Duration) -> bool {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if senders.len() >= SENDERS {
            senders.retain(|_, minute| !minute.is_over(now));
        }
        let known = (endpoint, pace.sender.clone());
        if senders.len() >= SENDERS && !senders.contains_key(&known) {
            return false;
        }
        senders.entry(known).or_insert(Minute::at(now)).take(pace.most, now)
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

    #[test]
    fn each_sender_has_a_pace_and_there_are_only_so_many() {
        let counters = WebhookCounters::default();
        let pace = |sender: &str| Pace {
            sender: sender.to_owned(),
            most: 2,
        };
        let at = Duration::from_secs;
        let may = |sender: &str, second| counters.may_send(EndpointKey(1), &pace(sender), at(second));
        assert_eq!([may("a", 0), may("a", 1), may("a", 2)], [true, true, false]);
        assert!(may("b", 2), "another sender's own");
        assert!(
            counters.may_send(EndpointKey(2), &pace("a"), at(2)),
            "another endpoint's"
        );
        assert!(may("a", 60), "a new minute");
        let crowd = (0..SENDERS).filter(|sender| may(&sender.to_string(), 61)).count();
        assert!((SENDERS - 4..SENDERS).contains(&crowd), "{crowd}");
        assert!(!may("one more", 61));
        assert!(may("one more", 200), "they made room");
    }
}
