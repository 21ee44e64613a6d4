//! Housekeeping: what waits is counted and kept within its destination's limit, lanes are looked after, and what is older
//! than it is kept is deleted.

use std::time::Duration;

use inlet_core::{
    backlog::{Counts, Waiting},
    bell::Ring,
    clock::later,
    delivery::DeliveryStatus,
    ids::{ContactKey, DeliveryKey, DestinationKey, LocationKey},
    registry::{Destination, DestinationState, Ordering},
};
use jiff::Timestamp;

use super::lane::{self, Lane, Wanted};
use crate::{
    directory::changed,
    error::StoreError,
    group::Desk,
    inbox::as_limit,
    waist::{Row, Waist, args, rows, run},
};

/// Deliveries that are released from a full destination's held ones in one go, at most.
const RELEASE: usize = 10_000;
/// Rows that are deleted in one go.
const BATCH: usize = 1_000;
/// For how long what was delivered or cancelled, what was given up, and attempts are kept.
const KEPT_DELIVERED: Duration = Duration::from_hours(30 * 24);
const KEPT_DEAD: Duration = Duration::from_hours(90 * 24);
const KEPT_ATTEMPTS: Duration = Duration::from_hours(30 * 24);
/// For how long a word waits for what it speaks of: longer than any vendor tries.
const KEPT_WORDS: Duration = Duration::from_hours(30 * 24);
/// The keys within which all deliveries of one event stand: three milliseconds.
const BESIDE: i64 = 3 << 22;

const READY: &str = "
    with waiting as (
      select due_at from delivery r where r.location_id = $1 and r.destination_id = $2 and r.status = 0 limit $3)
    select count(*), min(due_at) from waiting";

const BLOCKED: &str = "
    with waiting as (
      select id from delivery where location_id = $1 and destination_id = $2 and status = 2 limit $3)
    select count(*) from waiting";

const DEAD: &str = "
    with waiting as (
      select id from delivery where location_id = $1 and destination_id = $2 and status = 4 limit $3)
    select count(*) from waiting";

const KEPT_BACK: &str = "
    with waiting as (
      select id from delivery where location_id = $1 and destination_id = $2 and status = 6 limit $3)
    select count(*) from waiting";

const FULL: &str = "
    update destination set overfull = $3 where location_id = $1 and id = $2";

const HELD: &str = "
    select id, lane_id from delivery
     where location_id = $1 and destination_id = $2 and status = 6 order by id limit $3";

const RELEASE_HELD: &str = "
    update delivery set status = $3, due_at = $4, expires_at = $5 where location_id = $1 and id = $2 and status = 6";

/// Lanes whose head is blocked: nobody let it go.
const STUCK: &str = "
    select distinct b.location_id, b.destination_id, b.lane_id from delivery b
     where b.status = 2 and not exists (
       select 1 from delivery h
        where h.destination_id = b.destination_id and h.lane_id = b.lane_id and h.lane_seq is not null
          and h.lane_seq < b.lane_seq)
     limit 1000";

/// The row that carries an event's bytes stays until the event's other deliveries are gone.
const OLD: &str = "
    select d.location_id, d.id, d.destination_id, d.message_id from delivery d
     where d.id < $1 and ((d.status in (3, 5) and d.finished_at <= $2) or (d.status = 4 and d.finished_at <= $3))
       and not exists (
         select 1 from delivery s
          where s.id > d.id and s.id < d.id + $4 and s.location_id = d.location_id and s.event_id = d.id)
     order by d.id limit $5";

const OLD_ATTEMPTS: &str = "
    select location_id, delivery_id, lease from attempt
     where delivery_id < $1 and started_at <= $2 order by delivery_id limit $3";

const OLD_WORDS: &str = "
    select location_id, hash, check_hash from early_word where created_at <= $1 limit $2";

const DELETE_WORD: &str = "
    delete from early_word where location_id = $1 and hash = $2 and check_hash = $3";

const DELETE: &str = "
    delete from delivery where location_id = $1 and id = $2";

/// What was written upstream is remembered as long as its delivery could be sent once more; of mails for ever, since others
/// answer them.
const FORGET: &str = "
    delete from upstream_message
     where location_id = $1 and destination_id = $2 and message_id = $3 and remote_email is null";

const DELETE_ATTEMPTS: &str = "
    delete from attempt where location_id = $1 and delivery_id = $2";

const DELETE_ATTEMPT: &str = "
    delete from attempt where location_id = $1 and delivery_id = $2 and lease = $3";

/// Counts what waits for each destination, up to a little more than it may have.
pub(crate) async fn count(waist: &mut dyn Waist, destinations: &[Destination]) -> Result<Vec<Waiting>, StoreError> {
    let lists: Vec<_> = destinations
        .iter()
        .map(|one| args![one.location.0, one.key.0, i64::from(one.max_pending) + 1])
        .collect();
    let ready = run(waist, READY, &lists).await?;
    let blocked = run(waist, BLOCKED, &lists).await?;
    let mut counts = Vec::with_capacity(destinations.len());
    for ((one, ready), blocked) in destinations.iter().zip(ready).zip(blocked) {
        let mut waiting = Waiting {
            destination: one.key,
            ready: 0,
            blocked: 0,
            oldest: None,
        };
        for mut row in ready {
            waiting.ready += row.count::<usize>()?;
            waiting.oldest = row.opt_at()?;
        }
        for mut row in blocked {
            waiting.blocked += row.count::<usize>()?;
        }
        counts.push(waiting);
    }
    Ok(counts)
}

/// Counts how the deliveries of some destinations stand, each up to a limit.
pub(crate) async fn stand(
    waist: &mut dyn Waist,
    destinations: &[Destination],
    limit: usize,
) -> Result<Vec<Counts>, StoreError> {
    let lists: Vec<_> = destinations
        .iter()
        .map(|one| args![one.location.0, one.key.0, as_limit(limit)])
        .collect();
    let mut counts: Vec<Counts> = destinations
        .iter()
        .map(|one| Counts {
            destination: one.key,
            pending: 0,
            oldest: None,
            dead: 0,
            held: 0,
        })
        .collect();
    for (one, rows) in counts.iter_mut().zip(run(waist, READY, &lists).await?) {
        for mut row in rows {
            (one.pending, one.oldest) = (row.count()?, row.opt_at()?);
        }
    }
    for (one, rows) in counts.iter_mut().zip(run(waist, BLOCKED, &lists).await?) {
        one.pending += number(rows)?;
    }
    for (one, rows) in counts.iter_mut().zip(run(waist, DEAD, &lists).await?) {
        one.dead = number(rows)?;
    }
    for (one, rows) in counts.iter_mut().zip(run(waist, KEPT_BACK, &lists).await?) {
        one.held = number(rows)?;
    }
    Ok(counts)
}

fn number(rows: Vec<Row>) -> Result<usize, StoreError> {
    match rows.into_iter().next() {
        Some(mut row) => row.count(),
        None => Ok(0),
    }
}

/// What a count means for its destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// More waits than may: what comes is held.
    Hold,
    /// It is full, and half of its room is free again: so many of the held ones are released.
    Release(usize),
}

/// What is to be done after a count, if anything.
pub(crate) fn step(destination: &Destination, waiting: &Waiting) -> Option<Step> {
    let most = usize::try_from(destination.max_pending).unwrap_or(usize::MAX);
    let active = destination.state == DestinationState::Active;
    let pending = waiting.pending();
    if pending > most {
        return (!destination.full).then_some(Step::Hold);
    }
    let free = most / 2;
    let release = destination.full && active && pending <= free;
    release.then(|| Step::Release((most - pending).min(RELEASE)))
}

pub(crate) async fn carry_out(desk: &mut Desk, steps: &[(Destination, Step)]) -> Result<(), StoreError> {
    for (destination, step) in steps {
        match *step {
            Step::Hold => {
                tracing::error!(
                    destination = destination.key.0,
                    "too much waits for a destination: what comes is held"
                );
                set_full(desk, destination, true).await?;
            }
            Step::Release(count) => {
                if release(desk, destination, count).await? < count {
                    set_full(desk, destination, false).await?;
                }
            }
        }
    }
    Ok(())
}

async fn set_full(desk: &mut Desk, destination: &Destination, full: bool) -> Result<(), StoreError> {
    let list = [args![destination.location.0, destination.key.0, full]];
    run(&mut *desk.waist, FULL, &list).await?;
    changed(desk).await
}

/// Releases the first of what is held; answers how many there were.
async fn release(desk: &mut Desk, destination: &Destination, count: usize) -> Result<usize, StoreError> {
    let (location, key) = (destination.location, destination.key);
    let ordered = destination.ordering != Ordering::None;
    let held = rows(&mut *desk.waist, HELD, args![location.0, key.0, as_limit(count)]).await?;
    let expires_at = later(desk.now, destination.schedule.lifetime());
    let status = if ordered {
        DeliveryStatus::Blocked
    } else {
        DeliveryStatus::Ready
    };
    let (mut lists, mut wanted) = (Vec::with_capacity(held.len()), Wanted::new());
    for mut row in held {
        lists.push(args![location.0, row.int()?, status.code(), desk.now, expires_at]);
        let contact = ContactKey(row.int()?);
        if ordered {
            let lane = Lane {
                location,
                destination: key,
                contact,
            };
            wanted.insert(lane, 0);
        }
    }
    lane::take(&mut *desk.waist, &wanted).await?;
    run(&mut *desk.waist, RELEASE_HELD, &lists).await?;
    lane::go_on(desk, &wanted).await?;
    desk.rings.push(Ring::Promised {
        location,
        destination: key,
    });
    Ok(lists.len())
}

/// Lanes that nothing lets go on.
pub(crate) async fn stuck(waist: &mut dyn Waist) -> Result<Vec<Lane>, StoreError> {
    let found = rows(waist, STUCK, []).await?;
    found
        .into_iter()
        .map(|mut row| {
            Ok(Lane {
                location: LocationKey(row.int()?),
                destination: DestinationKey(row.int()?),
                contact: ContactKey(row.int()?),
            })
        })
        .collect()
}

/// What is older than it is kept: deliveries, and attempts of those that are not.
#[derive(Clone)]
pub(crate) struct Old {
    deliveries: Vec<OldDelivery>,
    attempts: Vec<(LocationKey, DeliveryKey, i64)>,
    words: Vec<(LocationKey, i64, i64)>,
}

#[derive(Clone)]
struct OldDelivery {
    location: LocationKey,
    key: DeliveryKey,
    destination: DestinationKey,
    /// 0 where it is about none.
    message: i64,
}

impl Old {
    pub(crate) fn is_empty(&self) -> bool {
        self.deliveries.is_empty() && self.attempts.is_empty() && self.words.is_empty()
    }
}

pub(crate) async fn old(waist: &mut dyn Waist, now: Timestamp) -> Result<Old, StoreError> {
    let before = |kept: Duration| now.checked_sub(kept).unwrap_or(Timestamp::MIN);
    let (delivered, dead, attempts) = (before(KEPT_DELIVERED), before(KEPT_DEAD), before(KEPT_ATTEMPTS));
    let floor = |at| inlet_core::ids::first_key(at);
    let list = args![floor(delivered), delivered, dead, BESIDE, as_limit(BATCH)];
    let mut old = Old {
        deliveries: Vec::new(),
        attempts: Vec::new(),
        words: Vec::new(),
    };
    for mut row in rows(waist, OLD, list).await? {
        old.deliveries.push(OldDelivery {
            location: LocationKey(row.int()?),
            key: DeliveryKey(row.int()?),
            destination: DestinationKey(row.int()?),
            message: row.int()?,
        });
    }
    let list = args![floor(attempts), attempts, as_limit(BATCH)];
    for mut row in rows(waist, OLD_ATTEMPTS, list).await? {
        let found = (LocationKey(row.int()?), DeliveryKey(row.int()?), row.int()?);
        old.attempts.push(found);
    }
    for mut row in rows(waist, OLD_WORDS, args![before(KEPT_WORDS), as_limit(BATCH)]).await? {
        old.words.push((LocationKey(row.int()?), row.int()?, row.int()?));
    }
    Ok(old)
}

pub(crate) async fn delete(waist: &mut dyn Waist, old: &Old) -> Result<(), StoreError> {
    let deliveries: Vec<_> = old
        .deliveries
        .iter()
        .map(|one| args![one.location.0, one.key.0])
        .collect();
    let messages: Vec<_> = old
        .deliveries
        .iter()
        .map(|one| args![one.location.0, one.destination.0, one.message])
        .collect();
    let attempts: Vec<_> = old
        .attempts
        .iter()
        .map(|(location, key, lease)| args![location.0, key.0, *lease])
        .collect();
    let words: Vec<_> = old
        .words
        .iter()
        .map(|(location, hash, check)| args![location.0, *hash, *check])
        .collect();
    run(waist, DELETE_WORD, &words).await?;
    run(waist, FORGET, &messages).await?;
    run(waist, DELETE_ATTEMPTS, &deliveries).await?;
    run(waist, DELETE, &deliveries).await?;
    run(waist, DELETE_ATTEMPT, &attempts).await.map(|_| ())
}
