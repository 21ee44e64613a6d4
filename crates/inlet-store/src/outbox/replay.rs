//! Replays of many: a row that remembers how far it came, so that it goes on after a restart, a second's worth at a time.

use inlet_core::{
    backlog::Replay,
    delivery::DeliveryStatus,
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, LocationKey, ReplayKey},
    registry::Registry,
};
use jiff::Timestamp;

use super::{
    lane::Lane,
    order::{self, Found},
};
use crate::{
    error::StoreError,
    group::Desk,
    inbox::as_limit,
    waist::{Row, Value, Waist, args, row, rows},
};

const ADD: &str = "
    insert into replay (location_id, id, destination_id, status, kind, lane_id, rate, last_id, end_id, replayed,
                        created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)";

const ALL: &str = "
    select location_id, id, destination_id, status, kind, lane_id, rate, last_id, end_id, replayed, created_at, done_at
      from replay order by id desc limit 100";

const STOP: &str = "
    update replay set done_at = $2 where id = $1 and done_at is null returning id";

/// Only where it left off: a node that stood still meanwhile does not go back.
const GO_ON: &str = "
    update replay set last_id = $3, done_at = $4
     where location_id = $1 and id = $2 and done_at is null and last_id = $5
    returning id";

const COUNT: &str = "
    update replay set replayed = replayed + $3 where location_id = $1 and id = $2";

/// What is given up or held is few among many, and has an index of its own.
const NEXT_DEAD: &str = "
    select id, lane_id, lane_seq from delivery
     where location_id = $1 and destination_id = $2 and status = $8 and status = 4 and id > $3 and id < $4
       and ($5 is null or kind = $5) and ($6 is null or lane_id = $6) order by id limit $7";

const NEXT_HELD: &str = "
    select id, lane_id, lane_seq from delivery
     where location_id = $1 and destination_id = $2 and status = $8 and status = 6 and id > $3 and id < $4
       and ($5 is null or kind = $5) and ($6 is null or lane_id = $6) order by id limit $7";

const NEXT: &str = "
    select id, lane_id, lane_seq from delivery
     where location_id = $1 and destination_id = $2 and id > $3 and id < $4
       and ($5 is null or kind = $5) and ($6 is null or lane_id = $6) and status = $8 order by id limit $7";

pub(crate) async fn add(waist: &mut dyn Waist, replay: &Replay) -> Result<(), StoreError> {
    let list = args![
        replay.location.0,
        replay.key.0,
        replay.destination.0,
        replay.status.code(),
        replay.kind.map(EventKind::code),
        replay.lane.map(|lane| lane.0),
        i64::from(replay.rate),
        replay.cursor.0,
        replay.end.0,
        replay.created_at,
    ];
    row(waist, ADD, list).await.map(|_| ())
}

pub(crate) async fn stop(waist: &mut dyn Waist, key: ReplayKey, now: Timestamp) -> Result<bool, StoreError> {
    Ok(row(waist, STOP, args![key.0, now]).await?.is_some())
}

pub(crate) async fn all(waist: &mut dyn Waist) -> Result<Vec<Replay>, StoreError> {
    rows(waist, ALL, []).await?.iter_mut().map(read).collect()
}

fn read(row: &mut Row) -> Result<Replay, StoreError> {
    Ok(Replay {
        location: LocationKey(row.int()?),
        key: ReplayKey(row.int()?),
        destination: DestinationKey(row.int()?),
        status: row.code(DeliveryStatus::from_code)?,
        kind: row.opt_int()?.and_then(EventKind::from_code),
        lane: row.opt_int()?.map(ContactKey),
        rate: row.count()?,
        cursor: DeliveryKey(row.int()?),
        end: DeliveryKey(row.int()?),
        replayed: row.count()?,
        created_at: row.at()?,
        done_at: row.opt_at()?,
    })
}

/// The next deliveries that a replay takes up.
pub(crate) async fn next(waist: &mut dyn Waist, replay: &Replay, limit: usize) -> Result<Vec<Found>, StoreError> {
    let status = replay.status.code();
    let list: [Value<'_>; 8] = args![
        replay.location.0,
        replay.destination.0,
        replay.cursor.0,
        replay.end.0,
        replay.kind.map(EventKind::code),
        replay.lane.map(|lane| lane.0),
        as_limit(limit),
        status,
    ];
    let found = match replay.status {
        DeliveryStatus::Dead => rows(waist, NEXT_DEAD, list).await?,
        DeliveryStatus::Held => rows(waist, NEXT_HELD, list).await?,
        DeliveryStatus::Ready
        | DeliveryStatus::Leased
        | DeliveryStatus::Blocked
        | DeliveryStatus::Delivered
        | DeliveryStatus::Cancelled => rows(waist, NEXT, list).await?,
    };
    found
        .into_iter()
        .map(|mut row| {
            Ok(Found {
                key: DeliveryKey(row.int()?),
                lane: Lane {
                    location: replay.location,
                    destination: replay.destination,
                    contact: ContactKey(row.int()?),
                },
                place: row.opt_int()?,
                status: replay.status,
            })
        })
        .collect()
}

/// Takes these up; a replay that found less than it could take has come to its end.
pub(crate) async fn go_on(
    desk: &mut Desk,
    replay: &Replay,
    found: &[Found],
    registry: &Registry,
) -> Result<usize, StoreError> {
    let now = desk.now;
    let full = u32::try_from(found.len()).is_ok_and(|count| count >= replay.rate);
    let cursor = found.last().map_or(replay.cursor, |found| found.key);
    let place = (replay.location.0, replay.key.0);
    let progress = args![place.0, place.1, cursor.0, (!full).then_some(now), replay.cursor.0];
    if row(&mut *desk.waist, GO_ON, progress).await?.is_none() {
        return Ok(0);
    }
    let done = order::replay(desk, found, registry).await?;
    row(&mut *desk.waist, COUNT, args![place.0, place.1, as_limit(done)]).await?;
    Ok(done)
}
