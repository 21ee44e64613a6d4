//! Private integration tokens: add one (shown this once), list them, revoke one.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use inlet_core::{
    chance,
    directory::{Entry, StoreFault},
    ids::{AppKey, IdKind, LocationKey, TokenKey},
    registry::{Registry, Token},
    usage::{LastUse, Used},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    fault::{Answer, Fault},
    find,
    input::{Asked, Input, stamp},
};
use crate::state::{Shared, State as Ports};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/tokens", get(list).post(add))
        .route("/tokens/revoke", post(revoke))
}

#[derive(Deserialize)]
struct New {
    location: String,
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Serialize)]
struct Added {
    id: String,
    token: String,
}

async fn add(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<Added> {
    let registry = shared.directory.registry();
    let location = find::location(&registry, &new.location)?;
    find::scopes(&new.scopes)?;
    let app = find::builtin_app(&registry)?.key;
    let (key, token) = issue(&shared, (location.key, app), new.scopes).await?;
    let id = shared.ids.encode(IdKind::Token, key.0);
    Ok(Json(Added { id, token }))
}

/// Makes a private integration token of an app at a location; the token itself is only here.
pub(crate) async fn issue(
    shared: &Ports,
    (location, app): (LocationKey, AppKey),
    scopes: Vec<String>,
) -> Result<(TokenKey, String), StoreFault> {
    let now = shared.clock.now();
    let key = TokenKey(shared.keys.next(now));
    let token = format!("pit-{}", chance::uuid(&*shared.chance));
    let entry = Token {
        key,
        hash: Sha256::digest(token.as_bytes()).into(),
        location,
        app,
        scopes,
        hint: token.chars().skip(token.len().saturating_sub(4)).collect(),
        created_at: now,
        revoked_at: None,
    };
    shared.directory.write(Entry::Token(entry)).await?;
    Ok((key, token))
}

#[derive(Deserialize)]
struct Which {
    location: Option<String>,
}

#[derive(Serialize)]
struct List {
    tokens: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    location: String,
    hint: String,
    scopes: Vec<String>,
    created_at: String,
    revoked_at: Option<String>,
    /// When it last came; `null` where it never did.
    used_at: Option<String>,
}

async fn list(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<List> {
    let registry = shared.directory.registry();
    let only = find::only(&registry, which.location.as_deref())?;
    let mut found: Vec<&Token> = registry.tokens().collect();
    found.retain(|token| only.is_none_or(|location| token.location == location));
    found.sort_by_key(|token| token.key);
    let last = find::last_use(&shared, found.iter().map(|token| token.location)).await?;
    let tokens = found.into_iter().map(|token| view(&shared, &registry, (token, &last)));
    Ok(Json(List {
        tokens: tokens.collect(),
    }))
}

fn view(shared: &Ports, registry: &Registry, (token, last): (&Token, &LastUse)) -> View {
    View {
        id: shared.ids.encode(IdKind::Token, token.key.0),
        location: registry
            .location(token.location)
            .map(|found| found.id.clone())
            .unwrap_or_default(),
        hint: token.hint.clone(),
        scopes: token.scopes.clone(),
        created_at: stamp(token.created_at),
        revoked_at: token.revoked_at.map(stamp),
        used_at: last.get(&Used::Token(token.key)).copied().map(stamp),
    }
}

#[derive(Deserialize)]
struct Revoke {
    /// The token's id, or the token itself.
    token: String,
}

#[derive(Serialize)]
struct Revoked {
    id: String,
    revoked_at: String,
}

async fn revoke(State(shared): State<Shared>, Input(which): Input<Revoke>) -> Answer<Revoked> {
    let registry = shared.directory.registry();
    let hash: [u8; 32] = Sha256::digest(which.token.as_bytes()).into();
    let key = shared.ids.decode(IdKind::Token, &which.token);
    let by_id = || registry.tokens().find(|token| Some(token.key.0) == key);
    let Some(token) = registry.token(&hash).or_else(by_id) else {
        return Err(Fault::missing(
            "there is no such token: `inlet token list` shows the ids of those there are",
        ));
    };
    let at = token.revoked_at.unwrap_or_else(|| shared.clock.now());
    if token.revoked_at.is_none() {
        shared.directory.write(Entry::Revoke(token.key, at)).await?;
    }
    Ok(Json(Revoked {
        id: shared.ids.encode(IdKind::Token, token.key.0),
        revoked_at: stamp(at),
    }))
}
