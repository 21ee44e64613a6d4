//! Deliveries as they are shown.

use std::time::Duration;

use inlet_core::{
    delivery::{Attempt, DeliveryStatus},
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, EventKey, LocationKey, MessageKey},
    outbox::{DeliveryQuery, DeliveryView},
};

use crate::{
    error::StoreError,
    inbox::as_limit,
    waist::{Row, Waist, args, row, rows, run},
};

const OF_LOCATION: &str = "
    select location_id, id, event_id, kind, lane_id, message_id, destination_id, status, attempts, due_at, created_at,
           finished_at, last_word
      from delivery
     where location_id = $1 and (destination_id = $2 or $2 is null) and (status = $3 or $3 is null)
     order by id desc limit $4";

/// The same at all locations: for whoever runs the installation.
const OF_ALL: &str = "
    select location_id, id, event_id, kind, lane_id, message_id, destination_id, status, attempts, due_at, created_at,
           finished_at, last_word
      from delivery
     where (destination_id = $1 or $1 is null) and (status = $2 or $2 is null)
     order by id desc limit $3";

/// A message's deliveries were given their keys right after it, so that they are found beside it; those that a later
/// word made are in an index of their own.
const OF_MESSAGE: &str = "
    select location_id, id, event_id, kind, lane_id, message_id, destination_id, status, attempts, due_at, created_at,
           finished_at, last_word
      from delivery where location_id = $1 and id > $2 and id < $3 and message_id = $2 and later = 0
    union all
    select location_id, id, event_id, kind, lane_id, message_id, destination_id, status, attempts, due_at, created_at,
           finished_at, last_word
      from delivery where location_id = $1 and message_id = $2 and later = 1
     order by 2 desc";

const ONE: &str = "
    select location_id, id, event_id, kind, lane_id, message_id, destination_id, status, attempts, due_at, created_at,
           finished_at, last_word
      from delivery where location_id = $1 and id = $2";

const BODY: &str = "
    select body from delivery where location_id = $1 and id = $2";

const ATTEMPTS: &str = "
    select started_at, took, status, error, response from attempt
     where location_id = $1 and delivery_id = $2 order by lease";

/// Deliveries, newest first. A key does not tell its location: where the query does not either, all are asked.
pub(super) async fn list(
    waist: &mut dyn Waist,
    query: &DeliveryQuery,
    locations: &[LocationKey],
) -> Result<Vec<DeliveryView>, StoreError> {
    let destination = query.destination.map(|destination| destination.0);
    let status = query.status.map(DeliveryStatus::code);
    let limit = as_limit(query.limit);
    let found = match (query.message, query.location) {
        (Some(message), location) => of_message(waist, message, location.as_slice(), locations).await?,
        (None, Some(location)) => rows(waist, OF_LOCATION, args![location.0, destination, status, limit]).await?,
        (None, None) => rows(waist, OF_ALL, args![destination, status, limit]).await?,
    };
    let mut views = found
        .into_iter()
        .map(|mut row| view(&mut row))
        .collect::<Result<Vec<_>, _>>()?;
    views.retain(|view| fits(view, query));
    views.truncate(query.limit);
    Ok(views)
}

async fn of_message(
    waist: &mut dyn Waist,
    message: MessageKey,
    named: &[LocationKey],
    all: &[LocationKey],
) -> Result<Vec<Row>, StoreError> {
    let locations = if named.is_empty() { all } else { named };
    let lists: Vec<_> = locations
        .iter()
        .map(|location| args![location.0, message.0, beside(message)])
        .collect();
    Ok(run(waist, OF_MESSAGE, &lists).await?.into_iter().flatten().collect())
}

fn fits(view: &DeliveryView, query: &DeliveryQuery) -> bool {
    query.location.is_none_or(|location| view.location == location)
        && query
            .destination
            .is_none_or(|destination| view.destination == destination)
        && query.status.is_none_or(|status| view.status == status)
}

/// The key up to which a message's first deliveries stand: the writer alone makes these keys, one after the other in one
/// batch, so that they are of the message's millisecond, or of the next where that one's counter was full.
fn beside(message: MessageKey) -> i64 {
    const MILLISECONDS: i64 = 3;
    let one = 1_i64 << 22;
    message.0.saturating_add(MILLISECONDS * one)
}

/// One delivery with its body and attempts.
pub(super) async fn show(
    waist: &mut dyn Waist,
    key: DeliveryKey,
    locations: &[LocationKey],
) -> Result<Option<(DeliveryView, String, Vec<Attempt>)>, StoreError> {
    let lists: Vec<_> = locations.iter().map(|location| args![location.0, key.0]).collect();
    let Some(mut found) = run(waist, ONE, &lists).await?.into_iter().flatten().next() else {
        return Ok(None);
    };
    let view = view(&mut found)?;
    let mut body = row(waist, BODY, args![view.location.0, view.event.0])
        .await?
        .ok_or(StoreError::Unreadable("an event's bytes"))?;
    let attempts = rows(waist, ATTEMPTS, args![view.location.0, key.0]).await?;
    let attempts = attempts.into_iter().map(|mut row| attempt(&mut row));
    let attempts = attempts.collect::<Result<_, _>>()?;
    Ok(Some((view, body.text()?, attempts)))
}

fn view(row: &mut Row) -> Result<DeliveryView, StoreError> {
    Ok(DeliveryView {
        location: LocationKey(row.int()?),
        key: DeliveryKey(row.int()?),
        event: EventKey(row.int()?),
        kind: row.code(EventKind::from_code)?,
        lane: ContactKey(row.int()?),
        message: about(row.int()?),
        destination: DestinationKey(row.int()?),
        status: row.code(DeliveryStatus::from_code)?,
        attempts: row.count()?,
        due_at: row.at()?,
        created_at: row.at()?,
        finished_at: row.opt_at()?,
        last: row.opt_text()?,
    })
}

/// The message that an event is about: 0 stands where it is about a contact.
fn about(message: i64) -> Option<MessageKey> {
    (message != 0).then_some(MessageKey(message))
}

fn attempt(row: &mut Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        started_at: row.at()?,
        took: Duration::from_millis(row.count()?),
        status: row.opt_int()?.and_then(|status| u16::try_from(status).ok()),
        error: row.opt_text()?,
        response: row.opt_text()?,
    })
}
