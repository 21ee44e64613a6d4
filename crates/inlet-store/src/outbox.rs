//! Promises: what is due is claimed under a lease, and each claim is settled once.

use async_trait::async_trait;
use inlet_core::{
    bell::Ring,
    clock::Millis,
    delivery::{Attempt, Delivery, Settlement},
    directory::StoreFault,
    ids::{DeliveryKey, DestinationKey, LocationKey},
    outbox::{DeliveryQuery, DeliveryView, Due, Outbox, Room},
    registry::DestinationState,
};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    group::Desk,
    waist::{Waist, args, rows, run},
};

mod claim;
mod health;
pub(crate) mod keep;
pub(crate) mod lane;
mod list;
pub(crate) mod order;
pub(crate) mod replay;
mod settle;

pub(crate) use health::forget;

/// Leases that are over, at all locations.
pub(crate) const LEASES_OVER: &str = "
    select location_id, id, destination_id from delivery where status = 1 and lease_until <= $1";

const RECOVER: &str = "
    update delivery set status = 0, lease_until = null, due_at = $3
     where location_id = $1 and id = $2 and status = 1 and lease_until <= $4";

const NEXT_DUE: &str = "
    select due_at from delivery r
     where r.location_id = $1 and r.destination_id = $2 and r.class = $3 and r.status = 0 order by r.due_at limit 1";

/// First attempts, retries, replays: in this order.
const CLASSES: [i64; 3] = [0, 1, 2];

#[async_trait]
impl Outbox for Store {
    async fn claim(&self, now: Timestamp, until: Timestamp, rooms: &[Room]) -> Result<Vec<Delivery>, StoreFault> {
        let rooms: Vec<Room> = rooms.iter().copied().filter(|room| room.free > 0).collect();
        if rooms.is_empty() {
            return Ok(Vec::new());
        }
        let claimed = self.write(move |desk| Box::pin(claim::claim(desk, (now, until), rooms.clone())));
        Ok(claimed.await?)
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<usize, StoreFault> {
        if settlements.is_empty() {
            return Ok(0);
        }
        let registry = self.inner().published.get();
        let lost = self.write_with((settlements, registry), |desk, (settlements, registry)| {
            Box::pin(async move { settle::settle(desk, &settlements, &registry).await })
        });
        Ok(lost.await?)
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreFault> {
        let recovered = self.write(move |desk| Box::pin(recover(desk, now)));
        Ok(recovered.await?)
    }

    async fn due(&self, now: Timestamp) -> Result<Due, StoreFault> {
        let registry = self.inner().published.get();
        let active = registry
            .destinations()
            .iter()
            .filter(|destination| destination.state == DestinationState::Active);
        let active: Vec<Waiting> = active
            .map(|destination| Waiting {
                location: destination.location,
                destination: destination.key,
                parked_until: destination.parked_until,
            })
            .collect();
        let due = self.read(move |waist| Box::pin(due(waist, now, active)));
        Ok(due.await?)
    }

    async fn list(&self, query: &DeliveryQuery) -> Result<Vec<DeliveryView>, StoreFault> {
        let query = query.clone();
        let locations = self.locations();
        let found = self.read(move |waist| Box::pin(async move { list::list(waist, &query, &locations).await }));
        Ok(found.await?)
    }

    async fn show(&self, key: DeliveryKey) -> Result<Option<(DeliveryView, String, Vec<Attempt>)>, StoreFault> {
        let locations = self.locations();
        let found = self.read(move |waist| Box::pin(async move { list::show(waist, key, &locations).await }));
        Ok(found.await?)
    }
}

impl Store {
    fn locations(&self) -> Vec<LocationKey> {
        let registry = self.inner().published.get();
        registry.locations().iter().map(|location| location.key).collect()
    }
}

/// A destination that is sent to.
struct Waiting {
    location: LocationKey,
    destination: DestinationKey,
    parked_until: Option<Timestamp>,
}

/// Makes due again what an earlier process had leased: nobody will settle it.
pub(crate) async fn recover_all(waist: &mut dyn Waist, now: Timestamp) -> Result<(), StoreError> {
    release(waist, i64::MAX, now).await.map(|_| ())
}

async fn recover(desk: &mut Desk, now: Timestamp) -> Result<usize, StoreError> {
    let released = release(&mut *desk.waist, now.as_millisecond(), now).await?;
    let rings = released.iter().map(|(location, destination)| Ring::Promised {
        location: *location,
        destination: *destination,
    });
    desk.rings.extend(rings);
    Ok(released.len())
}

/// Reads across locations, writes at each.
async fn release(
    waist: &mut dyn Waist,
    over: i64,
    now: Timestamp,
) -> Result<Vec<(LocationKey, DestinationKey)>, StoreError> {
    let mut released = Vec::new();
    let mut lists = Vec::new();
    for mut row in rows(waist, LEASES_OVER, args![over]).await? {
        let location = LocationKey(row.int()?);
        lists.push(args![location.0, row.int()?, now, over]);
        released.push((location, DestinationKey(row.int()?)));
    }
    run(waist, RECOVER, &lists).await?;
    Ok(released)
}

async fn due(waist: &mut dyn Waist, now: Timestamp, active: Vec<Waiting>) -> Result<Due, StoreError> {
    let lists: Vec<_> = active
        .iter()
        .flat_map(|one| CLASSES.map(|class| args![one.location.0, one.destination.0, class]))
        .collect();
    let found = run(waist, NEXT_DUE, &lists).await?;
    let mut due = Due::default();
    let mut answers = found.into_iter();
    for one in active {
        let mut first: Option<i64> = None;
        for mut row in answers.by_ref().take(CLASSES.len()).flatten() {
            let at = row.int()?;
            first = Some(first.map_or(at, |first| first.min(at)));
        }
        let Some(first) = first else {
            continue;
        };
        let at = Millis(first)
            .timestamp()
            .max(one.parked_until.unwrap_or(Timestamp::MIN));
        if at <= now {
            due.now.push(one.destination);
        } else {
            due.next = Some(due.next.map_or(at, |next| next.min(at)));
        }
    }
    Ok(due)
}
