//! The registry, read whole.

use std::sync::Arc;

use inlet_core::{
    clock::Millis,
    consent::ConsentWords,
    event::EventKind,
    filter::Filter,
    ids::{AppKey, DestinationKey, EndpointKey, GrantKey, LocationKey, ProviderKey, TokenKey},
    registry::{
        App, Client, Destination, DestinationState, Endpoint, Entries, Grant, Location, OldSecret, Ordering, Provider,
        Registry, Subject, Token,
    },
    relay::Upstream,
    secret::Secret,
};

use super::people;
use crate::{
    error::StoreError,
    seal::{Sealed, Sealer},
    setting::directory_version,
    waist::{Row, Waist, rows},
};

const LOCATIONS: &str = "
    select id, public_id, name, country, agency, created_at, words, views from location order by id";

const APPS: &str = "
    select id, public_id, name, client_id, secret, redirect_uris, scopes, created_at from app order by id";

const GRANTS: &str = "
    select id, app_id, location_id, agency, scopes, created_at, revoked_at from app_grant order by id";

const TOKENS: &str = "
    select id, hash, location_id, app_id, scopes, hint, created_at, revoked_at from token order by id";

const ENDPOINTS: &str = "
    select id, adapter, token, secrets, unsigned, template, created_at from endpoint order by id";

const PROVIDERS: &str = "
    select id, public_id, location_id, kind, endpoint_id, adapter, account, number, delivery_url
      from provider order by id";

const DESTINATIONS: &str = "
    select id, public_id, location_id, app_id, url, events, secret, state, state_reason, parked_until, schedule,
           max_inflight, created_at, old_secrets, filters, ordering, rate, max_pending, overfull, trust, upstream, vendor_id
      from destination order by id";

/// Reads all entries and arranges them.
pub(crate) async fn registry(waist: &mut dyn Waist, sealer: &Sealer, id_key: [u8; 16]) -> Result<Registry, StoreError> {
    let version = directory_version(waist).await?;
    let entries = Entries {
        version,
        id_key,
        locations: each(waist, LOCATIONS, location).await?,
        apps: each(waist, APPS, app).await?,
        tokens: each(waist, TOKENS, token).await?,
        grants: each(waist, GRANTS, grant).await?,
        users: each(waist, people::ALL, people::read).await?,
        endpoints: each(waist, ENDPOINTS, |row| endpoint(row, sealer)).await?,
        providers: each(waist, PROVIDERS, provider).await?,
        destinations: each(waist, DESTINATIONS, |row| destination(row, sealer)).await?,
    };
    Ok(Registry::new(entries))
}

async fn each<T>(
    waist: &mut dyn Waist,
    sql: &'static str,
    read: impl Fn(&mut Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let found = rows(waist, sql, []).await?;
    found.into_iter().map(|mut row| read(&mut row)).collect()
}

fn location(row: &mut Row) -> Result<Location, StoreError> {
    Ok(Location {
        key: LocationKey(row.int()?),
        id: row.text()?,
        name: row.text()?,
        country: row.opt_text()?,
        agency: row.opt_text()?,
        created_at: row.at()?,
        words: match row.opt_text()? {
            Some(json) => serde_json::from_str(&json).map_err(|_| StoreError::Unreadable("a location's words"))?,
            None => ConsentWords::default(),
        },
        views: match row.opt_text()? {
            Some(json) => serde_json::from_str(&json).map_err(|_| StoreError::Unreadable("a location's views"))?,
            None => Vec::new(),
        },
    })
}

fn app(row: &mut Row) -> Result<App, StoreError> {
    Ok(App {
        key: AppKey(row.int()?),
        id: row.text()?,
        name: row.text()?,
        client: client(row)?,
    })
}

fn client(row: &mut Row) -> Result<Option<Client>, StoreError> {
    let (Some(id), Some(secret)) = (row.opt_text()?, row.opt_blob()?) else {
        return Ok(None);
    };
    Ok(Some(Client {
        id,
        secret: sha256(secret)?,
        redirect_uris: row.json()?,
        scopes: row.json()?,
        created_at: row.at()?,
    }))
}

fn sha256(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unreadable("a SHA-256"))
}

fn grant(row: &mut Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        key: GrantKey(row.int()?),
        app: AppKey(row.int()?),
        subject: match (row.opt_int()?, row.opt_text()?) {
            (Some(location), _) => Subject::Location(LocationKey(location)),
            (None, Some(agency)) => Subject::Agency(agency),
            (None, None) => return Err(StoreError::Unreadable("whose a grant is")),
        },
        scopes: row.json()?,
        created_at: row.at()?,
        revoked_at: row.opt_at()?,
    })
}

fn token(row: &mut Row) -> Result<Token, StoreError> {
    Ok(Token {
        key: TokenKey(row.int()?),
        hash: sha256(row.blob()?)?,
        location: LocationKey(row.int()?),
        app: AppKey(row.int()?),
        scopes: row.json()?,
        hint: row.text()?,
        created_at: row.at()?,
        revoked_at: row.opt_at()?,
    })
}

fn endpoint(row: &mut Row, sealer: &Sealer) -> Result<Endpoint, StoreError> {
    Ok(Endpoint {
        key: EndpointKey(row.int()?),
        adapter: row.text()?,
        token: Secret::new(sealer.open(Sealed::EndpointToken, &row.blob()?)?),
        secrets: secrets(&sealer.open(Sealed::EndpointSecrets, &row.blob()?)?)?,
        unsigned: row.int()? != 0,
        template: row.opt_text()?,
        created_at: row.at()?,
    })
}

fn secrets(json: &[u8]) -> Result<Vec<Secret>, StoreError> {
    let all: Vec<Vec<u8>> = serde_json::from_slice(json).map_err(|_| StoreError::Unreadable("secrets"))?;
    Ok(all.into_iter().map(Secret::new).collect())
}

fn provider(row: &mut Row) -> Result<Provider, StoreError> {
    Ok(Provider {
        key: ProviderKey(row.int()?),
        id: row.text()?,
        location: LocationKey(row.int()?),
        kind: row.json()?,
        endpoint: row.opt_int()?.map(EndpointKey),
        adapter: row.opt_text()?,
        account: row.opt_text()?,
        number: row.opt_text()?,
        delivery_url: row.opt_text()?,
    })
}

fn destination(row: &mut Row, sealer: &Sealer) -> Result<Destination, StoreError> {
    Ok(Destination {
        key: DestinationKey(row.int()?),
        id: row.text()?,
        location: LocationKey(row.int()?),
        app: AppKey(row.int()?),
        url: row.text()?,
        events: events(&row.json::<Vec<i64>>()?)?,
        secret: Secret::new(sealer.open(Sealed::DestinationSecret, &row.blob()?)?),
        state: row.code(DestinationState::from_code)?,
        state_reason: row.opt_text()?,
        parked_until: row.opt_at()?,
        schedule: row.json()?,
        max_inflight: row.count()?,
        created_at: row.at()?,
        old_secrets: old_secrets(row.opt_blob()?.as_deref(), sealer)?,
        filters: filters(&row.json::<Vec<String>>()?)?,
        ordering: row.code(Ordering::from_code)?,
        rate: row.opt_int()?.and_then(|rate| u32::try_from(rate).ok()),
        max_pending: row.count()?,
        full: row.int()? != 0,
        trust: row.opt_int()?.and_then(|trust| u32::try_from(trust).ok()),
        upstream: upstream(row.opt_text()?)?,
        vendor: row.opt_int()?.map(ProviderKey),
    })
}

fn upstream(json: Option<String>) -> Result<Option<Arc<Upstream>>, StoreError> {
    let read = json.map(|json| serde_json::from_str(&json)).transpose();
    let read: Option<Upstream> = read.map_err(|_| StoreError::Unreadable("JSON"))?;
    Ok(read.map(Arc::new))
}

fn old_secrets(hidden: Option<&[u8]>, sealer: &Sealer) -> Result<Vec<OldSecret>, StoreError> {
    let Some(hidden) = hidden else {
        return Ok(Vec::new());
    };
    let opened = sealer.open(Sealed::OldSecrets, hidden)?;
    let all: Vec<(Vec<u8>, i64)> = serde_json::from_slice(&opened).map_err(|_| StoreError::Unreadable("secrets"))?;
    let old = all.into_iter().map(|(secret, until)| OldSecret {
        secret: Secret::new(secret),
        until: Millis(until).timestamp(),
    });
    Ok(old.collect())
}

fn filters(texts: &[String]) -> Result<Vec<Filter>, StoreError> {
    let read = texts.iter().map(|text| text.parse());
    read.collect::<Result<_, _>>()
        .map_err(|_| StoreError::Unreadable("filters"))
}

fn events(codes: &[i64]) -> Result<Vec<EventKind>, StoreError> {
    let known = codes.iter().map(|code| EventKind::from_code(*code));
    known
        .collect::<Option<_>>()
        .ok_or(StoreError::Unreadable("kinds of events"))
}
