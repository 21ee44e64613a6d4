//! Vouchers: authorization codes and refresh tokens, exchanged once each. Known by their SHA-256 only.

use async_trait::async_trait;
use inlet_core::{
    clock::Millis,
    directory::StoreFault,
    ids::{GrantKey, LocationKey},
    vouchers::{Exchange, Exchanged, Voucher, VoucherKind, Vouchers},
};
use jiff::Timestamp;

use crate::{
    Store, directory,
    error::StoreError,
    group::Desk,
    waist::{Waist, args, row},
};

const ADD: &str = "
    insert into voucher (hash, kind, app_id, grant_id, location_id, redirect_uri, valid_until)
    values ($1, $2, $3, $4, $5, $6, $7)";

const SWEEP: &str = "
    delete from voucher where valid_until <= $1";

const USE_UP: &str = "
    update voucher set used_at = $4
     where hash = $1 and kind = $2 and app_id = $3 and valid_until > $4 and used_at is null
    returning grant_id, location_id, redirect_uri, valid_until";

const USED: &str = "
    select grant_id from voucher where hash = $1 and kind = $2 and app_id = $3 and used_at is not null";

const TAKE_BACK: &str = "
    update app_grant set revoked_at = $2 where id = $1 and revoked_at is null";

#[async_trait]
impl Vouchers for Store {
    async fn issue(&self, voucher: Voucher, now: Timestamp) -> Result<(), StoreFault> {
        let issued = Store::write(self, move |desk| Box::pin(issue(desk, voucher.clone(), now)));
        issued.await.map_err(|error| error.adding("this voucher"))
    }

    async fn exchange(&self, exchange: Exchange, now: Timestamp) -> Result<Exchanged, StoreFault> {
        let done = Store::write(self, move |desk| Box::pin(change(desk, exchange.clone(), now)));
        Ok(done.await?)
    }
}

async fn issue(desk: &mut Desk, voucher: Voucher, now: Timestamp) -> Result<(), StoreError> {
    let waist = &mut *desk.waist;
    row(waist, SWEEP, args![now]).await?;
    add(waist, &voucher).await
}

async fn add(waist: &mut dyn Waist, voucher: &Voucher) -> Result<(), StoreError> {
    let list = args![
        voucher.hash.as_slice(),
        voucher.kind.code(),
        voucher.app.0,
        voucher.grant.0,
        voucher.location.map(|location| location.0),
        voucher.redirect_uri.as_deref(),
        voucher.valid_until,
    ];
    row(waist, ADD, list).await.map(|_| ())
}

async fn change(desk: &mut Desk, exchange: Exchange, now: Timestamp) -> Result<Exchanged, StoreError> {
    let (hash, kind, app) = (exchange.hash.as_slice(), exchange.kind.code(), exchange.app.0);
    let found = row(&mut *desk.waist, USE_UP, args![hash, kind, app, now]).await?;
    let Some(mut found) = found else {
        return came_again(desk, &exchange, now).await;
    };
    let voucher = Voucher {
        kind: exchange.kind,
        hash: exchange.hash,
        app: exchange.app,
        grant: GrantKey(found.int()?),
        location: found.opt_int()?.map(LocationKey),
        redirect_uri: found.opt_text()?,
        valid_until: Millis(found.int()?).timestamp(),
    };
    let next = Voucher {
        kind: VoucherKind::Refresh,
        hash: exchange.next,
        redirect_uri: None,
        valid_until: exchange.next_until,
        ..voucher
    };
    add(&mut *desk.waist, &next).await?;
    Ok(Exchanged::Good(voucher))
}

/// Whoever brings a used one has a copy, or was robbed of one: nobody can tell which, so nothing of it holds any more.
async fn came_again(desk: &mut Desk, exchange: &Exchange, now: Timestamp) -> Result<Exchanged, StoreError> {
    let waist = &mut *desk.waist;
    let list = args![exchange.hash.as_slice(), exchange.kind.code(), exchange.app.0];
    let Some(mut used) = row(waist, USED, list).await? else {
        return Ok(Exchanged::Unknown);
    };
    row(waist, TAKE_BACK, args![used.int()?, now]).await?;
    directory::changed(desk).await?;
    Ok(Exchanged::Again)
}
