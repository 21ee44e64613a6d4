//! What the journal keeps of API calls: whatever an authentic caller sent and was refused, repeats that say something
//! else, and, where the set-up says so, everything. Never the token.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderName, HeaderValue, header, request::Parts};
use inlet_core::{
    ids::{LocationKey, RequestKey},
    intake::Receipt,
    journal::{KeptRequest, RawRequest, RequestVerdict},
};
use inlet_highlevel::fault::{Fault, Words};

use crate::state::{Shared, State};

/// Bytes of a body that are kept.
const MOST_KEPT: usize = 256 * 1024;

/// A request as it arrived, from an authentic caller.
pub(super) struct Arrival {
    /// When, on the monotonic clock.
    pub(super) began: Duration,
    /// The location of its token.
    pub(super) location: LocationKey,
    /// Its head.
    pub(super) head: Parts,
    /// Its body.
    pub(super) body: Vec<u8>,
}

/// Keeps the request as far as its outcome deserves it.
pub(super) async fn note(state: &Shared, arrival: Arrival, outcome: &Result<Receipt, Fault>) {
    match outcome {
        Ok(receipt) if receipt.differs || state.settings.journal_accepted => {
            let kept = accepted(state, arrival, receipt);
            let state = Arc::clone(state);
            // The message is on disk, and its acknowledgement does not wait for the journal.
            tokio::spawn(async move { write(&state, kept).await });
        }
        Ok(_) => {}
        // A busy store is not the request's fault, and has no room for a note on it.
        Err(fault) if matches!(fault.status, 429 | 503) => {}
        Err(fault) => write(state, refused(state, arrival, fault)).await,
    }
}

async fn write(state: &State, request: KeptRequest) {
    if let Err(error) = state.journal.keep(request).await {
        tracing::warn!(%error, "a request could not be kept in the journal");
    }
}

fn accepted(state: &State, arrival: Arrival, receipt: &Receipt) -> KeptRequest {
    let reason = if receipt.differs {
        "a repeat that says something else: answered as the first time, and nothing of it stored"
    } else if receipt.repeated {
        "a repeat: answered as the first time"
    } else {
        "stored"
    };
    KeptRequest {
        messages: vec![receipt.message],
        ..kept(state, arrival, RequestVerdict::Accepted, reason.to_owned())
    }
}

fn refused(state: &State, arrival: Arrival, fault: &Fault) -> KeptRequest {
    let reason = match &fault.message {
        Words::One(sentence) => sentence.clone(),
        Words::Each(sentences) => sentences.join("; "),
    };
    KeptRequest {
        status: fault.status,
        ..kept(state, arrival, RequestVerdict::Failed, reason)
    }
}

fn kept(state: &State, arrival: Arrival, verdict: RequestVerdict, reason: String) -> KeptRequest {
    let Arrival {
        began,
        location,
        head,
        mut body,
    } = arrival;
    body.truncate(MOST_KEPT);
    let now = state.clock.now();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    KeptRequest {
        key: RequestKey(state.keys.next(now)),
        endpoint: None,
        location: Some(location),
        received_at: now,
        verdict,
        reason,
        messages: Vec::new(),
        took: state.clock.monotonic().saturating_sub(began),
        status: 200,
        raw: RawRequest {
            method: head.method.as_str().to_owned(),
            target: target.to_owned(),
            headers: head.headers.iter().filter_map(harmless).collect(),
            body,
        },
    }
}

fn harmless((name, value): (&HeaderName, &HeaderValue)) -> Option<(String, String)> {
    let secret = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION].contains(name);
    let value = || String::from_utf8_lossy(value.as_bytes()).into_owned();
    (!secret).then(|| (name.as_str().to_owned(), value()))
}
