//! What opens an upstream: kept sealed, and got anew by one node at a time.

use inlet_core::{
    clock::Millis,
    relay::{Grant, Line, Renewal},
    secret::Secret,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    error::StoreError,
    group::Desk,
    row::json,
    seal::{Sealed, Sealer},
    waist::{Waist, args, row},
};

const READ: &str = "
    select sealed, version from upstream_grant where location_id = $1 and destination_id = $2";

const SAVE: &str = "
    insert into upstream_grant (location_id, destination_id, version, sealed) values ($1, $2, 1, $3)
    on conflict (location_id, destination_id)
    do update set sealed = excluded.sealed, version = upstream_grant.version + 1, busy_until = null";

const BEGIN: &str = "
    update upstream_grant set busy_until = $4
     where location_id = $1 and destination_id = $2 and (busy_until is null or busy_until <= $3)
    returning version";

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Clear {
    access: Vec<u8>,
    /// Milliseconds since 1970.
    expires_at: Option<i64>,
    /// The app's id and secret, and the refresh token.
    renewal: Option<(String, Vec<u8>, Vec<u8>)>,
}

pub(super) async fn read(
    waist: &mut dyn Waist,
    sealer: &Sealer,
    line: Line,
) -> Result<Option<(Grant, i64)>, StoreError> {
    let Some(mut found) = row(waist, READ, args![line.location.0, line.destination.0]).await? else {
        return Ok(None);
    };
    let opened = sealer.open(Sealed::Grant, &found.blob()?)?;
    let clear: Clear = serde_json::from_slice(&opened).map_err(|_| StoreError::Unreadable("a grant"))?;
    let renewal = clear.renewal.map(|(client_id, client_secret, refresh)| Renewal {
        client_id,
        client_secret: Secret::new(client_secret),
        refresh: Secret::new(refresh),
    });
    let grant = Grant {
        access: Secret::new(clear.access),
        expires_at: clear.expires_at.map(|at| Millis(at).timestamp()),
        renewal,
    };
    Ok(Some((grant, found.int()?)))
}

pub(super) async fn save(desk: &mut Desk, line: Line, grant: &Grant) -> Result<(), StoreError> {
    let renewal = grant.renewal.as_ref().map(|renewal| {
        let secret = renewal.client_secret.expose().to_vec();
        (renewal.client_id.clone(), secret, renewal.refresh.expose().to_vec())
    });
    let clear = Clear {
        access: grant.access.expose().to_vec(),
        expires_at: grant.expires_at.map(|at| Millis::from(at).0),
        renewal,
    };
    let sealed = desk.sealer.seal(Sealed::Grant, json(&clear)?.as_bytes())?;
    let list = args![line.location.0, line.destination.0, sealed.as_slice()];
    row(&mut *desk.waist, SAVE, list).await.map(|_| ())
}

pub(super) async fn begin_renewal(
    waist: &mut dyn Waist,
    line: Line,
    (now, until): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let list = args![line.location.0, line.destination.0, now, until];
    Ok(row(waist, BEGIN, list).await?.is_some())
}
