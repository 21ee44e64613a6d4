//! Claiming: a lease on what is due, first attempts ahead of retries ahead of replays, within each destination's room.

use std::collections::HashMap;

use inlet_core::{
    delivery::{Class, Delivery},
    event::EventKind,
    ids::{ContactKey, DeliveryKey, EventKey, LocationKey, MessageKey},
    outbox::Room,
};
use jiff::Timestamp;

use super::CLASSES;
use crate::{
    error::StoreError,
    group::Desk,
    inbox::as_limit,
    waist::{Row, Waist, args, run},
};

const CLAIM: &str = "
    update delivery set status = 1, attempts = attempts + 1, lease = lease + 1, lease_until = $6
     where location_id = $1 and id in (
       with waiting as materialized (
         select id, due_at from delivery r
          where r.location_id = $1 and r.destination_id = $2 and r.class = $3 and r.status = 0 and r.due_at <= $4
          order by r.due_at limit $5)
       select id from waiting)
    returning id, event_id, kind, lane_id, attempts, lease, created_at, expires_at, body, due_at, message_id";

/// The bytes of an event stand in the row of its first delivery.
const BODY: &str = "
    select body from delivery where location_id = $1 and id = $2";

/// Claims; the attempt counts from here, so that one that never came back is counted too.
pub(super) async fn claim(
    desk: &mut Desk,
    (now, until): (Timestamp, Timestamp),
    mut rooms: Vec<Room>,
) -> Result<Vec<Delivery>, StoreError> {
    let waist = &mut *desk.waist;
    let mut claimed = Vec::new();
    for class in CLASSES {
        let first = class == Class::First.code();
        let lists: Vec<_> = rooms
            .iter()
            .map(|room| {
                args![
                    room.location.0,
                    room.destination.0,
                    class,
                    now,
                    as_limit(if first { room.free } else { room.free.min(room.later) }),
                    until
                ]
            })
            .collect();
        let answers = run(waist, CLAIM, &lists).await?;
        for (room, rows) in rooms.iter_mut().zip(answers) {
            room.free = room.free.saturating_sub(rows.len());
            if !first {
                room.later = room.later.saturating_sub(rows.len());
            }
            for mut row in rows {
                claimed.push(read(room, class, &mut row)?);
            }
        }
        rooms.retain(|room| room.free > 0);
    }
    add_bodies(waist, &mut claimed).await?;
    let mut deliveries: Vec<Delivery> = claimed.into_iter().map(|(delivery, _)| delivery).collect();
    deliveries.sort_unstable_by_key(|delivery| delivery.key);
    Ok(deliveries)
}

/// The delivery, and whether its body is still to be found.
fn read(room: &Room, class: i64, row: &mut Row) -> Result<(Delivery, bool), StoreError> {
    let (key, event) = (DeliveryKey(row.int()?), EventKey(row.int()?));
    let kind = row.code(EventKind::from_code)?;
    let lane = ContactKey(row.int()?);
    let (attempt, lease) = (row.count()?, row.int()?);
    let (created_at, expires_at) = (row.at()?, row.at()?);
    let body = row.opt_text()?;
    let elsewhere = body.is_none();
    let delivery = Delivery {
        key,
        location: room.location,
        event,
        kind,
        destination: room.destination,
        lane,
        body: body.unwrap_or_default(),
        class: Class::from_code(class).ok_or(StoreError::Unreadable("a class"))?,
        due_at: row.at()?,
        message: Some(MessageKey(row.int()?)).filter(|key| key.0 != 0),
        attempt,
        lease,
        created_at,
        expires_at,
    };
    Ok((delivery, elsewhere))
}

async fn add_bodies(waist: &mut dyn Waist, claimed: &mut [(Delivery, bool)]) -> Result<(), StoreError> {
    let mut wanted: Vec<(LocationKey, EventKey)> = claimed
        .iter()
        .filter(|(_, elsewhere)| *elsewhere)
        .map(|(delivery, _)| (delivery.location, delivery.event))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let lists: Vec<_> = wanted
        .iter()
        .map(|(location, event)| args![location.0, event.0])
        .collect();
    let mut bodies = HashMap::new();
    for (rows, (_, event)) in run(waist, BODY, &lists).await?.into_iter().zip(wanted) {
        for mut row in rows {
            bodies.insert(event, row.text()?);
        }
    }
    for (delivery, _) in claimed.iter_mut().filter(|(_, elsewhere)| *elsewhere) {
        let body = bodies.get(&delivery.event);
        delivery.body = body.cloned().ok_or(StoreError::Unreadable("an event's bytes"))?;
    }
    Ok(())
}
