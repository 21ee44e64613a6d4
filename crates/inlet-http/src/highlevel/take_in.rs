//! What the two endpoints that take messages in have in common: read the body, submit the change, keep what deserves it
//! in the journal, answer.

use axum::{
    extract::Request,
    http::{HeaderMap, request::Parts},
};
use inlet_core::{
    change::Change,
    intake::{Receipt, Refusal},
};
use inlet_highlevel::{add_inbound::Door, fault::Fault, reply::MessageProcessed};

use super::{
    caller::{Caller, Needs},
    keep::{self, Arrival},
    payload::read_json,
    visit::Visit,
};
use crate::state::State;

/// How a body becomes a change.
pub(super) type Read = fn(&Door<'_>, &[u8]) -> Result<Change, Fault>;

/// The scope that both need.
pub(super) const SCOPE: &str = "conversations/message.write";

/// Takes one message in.
pub(super) async fn take_in(
    visit: &mut Visit<'_>,
    request: Request,
    needs: Needs,
    read: Read,
) -> Result<MessageProcessed, Fault> {
    let state = &visit.api.state;
    let began = state.clock.monotonic();
    let (head, body) = request.into_parts();
    let caller = visit.admit(&head, &needs).await?;
    let body = read_json(&head.headers, body, state.settings.max_body).await?;
    let outcome = record(state, &caller, &head, (&body, read)).await;
    let arrival = Arrival {
        began,
        location: caller.location,
        head,
        body,
    };
    keep::note(state, arrival, &outcome).await;
    outcome.map(|receipt| MessageProcessed::new(&receipt, &state.ids))
}

/// What the request means, to this caller.
pub(super) fn understand(
    state: &State,
    caller: &Caller,
    head: &Parts,
    (body, read): (&[u8], Read),
) -> Result<Change, Fault> {
    let door = Door {
        location: caller.location()?,
        registry: &caller.registry,
        ids: &state.ids,
        idempotency_key: idempotency_key(&head.headers)?,
    };
    read(&door, body)
}

async fn record(state: &State, caller: &Caller, head: &Parts, body: (&[u8], Read)) -> Result<Receipt, Fault> {
    let change = understand(state, caller, head, body)?;
    let answer = state.intake.submit(vec![change]).await.pop();
    let unanswered = || Err(Refusal::Unavailable("the writer has gone".to_owned()));
    Ok(answer.unwrap_or_else(unanswered)?)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let key = headers.get("idempotency-key").map(|key| key.to_str());
    key.transpose()
        .map_err(|_| Fault::unprocessable(vec!["Idempotency-Key must be plain ASCII text".to_owned()]))
}
