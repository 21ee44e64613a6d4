//! New entries of the directory. Tokens are written as SHA-256 only, other secrets sealed.

use inlet_core::{
    consent::ConsentWords,
    registry::{App, Destination, Endpoint, Grant, Location, Provider, Subject, Token},
    secret::Secret,
};

use crate::{
    error::StoreError,
    row::json,
    seal::{Sealed, Sealer},
    waist::{Waist, args, row},
};

const LOCATION: &str = "
    insert into location (id, public_id, name, country, agency, created_at, words) values ($1, $2, $3, $4, $5, $6, $7)";

const TOKEN: &str = "
    insert into token (id, hash, location_id, app_id, scopes, hint, created_at, revoked_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

const APP: &str = "
    insert into app (id, public_id, name, client_id, secret, redirect_uris, scopes, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

const GRANT: &str = "
    insert into app_grant (id, app_id, location_id, agency, scopes, created_at, revoked_at)
    values ($1, $2, $3, $4, $5, $6, $7)";

const ENDPOINT: &str = "
    insert into endpoint (id, adapter, token, secrets, unsigned, template, created_at)
    values ($1, $2, $3, $4, $5, $6, $7)";

const PROVIDER: &str = "
    insert into provider (location_id, id, public_id, kind, endpoint_id, adapter, account, number, delivery_url)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const DESTINATION: &str = "
    insert into destination (location_id, id, public_id, app_id, url, events, secret, state, state_reason, parked_until,
                             schedule, max_inflight, created_at, filters, ordering, rate, max_pending, upstream, vendor_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

pub(super) async fn location(waist: &mut dyn Waist, location: &Location) -> Result<(), StoreError> {
    let words = words(&location.words)?;
    let list = args![
        location.key.0,
        location.id.as_str(),
        location.name.as_str(),
        location.country.as_deref(),
        location.agency.as_deref(),
        location.created_at,
        words.as_deref(),
    ];
    row(waist, LOCATION, list).await.map(|_| ())
}

/// The words by which contacts opt out and in: nothing where they are the usual ones.
pub(super) fn words(words: &ConsentWords) -> Result<Option<String>, StoreError> {
    (*words != ConsentWords::default()).then(|| json(words)).transpose()
}

pub(super) async fn token(waist: &mut dyn Waist, token: &Token) -> Result<(), StoreError> {
    let scopes = json(&token.scopes)?;
    let list = args![
        token.key.0,
        token.hash.as_slice(),
        token.location.0,
        token.app.0,
        scopes.as_str(),
        token.hint.as_str(),
        token.created_at,
        token.revoked_at,
    ];
    row(waist, TOKEN, list).await.map(|_| ())
}

/// An app that is no client has nothing beside its name: it is added when the store is made.
pub(super) async fn app(waist: &mut dyn Waist, app: &App) -> Result<(), StoreError> {
    let client = app.client.as_ref().ok_or(StoreError::Missing)?;
    let (redirect_uris, scopes) = (json(&client.redirect_uris)?, json(&client.scopes)?);
    let list = args![
        app.key.0,
        app.id.as_str(),
        app.name.as_str(),
        client.id.as_str(),
        client.secret.as_slice(),
        redirect_uris.as_str(),
        scopes.as_str(),
        client.created_at,
    ];
    row(waist, APP, list).await.map(|_| ())
}

pub(super) async fn grant(waist: &mut dyn Waist, grant: &Grant) -> Result<(), StoreError> {
    let (location, agency) = match &grant.subject {
        Subject::Location(location) => (Some(location.0), None),
        Subject::Agency(agency) => (None, Some(agency.as_str())),
    };
    let scopes = json(&grant.scopes)?;
    let list = args![
        grant.key.0,
        grant.app.0,
        location,
        agency,
        scopes.as_str(),
        grant.created_at,
        grant.revoked_at,
    ];
    row(waist, GRANT, list).await.map(|_| ())
}

pub(super) async fn endpoint(waist: &mut dyn Waist, sealer: &Sealer, endpoint: &Endpoint) -> Result<(), StoreError> {
    let token = sealer.seal(Sealed::EndpointToken, endpoint.token.expose())?;
    let secrets = sealed_secrets(sealer, &endpoint.secrets)?;
    let list = args![
        endpoint.key.0,
        endpoint.adapter.as_str(),
        token.as_slice(),
        secrets.as_slice(),
        endpoint.unsigned,
        endpoint.template.as_deref(),
        endpoint.created_at,
    ];
    row(waist, ENDPOINT, list).await.map(|_| ())
}

/// What a webhook is verified with, as it is stored.
pub(super) fn sealed_secrets(sealer: &Sealer, secrets: &[Secret]) -> Result<Vec<u8>, StoreError> {
    let secrets: Vec<&[u8]> = secrets.iter().map(Secret::expose).collect();
    sealer.seal(Sealed::EndpointSecrets, json(&secrets)?.as_bytes())
}

/// A provider, and where it is handed what it is to send.
pub(super) async fn provider(
    waist: &mut dyn Waist,
    sealer: &Sealer,
    (provider, delivery): (&Provider, Option<&Destination>),
) -> Result<(), StoreError> {
    let kind = json(&provider.kind)?;
    let list = args![
        provider.location.0,
        provider.key.0,
        provider.id.as_str(),
        kind.as_str(),
        provider.endpoint.map(|endpoint| endpoint.0),
        provider.adapter.as_deref(),
        provider.account.as_deref(),
        provider.number.as_deref(),
        provider.delivery_url.as_deref(),
    ];
    row(waist, PROVIDER, list).await?;
    match delivery {
        Some(delivery) => destination(waist, sealer, delivery).await,
        None => Ok(()),
    }
}

pub(super) async fn destination(
    waist: &mut dyn Waist,
    sealer: &Sealer,
    destination: &Destination,
) -> Result<(), StoreError> {
    let codes: Vec<i64> = destination.events.iter().map(|kind| kind.code()).collect();
    let (events, schedule) = (json(&codes)?, json(&destination.schedule)?);
    let filters: Vec<String> = destination.filters.iter().map(ToString::to_string).collect();
    let filters = json(&filters)?;
    let secret = sealer.seal(Sealed::DestinationSecret, destination.secret.expose())?;
    let upstream = destination.upstream.as_deref().map(json).transpose()?;
    let list = args![
        destination.location.0,
        destination.key.0,
        destination.id.as_str(),
        destination.app.0,
        destination.url.as_str(),
        events.as_str(),
        secret.as_slice(),
        destination.state.code(),
        destination.state_reason.as_deref(),
        destination.parked_until,
        schedule.as_str(),
        i64::from(destination.max_inflight),
        destination.created_at,
        filters.as_str(),
        destination.ordering.code(),
        destination.rate.map(i64::from),
        i64::from(destination.max_pending),
        upstream.as_deref(),
        destination.vendor.map(|provider| provider.0),
    ];
    row(waist, DESTINATION, list).await.map(|_| ())
}
