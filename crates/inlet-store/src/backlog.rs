//! What is done with promises beside sending them: orders, replays and housekeeping. Whatever reads much reads beside the
//! writer.

use std::sync::atomic::Ordering::Relaxed;

use async_trait::async_trait;
use inlet_core::{
    backlog::{Backlog, Counts, Order, Replay, Told, Waiting},
    directory::StoreFault,
    ids::{ContactKey, DeliveryKey, DestinationKey, LocationKey, ReplayKey},
    registry::Destination,
};

use crate::{
    Store,
    directory::changed,
    error::StoreError,
    group::Desk,
    outbox::{
        forget, keep,
        lane::{self, Lane, Wanted},
        order, replay,
    },
    postgres::lease,
    store::Readers,
    waist::{args, row, rows},
};

const ENABLE: &str = "
    update destination set state = 0, state_reason = null, parked_until = null, trust = null, overfull = 0
     where location_id = $1 and id = $2";

const LEAVE: &str = "
    update delivery set lane_seq = null
     where location_id = $1 and destination_id = $2 and status = 6 and lane_seq is not null
    returning lane_id";

/// Deliveries that one replay takes up in one go, at most, however fast it is.
const MOST_AT_ONCE: usize = 1_000;

#[async_trait]
impl Backlog for Store {
    async fn leads(&self) -> Result<bool, StoreFault> {
        let Readers::Postgres(readers) = &self.inner().readers else {
            return Ok(true);
        };
        let owner = readers.owner();
        Ok(self.write(move |desk| Box::pin(lease::lead(desk, owner))).await?)
    }

    async fn order(&self, delivery: DeliveryKey, order: Order) -> Result<Told, StoreFault> {
        let registry = self.inner().published.get();
        let told = self.write_with((delivery, order, registry), |desk, (delivery, order, registry)| {
            Box::pin(async move { order::order(desk, delivery, order, &registry).await })
        });
        Ok(told.await?)
    }

    async fn add_replay(&self, replay: Replay) -> Result<(), StoreFault> {
        let added = self.write_with(replay, |desk, replay| {
            Box::pin(async move { replay::add(&mut *desk.waist, &replay).await })
        });
        Ok(added.await?)
    }

    async fn replays(&self) -> Result<Vec<Replay>, StoreFault> {
        Ok(self.read(|waist| Box::pin(replay::all(waist))).await?)
    }

    async fn count(&self, replay: &Replay, limit: usize) -> Result<usize, StoreFault> {
        let replay = replay.clone();
        let found = self.read(move |waist| Box::pin(async move { replay::next(waist, &replay, limit).await }));
        Ok(found.await?.len())
    }

    async fn stop_replay(&self, key: ReplayKey) -> Result<bool, StoreFault> {
        let stopped = self.write(move |desk| {
            Box::pin(async move {
                let now = desk.now;
                replay::stop(&mut *desk.waist, key, now).await
            })
        });
        Ok(stopped.await?)
    }

    async fn enable(&self, destination: DestinationKey, release: Option<Replay>) -> Result<(), StoreFault> {
        let registry = self.inner().published.get();
        let found = registry.destination(destination).ok_or(StoreError::Missing)?;
        let place = (found.location, found.key);
        let enabled = self.write_with((place, release), |desk, (place, release)| {
            Box::pin(enable(desk, place, release))
        });
        Ok(enabled.await?)
    }

    async fn replay_on(&self) -> Result<usize, StoreFault> {
        let mut taken = 0;
        for replay in self.replays().await? {
            if replay.done_at.is_some() {
                continue;
            }
            let mut replay = replay;
            let most = u32::try_from(MOST_AT_ONCE).unwrap_or(u32::MAX);
            replay.rate = replay.rate.min(most);
            let limit = usize::try_from(replay.rate).unwrap_or(MOST_AT_ONCE);
            let of = replay.clone();
            let found = self.read(move |waist| Box::pin(async move { replay::next(waist, &of, limit).await }));
            let found = found.await?;
            let registry = self.inner().published.get();
            let on = self.write_with((replay, found, registry), |desk, (replay, found, registry)| {
                Box::pin(async move { replay::go_on(desk, &replay, &found, &registry).await })
            });
            taken += on.await?;
        }
        Ok(taken)
    }

    async fn measure(&self) -> Result<Vec<Waiting>, StoreFault> {
        let registry = self.inner().published.get();
        let all: Vec<Destination> = registry.destinations().to_vec();
        let counts = self
            .read(move |waist| Box::pin(async move { keep::count(waist, &all).await }))
            .await?;
        let pending = counts.iter().map(Waiting::pending).sum();
        self.inner().waiting.store(pending, Relaxed);
        let steps: Vec<_> = counts
            .iter()
            .filter_map(|waiting| {
                let destination = registry.destination(waiting.destination)?;
                Some((destination.clone(), keep::step(destination, waiting)?))
            })
            .collect();
        if !steps.is_empty() {
            self.write_with(steps, |desk, steps| {
                Box::pin(async move { keep::carry_out(desk, &steps).await })
            })
            .await?;
        }
        Ok(counts)
    }

    async fn counts(&self, location: Option<LocationKey>, limit: usize) -> Result<Vec<Counts>, StoreFault> {
        let registry = self.inner().published.get();
        let mut own: Vec<Destination> = registry.destinations().to_vec();
        own.retain(|destination| location.is_none_or(|location| destination.location == location));
        let counts = self.read(move |waist| Box::pin(async move { keep::stand(waist, &own, limit).await }));
        Ok(counts.await?)
    }

    async fn unstick(&self) -> Result<usize, StoreFault> {
        let stuck: Vec<Lane> = self.read(|waist| Box::pin(keep::stuck(waist))).await?;
        if stuck.is_empty() {
            return Ok(0);
        }
        let wanted: Wanted = stuck.into_iter().map(|lane| (lane, 0)).collect();
        let gone = self.write_with(wanted, |desk, wanted| {
            Box::pin(async move {
                lane::take(&mut *desk.waist, &wanted).await?;
                lane::go_on(desk, &wanted).await
            })
        });
        Ok(gone.await?)
    }

    async fn tidy(&self) -> Result<bool, StoreFault> {
        let now = self.inner().clock.now();
        let old = self.read(move |waist| Box::pin(keep::old(waist, now))).await?;
        if old.is_empty() {
            return Ok(false);
        }
        let deleted = self.write_with(old, |desk, old| {
            Box::pin(async move { keep::delete(&mut *desk.waist, &old).await })
        });
        deleted.await?;
        Ok(true)
    }
}

/// What is held without a release leaves its lane, so that what comes after it does not wait for it.
async fn enable(
    desk: &mut Desk,
    (location, destination): (LocationKey, DestinationKey),
    release: Option<Replay>,
) -> Result<(), StoreError> {
    let waist = &mut *desk.waist;
    row(waist, ENABLE, args![location.0, destination.0]).await?;
    forget(waist, (location, destination)).await?;
    if let Some(release) = release {
        replay::add(waist, &release).await?;
    } else {
        let mut wanted = Wanted::new();
        for mut row in rows(waist, LEAVE, args![location.0, destination.0]).await? {
            let lane = Lane {
                location,
                destination,
                contact: ContactKey(row.int()?),
            };
            wanted.insert(lane, 0);
        }
        lane::take(waist, &wanted).await?;
        lane::go_on(desk, &wanted).await?;
    }
    changed(desk).await
}

impl Store {
    /// Refuses new messages while more deliveries than this wait to be sent, in all.
    pub fn set_most_waiting(&self, most: usize) {
        self.inner().most_waiting.store(most, Relaxed);
    }

    /// Whether so much waits to be sent that nothing new is taken in.
    pub(crate) fn is_full(&self) -> bool {
        let inner = self.inner();
        inner.waiting.load(Relaxed) > inner.most_waiting.load(Relaxed)
    }
}
