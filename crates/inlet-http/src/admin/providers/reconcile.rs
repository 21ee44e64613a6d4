//! Compares a page of a vendor's own list with what is here, and records what was missed. Whoever asks goes on with the page
//! that is named, and may stop at any: what is recorded stays, and is recognised the next time.

use axum::{
    Json,
    extract::{Path, State},
};
use inlet_core::gaps::{Ask, Obstacle};
use serde::{Deserialize, Serialize};

use crate::{
    admin::{
        fault::{Answer, Fault},
        find,
        input::{Input, millis, moment},
    },
    state::Shared,
};

/// How far back, unless it is said.
const A_DAY: &str = "24h";

#[derive(Deserialize)]
pub(super) struct Wish {
    /// What came from then on: a time, or so long ago.
    since: Option<String>,
    /// The page, as the one before it said.
    page: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Compared {
    listed: usize,
    recorded: usize,
    known: usize,
    unassigned: usize,
    refused: usize,
    /// The next page, or this one again after the pause.
    next: Option<String>,
    /// Milliseconds to wait before that, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) async fn run(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Input(wish): Input<Wish>,
) -> Answer<Compared> {
    let registry = shared.directory.registry();
    let provider = find::provider(&registry, &id)?;
    let since = moment(wish.since.as_deref().unwrap_or(A_DAY), shared.clock.now())?;
    let ask = Ask {
        location: provider.location,
        provider: provider.key,
        since,
        page: wish.page,
    };
    match shared.reconcile.page(&ask).await {
        Ok(compared) => Ok(Json(Compared {
            listed: compared.listed,
            recorded: compared.recorded,
            known: compared.known,
            unassigned: compared.unassigned,
            refused: compared.refused,
            next: compared.next,
            pause_ms: None,
            reason: None,
        })),
        Err(Obstacle::Later { reason, pause }) => Ok(Json(Compared {
            listed: 0,
            recorded: 0,
            known: 0,
            unassigned: 0,
            refused: 0,
            next: ask.page,
            pause_ms: Some(millis(pause)),
            reason: Some(reason),
        })),
        Err(Obstacle::Unable(reason)) => Err(Fault::conflict(reason)),
    }
}
