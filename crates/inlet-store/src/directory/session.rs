//! Login links, which open one session each, and sessions. Both are known by their SHA-256 only.

use std::time::Duration;

use inlet_core::clock::later;
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
    insert into session (hash, kind, valid_until) values ($1, $2, $3)";

const USE_UP: &str = "
    delete from session where hash = $1 and kind = $2 and valid_until > $3 returning hash";

const SWEEP: &str = "
    delete from session where valid_until <= $1";

const FIND: &str = "
    select hash from session where hash = $1 and kind = $2 and valid_until > $3";

const END: &str = "
    delete from session where hash = $1 and kind = $2";

pub(super) async fn add_login(desk: &mut Desk, hash: [u8; 32], until: Timestamp) -> Result<(), StoreError> {
    row(&mut *desk.waist, ADD, args![hash.as_slice(), LINK, until]).await?;
    Ok(())
}

pub(super) async fn log_in(
    desk: &mut Desk,
    link: [u8; 32],
    session: [u8; 32],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let waist = &mut *desk.waist;
    if row(waist, USE_UP, args![link.as_slice(), LINK, now]).await?.is_none() {
        return Ok(false);
    }
    row(waist, SWEEP, args![now]).await?;
    row(waist, ADD, args![session.as_slice(), SESSION, later(now, LIFETIME)]).await?;
    Ok(true)
}

pub(super) async fn is_open(waist: &mut dyn Waist, hash: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
    let found = row(waist, FIND, args![hash.as_slice(), SESSION, now]).await?;
    Ok(found.is_some())
}

pub(super) async fn log_out(desk: &mut Desk, hash: [u8; 32]) -> Result<(), StoreError> {
    row(&mut *desk.waist, END, args![hash.as_slice(), SESSION]).await?;
    Ok(())
}
