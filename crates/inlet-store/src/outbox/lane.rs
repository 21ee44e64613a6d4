//! Lanes: the deliveries of one conversation to one destination, in order. Who has a place waits until it is at the head;
//! who leaves lets the next one go. A lane is locked in a statement of its own before its head is looked for, so that no
//! two transactions each think that the other lets the next one go.

use std::collections::BTreeMap;

use inlet_core::{
    bell::Ring,
    ids::{ContactKey, DestinationKey, LocationKey},
};
use jiff::Timestamp;

use crate::{
    error::StoreError,
    group::Desk,
    waist::{Waist, args, run},
};

/// Gives so many places, and locks the lane until the end of the transaction.
const TAKE: &str = "
    insert into lane (location_id, destination_id, lane_id, last_seq) values ($1, $2, $3, $4)
    on conflict (location_id, destination_id, lane_id) do update set last_seq = lane.last_seq + excluded.last_seq
    returning last_seq";

/// The head of a lane is what has the first place; if it is blocked, it has waited for this.
const ADVANCE: &str = "
    update delivery set status = 0, due_at = $4
     where location_id = $1 and status = 2 and id = (
       select id from delivery
        where location_id = $1 and destination_id = $2 and lane_id = $3 and lane_seq is not null
        order by lane_seq limit 1)
    returning id";

/// One conversation's way to one destination.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Lane {
    pub(crate) location: LocationKey,
    pub(crate) destination: DestinationKey,
    pub(crate) contact: ContactKey,
}

/// Lanes with how many places are wanted in each: sorted, so that two transactions lock them in one order.
pub(crate) type Wanted = BTreeMap<Lane, i64>;

/// Places that were given, to be handed out in order.
#[derive(Debug)]
pub(crate) struct Places(BTreeMap<Lane, i64>);

impl Places {
    /// The next place in a lane.
    pub(crate) fn next(&mut self, lane: Lane) -> Option<i64> {
        let place = self.0.get_mut(&lane)?;
        *place += 1;
        Some(*place)
    }
}

/// Locks the lanes and takes the places.
pub(crate) async fn take(waist: &mut dyn Waist, wanted: &Wanted) -> Result<Places, StoreError> {
    let lists: Vec<_> = wanted
        .iter()
        .map(|(lane, count)| args![lane.location.0, lane.destination.0, lane.contact.0, *count])
        .collect();
    let mut places = BTreeMap::new();
    for ((lane, count), rows) in wanted.iter().zip(run(waist, TAKE, &lists).await?) {
        let mut row = rows.into_iter().next().ok_or(StoreError::Unreadable("a lane"))?;
        places.insert(*lane, row.int()? - count);
    }
    Ok(Places(places))
}

/// Lets the heads of locked lanes go; answers how many had waited.
pub(crate) async fn advance(
    waist: &mut dyn Waist,
    lanes: impl Iterator<Item = &Lane>,
    now: Timestamp,
) -> Result<Vec<Lane>, StoreError> {
    let lanes: Vec<Lane> = lanes.copied().collect();
    let lists: Vec<_> = lanes
        .iter()
        .map(|lane| args![lane.location.0, lane.destination.0, lane.contact.0, now])
        .collect();
    let answers = run(waist, ADVANCE, &lists).await?;
    let gone = lanes.into_iter().zip(answers).filter(|(_, rows)| !rows.is_empty());
    Ok(gone.map(|(lane, _)| lane).collect())
}

/// The same, and rings for the destinations.
pub(crate) async fn go_on(desk: &mut Desk, wanted: &Wanted) -> Result<usize, StoreError> {
    let gone = advance(&mut *desk.waist, wanted.keys(), desk.now).await?;
    let rings = gone.iter().map(|lane| Ring::Promised {
        location: lane.location,
        destination: lane.destination,
    });
    desk.rings.extend(rings);
    Ok(gone.len())
}
