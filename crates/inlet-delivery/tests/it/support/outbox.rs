//! An outbox in memory that keeps the port's word: leases, counted tries, and last words under the current lease only.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    clock::{Clock, later},
    delivery::{Attempt, Class, Delivery, DeliveryStatus, Fate, Settlement},
    directory::StoreFault,
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, EventKey, LocationKey},
    outbox::{DeliveryQuery, DeliveryView, Due, Outbox, Room},
    schedule::Schedule,
};
use tokio::sync::Notify;

use super::StillClock;

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) delivery: Delivery,
    pub(crate) status: DeliveryStatus,
    pub(crate) due_at: Timestamp,
    pub(crate) lease_until: Option<Timestamp>,
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct MemoryOutbox {
    rows: Mutex<Vec<Row>>,
    log: Mutex<Vec<Settlement>>,
    settled: Notify,
    down: Mutex<bool>,
}

impl MemoryOutbox {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Promises an event to a destination, due at once.
    pub(crate) fn promise(&self, destination: i64, clock: &StillClock) -> DeliveryKey {
        let mut rows = self.rows.lock().unwrap();
        let key = i64::try_from(rows.len()).unwrap() + 1;
        let now = clock.now();
        rows.push(Row {
            delivery: Delivery {
                key: DeliveryKey(key),
                location: LocationKey(1),
                event: EventKey(key + 1000),
                kind: EventKind::InboundMessage,
                destination: DestinationKey(destination),
                lane: ContactKey(1),
                message: None,
                class: Class::First,
                due_at: now,
                body: format!("{{\"n\": {key}, \"text\":\"h\u{e9}llo\"}}"),
                attempt: 0,
                lease: 0,
                created_at: now,
                expires_at: later(now, Schedule::Standard.lifetime()),
            },
            status: DeliveryStatus::Ready,
            due_at: now,
            lease_until: None,
            reason: None,
        });
        DeliveryKey(key)
    }

    pub(crate) fn row(&self, key: DeliveryKey) -> Row {
        let rows = self.rows.lock().unwrap();
        rows.iter().find(|row| row.delivery.key == key).unwrap().clone()
    }

    pub(crate) fn count(&self, status: DeliveryStatus) -> usize {
        self.rows
            .lock()
            .unwrap()
            .iter()
            .filter(|row| row.status == status)
            .count()
    }

    pub(crate) fn log(&self) -> Vec<Settlement> {
        self.log.lock().unwrap().clone()
    }

    /// Until something is settled again.
    pub(crate) async fn settled(&self) {
        self.settled.notified().await;
    }

    pub(crate) fn break_down(&self) {
        *self.down.lock().unwrap() = true;
    }

    fn up(&self) -> Result<(), StoreFault> {
        if *self.down.lock().unwrap() {
            return Err(StoreFault::Unavailable("it is being tested".to_owned()));
        }
        Ok(())
    }
}

impl Row {
    fn is_due(&self, now: Timestamp) -> bool {
        self.status == DeliveryStatus::Ready && self.due_at <= now
    }

    fn settle(&mut self, settlement: &Settlement) {
        self.lease_until = None;
        match &settlement.fate {
            Fate::Delivered => self.status = DeliveryStatus::Delivered,
            Fate::Again { due_at, counted } => {
                self.status = DeliveryStatus::Ready;
                self.due_at = *due_at;
                self.delivery.attempt -= u32::from(!counted);
            }
            Fate::Dead { reason } => {
                self.status = DeliveryStatus::Dead;
                self.reason = Some(reason.clone());
            }
            Fate::Held => self.status = DeliveryStatus::Held,
        }
    }
}

#[async_trait]
impl Outbox for MemoryOutbox {
    async fn claim(&self, now: Timestamp, until: Timestamp, rooms: &[Room]) -> Result<Vec<Delivery>, StoreFault> {
        self.up()?;
        let mut free: HashMap<_, _> = rooms.iter().map(|room| (room.destination, room.free)).collect();
        let mut claimed = Vec::new();
        for row in self.rows.lock().unwrap().iter_mut().filter(|row| row.is_due(now)) {
            let Some(free @ 1..) = free.get_mut(&row.delivery.destination) else {
                continue;
            };
            *free -= 1;
            row.status = DeliveryStatus::Leased;
            row.lease_until = Some(until);
            row.delivery.attempt += 1;
            row.delivery.lease += 1;
            claimed.push(row.delivery.clone());
        }
        Ok(claimed)
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<usize, StoreFault> {
        self.up()?;
        let mut lost = 0;
        for settlement in settlements {
            let mut rows = self.rows.lock().unwrap();
            let current = |row: &&mut Row| {
                row.delivery.key == settlement.delivery
                    && row.delivery.lease == settlement.lease
                    && row.status == DeliveryStatus::Leased
            };
            match rows.iter_mut().find(current) {
                Some(row) => row.settle(&settlement),
                None => lost += 1,
            }
            self.log.lock().unwrap().push(settlement);
        }
        self.settled.notify_one();
        Ok(lost)
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreFault> {
        let mut rows = self.rows.lock().unwrap();
        let over = rows
            .iter_mut()
            .filter(|row| row.lease_until.is_some_and(|until| until < now));
        Ok(over
            .map(|row| {
                row.status = DeliveryStatus::Ready;
                row.lease_until = None;
            })
            .count())
    }

    async fn due(&self, now: Timestamp) -> Result<Due, StoreFault> {
        self.up()?;
        let rows = self.rows.lock().unwrap();
        let ready = rows.iter().filter(|row| row.status == DeliveryStatus::Ready);
        Ok(Due {
            now: rows
                .iter()
                .filter(|row| row.is_due(now))
                .map(|row| row.delivery.destination)
                .collect(),
            next: ready.map(|row| row.due_at).filter(|&due| due > now).min(),
        })
    }

    async fn list(&self, _: &DeliveryQuery) -> Result<Vec<DeliveryView>, StoreFault> {
        panic!("nobody lists here")
    }

    async fn show(&self, _: DeliveryKey) -> Result<Option<(DeliveryView, String, Vec<Attempt>)>, StoreFault> {
        panic!("nobody looks here")
    }
}
