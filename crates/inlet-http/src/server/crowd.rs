//! How many connections each address has.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Counts connections by address, up to a limit.
#[derive(Debug)]
pub(super) struct Crowd {
    counts: Counts,
    most: usize,
}

/// A connection that is counted, until it is dropped.
#[derive(Debug)]
pub(super) struct Place(Option<(Counts, IpAddr)>);

impl Crowd {
    pub(super) fn new(most: usize) -> Self {
        Self {
            counts: Counts::default(),
            most,
        }
    }

    /// A place for one more connection from `address`, if it may have one. Connections without an address and those of
    /// loopback are not counted.
    pub(super) fn enter(&self, address: Option<IpAddr>) -> Option<Place> {
        let Some(address) = address
            .map(|address| address.to_canonical())
            .filter(|address| !address.is_loopback())
        else {
            return Some(Place(None));
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(Some((Arc::clone(&self.counts), address))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((counts, address)) = self.0.take() else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_more_places_than_it_may() {
        let crowd = Crowd::new(2);
        let one: Option<IpAddr> = Some("192.0.2.1".parse().unwrap());
        let same: Option<IpAddr> = Some("::ffff:192.0.2.1".parse().unwrap());
        let other: Option<IpAddr> = Some("192.0.2.2".parse().unwrap());
        let places = (crowd.enter(one), crowd.enter(same));
        assert!(places.0.is_some() && places.1.is_some());
        assert!(crowd.enter(one).is_none(), "the third of one address");
        assert!(crowd.enter(other).is_some(), "another address");
        drop(places.0);
        assert!(crowd.enter(one).is_some(), "a place was given back");
        drop(places.1);
        assert!(crowd.counts.lock().unwrap().is_empty(), "nothing is left behind");
        let loopback: Option<IpAddr> = Some("127.0.0.1".parse().unwrap());
        let many: Vec<_> = (0..9).map(|_| (crowd.enter(loopback), crowd.enter(None))).collect();
        assert!(many.iter().all(|(one, other)| one.is_some() && other.is_some()));
    }
}
