//! The address at which a vendor that sends by its own API tells what became of one message: below its endpoint's own, so
//! that it is verified like any webhook of it, with the message's id behind it.

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use inlet_core::{
    change::{Change, What},
    channel::Direction,
    courier::{Courier, Word},
    directory::StoreFault,
    ids::{IdKind, LocationKey, MessageKey},
    intake::Refusal,
    message::Message,
    registry::Endpoint,
};

use super::{
    Door, NOT_HERE,
    answer::say,
    arrival::{self, Unread},
    find, keep, registry_with, reject,
};
use crate::state::Shared;

/// What is answered where the store does not: vendors that come again after it lose nothing.
const LATER: &str = "it cannot be kept now: send it again";

/// A vendor's word on a message.
pub(super) async fn at_message(
    State(state): State<Shared>,
    Path((adapter, token, message)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let registry = registry_with(&state, &token).await;
    let found = find(&state, &registry, (&adapter, &token));
    let found = found.and_then(|(endpoint, adapter)| Some((endpoint, adapter, adapter.courier()?)));
    let Some((endpoint, adapter, courier)) = found else {
        return say(StatusCode::NOT_FOUND, NOT_HERE);
    };
    let door = Door {
        state: &state,
        registry: &registry,
        adapter,
    };
    match arrival::read(&state, request, state.settings.max_body).await {
        Ok(arrival) => hear(&door, &arrival, (endpoint, courier), &message).await,
        Err(Unread::Broken) => say(StatusCode::BAD_REQUEST, arrival::BROKEN),
        Err(Unread::TooLarge(_)) => {
            let sentence = arrival::too_large(state.settings.max_body);
            say(StatusCode::PAYLOAD_TOO_LARGE, &sentence)
        }
    }
}

async fn hear(
    door: &Door<'_>,
    arrival: &arrival::Arrival,
    (endpoint, courier): (&Endpoint, &'static dyn Courier),
    id: &str,
) -> Response {
    let verified = match door.adapter.verify(&arrival.request, endpoint, arrival.at) {
        Ok(verified) => verified,
        Err(rejection) => return reject(door, arrival, endpoint, &rejection).await,
    };
    let word = match courier.word(&verified) {
        Ok(word) => word,
        Err(error) => {
            keep::refused(door, arrival, endpoint, (&error.to_string(), 400)).await;
            return say(StatusCode::BAD_REQUEST, &error.to_string());
        }
    };
    match (sent(door, endpoint, id).await, word) {
        (Err(_), _) => say(StatusCode::SERVICE_UNAVAILABLE, LATER),
        (Ok(None), _) => say(StatusCode::NOT_FOUND, "no message that was sent from here has this id"),
        (Ok(Some(_)), None) => StatusCode::NO_CONTENT.into_response(),
        (Ok(Some(message)), Some(word)) => record(door, &message, word).await,
    }
}

async fn record(door: &Door<'_>, message: &Message, word: Word) -> Response {
    let what = What::Status {
        message: message.key,
        status: word.status,
        error: word.error,
    };
    let change = Change::later((message.location, message.provider), what);
    match door.state.intake.submit(vec![change]).await.pop() {
        Some(Ok(_) | Err(Refusal::Stale)) => StatusCode::NO_CONTENT.into_response(),
        Some(Err(_)) | None => say(StatusCode::SERVICE_UNAVAILABLE, LATER),
    }
}

/// The message that went out by one of the endpoint's providers.
async fn sent(door: &Door<'_>, endpoint: &Endpoint, id: &str) -> Result<Option<Message>, StoreFault> {
    let Some(key) = door.state.ids.decode(IdKind::Message, id).map(MessageKey) else {
        return Ok(None);
    };
    let mut locations: Vec<LocationKey> = door
        .registry
        .providers_of(endpoint.key)
        .map(|provider| provider.location)
        .collect();
    locations.sort_unstable();
    locations.dedup();
    for location in locations {
        let found = door.state.inbox.message(location, key).await?;
        let own = |message: &Message| {
            let mut providers = door.registry.providers_of(endpoint.key);
            message.direction == Direction::Outbound && providers.any(|provider| provider.key == message.provider)
        };
        if let Some(message) = found.filter(own) {
            return Ok(Some(message));
        }
    }
    Ok(None)
}
