//! The door for HighLevel's own webhooks: what it announces of itself mends what the relay remembers of it. They bring no
//! message in: what the relay wrote is recognised by its id, and nothing of it is relayed again.

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    directory::StoreFault,
    ids::{EndpointKey, RequestKey},
    journal::{KeptRequest, RequestVerdict},
    registry::{Destination, Registry},
    relay::{Line, Note, day},
};
use inlet_highlevel::relay::{
    news::{self, News, Told},
    proof::{self, Unproven},
};

use super::{
    answer::say,
    arrival::{self, Arrival, Unread},
};
use crate::state::{Shared, State as Ports};

/// HighLevel's webhook for an app: the path names one of its upstreams here, the body the location that it is about.
pub(super) async fn at_upstream(State(state): State<Shared>, Path(token): Path<String>, request: Request) -> Response {
    let mut registry = state.directory.registry();
    if registry.upstream_by_token(&token).is_none() {
        state.directory.refresh().await;
        registry = state.directory.registry();
    }
    let Some(door) = registry.upstream_by_token(&token) else {
        state.webhooks.count_unknown();
        let sentence = "there is no upstream at this address: copy it again from `inlet destination list --json`";
        return say(StatusCode::NOT_FOUND, sentence);
    };
    match arrival::read(&state, request, state.settings.max_body).await {
        Ok(arrival) => receive(&state, &registry, door, &arrival).await,
        Err(Unread::Broken) => say(StatusCode::BAD_REQUEST, arrival::BROKEN),
        Err(Unread::TooLarge(_)) => {
            let sentence = arrival::too_large(state.settings.max_body);
            say(StatusCode::PAYLOAD_TOO_LARGE, &sentence)
        }
    }
}

async fn receive(state: &Ports, registry: &Registry, door: &Destination, arrival: &Arrival) -> Response {
    let request = &arrival.request;
    let headers = (request.header("x-ghl-signature"), request.header("x-wh-signature"));
    let key = door
        .upstream
        .as_ref()
        .and_then(|upstream| upstream.webhook_key.as_deref());
    if let Err(reason) = proof::verify(&request.raw.body, headers, key) {
        let status = match reason {
            Unproven::Missing | Unproven::Retired => StatusCode::BAD_REQUEST,
            Unproven::Forged => StatusCode::FORBIDDEN,
        };
        let words = reason.to_string();
        keep(state, door, arrival, (RequestVerdict::Refused, &words, status)).await;
        return say(status, &words);
    }
    let news = match news::read(&request.raw.body) {
        Ok(news) => news,
        Err(words) => {
            // It is HighLevel's own, and does not get better by coming again.
            keep(state, door, arrival, (RequestVerdict::Failed, words, StatusCode::OK)).await;
            return say(StatusCode::OK, words);
        }
    };
    let upstreams = registry.destinations().iter().filter(|found| is_of(found, door, &news));
    let mut told = 0;
    for upstream in upstreams {
        told += 1;
        if let Err(fault) = learn(state, upstream, &news, arrival).await {
            tracing::warn!(%fault, "what HighLevel announced could not be kept");
            // The one answer after which HighLevel always came again.
            return say(StatusCode::TOO_MANY_REQUESTS, "it cannot be kept now: send it again");
        }
    }
    if told == 0 {
        count(&news, "elsewhere");
        return say(StatusCode::OK, "no upstream here is of this location");
    }
    say(StatusCode::OK, "")
}

/// Whether news that came to one upstream's door are of another: one app's webhook tells of all its locations.
fn is_of(found: &Destination, door: &Destination, news: &News) -> bool {
    let upstream = found.upstream.as_deref();
    found.url == door.url && upstream.is_some_and(|upstream| upstream.location == news.location)
}

async fn learn(state: &Ports, upstream: &Destination, news: &News, arrival: &Arrival) -> Result<(), StoreFault> {
    let line = Line {
        location: upstream.location,
        destination: upstream.key,
    };
    let echo = match &news.told {
        Told::Message { message: Some(id), .. } => !state.memory.ours(line, vec![id.clone()]).await?.is_empty(),
        Told::Message { message: None, .. } | Told::Person { .. } | Told::Gone { .. } | Told::Nothing => false,
    };
    let fresh = news.is_fresh(arrival.at);
    let mut notes = notes(&news.told, fresh);
    let what = match (echo, notes.is_empty()) {
        (true, _) => "echo",
        (false, true) => "ignored",
        (false, false) if fresh => "learned",
        (false, false) => "late",
    };
    notes.push(Note::Heard(day(arrival.at), echo));
    state.memory.note(line, notes).await?;
    count(news, what);
    Ok(())
}

/// What is remembered of it. What was said long ago may not be so any more: then it only has us ask again.
fn notes(told: &Told, fresh: bool) -> Vec<Note> {
    match told {
        Told::Person { id, identities } if fresh => vec![Note::Found(id.clone(), identities.clone())],
        Told::Person { id, .. } | Told::Gone { id } => vec![Note::ForgetRemote(id.clone())],
        Told::Message {
            contact,
            conversation,
            identity,
            ..
        } if fresh => {
            let conversation = conversation.clone().map(|id| Note::Conversation(contact.clone(), id));
            let known = identity.clone().map(|one| Note::Known(one, contact.clone()));
            conversation.into_iter().chain(known).collect()
        }
        Told::Message { .. } | Told::Nothing => Vec::new(),
    }
}

fn count(news: &News, what: &'static str) {
    metrics::counter!("inlet_upstream_webhooks_total", "event" => news.event, "what" => what).increment(1);
}

/// Keeps a request that nothing was learned from, unless its door has had too many of them.
async fn keep(
    state: &Ports,
    door: &Destination,
    arrival: &Arrival,
    (verdict, reason, status): (RequestVerdict, &str, StatusCode),
) {
    state.webhooks.count(verdict);
    // Keys are never given twice, whatever they are of.
    let door_key = EndpointKey(door.key.0);
    if !state.webhooks.may_keep_refused(door_key, state.clock.monotonic()) {
        return;
    }
    let mut raw = arrival.request.raw.clone();
    raw.body.truncate(super::keep::MOST_KEPT);
    let kept = KeptRequest {
        key: RequestKey(state.keys.next(arrival.at)),
        endpoint: None,
        location: Some(door.location),
        received_at: arrival.at,
        verdict,
        reason: format!("HighLevel's own webhook: {reason}"),
        messages: Vec::new(),
        took: state.clock.monotonic().saturating_sub(arrival.began),
        status: status.as_u16(),
        raw,
    };
    if state.journal.keep(kept).await.is_err() {
        state.webhooks.count_journal_failed();
    }
}
