//! How often an upstream may be called for one location: never more in any interval than it allows, whoever else calls it
//! too. Pure but for the lock: the time is an argument.
//!
//! A call takes its place from when it begins until an interval after its answer came, for nobody knows when in between
//! it was counted. So no interval of the upstream's own can hold more than are let through here.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use inlet_core::{
    Timestamp,
    clock::later,
    registry::Destination,
    relay::{CallLimits, day},
};

/// How much longer than the interval a place is taken: clocks are read in whole milliseconds.
const GUARD: Duration = Duration::from_millis(10);
/// Of a day's calls, the share that is kept for what comes in: what is sent once more has to wait.
const RESERVE: u32 = 20;
/// Steps in which a halved allowance comes back.
const STEPS: u32 = 20;

/// Whose limit it is: an app's at one of its upstream's locations. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Account {
    base: String,
    location: String,
}

impl Account {
    /// The account that a destination calls under, where it is an upstream; and what its limits are said to be.
    pub fn of(destination: &Destination) -> Option<(Self, CallLimits)> {
        let upstream = destination.upstream.as_deref()?;
        let account = Self {
            base: destination.url.clone(),
            location: upstream.location.clone(),
        };
        Some((account, upstream.limits))
    }
}

/// What an answer's headers say of the limit. What it does not say stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heard {
    /// Calls in an interval.
    pub burst: Option<u32>,
    /// Calls left in the interval.
    pub remaining: Option<u32>,
    /// Milliseconds in an interval.
    pub interval_ms: Option<u32>,
    /// Calls left in the day.
    pub daily_remaining: Option<u32>,
    /// When the day ends.
    pub daily_reset: Option<Duration>,
    /// After how long to come again.
    pub retry_after: Option<Duration>,
    /// Whether the call was one too many.
    pub limited: bool,
}

/// All accounts. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Governors(Arc<Mutex<HashMap<Account, Governor>>>);

/// A place that a call takes. Dropped without an answer, it is taken for an interval all the same.
#[derive(Debug)]
pub struct Place {
    governors: Governors,
    account: Account,
    begun: Timestamp,
    answered: bool,
}

#[derive(Debug)]
struct Governor {
    limits: CallLimits,
    /// Places that are free again an interval after these moments, the earliest first.
    taken: VecDeque<Timestamp>,
    open: usize,
    /// How many places there are now: fewer after "too many", until all is well again.
    allowance: u32,
    changed: Timestamp,
    /// Whether anything was heard: before, one call at a time, since nobody knows what was called before.
    known: bool,
    not_before: Timestamp,
    daily: Option<(i64, u32)>,
}

impl Governors {
    /// How many calls may begin now.
    pub fn room(&self, (account, limits): &(Account, CallLimits), now: Timestamp) -> usize {
        self.lock().of(account, limits).room(now)
    }

    /// When one may begin, where none may now: `None` where only an answer can tell.
    pub fn opens(&self, (account, limits): &(Account, CallLimits), now: Timestamp) -> Option<Timestamp> {
        self.lock().of(account, limits).opens(now)
    }

    /// Whether so little of the day is left that it is kept for what comes in.
    pub fn is_scarce(&self, (account, limits): &(Account, CallLimits), now: Timestamp) -> bool {
        self.lock().of(account, limits).is_scarce(now)
    }

    /// Takes a place for a call, or says when there may be one.
    pub fn begin(&self, (account, limits): &(Account, CallLimits), now: Timestamp) -> Result<Place, Timestamp> {
        let mut all = self.lock();
        let governor = all.of(account, limits);
        if governor.room(now) == 0 {
            let soon = later(now, Duration::from_millis(200));
            return Err(governor.opens(now).unwrap_or(soon));
        }
        governor.open += 1;
        drop(all);
        Ok(Place {
            governors: self.clone(),
            account: account.clone(),
            begun: now,
            answered: false,
        })
    }

    fn lock(&self) -> Accounts<'_> {
        Accounts(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Accounts<'a>(MutexGuard<'a, HashMap<Account, Governor>>);

impl Accounts<'_> {
    fn of(&mut self, account: &Account, limits: &CallLimits) -> &mut Governor {
        self.0.entry(account.clone()).or_insert_with(|| Governor::new(*limits))
    }
}

impl Place {
    /// The call was answered so; answers until when nothing more may be called, if that is long.
    pub fn end(mut self, now: Timestamp, heard: &Heard) -> Option<Timestamp> {
        self.answered = true;
        let mut all = self.governors.lock();
        let governor = all.0.get_mut(&self.account)?;
        governor.open = governor.open.saturating_sub(1);
        governor.hear(now, heard)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        let mut all = self.governors.lock();
        if let Some(governor) = all.0.get_mut(&self.account) {
            governor.open = governor.open.saturating_sub(1);
            governor.take(self.begun);
        }
    }
}

impl Governor {
    fn new(limits: CallLimits) -> Self {
        Self {
            limits,
            taken: VecDeque::new(),
            open: 0,
            allowance: limits.burst,
            changed: Timestamp::MIN,
            known: false,
            not_before: Timestamp::MIN,
            daily: None,
        }
    }

    fn hold(&self) -> Duration {
        self.limits.interval() + GUARD
    }

    fn prune(&mut self, now: Timestamp) {
        let hold = self.hold();
        while self.taken.front().is_some_and(|at| later(*at, hold) <= now) {
            self.taken.pop_front();
        }
    }

    fn used(&self) -> usize {
        self.taken.len() + self.open
    }

    fn places(&self) -> usize {
        let places = if self.known { self.allowance } else { 1 };
        usize::try_from(places).unwrap_or(usize::MAX)
    }

    fn room(&mut self, now: Timestamp) -> usize {
        self.prune(now);
        if now < self.not_before {
            return 0;
        }
        let used = if self.known { self.used() } else { self.open };
        self.places().saturating_sub(used)
    }

    fn opens(&mut self, now: Timestamp) -> Option<Timestamp> {
        if self.room(now) > 0 {
            return Some(now);
        }
        let waits = now < self.not_before;
        let over = (self.used() + 1).saturating_sub(self.places());
        match over.checked_sub(1) {
            _ if !self.known => waits.then_some(self.not_before),
            None => Some(self.not_before.max(now)),
            Some(index) => Some(later(*self.taken.get(index)?, self.hold()).max(self.not_before)),
        }
    }

    fn is_scarce(&self, now: Timestamp) -> bool {
        let left = self.daily.filter(|(today, _)| *today == day(now));
        left.is_some_and(|(_, left)| left < self.limits.daily / RESERVE)
    }

    /// Places stand in the order in which they are free again.
    fn take(&mut self, at: Timestamp) {
        let index = self.taken.partition_point(|earlier| *earlier <= at);
        self.taken.insert(index, at);
    }

    fn hear(&mut self, now: Timestamp, heard: &Heard) -> Option<Timestamp> {
        self.take(now);
        self.known = true;
        if let Some(interval_ms) = heard.interval_ms.filter(|interval| *interval > 0) {
            self.limits.interval_ms = interval_ms;
        }
        if let Some(burst) = heard.burst.filter(|burst| *burst > 0 && *burst != self.limits.burst) {
            self.limits.burst = burst;
            self.allowance = self.allowance.min(burst);
        }
        if let Some(left) = heard.daily_remaining {
            self.daily = Some((day(now), left));
        }
        if heard.limited {
            return self.slow_down(now, heard);
        }
        self.make_room_for_others(now, heard.remaining);
        self.recover(now);
        None
    }

    /// Whatever is counted there beyond our own calls, somebody else called.
    fn make_room_for_others(&mut self, now: Timestamp, remaining: Option<u32>) {
        let Some(remaining) = remaining.and_then(|left| usize::try_from(left).ok()) else {
            return;
        };
        self.prune(now);
        let burst = usize::try_from(self.limits.burst).unwrap_or(usize::MAX);
        let ours = burst.saturating_sub(self.used());
        for _ in remaining..ours {
            self.take(now);
        }
    }

    /// Half as many places, and none for a while; for the rest of the day where that is used up.
    fn slow_down(&mut self, now: Timestamp, heard: &Heard) -> Option<Timestamp> {
        if heard.daily_remaining == Some(0) {
            let left = heard.daily_reset.unwrap_or_else(|| until_midnight(now));
            self.not_before = self.not_before.max(later(now, left));
            return Some(self.not_before);
        }
        let wait = heard.retry_after.unwrap_or_else(|| self.limits.interval());
        self.not_before = self.not_before.max(later(now, wait));
        // Of several answers to one burst, only the first halves.
        if later(self.changed, self.limits.interval()) <= now {
            self.allowance = (self.allowance / 2).max(1);
            self.changed = now;
        }
        None
    }

    fn recover(&mut self, now: Timestamp) {
        if self.allowance < self.limits.burst && later(self.changed, self.limits.interval()) <= now {
            let step = (self.limits.burst / STEPS).max(1);
            self.allowance = (self.allowance + step).min(self.limits.burst);
            self.changed = now;
        }
    }
}

/// HighLevel does not say when its day ends: midnight in UTC is the best guess.
fn until_midnight(now: Timestamp) -> Duration {
    let passed = now.as_second().rem_euclid(86_400);
    Duration::from_secs(u64::try_from(86_400 - passed).unwrap_or(86_400))
}

#[cfg(test)]
mod tests;
