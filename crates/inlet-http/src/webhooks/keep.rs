//! What of the requests is kept in the journal, and with which words.

use std::sync::Arc;

use inlet_core::{
    adapter::ItemOutcome,
    directory::StoreFault,
    ids::{EndpointKey, LocationKey, MessageKey, RequestKey},
    intake::Refusal,
    journal::{KeptRequest, RequestVerdict},
    registry::Endpoint,
};

use super::{Arrival, Door, record::Taken};
use crate::state::{Shared, State};

/// Bytes of a body that are kept of what nobody has to read again: of accepted and of refused requests.
pub(super) const MOST_KEPT: usize = 256 * 1024;

/// What a person can do about a request that is parked.
const PARKED: &str = "no provider of this endpoint has the account and number it was sent to: add the number with `inlet \
     provider add --location ID --beside PROVIDER --number +1…`, then record it with `inlet request process --parked`";

/// What is to be said of a request.
#[derive(Debug)]
pub(super) struct Note {
    /// What was thought of it.
    pub(super) verdict: RequestVerdict,
    reason: String,
    /// Whether it must be kept even where accepted requests are not: a repeat with other content, or a word that waits.
    flagged: bool,
    endpoint: EndpointKey,
    location: Option<LocationKey>,
    messages: Vec<MessageKey>,
    status: u16,
}

impl Note {
    /// What is to be said of a request that was verified.
    pub(super) fn of(taken: &Taken, endpoint: &Endpoint, status: u16) -> Self {
        let mut verdict = RequestVerdict::Accepted;
        let mut flagged = false;
        let mut reasons: Vec<String> = Vec::new();
        for outcome in &taken.outcomes {
            let (said, reason) = words(outcome);
            verdict = worse(verdict, said);
            flagged |= matches!(outcome, ItemOutcome::Stored(receipt) if receipt.differs);
            flagged |= matches!(outcome, ItemOutcome::Refused(Refusal::Early));
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        Self {
            verdict,
            reason: reasons.join("; "),
            flagged,
            endpoint: endpoint.key,
            location: taken.location,
            messages: taken.messages(),
            status,
        }
    }
}

/// What became of one item, as a verdict and in words.
fn words(outcome: &ItemOutcome) -> (RequestVerdict, String) {
    match outcome {
        ItemOutcome::Stored(receipt) => {
            let words = match (receipt.repeated, receipt.differs) {
                (_, true) => "it repeats a message that is recorded, with other content: nothing was changed",
                (true, false) => "recognised as a repeat",
                (false, false) => "recorded",
            };
            (RequestVerdict::Accepted, words.to_owned())
        }
        ItemOutcome::Parked => (RequestVerdict::Parked, PARKED.to_owned()),
        ItemOutcome::Refused(early @ Refusal::Early) => (RequestVerdict::Accepted, early.to_string()),
        ItemOutcome::Refused(refusal) => (RequestVerdict::Failed, format!("not recorded: {refusal}")),
        ItemOutcome::Malformed(error) => (RequestVerdict::Failed, error.to_string()),
    }
}

/// Of what was thought of two items, that which needs a person more.
fn worse(one: RequestVerdict, other: RequestVerdict) -> RequestVerdict {
    let rank = |verdict| match verdict {
        RequestVerdict::Accepted => 0,
        RequestVerdict::Parked => 1,
        RequestVerdict::Refused => 2,
        RequestVerdict::Failed => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// Keeps a verified request as far as it deserves it. An error means that what was not recorded is not kept either.
pub(super) async fn note(state: &Shared, arrival: &Arrival, note: Note) -> Result<(), StoreFault> {
    match note.verdict {
        RequestVerdict::Parked | RequestVerdict::Failed | RequestVerdict::Refused => {
            write(state, kept(state, arrival, note)).await
        }
        RequestVerdict::Accepted if note.flagged || state.settings.journal_accepted => {
            // The message is on disk, and its acknowledgement does not wait for the journal.
            let (state, kept) = (Arc::clone(state), kept(state, arrival, note));
            tokio::spawn(async move { write(&state, kept).await });
            Ok(())
        }
        RequestVerdict::Accepted => Ok(()),
    }
}

/// Keeps a refused request, with the reason and the status of the answer, unless its endpoint has had too many of them.
pub(super) async fn refused(door: &Door<'_>, arrival: &Arrival, endpoint: &Endpoint, why: (&str, u16)) {
    let (state, (reason, status)) = (door.state, why);
    state.webhooks.count(RequestVerdict::Refused);
    if !state.webhooks.may_keep_refused(endpoint.key, state.clock.monotonic()) {
        return;
    }
    let note = Note {
        verdict: RequestVerdict::Refused,
        reason: reason.to_owned(),
        flagged: false,
        endpoint: endpoint.key,
        location: None,
        messages: Vec::new(),
        status,
    };
    // Who cannot prove where it comes from is refused all the same when the journal is full; `write` has counted it.
    let _ = write(state, kept(state, arrival, note)).await;
}

async fn write(state: &State, request: KeptRequest) -> Result<(), StoreFault> {
    let written = state.journal.keep(request).await;
    if written.is_err() {
        state.webhooks.count_journal_failed();
    }
    written
}

/// A kept request with what became of it when it was processed again.
pub(super) fn revised(request: KeptRequest, taken: &Taken, endpoint: &Endpoint) -> KeptRequest {
    let note = Note::of(taken, endpoint, request.status);
    KeptRequest {
        location: note.location,
        verdict: note.verdict,
        reason: format!("processed again: {}", note.reason),
        messages: note.messages,
        ..request
    }
}

fn kept(state: &State, arrival: &Arrival, note: Note) -> KeptRequest {
    let mut raw = arrival.request.raw.clone();
    let mut reason = note.reason;
    let again = match note.verdict {
        RequestVerdict::Parked | RequestVerdict::Failed => true,
        RequestVerdict::Accepted | RequestVerdict::Refused => false,
    };
    if raw.body.len() > MOST_KEPT && !again {
        raw.body.truncate(MOST_KEPT);
        reason.push_str(" (of its body only the first 256 KiB are kept)");
    }
    KeptRequest {
        key: RequestKey(state.keys.next(arrival.at)),
        endpoint: Some(note.endpoint),
        location: note.location,
        received_at: arrival.at,
        verdict: note.verdict,
        reason,
        messages: note.messages,
        took: state.clock.monotonic().saturating_sub(arrival.began),
        status: note.status,
        raw,
    }
}
