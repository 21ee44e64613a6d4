//! The doors for vendors' webhooks: from the raw request to the answer that the vendor wants to hear.
//!
//! Find the endpoint, verify, parse, route each item to its provider, submit all at once, keep what deserves it in the
//! journal, reply. Whatever is neither recorded nor kept is answered so that the vendor sends it again.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
    routing::any,
};
use inlet_core::{
    adapter::{Adapter, ItemOutcome, Moment, Rejection, Verified},
    intake::Refusal,
    registry::{Endpoint, Registry},
    route::{self, Reach},
};

use self::{
    answer::{for_pages, respond, say},
    arrival::{Arrival, Unread},
    keep::Note,
};
use crate::state::Shared;

mod answer;
mod arrival;
mod counters;
mod highlevel;
mod keep;
mod listen;
mod process;
mod record;
mod status;
#[cfg(test)]
mod tests;

pub use counters::WebhookCounters;
pub(crate) use process::process;

/// The one vendor whose webhooks HighLevel takes at addresses without a token.
const BARE_ADAPTER: &str = "twilio";

/// The doors of all vendors, the one for HighLevel's own webhooks, and its two for Twilio, so that a user changes only the
/// host.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/in/{adapter}/{token}", any(at_endpoint))
        .route("/in/{adapter}/{token}/status/{message}", any(status::at_message))
        .route("/in/highlevel/{token}", any(highlevel::at_upstream))
        .route("/conversations/providers/twilio/inbound_message", any(at_bare_path))
        .route("/appengine/twilio/incoming_message", any(at_bare_path))
}

/// What a request is handled with.
#[derive(Clone, Copy)]
struct Door<'a> {
    state: &'a Shared,
    registry: &'a Registry,
    adapter: &'static dyn Adapter,
}

/// What is said where there is no endpoint.
const NOT_HERE: &str = "there is no webhook at this address: copy it again from `inlet provider show`";

/// Who owns what, as it is known here; or as it is now, where no endpoint with that token is known.
async fn registry_with(state: &Shared, token: &str) -> Arc<Registry> {
    let registry = state.directory.registry();
    if registry.endpoint_by_token(token).is_some() {
        return registry;
    }
    state.directory.refresh().await;
    state.directory.registry()
}

/// The endpoint at an address, and who speaks its vendor's language.
fn find<'r>(
    state: &Shared,
    registry: &'r Registry,
    (adapter, token): (&str, &str),
) -> Option<(&'r Endpoint, &'static dyn Adapter)> {
    let endpoint = registry.endpoint_by_token(token);
    let found = endpoint
        .filter(|endpoint| endpoint.adapter == adapter)
        .zip(state.adapter(adapter));
    if found.is_none() {
        state.webhooks.count_unknown();
    }
    found
}

/// A webhook under an endpoint's own address.
async fn at_endpoint(
    State(state): State<Shared>,
    Path((adapter, token)): Path<(String, String)>,
    request: Request,
) -> Response {
    let registry = registry_with(&state, &token).await;
    let Some((endpoint, adapter)) = find(&state, &registry, (&adapter, &token)) else {
        return say(StatusCode::NOT_FOUND, NOT_HERE);
    };
    let door = Door {
        state: &state,
        registry: &registry,
        adapter,
    };
    let answer = at_door(&door, request, endpoint).await;
    if adapter.serves_pages() {
        for_pages(answer)
    } else {
        answer
    }
}

async fn at_door(door: &Door<'_>, request: Request, endpoint: &Endpoint) -> Response {
    let (state, adapter) = (door.state, door.adapter);
    let most = state.settings.max_body.max(adapter.largest_body());
    match arrival::read(state, request, most).await {
        Ok(arrival) => {
            let pace = adapter.pace(&arrival.request, endpoint);
            if pace.is_some_and(|pace| !state.webhooks.may_send(endpoint.key, &pace, state.clock.monotonic())) {
                return say(
                    StatusCode::TOO_MANY_REQUESTS,
                    "this is more than is taken in a minute: wait for one",
                );
            }
            let moment = Moment {
                now: arrival.at,
                chance: &*state.chance,
            };
            let asked = adapter
                .listening()
                .and_then(|listening| listening.asked(&arrival.request, endpoint, arrival.at));
            match asked {
                Some(Ok(listener)) => return listen::answer(door, endpoint, &listener).await,
                Some(Err(rejection)) => return reject(door, &arrival, endpoint, &rejection).await,
                None => {}
            }
            match adapter.handshake(&arrival.request, endpoint, &moment) {
                Some(reply) => respond(reply),
                None => receive(door, &arrival, &[endpoint]).await,
            }
        }
        Err(Unread::Broken) => say(StatusCode::BAD_REQUEST, arrival::BROKEN),
        Err(Unread::TooLarge(arrival)) => {
            let rejection = Rejection::TooLarge(arrival::too_large(most));
            reject(door, &arrival, endpoint, &rejection).await
        }
    }
}

/// A webhook at an address that many accounts share: what it says about itself selects keys, and nothing more.
async fn at_bare_path(State(state): State<Shared>, request: Request) -> Response {
    let registry = state.directory.registry();
    let most = state.settings.max_body;
    let arrival = match arrival::read(&state, request, most).await {
        Ok(arrival) => arrival,
        Err(Unread::Broken) => return say(StatusCode::BAD_REQUEST, arrival::BROKEN),
        Err(Unread::TooLarge(_)) => return say(StatusCode::PAYLOAD_TOO_LARGE, &arrival::too_large(most)),
    };
    let selected = state.adapter(BARE_ADAPTER).and_then(|adapter| {
        let claim = adapter.claims(&arrival.request)?;
        let candidates = route::candidates(&registry, BARE_ADAPTER, &claim);
        (!candidates.is_empty()).then_some((adapter, candidates))
    });
    let Some((adapter, candidates)) = selected else {
        state.webhooks.count_unselected();
        let sentence = "this request names no account and number that has an endpoint here";
        return say(StatusCode::FORBIDDEN, sentence);
    };
    let door = Door {
        state: &state,
        registry: &registry,
        adapter,
    };
    receive(&door, &arrival, &candidates).await
}

/// Takes the request at the first endpoint whose keys it fits.
async fn receive(door: &Door<'_>, arrival: &Arrival, candidates: &[&Endpoint]) -> Response {
    let mut rejected = None;
    for &endpoint in candidates {
        match door.adapter.verify(&arrival.request, endpoint, arrival.at) {
            Ok(verified) => return accept(door, arrival, endpoint, &verified).await,
            Err(rejection) => rejected = rejected.or(Some((endpoint, rejection))),
        }
    }
    match rejected {
        Some((endpoint, rejection)) => reject(door, arrival, endpoint, &rejection).await,
        None => say(StatusCode::FORBIDDEN, "no endpoint here takes this request"),
    }
}

/// Records what a verified request says, and answers when it is on disk.
async fn accept(door: &Door<'_>, arrival: &Arrival, endpoint: &Endpoint, verified: &Verified<'_>) -> Response {
    let items = door.adapter.parse(verified, endpoint);
    let mut taken = record::record(door, endpoint, items, Reach::Endpoint).await;
    let reply = door.adapter.reply(&taken.outcomes);
    let note = Note::of(&taken, endpoint, reply.status);
    door.state.webhooks.count(note.verdict);
    let kept = keep::note(door.state, arrival, note).await;
    if kept.is_ok() {
        return respond(reply);
    }
    for outcome in &mut taken.outcomes {
        if !matches!(outcome, ItemOutcome::Stored(_)) {
            *outcome = ItemOutcome::Refused(Refusal::Unavailable("the journal cannot keep it".to_owned()));
        }
    }
    respond(door.adapter.reply(&taken.outcomes))
}

/// Answers a request whose origin is not proved, and keeps it with the reason.
async fn reject(door: &Door<'_>, arrival: &Arrival, endpoint: &Endpoint, rejection: &Rejection) -> Response {
    let reply = door.adapter.reject(rejection);
    keep::refused(door, arrival, endpoint, (&rejection.to_string(), reply.status)).await;
    respond(reply)
}
