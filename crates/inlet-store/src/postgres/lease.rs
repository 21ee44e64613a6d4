//! Leases: rows that say who does what only one may do, and until when. Each change of hands counts the epoch up. A node's
//! number, which is part of its keys, is such a lease too.

use inlet_core::ids::KeyMaker;
use jiff::Timestamp;

use crate::{
    error::StoreError,
    group::Desk,
    waist::{Waist, args, row},
};

/// How many nodes can run at once: keys have six bits for them.
const NODES: u8 = 64;
/// For how long a number is held without being renewed.
const HELD: i64 = 60_000;
/// The lease on what only one node does at a time, and for how long it is held without being renewed.
const CHORES: &str = "chores";
const CHORES_HELD: i64 = 10_000;

const TAKE: &str = "
    insert into lease (name, owner, epoch, until, mark) values ($1, $2, 1, $3, 0) on conflict do nothing returning name";

const RETAKE: &str = "
    update lease set owner = $2, epoch = epoch + 1, until = $3 where name = $1 and until < $4 returning epoch";

const KEEP: &str = "
    update lease set until = $3, mark = $4 where name = $1 and owner = $2 returning epoch";

const LEAD: &str = "
    update lease set owner = $2, epoch = case when owner = $2 then epoch else epoch + 1 end, until = $3
     where name = $1 and (until < $4 or owner = $2) returning epoch";

const MARK: &str = "
    select max(mark) from lease";

/// The number of a node, and under whose name it is held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub(crate) node: u8,
    pub(crate) owner: i64,
}

/// Takes the first number that nobody holds; `None` where all are held.
pub(crate) async fn take_number(
    waist: &mut dyn Waist,
    owner: i64,
    now: Timestamp,
) -> Result<Option<Number>, StoreError> {
    for node in 0..NODES {
        if take(waist, (&name(node), owner), now).await? {
            return Ok(Some(Number { node, owner }));
        }
    }
    Ok(None)
}

async fn take(waist: &mut dyn Waist, (name, owner): (&str, i64), now: Timestamp) -> Result<bool, StoreError> {
    let until = now.as_millisecond().saturating_add(HELD);
    waist.begin().await?;
    let taken = row(waist, TAKE, args![name, owner, until]).await?.is_some()
        || row(waist, RETAKE, args![name, owner, until, now]).await?.is_some();
    waist.commit().await?;
    Ok(taken)
}

/// Takes the chores, or holds them for longer; false where another node has them.
pub(crate) async fn lead(desk: &mut Desk, owner: i64) -> Result<bool, StoreError> {
    let (waist, now) = (&mut *desk.waist, desk.now);
    let until = now.as_millisecond().saturating_add(CHORES_HELD);
    Ok(row(waist, LEAD, args![CHORES, owner, until, now]).await?.is_some()
        || row(waist, TAKE, args![CHORES, owner, until]).await?.is_some())
}

/// Holds the number for longer; false where another node has it by now. `mark` is the time of the last key.
pub(crate) async fn keep_number(
    waist: &mut dyn Waist,
    number: Number,
    now: Timestamp,
    mark: Timestamp,
) -> Result<bool, StoreError> {
    let until = now.as_millisecond().saturating_add(HELD);
    keep(waist, (&name(number.node), number.owner), until, mark).await
}

/// Gives the number back, and the chores where it has them.
pub(crate) async fn give_back(waist: &mut dyn Waist, number: Number, mark: Timestamp) -> Result<(), StoreError> {
    keep(waist, (CHORES, number.owner), 0, mark).await?;
    keep(waist, (&name(number.node), number.owner), 0, mark)
        .await
        .map(|_| ())
}

async fn keep(
    waist: &mut dyn Waist,
    (name, owner): (&str, i64),
    until: i64,
    mark: Timestamp,
) -> Result<bool, StoreError> {
    waist.begin().await?;
    let kept = row(waist, KEEP, args![name, owner, until, mark]).await?;
    waist.commit().await?;
    Ok(kept.is_some())
}

/// The time after which no node has made a key, as far as was told.
pub(crate) async fn last_mark(waist: &mut dyn Waist) -> Result<Timestamp, StoreError> {
    waist.begin().await?;
    let found = row(waist, MARK, []).await?;
    waist.commit().await?;
    let millis = found.map_or(Ok(None), |mut row| row.opt_int())?.unwrap_or_default();
    Ok(inlet_core::clock::Millis(millis).timestamp())
}

/// When the last key was made.
pub(crate) fn mark_of(keys: &KeyMaker) -> Timestamp {
    inlet_core::ids::made_at(keys.last())
}

fn name(node: u8) -> String {
    format!("node/{node}")
}
