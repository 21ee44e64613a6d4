//! Login links, which open one session each, and sessions. Both are known by their SHA-256 only.

use std::time::Duration;

use inlet_core::{clock::later, ids::UserKey, people::Whose};
use jiff::Timestamp;

use crate::{
    error::StoreError,
    group::Desk,
    waist::{Waist, args, row},
};

const LINK: i64 = 1;
const SESSION: i64 = 2;

/// For how long a browser stays logged in.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

const ADD: &str = "
    insert into session (hash, kind, valid_until, person_id) values ($1, $2, $3, $4)";

const USE_UP: &str = "
    delete from session where hash = $1 and kind = $2 and valid_until > $3 returning person_id";

const SWEEP: &str = "
    delete from session where valid_until <= $1";

const FIND: &str = "
    select person_id from session where hash = $1 and kind = $2 and valid_until > $3";

const END: &str = "
    delete from session where hash = $1 and kind = $2";

pub(super) async fn add_login(
    desk: &mut Desk,
    hash: [u8; 32],
    (whose, until): (Whose, Timestamp),
) -> Result<(), StoreError> {
    let list = args![hash.as_slice(), LINK, until, person(whose)];
    row(&mut *desk.waist, ADD, list).await?;
    Ok(())
}

pub(super) async fn log_in(
    desk: &mut Desk,
    link: [u8; 32],
    session: [u8; 32],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let waist = &mut *desk.waist;
    let Some(mut used) = row(waist, USE_UP, args![link.as_slice(), LINK, now]).await? else {
        return Ok(false);
    };
    add(waist, session, (used.opt_int()?, now)).await?;
    Ok(true)
}

pub(super) async fn open(desk: &mut Desk, session: [u8; 32], user: UserKey, now: Timestamp) -> Result<(), StoreError> {
    add(&mut *desk.waist, session, (Some(user.0), now)).await
}

async fn add(
    waist: &mut dyn Waist,
    session: [u8; 32],
    (person, now): (Option<i64>, Timestamp),
) -> Result<(), StoreError> {
    row(waist, SWEEP, args![now]).await?;
    let list = args![session.as_slice(), SESSION, later(now, LIFETIME), person];
    row(waist, ADD, list).await.map(|_| ())
}

pub(super) async fn whose(waist: &mut dyn Waist, hash: [u8; 32], now: Timestamp) -> Result<Option<Whose>, StoreError> {
    match row(waist, FIND, args![hash.as_slice(), SESSION, now]).await? {
        Some(mut found) => {
            let user = found.opt_int()?.map(UserKey);
            Ok(Some(user.map_or(Whose::Operator, Whose::User)))
        }
        None => Ok(None),
    }
}

fn person(whose: Whose) -> Option<i64> {
    match whose {
        Whose::Operator => None,
        Whose::User(user) => Some(user.0),
    }
}

pub(super) async fn log_out(desk: &mut Desk, hash: [u8; 32]) -> Result<(), StoreError> {
    row(&mut *desk.waist, END, args![hash.as_slice(), SESSION]).await?;
    Ok(())
}
