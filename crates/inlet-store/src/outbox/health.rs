//! How destinations are doing, heard from what was settled, and what follows: left alone, trusted again, stopped.

use std::collections::BTreeMap;

use inlet_core::{
    delivery::Settlement,
    health::{Health, Heard, Turn},
    ids::{DestinationKey, LocationKey},
    registry::Registry,
};

use crate::{
    directory::changed,
    error::StoreError,
    group::Desk,
    row::json,
    waist::{Waist, args, row},
};

const READ: &str = "
    select health from destination_health where location_id = $1 and destination_id = $2";

const WRITE: &str = "
    insert into destination_health (location_id, destination_id, health) values ($1, $2, $3)
    on conflict (location_id, destination_id) do update set health = excluded.health";

const TRUST: &str = "
    update destination set trust = $3, parked_until = coalesce($4, parked_until) where location_id = $1 and id = $2";

const STOP: &str = "
    update destination set state = $3, state_reason = $4, trust = null where location_id = $1 and id = $2 and state = 0";

const FORGET: &str = "
    delete from destination_health where location_id = $1 and destination_id = $2";

/// Hears of what was settled.
pub(super) async fn hear(desk: &mut Desk, settled: &[&Settlement], registry: &Registry) -> Result<(), StoreError> {
    let mut heard: BTreeMap<DestinationKey, Vec<Heard>> = BTreeMap::new();
    for one in settled {
        heard.entry(one.destination).or_default().push(Heard {
            verdict: one.verdict,
            delivery: one.delivery,
            trip: one.trip,
        });
    }
    for (key, tries) in heard {
        let Some(destination) = registry.destination(key) else {
            continue;
        };
        let place = (destination.location, key);
        let before = read(&mut *desk.waist, place).await?;
        let mut health = before.clone();
        let mut turns = Vec::new();
        for one in tries {
            turns.extend(health.hear(one, destination.max_inflight, desk.now));
        }
        if health != before {
            let text = json(&health)?;
            row(&mut *desk.waist, WRITE, args![place.0.0, key.0, text.as_str()]).await?;
        }
        for turn in turns {
            act(desk, place, &turn).await?;
        }
    }
    Ok(())
}

/// Forgets what was heard: it is enabled again.
pub(crate) async fn forget(
    waist: &mut dyn Waist,
    (location, destination): (LocationKey, DestinationKey),
) -> Result<(), StoreError> {
    row(waist, FORGET, args![location.0, destination.0]).await.map(|_| ())
}

async fn read(
    waist: &mut dyn Waist,
    (location, destination): (LocationKey, DestinationKey),
) -> Result<Health, StoreError> {
    match row(waist, READ, args![location.0, destination.0]).await? {
        Some(mut found) => found.json(),
        None => Ok(Health::default()),
    }
}

async fn act(
    desk: &mut Desk,
    (location, destination): (LocationKey, DestinationKey),
    turn: &Turn,
) -> Result<(), StoreError> {
    let waist = &mut *desk.waist;
    let key = destination.0;
    metrics::counter!("inlet_breaker_transitions_total", "to" => turn.name()).increment(1);
    match turn {
        Turn::Opened(until) => {
            tracing::warn!(destination = key, %until, "a destination fails: it is left alone");
            row(waist, TRUST, args![location.0, key, 1, *until]).await?;
        }
        Turn::Trusted(trust) => {
            let none: Option<i64> = None;
            row(waist, TRUST, args![location.0, key, trust.map(i64::from), none]).await?;
        }
        Turn::Disabled(words) => {
            tracing::error!(destination = key, "a destination is disabled: {words}");
            row(waist, STOP, args![location.0, key, 2, words.as_str()]).await?;
        }
        Turn::Paused(words) => {
            tracing::error!(destination = key, "a destination is paused: {words}");
            row(waist, STOP, args![location.0, key, 1, words.as_str()]).await?;
        }
    }
    changed(desk).await
}
