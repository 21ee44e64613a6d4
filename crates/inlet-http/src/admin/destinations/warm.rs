//! Whom an upstream has already, read a page at a time, for `inlet destination warm`.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::post,
};
use inlet_core::relay::Hindered;
use serde::{Deserialize, Serialize};

use crate::{
    admin::{
        fault::{Answer, Fault},
        find,
        input::{Input, stamp},
    },
    state::Shared,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/destinations/{id}/warm", post(warm))
}

/// Where an earlier page ended.
#[derive(Deserialize)]
struct Place {
    after: Option<String>,
}

#[derive(Serialize, Default)]
struct Page {
    contacts: usize,
    identities: usize,
    total: Option<u64>,
    /// Where the next page begins; the same again where this one could not be read yet.
    next: Option<String>,
    /// Before when there may be no call.
    wait_until: Option<String>,
    /// The same, in milliseconds from now.
    wait_ms: u64,
}

async fn warm(State(shared): State<Shared>, Path(id): Path<String>, Input(place): Input<Place>) -> Answer<Page> {
    let registry = shared.directory.registry();
    let destination = find::destination(&registry, &id)?;
    match shared.reach.warm(destination.key, place.after.clone()).await {
        Ok(warmed) => Ok(Json(Page {
            contacts: warmed.contacts,
            identities: warmed.identities,
            total: warmed.total,
            next: warmed.next,
            ..Page::default()
        })),
        Err(Hindered::Until(at)) => {
            let wait = at.as_millisecond() - shared.clock.now().as_millisecond();
            Ok(Json(Page {
                next: place.after,
                wait_until: Some(stamp(at)),
                wait_ms: u64::try_from(wait).unwrap_or_default().max(1),
                ..Page::default()
            }))
        }
        Err(Hindered::Refused(words)) => Err(Fault::conflict(words)),
    }
}
