//! The model's promises: what was announced, claimed, settled, ordered and forgotten.

use std::{collections::BTreeSet, time::Duration};

use inlet_core::{
    Timestamp,
    backlog::{Order, Told},
    delivery::{Class, Delivery, DeliveryStatus, Fate, Settlement},
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, MessageKey},
    outbox::DeliveryView,
};

use super::memory::{Announced, Memory, same};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Promised {
    pub(super) to: DestinationKey,
    pub(super) kind: EventKind,
    pub(super) contact: ContactKey,
    pub(super) message: Option<MessageKey>,
    /// The first promise of the same event, whose row has its bytes.
    pub(super) carrier: DeliveryKey,
    pub(super) status: DeliveryStatus,
    pub(super) class: Class,
    pub(super) attempts: u32,
    pub(super) lease: i64,
    pub(super) lease_until: Timestamp,
    pub(super) due_at: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
}

const KEPT: Duration = Duration::from_hours(30 * 24);
const KEPT_DEAD: Duration = Duration::from_hours(90 * 24);

impl Memory {
    /// Finds what was announced among the deliveries that are new, newest first.
    pub(super) fn promise(&mut self, found: &[DeliveryView], now: Timestamp) -> Result<(), String> {
        let last = self.promises.last_key_value().map(|(key, _)| *key);
        let mut new: Vec<&DeliveryView> = found.iter().filter(|view| Some(view.key) > last).collect();
        new.reverse();
        let mut new = new.into_iter();
        for Announced { kind, contact, message } in std::mem::take(&mut self.announced) {
            let hears_in_order = kind == EventKind::InboundMessage;
            let to = [Some(self.all), hears_in_order.then_some(self.strict)];
            let mut carrier = None;
            for to in to.into_iter().flatten() {
                let view = new
                    .next()
                    .ok_or(format!("{kind:?} of {contact} was not promised to {to}"))?;
                let carrier = *carrier.get_or_insert(view.key);
                let promised = Promised {
                    to,
                    kind,
                    contact,
                    message,
                    carrier,
                    status: DeliveryStatus::Ready,
                    class: Class::First,
                    attempts: 0,
                    lease: 0,
                    lease_until: now,
                    due_at: now,
                    created_at: now,
                    finished_at: None,
                };
                self.promises.insert(view.key, promised);
                if to == self.strict {
                    self.queue(contact, view.key);
                }
            }
        }
        match new.next() {
            Some(view) => Err(format!("nobody announced {view:?}")),
            None => Ok(()),
        }
    }

    fn queue(&mut self, lane: ContactKey, key: DeliveryKey) {
        let lane = self.lanes.entry(lane).or_default();
        let waits = !lane.is_empty();
        lane.push(key);
        if waits {
            self.promises.get_mut(&key).unwrap().status = DeliveryStatus::Blocked;
        }
    }

    /// Takes a delivery out of its lane, where it has one, and lets the next one go.
    fn leave(&mut self, key: DeliveryKey, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&self.promises[&key].contact) else {
            return;
        };
        lane.retain(|one| *one != key);
        let head = lane.first().copied();
        let head = head.and_then(|head| self.promises.get_mut(&head));
        if let Some(head) = head.filter(|head| head.status == DeliveryStatus::Blocked) {
            head.status = DeliveryStatus::Ready;
            head.due_at = now;
        }
    }

    /// Compares what was claimed under a lease until then: of each class the first that were due, and all there was room for.
    pub(super) fn claim(
        &mut self,
        (claimed, room): (&[Delivery], usize),
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), String> {
        let taken: BTreeSet<DeliveryKey> = claimed.iter().map(|delivery| delivery.key).collect();
        for to in [self.all, self.strict] {
            let mut free = room;
            for class in [Class::First, Class::Retry, Class::Replay] {
                let due = self.promises.iter().filter(|(_, one)| {
                    one.to == to && one.class == class && one.status == DeliveryStatus::Ready && one.due_at <= now
                });
                let (got, left): (Vec<_>, Vec<_>) = due.partition(|(key, _)| taken.contains(key));
                let expected = free.min(got.len() + left.len());
                same("how many were claimed", &got.len(), &expected)?;
                free -= expected;
                let latest = got.iter().map(|(_, one)| one.due_at).max();
                let earliest = left.iter().map(|(_, one)| one.due_at).min();
                if let (Some(latest), Some(earliest)) = (latest, earliest)
                    && latest > earliest
                {
                    return Err(format!(
                        "what was due at {latest} was claimed before what was due at {earliest}"
                    ));
                }
            }
        }
        for delivery in claimed {
            let one = self.promises.get_mut(&delivery.key);
            let one = one.filter(|one| one.status == DeliveryStatus::Ready && one.due_at <= now);
            let one = one.ok_or(format!("{} was claimed and was not due", delivery.key))?;
            one.status = DeliveryStatus::Leased;
            one.attempts += 1;
            one.lease += 1;
            one.lease_until = until;
            let store = (delivery.attempt, delivery.lease, delivery.class, delivery.due_at);
            same("a claim", &store, &(one.attempts, one.lease, one.class, one.due_at))?;
            if !delivery.body.starts_with(one.kind.name()) {
                return Err(format!("{} carries another event's bytes", delivery.key));
            }
        }
        Ok(())
    }

    /// Settles; answers how many came under a lease that was no longer theirs.
    pub(super) fn settle(&mut self, settlements: &[Settlement], now: Timestamp) -> usize {
        let mut lost = 0;
        for one in settlements {
            let Some(promised) = self.promises.get_mut(&one.delivery) else {
                lost += 1;
                continue;
            };
            if promised.status != DeliveryStatus::Leased || promised.lease != one.lease {
                lost += 1;
                continue;
            }
            match &one.fate {
                Fate::Again { due_at, counted } => {
                    promised.status = DeliveryStatus::Ready;
                    promised.due_at = *due_at;
                    if *counted && promised.class == Class::First {
                        promised.class = Class::Retry;
                    }
                    promised.attempts -= u32::from(!counted);
                    continue;
                }
                Fate::Delivered => promised.status = DeliveryStatus::Delivered,
                Fate::Dead { .. } => promised.status = DeliveryStatus::Dead,
                Fate::Held => panic!("no step holds"),
            }
            promised.finished_at = Some(now);
            if promised.to == self.strict {
                self.leave(one.delivery, now);
            }
        }
        lost
    }

    pub(super) fn order(&mut self, key: DeliveryKey, order: Order, now: Timestamp) -> Told {
        let Some(one) = self.promises.get_mut(&key) else {
            return Told::Missing;
        };
        if !order.fits(one.status) {
            return Told::Unfit(one.status);
        }
        let ordered = one.to == self.strict;
        match order {
            Order::Replay => {
                (one.status, one.class, one.attempts) = (DeliveryStatus::Ready, Class::Replay, 0);
                (one.due_at, one.finished_at) = (now, None);
                let contact = one.contact;
                if ordered {
                    self.queue(contact, key);
                }
            }
            Order::Cancel | Order::Discard => {
                (one.status, one.finished_at) = (DeliveryStatus::Cancelled, Some(now));
                if ordered {
                    self.leave(key, now);
                }
            }
        }
        Told::Done
    }

    /// Leases that are over.
    pub(super) fn recover(&mut self, now: Timestamp) {
        for one in self.promises.values_mut() {
            if one.status == DeliveryStatus::Leased && one.lease_until <= now {
                one.status = DeliveryStatus::Ready;
                one.due_at = now;
            }
        }
    }

    /// What is older than it is kept; what carries the bytes of another one stays as long as that.
    pub(super) fn tidy(&mut self, now: Timestamp) {
        loop {
            let needed: BTreeSet<DeliveryKey> = self
                .promises
                .iter()
                .filter(|(key, one)| **key != one.carrier)
                .map(|(_, one)| one.carrier)
                .collect();
            let before = self.promises.len();
            self.promises.retain(|key, one| {
                let kept = match one.status {
                    DeliveryStatus::Delivered | DeliveryStatus::Cancelled => KEPT,
                    DeliveryStatus::Dead => KEPT_DEAD,
                    DeliveryStatus::Ready | DeliveryStatus::Leased | DeliveryStatus::Blocked | DeliveryStatus::Held => {
                        return true;
                    }
                };
                let old = one.finished_at.is_some_and(|at| at + kept <= now);
                !old || needed.contains(key)
            });
            if self.promises.len() == before {
                return;
            }
        }
    }
}
