//! Files: the bytes once under their SHA-256, a reference for each location that has them, and what waits to be fetched.

use std::sync::Arc;

use async_trait::async_trait;
use inlet_core::{
    blobs::{Blobs, PendingMedia},
    directory::StoreFault,
    ids::{LocationKey, MessageKey, ProviderKey},
    inbound::File,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    Store,
    error::StoreError,
    group::Desk,
    inbox::as_limit,
    waist::{Row, Waist, args, row, rows, run},
};

const KEEP: &str = "
    insert into blob (sha256, bytes) values ($1, $2) on conflict do nothing";

const REFER: &str = "
    insert into blob_reference (location_id, sha256) values ($1, $2) on conflict do nothing";

const GET: &str = "
    select b.bytes from blob_reference r join blob b on b.sha256 = r.sha256
     where r.location_id = $1 and r.sha256 = $2";

/// What waits at all locations.
const PENDING: &str = "
    select location_id, message_id, idx, url, provider_id, tries, due_at from media order by due_at limit $1";

const POSTPONE: &str = "
    update media set tries = tries + 1, due_at = $4 where location_id = $1 and message_id = $2 and idx = $3";

#[async_trait]
impl Blobs for Store {
    async fn put(&self, location: LocationKey, bytes: Vec<u8>) -> Result<String, StoreFault> {
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        let bytes = Arc::new(bytes);
        let kept = self.write(move |desk| {
            let bytes = Arc::clone(&bytes);
            Box::pin(async move { keep(desk, location, &hash, &bytes).await })
        });
        kept.await?;
        Ok(hex::encode(hash))
    }

    async fn get(&self, location: LocationKey, blob: &str) -> Result<Option<Vec<u8>>, StoreFault> {
        let Ok(hash) = hex::decode(blob) else {
            return Ok(None);
        };
        let found =
            self.read(move |waist| Box::pin(async move { row(waist, GET, args![location.0, hash.as_slice()]).await }));
        match found.await? {
            Some(mut row) => Ok(Some(row.blob()?)),
            None => Ok(None),
        }
    }

    async fn pending(&self, limit: usize) -> Result<Vec<PendingMedia>, StoreFault> {
        let found = self.read(move |waist| Box::pin(rows(waist, PENDING, args![as_limit(limit)])));
        let media = found.await?.into_iter().map(|mut row| read(&mut row));
        Ok(media.collect::<Result<_, _>>()?)
    }

    async fn postpone(&self, media: &PendingMedia, until: Timestamp) -> Result<(), StoreFault> {
        let index = i64::try_from(media.index).ok();
        let list = (media.location.0, media.message.0, index);
        let done = self.write(move |desk| {
            let (location, message, index) = list;
            Box::pin(row(&mut *desk.waist, POSTPONE, args![location, message, index, until]))
        });
        done.await?;
        Ok(())
    }
}

async fn keep(desk: &mut Desk, location: LocationKey, hash: &[u8], bytes: &[u8]) -> Result<(), StoreError> {
    row(&mut *desk.waist, KEEP, args![hash, bytes]).await?;
    row(&mut *desk.waist, REFER, args![location.0, hash]).await?;
    Ok(())
}

/// Keeps the files that came within messages.
pub(crate) async fn keep_all(waist: &mut dyn Waist, files: &[(LocationKey, &File)]) -> Result<(), StoreError> {
    let blobs: Vec<_> = files
        .iter()
        .map(|(_, file)| args![file.sha256().as_slice(), file.bytes()])
        .collect();
    run(waist, KEEP, &blobs).await?;
    let references: Vec<_> = files
        .iter()
        .map(|(location, file)| args![location.0, file.sha256().as_slice()])
        .collect();
    run(waist, REFER, &references).await.map(|_| ())
}

fn read(row: &mut Row) -> Result<PendingMedia, StoreError> {
    Ok(PendingMedia {
        location: LocationKey(row.int()?),
        message: MessageKey(row.int()?),
        index: row.count()?,
        url: row.text()?,
        provider: ProviderKey(row.int()?),
        tries: row.count()?,
        due_at: row.at()?,
    })
}
