//! When a failed delivery is tried again: a list of delays, to which jitter only adds, and which a receiver's
//! `Retry-After` can only lengthen.

use std::{hash::Hasher, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use crate::{clock::later, ids::DeliveryKey};

/// A schedule of retries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Twelve attempts over 75 hours.
    Standard,
    /// HighLevel's own since August 2026: twelve retries with growing delays.
    Highlevel,
    /// The relay's to its upstream: thirteen attempts over 55 hours.
    Upstream,
    /// Delays of one's own, in seconds; at most 30.
    Custom(Vec<u32>),
}

const MINUTE: u32 = 60;
const HOUR: u32 = 3600;
const STANDARD: [u32; 11] = [
    5,
    30,
    2 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];
const HIGHLEVEL: [u32; 12] = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480];

const UPSTREAM: [u32; 12] = [
    2,
    10,
    30,
    2 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    16 * HOUR,
    24 * HOUR,
];

/// The most that a receiver can put a retry off.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// What a schedule's end is given beyond its last delay and its jitter.
const GRACE: Duration = Duration::from_mins(15);

impl Schedule {
    /// The delays between attempts, in seconds.
    pub fn delays(&self) -> &[u32] {
        match self {
            Self::Standard => &STANDARD,
            Self::Highlevel => &HIGHLEVEL,
            Self::Upstream => &UPSTREAM,
            Self::Custom(delays) => delays,
        }
    }

    /// Reads `standard`, `highlevel`, `upstream`, or seconds separated by commas.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "standard" => Some(Self::Standard),
            "highlevel" => Some(Self::Highlevel),
            "upstream" => Some(Self::Upstream),
            list => {
                let delays: Vec<u32> = list
                    .split(',')
                    .map(|part| part.trim().parse().ok())
                    .collect::<Option<_>>()?;
                ((1..=30).contains(&delays.len())).then_some(Self::Custom(delays))
            }
        }
    }

    /// For how long a delivery is kept trying: all delays with the most jitter, and a grace.
    pub fn lifetime(&self) -> Duration {
        let sum: u64 = self.delays().iter().map(|&delay| u64::from(delay)).sum();
        Duration::from_secs(sum + sum / 4) + GRACE
    }

    /// When attempt `number + 1` is due after attempt `number` (from 1) failed at `now`; `None` at the schedule's end.
    pub fn next(
        &self,
        delivery: DeliveryKey,
        number: u32,
        now: Timestamp,
        asked: Option<Duration>,
    ) -> Option<Timestamp> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        let delay = Duration::from_secs(u64::from(*self.delays().get(index)?));
        let wait = delay.max(asked.unwrap_or_default().min(LONGEST_WAIT));
        Some(later(now, wait + jitter(delivery, number, wait)))
    }
}

/// Up to a quarter of the wait, the same for the same delivery and attempt.
pub fn jitter(delivery: DeliveryKey, number: u32, wait: Duration) -> Duration {
    let mut hasher = SipHasher13::new();
    hasher.write_i64(delivery.0);
    hasher.write_u32(number);
    let share = u32::try_from(hasher.finish() >> 32).unwrap_or(u32::MAX);
    (wait / 4).mul_f64(f64::from(share) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_schedule_reaches_seventy_five_hours() {
        let total: u32 = Schedule::Standard.delays().iter().sum();
        assert_eq!((total / HOUR, total % HOUR / MINUTE), (75, 42));
    }

    #[test]
    fn jitter_and_hints_only_add() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for delivery in 0..200 {
            for number in 1..=11_u32 {
                let delay = Duration::from_secs(u64::from(STANDARD[usize::try_from(number).unwrap() - 1]));
                let plain = Schedule::Standard
                    .next(DeliveryKey(delivery), number, now, None)
                    .unwrap();
                assert!(plain >= later(now, delay) && plain <= later(now, delay + delay / 4));
                let asked = delay + Duration::from_secs(100);
                let hinted = Schedule::Standard
                    .next(DeliveryKey(delivery), number, now, Some(asked))
                    .unwrap();
                assert!(hinted >= later(now, asked.min(LONGEST_WAIT.max(delay))));
            }
            assert_eq!(Schedule::Standard.next(DeliveryKey(delivery), 12, now, None), None);
        }
    }

    #[test]
    fn schedules_are_read_or_refused() {
        assert_eq!(Schedule::parse("standard"), Some(Schedule::Standard));
        assert_eq!(Schedule::parse("1, 2,3"), Some(Schedule::Custom(vec![1, 2, 3])));
        for wrong in ["", "soon", "1,,2", "-1", &"1,".repeat(31)] {
            assert_eq!(Schedule::parse(wrong), None, "{wrong}");
        }
    }
}
