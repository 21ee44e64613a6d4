//! Settling: the attempt is logged in any case; what becomes of the delivery counts only under the current lease.

use inlet_core::{
    bell::Ring,
    delivery::{Attempt, DeliveryStatus, Fate, Settlement},
    registry::{Ordering, Registry},
};

use super::{
    health,
    lane::{self, Lane, Wanted},
};
use crate::{
    directory::changed,
    error::StoreError,
    group::Desk,
    waist::{Waist, args, run},
};

const ATTEMPT: &str = "
    insert into attempt (location_id, delivery_id, lease, number, started_at, took, status, error, response)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict do nothing";

/// A replay stays one when it is tried again; a first attempt that counts makes a retry.
const SETTLE: &str = "
    update delivery set status = $4, due_at = coalesce($5, due_at), attempts = attempts - $6,
                        class = case when class = 0 and $7 = 1 then 1 else class end,
                        lease_until = null, finished_at = $8, last_word = $9,
                        lane_seq = case when $10 = 1 then null else lane_seq end
     where location_id = $1 and id = $2 and status = 1 and lease = $3
    returning id";

const PARK: &str = "
    update destination set parked_until = $3
     where location_id = $1 and id = $2 and (parked_until is null or parked_until < $3)
    returning id";

const DISABLE: &str = "
    update destination set state = 2, state_reason = $3
     where location_id = $1 and id = $2 and state <> 2
    returning id";

/// Writes the last words; answers how many came under a lease that is no longer the current one.
pub(super) async fn settle(
    desk: &mut Desk,
    settlements: &[Settlement],
    registry: &Registry,
) -> Result<usize, StoreError> {
    log(&mut *desk.waist, settlements).await?;
    let lanes = lanes(settlements, registry);
    lane::take(&mut *desk.waist, &lanes).await?;
    let current = write(desk, settlements, registry).await?;
    lane::go_on(desk, &lanes).await?;
    health::hear(desk, &current, registry).await?;
    let lost = settlements.len() - current.len();
    let waist = &mut *desk.waist;
    let parked: Vec<_> = current
        .iter()
        .filter_map(|one| Some(args![one.location.0, one.destination.0, one.park?]))
        .collect();
    let disabled: Vec<_> = current
        .iter()
        .filter_map(|one| {
            let reason = one.disable.as_deref()?;
            Some(args![one.location.0, one.destination.0, reason])
        })
        .collect();
    let mut answers = run(waist, PARK, &parked).await?;
    answers.append(&mut run(waist, DISABLE, &disabled).await?);
    if answers.iter().any(|rows| !rows.is_empty()) {
        changed(desk).await?;
    }
    for one in current {
        if matches!(one.fate, Fate::Again { .. }) {
            desk.rings.push(Ring::Promised {
                location: one.location,
                destination: one.destination,
            });
        }
    }
    Ok(lost)
}

async fn log(waist: &mut dyn Waist, settlements: &[Settlement]) -> Result<(), StoreError> {
    let lists: Vec<_> = settlements
        .iter()
        .map(|one| {
            let attempt = &one.attempt;
            args![
                one.location.0,
                one.delivery.0,
                one.lease,
                i64::from(one.number),
                attempt.started_at,
                i64::try_from(attempt.took.as_millis()).ok().unwrap_or(i64::MAX),
                attempt.status.map(i64::from),
                attempt.error.as_deref(),
                attempt.response.as_deref(),
            ]
        })
        .collect();
    run(waist, ATTEMPT, &lists).await.map(|_| ())
}

/// Answers the settlements that were current.
async fn write<'s>(
    desk: &mut Desk,
    settlements: &'s [Settlement],
    registry: &Registry,
) -> Result<Vec<&'s Settlement>, StoreError> {
    let now = desk.now;
    let words: Vec<_> = settlements.iter().map(last_word).collect();
    let lists: Vec<_> = settlements
        .iter()
        .zip(&words)
        .map(|(one, words)| {
            let (status, due_at, counted) = match &one.fate {
                Fate::Delivered => (DeliveryStatus::Delivered, None, true),
                Fate::Again { due_at, counted } => (DeliveryStatus::Ready, Some(*due_at), *counted),
                Fate::Dead { .. } => (DeliveryStatus::Dead, None, true),
                Fate::Held => (DeliveryStatus::Held, None, true),
            };
            let over = matches!(one.fate, Fate::Delivered | Fate::Dead { .. });
            args![
                one.location.0,
                one.delivery.0,
                one.lease,
                status.code(),
                due_at,
                !counted,
                counted && status == DeliveryStatus::Ready,
                over.then_some(now),
                words.as_deref(),
                leaves(one, ordering(one, registry)),
            ]
        })
        .collect();
    let answers = run(&mut *desk.waist, SETTLE, &lists).await?;
    let current = settlements.iter().zip(answers);
    Ok(current
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(one, _)| one)
        .collect())
}

fn ordering(settlement: &Settlement, registry: &Registry) -> Ordering {
    let destination = registry.destination(settlement.destination);
    destination.map_or(Ordering::None, |found| found.ordering)
}

/// The lanes that may go on.
fn lanes(settlements: &[Settlement], registry: &Registry) -> Wanted {
    let ordered = settlements
        .iter()
        .filter(|one| ordering(one, registry) != Ordering::None);
    let lane = |one: &Settlement| Lane {
        location: one.location,
        destination: one.destination,
        contact: one.lane,
    };
    ordered.map(|one| (lane(one), 0)).collect()
}

/// Whether a delivery gives its place in the lane up.
fn leaves(settlement: &Settlement, ordering: Ordering) -> bool {
    match &settlement.fate {
        Fate::Delivered | Fate::Dead { .. } => true,
        Fate::Again { counted, .. } => *counted && ordering == Ordering::BestEffort,
        Fate::Held => false,
    }
}

/// What a person reads of it: the reason where it was given up, and the answer or error.
fn last_word(settlement: &Settlement) -> Option<String> {
    let heard = heard(&settlement.attempt);
    match &settlement.fate {
        Fate::Dead { reason } => Some(heard.map_or_else(|| reason.clone(), |heard| format!("{reason}: {heard}"))),
        Fate::Delivered | Fate::Again { .. } | Fate::Held => heard,
    }
}

fn heard(attempt: &Attempt) -> Option<String> {
    let status = attempt.status.map(|status| format!("HTTP {status}"));
    attempt.error.clone().or(status)
}
