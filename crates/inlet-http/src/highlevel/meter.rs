//! HighLevel's rate limit, counted for each app and location or agency on the clock that never goes back.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use inlet_core::{ids::AppKey, registry::Subject};

use crate::state::Limits;

const DAY: Duration = Duration::from_hours(24);

/// Counts requests.
#[derive(Debug, Default)]
pub(super) struct Meter {
    windows: Mutex<HashMap<(AppKey, Subject), (Window, Window)>>,
}

/// Requests since the first one of an interval.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    began: Duration,
    count: u32,
}

impl Window {
    /// The window that `now` falls into: this one, or a new one once it is over.
    fn at(self, now: Duration, length: Duration) -> Self {
        if self.count == 0 || now.saturating_sub(self.began) >= length {
            Self { began: now, count: 0 }
        } else {
            self
        }
    }

    fn one_more(self) -> Self {
        Self {
            count: self.count.saturating_add(1),
            ..self
        }
    }
}

/// How much of the limit is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    /// Requests left in the interval.
    pub(super) remaining: u32,
    /// Requests left in the day.
    pub(super) daily_remaining: u32,
    /// Seconds until there are some again, where this request was one too many.
    pub(super) wait: Option<u64>,
}

impl Standing {
    /// Before anyone was counted.
    pub(super) fn full(limits: &Limits) -> Self {
        Self {
            remaining: limits.burst,
            daily_remaining: limits.daily,
            wait: None,
        }
    }
}

impl Meter {
    /// Counts one request, unless it is one too many and the limit is enforced.
    pub(super) fn count(&self, who: (AppKey, Subject), now: Duration, limits: &Limits) -> Standing {
        let length = Duration::from_millis(limits.interval_ms.into());
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = windows.entry(who).or_default();
        let (burst, daily) = (entry.0.at(now, length), entry.1.at(now, DAY));
        let left = |window: Window, length: Duration| window.began.saturating_add(length).saturating_sub(now);
        let wait = if !limits.enforced {
            None
        } else if daily.count >= limits.daily {
            Some(left(daily, DAY))
        } else if burst.count >= limits.burst {
            Some(left(burst, length))
        } else {
            None
        };
        *entry = if wait.is_some() {
            (burst, daily)
        } else {
            (burst.one_more(), daily.one_more())
        };
        Standing {
            remaining: limits.burst.saturating_sub(entry.0.count),
            daily_remaining: limits.daily.saturating_sub(entry.1.count),
            wait: wait.map(|left| left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use inlet_core::ids::LocationKey;

    use super::*;

    const LIMITS: Limits = Limits {
        enforced: true,
        burst: 2,
        interval_ms: 10_000,
        daily: 3,
    };

    fn standing(remaining: u32, daily_remaining: u32, wait: Option<u64>) -> Standing {
        Standing {
            remaining,
            daily_remaining,
            wait,
        }
    }

    #[test]
    fn a_limit_is_exact_and_comes_back() {
        let meter = Meter::default();
        let one = (AppKey(1), Subject::Location(LocationKey(1)));
        let day = 86_400_000;
        // Milliseconds, and how it stands after a request at that time.
        let steps = [
            (5_000, standing(1, 2, None)),
            (6_000, standing(0, 1, None)),
            (6_500, standing(0, 1, Some(9))),
            (14_999, standing(0, 1, Some(1))),
            (15_000, standing(1, 0, None)),
            (15_001, standing(1, 0, Some(86_390))),
            (5_000 + day, standing(1, 2, None)),
        ];
        for (at, expected) in steps {
            let counted = meter.count(one.clone(), Duration::from_millis(at), &LIMITS);
            assert_eq!(counted, expected, "at {at} ms");
        }
        let other = meter.count((AppKey(1), Subject::Location(LocationKey(2))), Duration::ZERO, &LIMITS);
        assert_eq!(other, standing(1, 2, None), "another location has its own");
    }

    #[test]
    fn a_limit_that_is_not_enforced_only_counts() {
        let meter = Meter::default();
        let limits = Limits {
            enforced: false,
            ..LIMITS
        };
        let counted: Vec<_> = (0..5)
            .map(|_| meter.count((AppKey(1), Subject::Location(LocationKey(1))), Duration::ZERO, &limits))
            .collect();
        assert_eq!(counted[4], standing(0, 0, None));
    }
}
