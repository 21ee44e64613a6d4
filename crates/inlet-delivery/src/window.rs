//! The last minute's tries of each destination: whether half of them failed, so that it is to be left alone.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use inlet_core::{Timestamp, health::Verdict, ids::DestinationKey};

/// For how long a try counts.
const MINUTE: Duration = Duration::from_mins(1);
/// The steps in which tries grow old.
const STEP: i64 = 10;
/// Tries below which nothing can be told.
const ENOUGH: u32 = 20;

/// Keeps count.
#[derive(Debug, Default)]
pub struct Window(Mutex<HashMap<DestinationKey, Vec<Slot>>>);

/// The tries of one step.
#[derive(Clone, Copy, Debug)]
struct Slot {
    step: i64,
    all: u32,
    ill: u32,
}

impl Window {
    /// Notes a try, and answers whether at least half of at least twenty within a minute failed.
    pub fn note(&self, destination: DestinationKey, verdict: Verdict, now: Timestamp) -> bool {
        let ill = match verdict {
            Verdict::Ill => 1,
            Verdict::Well | Verdict::Answers => 0,
            Verdict::Blocked | Verdict::Silent => return false,
        };
        let step = now.as_second() / STEP;
        let oldest = step - i64::try_from(MINUTE.as_secs()).unwrap_or(i64::MAX) / STEP;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slots = all.entry(destination).or_default();
        slots.retain(|slot| slot.step > oldest);
        match slots.iter_mut().find(|slot| slot.step == step) {
            Some(slot) => {
                slot.all += 1;
                slot.ill += ill;
            }
            None => slots.push(Slot { step, all: 1, ill }),
        }
        let (tries, failed) = slots
            .iter()
            .fold((0, 0), |(all, ill), slot| (all + slot.all, ill + slot.ill));
        let trip = ill == 1 && tries >= ENOUGH && failed * 2 >= tries;
        if trip {
            slots.clear();
        }
        trip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn half_of_twenty_within_a_minute_and_nothing_less() {
        let (window, key) = (Window::default(), DestinationKey(1));
        let note = |verdict, seconds| window.note(key, verdict, at(seconds));
        for second in 0..9 {
            assert!(!note(Verdict::Ill, second));
        }
        for second in 0..10 {
            assert!(!note(Verdict::Well, second), "a success trips nothing");
        }
        assert!(!note(Verdict::Silent, 11) && !note(Verdict::Blocked, 11));
        assert!(note(Verdict::Ill, 12), "ten of twenty");
        assert!(!note(Verdict::Ill, 13), "it begins anew");
        for second in 14..50 {
            note(Verdict::Well, second);
        }
        for second in 200..218 {
            assert!(!note(Verdict::Ill, second), "what is older than a minute is forgotten");
        }
    }
}
