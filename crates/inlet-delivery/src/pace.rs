//! How many deliveries may be under way at once: so many to each destination, so many in all, and none to one that is
//! parked. A slow destination fills its own room and nobody else's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use inlet_core::{
    Timestamp,
    ids::DestinationKey,
    outbox::Room,
    registry::{Destination, DestinationState},
};

/// Deliveries under way to all destinations together, at most.
pub const GLOBAL_CAP: usize = 256;

/// Keeps count. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pace(Arc<Mutex<Counts>>);

#[derive(Debug)]
struct Counts {
    cap: usize,
    all: usize,
    each: HashMap<DestinationKey, usize>,
    parked: HashMap<DestinationKey, Timestamp>,
    turn: usize,
}

/// Room taken by one delivery; given back when it is dropped.
#[derive(Debug)]
pub struct Permit {
    pace: Pace,
    destination: DestinationKey,
}

impl Pace {
    /// Room for `cap` deliveries in all.
    pub fn new(cap: usize) -> Self {
        Self(Arc::new(Mutex::new(Counts {
            cap,
            all: 0,
            each: HashMap::new(),
            parked: HashMap::new(),
            turn: 0,
        })))
    }

    /// Leaves a destination alone until then, at least.
    pub fn park(&self, destination: DestinationKey, until: Timestamp) {
        let mut counts = self.lock();
        let parked = counts.parked.entry(destination).or_insert(until);
        *parked = until.max(*parked);
    }

    /// The room there is for each of these destinations now, shared out evenly where it is short, and beginning with
    /// another one each time. Destinations without room are left out.
    pub fn rooms(&self, destinations: &[&Destination], now: Timestamp) -> Vec<Room> {
        let mut counts = self.lock();
        counts.parked.retain(|_, until| *until > now);
        counts.turn = counts.turn.wrapping_add(1);
        let mut open: Vec<Room> = destinations
            .iter()
            .filter(|destination| destination.state == DestinationState::Active)
            .filter(|destination| destination.parked_until.is_none_or(|until| until <= now))
            .filter_map(|destination| counts.room(destination))
            .collect();
        let first = counts.turn.checked_rem(open.len()).unwrap_or_default();
        open.rotate_left(first);
        let (mut free, mut waiting) = (counts.cap.saturating_sub(counts.all), open.len());
        for room in &mut open {
            room.free = room.free.min(free.div_ceil(waiting.max(1)));
            free -= room.free;
            waiting -= 1;
        }
        open.retain(|room| room.free > 0);
        open
    }

    /// Takes room for one delivery.
    pub fn enter(&self, destination: DestinationKey) -> Permit {
        let mut counts = self.lock();
        counts.all += 1;
        *counts.each.entry(destination).or_default() += 1;
        Permit {
            pace: self.clone(),
            destination,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn room(&self, destination: &Destination) -> Option<Room> {
        let under_way = self.each.get(&destination.key).copied().unwrap_or_default();
        let most = usize::try_from(destination.max_inflight).unwrap_or(usize::MAX);
        let free = most.saturating_sub(under_way);
        let open = free > 0 && !self.parked.contains_key(&destination.key);
        open.then_some(Room {
            location: destination.location,
            destination: destination.key,
            free,
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.pace.lock();
        counts.all = counts.all.saturating_sub(1);
        if let Some(under_way) = counts.each.get_mut(&self.destination) {
            *under_way = under_way.saturating_sub(1);
            if *under_way == 0 {
                counts.each.remove(&self.destination);
            }
        }
    }
}

#[cfg(test)]
mod tests;
