//! How a destination is doing, as far as its answers tell: when to leave it alone for a while (the breaker), how to come
//! back to it (half open, then a slow start), and when to stop sending altogether. A pure function of what was heard.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{clock::later, ids::DeliveryKey, schedule::jitter};

/// Distinct deliveries that fail one after the other before the breaker opens.
const DISTINCT: usize = 10;
/// For how long it opens the first time, and at most; each time in a row is twice as long.
const FIRST_BREAK: Duration = Duration::from_secs(30);
const LONGEST_BREAK: Duration = Duration::from_mins(10);
/// Good answers that close it while it is half open.
const CLOSING: u32 = 3;
/// Refused targets in a row before the destination is paused.
const BLOCKED: u32 = 3;
/// For how long nothing may succeed, and how many tries must have failed, before a destination is disabled.
const PATIENCE: Duration = Duration::from_hours(5 * 24);
const PATIENT_TRIES: u32 = 50;

/// What one try says of its destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It took the event.
    Well,
    /// It refused the event, but it is there.
    Answers,
    /// It did not answer, or with a fault of its own.
    Ill,
    /// Its address may not be called.
    Blocked,
    /// Nothing: it asked to be left alone for a while, or was not called.
    Silent,
}

/// One try, as its destination's health hears of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heard {
    /// What the try says.
    pub verdict: Verdict,
    /// Which delivery was tried.
    pub delivery: DeliveryKey,
    /// Whether so many of the last minute's tries failed that it is to be left alone.
    pub trip: bool,
}

/// How a destination is doing. It is kept with the destination, so that a restart does not forget it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Milliseconds of the first failure since the last success.
    failing_since: Option<i64>,
    /// Tries that failed since the last success.
    failures: u32,
    /// Distinct deliveries that failed one after the other.
    ill: Vec<DeliveryKey>,
    /// Refused targets in a row.
    blocked: u32,
    /// How often it opened since all was well.
    opens: u32,
    /// Milliseconds until which it is open.
    open_until: i64,
    /// How many may be under way, while it is half open or starts slowly.
    trust: Option<u32>,
    /// Good answers since the trust last grew.
    good: u32,
}

/// What follows for the destination.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It is left alone until then; after that, one delivery at a time.
    Opened(Timestamp),
    /// So many may be under way now; as many as ever, where absent.
    Trusted(Option<u32>),
    /// It is disabled, and why.
    Disabled(String),
    /// It is paused, and why.
    Paused(String),
}

impl Turn {
    /// The breaker's state after it, as metrics name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened(_) => "open",
            Self::Trusted(Some(_)) => "slow_start",
            Self::Trusted(None) => "closed",
            Self::Disabled(_) => "disabled",
            Self::Paused(_) => "paused",
        }
    }
}

impl Health {
    /// Hears of one try; `most` is how many may be under way when all is well.
    pub fn hear(&mut self, heard: Heard, most: u32, now: Timestamp) -> Option<Turn> {
        if heard.verdict != Verdict::Blocked && heard.verdict != Verdict::Silent {
            self.blocked = 0;
        }
        match heard.verdict {
            Verdict::Silent => None,
            Verdict::Blocked => {
                self.blocked += 1;
                let words = "its address may not be called: give a public one, or allow its network";
                (self.blocked == BLOCKED).then(|| Turn::Paused(words.to_owned()))
            }
            Verdict::Well => {
                self.failing_since = None;
                self.failures = 0;
                self.ill.clear();
                self.trust_more(most)
            }
            Verdict::Answers => {
                self.ill.clear();
                let turn = self.trust_more(most);
                self.fail(now).or(turn)
            }
            Verdict::Ill => {
                let disabled = self.fail(now);
                disabled.or_else(|| self.break_off(heard, now))
            }
        }
    }

    fn fail(&mut self, now: Timestamp) -> Option<Turn> {
        let now = now.as_millisecond();
        self.failures = self.failures.saturating_add(1);
        let since = *self.failing_since.get_or_insert(now);
        let long = u64::try_from(now - since).is_ok_and(|millis| Duration::from_millis(millis) >= PATIENCE);
        (long && self.failures >= PATIENT_TRIES).then(|| {
            let words = format!("nothing succeeded for five days, and {} tries failed", self.failures);
            *self = Self::default();
            Turn::Disabled(words)
        })
    }

    fn break_off(&mut self, heard: Heard, now: Timestamp) -> Option<Turn> {
        // What was under way when it opened says nothing new.
        if now.as_millisecond() < self.open_until {
            return None;
        }
        if !self.ill.contains(&heard.delivery) {
            self.ill.push(heard.delivery);
        }
        let half_open = self.trust == Some(1);
        if !half_open && !heard.trip && self.ill.len() < DISTINCT {
            return None;
        }
        let wait = FIRST_BREAK
            .saturating_mul(2_u32.saturating_pow(self.opens))
            .min(LONGEST_BREAK);
        let until = later(now, wait + jitter(heard.delivery, self.opens, wait));
        self.opens = self.opens.saturating_add(1);
        self.open_until = until.as_millisecond();
        self.ill.clear();
        self.trust = Some(1);
        self.good = 0;
        Some(Turn::Opened(until))
    }

    /// After three good answers two may be under way, then four, and so on, until it is as many as ever.
    fn trust_more(&mut self, most: u32) -> Option<Turn> {
        let trust = self.trust?;
        self.good += 1;
        if self.good < trust.max(CLOSING) {
            return None;
        }
        self.good = 0;
        let more = trust.saturating_mul(2);
        self.trust = (more < most).then_some(more);
        if self.trust.is_none() {
            self.opens = 0;
        }
        Some(Turn::Trusted(self.trust))
    }
}

#[cfg(test)]
mod tests;
