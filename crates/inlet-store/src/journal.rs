//! Requests as they came, sealed: whoever reads the file finds who was answered how, but not what was in it.

use std::time::Duration;

use async_trait::async_trait;
use inlet_core::{
    directory::StoreFault,
    ids::{EndpointKey, LocationKey, MessageKey, RequestKey},
    journal::{Journal, KeptRequest, RawRequest, RequestQuery, RequestVerdict},
};

use crate::{
    Store,
    error::StoreError,
    group::Desk,
    inbox::as_limit,
    row::json,
    seal::{Sealed, Sealer},
    waist::{Row, args, row, rows},
};

const KEEP: &str = "
    insert into request (id, endpoint_id, location_id, received_at, verdict, reason, messages, took, status, raw, rest)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const REVISE: &str = "
    update request set verdict = $2, reason = $3, messages = $4, location_id = $5 where id = $1";

const NEWEST: &str = "
    select id, endpoint_id, location_id, received_at, verdict, reason, messages, took, status, raw
      from request
     where ($1 is null or verdict = $1) and ($2 is null or endpoint_id = $2) and ($3 is null or id < $3)
     order by id desc limit $4";

const NEWEST_OF: &str = "
    select id, endpoint_id, location_id, received_at, verdict, reason, messages, took, status, raw
      from request
     where (location_id = $1 or (location_id is null and endpoint_id in (
             select endpoint_id from provider where location_id = $1)))
       and ($2 is null or verdict = $2) and ($3 is null or endpoint_id = $3) and ($4 is null or id < $4)
     order by id desc limit $5";

/// A request is kept right after its messages, so it is looked for near their keys.
const OF_MESSAGE: &str = "
    select id, endpoint_id, location_id, received_at, verdict, reason, messages, took, status, raw
      from request where id > $1 and id < $2 and messages like $3 order by id limit 1";

/// Two minutes, as far as keys tell time.
const NEAR: i64 = 120_000 << 22;

const ONE: &str = "
    select id, endpoint_id, location_id, received_at, verdict, reason, messages, took, status, raw, rest
      from request where id = $1";

/// Bytes of a body that stand with the request itself; the rest is read only with the whole of it.
const BEGINNING: usize = 256 * 1024;

#[async_trait]
impl Journal for Store {
    async fn keep(&self, request: KeptRequest) -> Result<(), StoreFault> {
        let kept = self.write(move |desk| {
            let request = request.clone();
            Box::pin(async move { keep(desk, &request).await })
        });
        kept.await.map_err(|error| error.adding("this request"))
    }

    async fn revise(&self, request: KeptRequest) -> Result<(), StoreFault> {
        let revised = self.write(move |desk| {
            let request = request.clone();
            Box::pin(async move { revise(desk, &request).await })
        });
        revised.await.map_err(|error| error.adding("this request"))
    }

    async fn list(&self, query: &RequestQuery) -> Result<Vec<KeptRequest>, StoreFault> {
        let verdict = query.verdict.map(RequestVerdict::code);
        let endpoint = query.endpoint.map(|endpoint| endpoint.0);
        let before = query.before.map(|before| before.0);
        let (location, limit) = (query.location, as_limit(query.limit));
        let found = self.read(move |waist| match location {
            Some(location) => Box::pin(rows(
                waist,
                NEWEST_OF,
                args![location.0, verdict, endpoint, before, limit],
            )),
            None => Box::pin(rows(waist, NEWEST, args![verdict, endpoint, before, limit])),
        });
        let sealer = &self.inner().sealer;
        let requests = found.await?.into_iter().map(|mut row| read(&mut row, sealer));
        Ok(requests.collect::<Result<_, _>>()?)
    }

    async fn of_message(&self, message: MessageKey) -> Result<Option<KeptRequest>, StoreFault> {
        let (first, last) = (message.0.saturating_sub(NEAR), message.0.saturating_add(NEAR));
        let pattern = format!("%{}%", message.0);
        let found = self.read(move |waist| {
            Box::pin(async move { row(waist, OF_MESSAGE, args![first, last, pattern.as_str()]).await })
        });
        match found.await? {
            Some(mut row) => Ok(Some(read(&mut row, &self.inner().sealer)?)),
            None => Ok(None),
        }
    }

    async fn show(&self, key: RequestKey) -> Result<Option<KeptRequest>, StoreFault> {
        let found = self.read(move |waist| Box::pin(row(waist, ONE, args![key.0])));
        match found.await? {
            Some(mut row) => Ok(Some(read_whole(&mut row, &self.inner().sealer)?)),
            None => Ok(None),
        }
    }
}

async fn keep(desk: &mut Desk, request: &KeptRequest) -> Result<(), StoreError> {
    let messages = json(&request.messages)?;
    let body = request.raw.body.as_slice();
    let (beginning, rest) = body.split_at_checked(BEGINNING).unwrap_or((body, &[]));
    let raw = desk.sealer.seal(Sealed::Request, &pack(&request.raw, beginning)?)?;
    let seal = |rest| desk.sealer.seal(Sealed::RequestRest, rest);
    let rest = (!rest.is_empty()).then(|| seal(rest)).transpose()?;
    let list = args![
        request.key.0,
        request.endpoint.map(|endpoint| endpoint.0),
        request.location.map(|location| location.0),
        request.received_at,
        request.verdict.code(),
        request.reason.as_str(),
        messages.as_str(),
        i64::try_from(request.took.as_micros()).ok(),
        i64::from(request.status),
        raw.as_slice(),
        rest.as_deref(),
    ];
    row(&mut *desk.waist, KEEP, list).await.map(|_| ())
}

async fn revise(desk: &mut Desk, request: &KeptRequest) -> Result<(), StoreError> {
    let messages = json(&request.messages)?;
    let list = args![
        request.key.0,
        request.verdict.code(),
        request.reason.as_str(),
        messages.as_str(),
        request.location.map(|location| location.0),
    ];
    row(&mut *desk.waist, REVISE, list).await.map(|_| ())
}

fn read(row: &mut Row, sealer: &Sealer) -> Result<KeptRequest, StoreError> {
    Ok(KeptRequest {
        key: RequestKey(row.int()?),
        endpoint: row.opt_int()?.map(EndpointKey),
        location: row.opt_int()?.map(LocationKey),
        received_at: row.at()?,
        verdict: row.code(RequestVerdict::from_code)?,
        reason: row.text()?,
        messages: row.json::<Vec<MessageKey>>()?,
        took: Duration::from_micros(row.count()?),
        status: row.count()?,
        raw: unpack(&sealer.open(Sealed::Request, &row.blob()?)?)?,
    })
}

/// The same with the rest of its body.
fn read_whole(row: &mut Row, sealer: &Sealer) -> Result<KeptRequest, StoreError> {
    let mut request = read(row, sealer)?;
    if let Some(rest) = row.opt_blob()? {
        request.raw.body.append(&mut sealer.open(Sealed::RequestRest, &rest)?);
    }
    Ok(request)
}

/// The head as JSON after its length, then the beginning of the body as it is.
fn pack(raw: &RawRequest, beginning: &[u8]) -> Result<Vec<u8>, StoreError> {
    let head = json(&(&raw.method, &raw.target, &raw.headers))?;
    let length = u32::try_from(head.len()).map_err(|_| StoreError::Unreadable("a head of bearable length"))?;
    Ok([&length.to_be_bytes(), head.as_bytes(), beginning].concat())
}

fn unpack(packed: &[u8]) -> Result<RawRequest, StoreError> {
    let unreadable = || StoreError::Unreadable("a request");
    let (length, rest) = packed.split_first_chunk::<4>().ok_or_else(unreadable)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| unreadable())?;
    let (head, body) = rest.split_at_checked(length).ok_or_else(unreadable)?;
    let (method, target, headers) = serde_json::from_slice(head).map_err(|_| unreadable())?;
    Ok(RawRequest {
        method,
        target,
        headers,
        body: body.to_vec(),
    })
}
