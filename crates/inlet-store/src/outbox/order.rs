//! A person's orders: a delivery is sent once more, taken back, or put away.

use inlet_core::{
    backlog::{Order, Told},
    bell::Ring,
    clock::later,
    delivery::DeliveryStatus,
    ids::{ContactKey, DeliveryKey, DestinationKey, LocationKey},
    registry::{Ordering, Registry},
};

use super::lane::{self, Lane, Wanted};
use crate::{
    error::StoreError,
    group::Desk,
    waist::{args, row, run},
};

const FIND: &str = "
    select location_id, destination_id, lane_id, lane_seq, status from delivery where id = $1";

/// A whole schedule lies before it again. What is leased meanwhile is left to its worker.
const REPLAY: &str = "
    update delivery set status = $3, class = 2, attempts = 0, due_at = $4, expires_at = $5, finished_at = null,
                        lane_seq = $6
     where location_id = $1 and id = $2 and status = $7
    returning id";

const CANCEL: &str = "
    update delivery set status = 5, finished_at = $3, lane_seq = null
     where location_id = $1 and id = $2 and status = $4
    returning id";

/// A delivery as an order needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) key: DeliveryKey,
    pub(crate) lane: Lane,
    pub(crate) place: Option<i64>,
    pub(crate) status: DeliveryStatus,
}

pub(crate) async fn order(
    desk: &mut Desk,
    key: DeliveryKey,
    order: Order,
    registry: &Registry,
) -> Result<Told, StoreError> {
    let Some(mut found) = row(&mut *desk.waist, FIND, args![key.0]).await? else {
        return Ok(Told::Missing);
    };
    let found = Found {
        key,
        lane: Lane {
            location: LocationKey(found.int()?),
            destination: DestinationKey(found.int()?),
            contact: ContactKey(found.int()?),
        },
        place: found.opt_int()?,
        status: found.code(DeliveryStatus::from_code)?,
    };
    if !order.fits(found.status) {
        return Ok(Told::Unfit(found.status));
    }
    let done = match order {
        Order::Replay => replay(desk, &[found], registry).await?,
        Order::Cancel | Order::Discard => cancel(desk, found).await?,
    };
    // Between the look and the order another node may have claimed it.
    Ok(if done == 0 {
        Told::Unfit(DeliveryStatus::Leased)
    } else {
        Told::Done
    })
}

/// Sends these once more; answers how many were still as they were found.
pub(crate) async fn replay(desk: &mut Desk, found: &[Found], registry: &Registry) -> Result<usize, StoreError> {
    let now = desk.now;
    let mut wanted = Wanted::new();
    let known: Vec<_> = found
        .iter()
        .filter_map(|one| Some((one, registry.destination(one.lane.destination)?)))
        .collect();
    for (one, destination) in &known {
        if destination.ordering != Ordering::None {
            *wanted.entry(one.lane).or_default() += i64::from(one.place.is_none());
        }
    }
    let mut places = lane::take(&mut *desk.waist, &wanted).await?;
    let lists: Vec<_> = known
        .iter()
        .map(|(one, destination)| {
            let (status, place) = match destination.ordering {
                Ordering::None => (DeliveryStatus::Ready, None),
                Ordering::BestEffort | Ordering::Strict => {
                    (DeliveryStatus::Blocked, one.place.or_else(|| places.next(one.lane)))
                }
            };
            let expires_at = later(now, destination.schedule.lifetime());
            args![
                one.lane.location.0,
                one.key.0,
                status.code(),
                now,
                expires_at,
                place,
                one.status.code(),
            ]
        })
        .collect();
    let answers = run(&mut *desk.waist, REPLAY, &lists).await?;
    lane::go_on(desk, &wanted).await?;
    desk.rings.extend(known.iter().map(|(one, _)| Ring::Promised {
        location: one.lane.location,
        destination: one.lane.destination,
    }));
    let mut done = 0;
    for ((one, _), _) in known.iter().zip(answers).filter(|(_, rows)| !rows.is_empty()) {
        let kind = registry.kind_of(one.lane.destination);
        metrics::counter!("inlet_deliveries_replayed_total", "kind" => kind).increment(1);
        done += 1;
    }
    Ok(done)
}

async fn cancel(desk: &mut Desk, found: Found) -> Result<usize, StoreError> {
    let mut wanted = Wanted::new();
    if found.place.is_some() {
        wanted.insert(found.lane, 0);
    }
    lane::take(&mut *desk.waist, &wanted).await?;
    let list = args![found.lane.location.0, found.key.0, desk.now, found.status.code()];
    let done = row(&mut *desk.waist, CANCEL, list).await?;
    lane::go_on(desk, &wanted).await?;
    Ok(usize::from(done.is_some()))
}
