//! A destination is enabled again, what was held is sent or not, and its secret is replaced.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::post,
};
use inlet_core::{
    clock::later, delivery::DeliveryStatus, directory::Entry, registry::OldSecret, secret::Secret,
    signature::show_secret,
};
use serde::{Deserialize, Serialize};

use super::{Changed, upstream};
use crate::{
    admin::{
        fault::{Answer, Fault},
        find,
        input::{Input, stamp},
        replays,
    },
    state::Shared,
};

/// For how long a replaced secret still signs, unless asked otherwise, and at most; hours.
const GRACE: u64 = 24;
const LONGEST_GRACE: u64 = 7 * 24;
/// Secrets that sign beside the current one, at most.
const OLD_SECRETS: usize = 10;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/destinations/{id}/enable", post(enable))
        .route("/destinations/{id}/rotate-secret", post(rotate))
}

#[derive(Deserialize)]
struct How {
    #[serde(default)]
    release: bool,
    rate: Option<u32>,
}

async fn enable(State(shared): State<Shared>, Path(id): Path<String>, Input(how): Input<How>) -> Answer<Changed> {
    let registry = shared.directory.registry();
    let destination = find::destination(&registry, &id)?;
    upstream::check_alone(&registry, destination)?;
    let release = if how.release {
        Some(replays::whole(&shared, destination, DeliveryStatus::Held, how.rate)?)
    } else {
        None
    };
    shared.backlog.enable(destination.key, release).await?;
    Ok(Json(Changed { id, state: "active" }))
}

#[derive(Deserialize)]
struct Grace {
    /// Hours.
    grace: Option<u64>,
}

#[derive(Serialize)]
struct Rotated {
    id: String,
    secret: String,
    old_until: String,
}

async fn rotate(State(shared): State<Shared>, Path(id): Path<String>, Input(grace): Input<Grace>) -> Answer<Rotated> {
    let registry = shared.directory.registry();
    let destination = find::destination(&registry, &id)?;
    if destination.vendor.is_some() {
        return Err(Fault::conflict(
            "its secret are the vendor's credentials: set them by `inlet provider credentials`",
        ));
    }
    if destination.upstream.is_some() {
        return Err(Fault::conflict(
            "nothing is signed for an upstream: what opens it is given anew by `inlet destination authorise`",
        ));
    }
    let hours = grace.grace.unwrap_or(GRACE);
    if hours > LONGEST_GRACE {
        return Err(Fault::bad(format!(
            "--grace is a number of hours, from 0 to {LONGEST_GRACE}"
        )));
    }
    let now = shared.clock.now();
    let until = later(now, Duration::from_hours(hours));
    let mut secret = [0; 32];
    shared.chance.fill(&mut secret);
    let secret = Secret::new(secret);
    let replaced = OldSecret {
        secret: destination.secret.clone(),
        until,
    };
    let still = destination.old_secrets.iter().filter(|old| old.until > now).cloned();
    let old: Vec<OldSecret> = std::iter::once(replaced).chain(still).take(OLD_SECRETS).collect();
    let shown = show_secret(&secret);
    shared
        .directory
        .write(Entry::DestinationSecret(destination.key, secret, old))
        .await?;
    Ok(Json(Rotated {
        id,
        secret: shown,
        old_until: stamp(until),
    }))
}
