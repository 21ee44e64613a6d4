//! How many deliveries may be under way at once: so many to each destination and host, so many in all, so many a second,
//! and none to one that is parked; some room is always kept for first attempts. A slow destination fills its own room and nobody else's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use inlet_core::{
    Timestamp,
    delivery::Class,
    ids::DestinationKey,
    outbox::Room,
    registry::{Destination, DestinationState},
};
use url::Url;

use crate::upstream::governor::{Account, Governors};

/// Deliveries under way to all destinations together, at most.
pub const GLOBAL_CAP: usize = 256;

/// Deliveries under way to one host and port, at most, however many destinations are there.
const HOST_CAP: usize = 32;

/// Keeps count. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pace {
    counts: Arc<Mutex<Counts>>,
    governors: Governors,
}

#[derive(Debug)]
struct Counts {
    cap: usize,
    all: usize,
    later: usize,
    each: HashMap<DestinationKey, UnderWay>,
    hosts: HashMap<String, usize>,
    buckets: HashMap<DestinationKey, Bucket>,
    parked: HashMap<DestinationKey, Timestamp>,
    turn: usize,
}

/// What is under way to one destination.
#[derive(Clone, Copy, Debug, Default)]
struct UnderWay {
    all: usize,
    later: usize,
}

/// Attempts that may begin: a second's worth at most, refilled evenly.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    rate: u32,
    left: f64,
    at: Timestamp,
}

impl Bucket {
    fn full(rate: u32, at: Timestamp) -> Self {
        Self {
            rate,
            left: f64::from(rate),
            at,
        }
    }

    /// Refills it, and answers how many whole attempts may begin.
    fn room(&mut self, now: Timestamp) -> usize {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        let rate = f64::from(self.rate);
        self.left = (self.left + passed * rate).min(rate);
        self.at = now;
        (0..self.rate)
            .take_while(|&count| f64::from(count) + 1.0 <= self.left)
            .count()
    }
}

/// Room taken by one delivery; given back when it is dropped.
#[derive(Debug)]
pub struct Permit {
    pace: Pace,
    destination: DestinationKey,
    host: String,
    later: bool,
}

impl Pace {
    /// Room for `cap` deliveries in all; how often upstreams may be called, their governors say.
    pub fn new(cap: usize, governors: Governors) -> Self {
        let counts = Arc::new(Mutex::new(Counts {
            cap,
            all: 0,
            later: 0,
            hosts: HashMap::new(),
            buckets: HashMap::new(),
            each: HashMap::new(),
            parked: HashMap::new(),
            turn: 0,
        }));
        Self { counts, governors }
    }

    /// When an upstream of these may be called again, where none may be called now.
    pub fn opens(&self, destinations: &[&Destination], now: Timestamp) -> Option<Timestamp> {
        let accounts = destinations.iter().filter_map(|destination| Account::of(destination));
        accounts.filter_map(|account| self.governors.opens(&account, now)).min()
    }

    /// Leaves a destination alone until then, or until the directory knows of it, which takes over.
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
        for destination in destinations {
            let known = destination.parked_until.unwrap_or(Timestamp::MIN);
            if counts.parked.get(&destination.key).is_some_and(|until| *until <= known) {
                counts.parked.remove(&destination.key);
            }
        }
        counts.turn = counts.turn.wrapping_add(1);
        let mut open: Vec<Room> = destinations
            .iter()
            .filter(|destination| destination.state == DestinationState::Active)
            .filter(|destination| destination.parked_until.is_none_or(|until| until <= now))
            .filter_map(|destination| self.governed(counts.room(destination, now)?, destination, now))
            .collect();
        let first = counts.turn.checked_rem(open.len()).unwrap_or_default();
        open.rotate_left(first);
        let (mut free, mut waiting) = (counts.cap.saturating_sub(counts.all), open.len());
        let mut later = (counts.cap / 2).saturating_sub(counts.later);
        for room in &mut open {
            room.free = room.free.min(free.div_ceil(waiting.max(1)));
            room.later = room.later.min(room.free).min(later.div_ceil(waiting.max(1)));
            free -= room.free;
            later -= room.later;
            waiting -= 1;
        }
        open.retain(|room| room.free > 0);
        open
    }

    /// Takes room for one delivery of that class; `url` says which host it goes to.
    pub fn enter(&self, destination: DestinationKey, url: &str, class: Class) -> Permit {
        let (host, later) = (host(url), class != Class::First);
        let mut counts = self.lock();
        counts.all += 1;
        counts.later += usize::from(later);
        *counts.hosts.entry(host.clone()).or_default() += 1;
        let under_way = counts.each.entry(destination).or_default();
        under_way.all += 1;
        under_way.later += usize::from(later);
        if let Some(bucket) = counts.buckets.get_mut(&destination) {
            bucket.left = (bucket.left - 1.0).max(0.0);
        }
        Permit {
            pace: self.clone(),
            destination,
            host,
            later,
        }
    }

    /// The part of a destination's room for which its upstream may be called. Each delivery under way may still have a call
    /// to make.
    fn governed(&self, (room, under_way): (Room, usize), destination: &Destination, now: Timestamp) -> Option<Room> {
        let Some(account) = Account::of(destination) else {
            return Some(room);
        };
        let free = self
            .governors
            .room(&account, now)
            .saturating_sub(under_way)
            .min(room.free);
        let later = if self.governors.is_scarce(&account, now) {
            0
        } else {
            room.later
        };
        (free > 0).then_some(Room { free, later, ..room })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Host and port of an address, which destinations may share.
fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let named = parsed
        .as_ref()
        .and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
    named.map_or_else(|| url.to_owned(), |(host, port)| format!("{host}:{port}"))
}

impl Counts {
    /// The room that a destination has, and how much is under way to it.
    fn room(&mut self, destination: &Destination, now: Timestamp) -> Option<(Room, usize)> {
        let under_way = self.each.get(&destination.key).copied().unwrap_or_default();
        let most = destination.trust.unwrap_or(u32::MAX).min(destination.max_inflight);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let to_host = self.hosts.get(&host(&destination.url)).copied().unwrap_or_default();
        let free = most
            .saturating_sub(under_way.all)
            .min(HOST_CAP.saturating_sub(to_host))
            .min(self.rated(destination, now));
        let open = free > 0 && !self.parked.contains_key(&destination.key);
        // A quarter of the room is kept for first attempts.
        let later = (most - most / 4).saturating_sub(under_way.later);
        let room = Room {
            location: destination.location,
            destination: destination.key,
            free,
            later: later.min(free),
        };
        open.then_some((room, under_way.all))
    }

    /// How many attempts may begin now by the destination's own rate.
    fn rated(&mut self, destination: &Destination, now: Timestamp) -> usize {
        let Some(rate) = destination.rate else {
            return usize::MAX;
        };
        let bucket = self
            .buckets
            .entry(destination.key)
            .or_insert_with(|| Bucket::full(rate, now));
        if bucket.rate != rate {
            *bucket = Bucket::full(rate, now);
        }
        bucket.room(now)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.pace.lock();
        let later = usize::from(self.later);
        counts.all = counts.all.saturating_sub(1);
        counts.later = counts.later.saturating_sub(later);
        if let Some(under_way) = counts.each.get_mut(&self.destination) {
            under_way.all = under_way.all.saturating_sub(1);
            under_way.later = under_way.later.saturating_sub(later);
            if under_way.all == 0 {
                counts.each.remove(&self.destination);
            }
        }
        if let Some(to_host) = counts.hosts.get_mut(&self.host) {
            *to_host = to_host.saturating_sub(1);
            if *to_host == 0 {
                counts.hosts.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests;
