//! What the endpoints that take messages in have in common: read the body, submit the change, keep what deserves it
//! in the journal, answer.

use std::time::Duration;

use axum::{extract::Request, http::HeaderMap};
use inlet_core::{change::Change, intake::Receipt};
use inlet_highlevel::{add_inbound::Door, fault::Fault, reply::MessageProcessed};

use super::{
    call::Call,
    caller::Needs,
    keep::{self, Arrival},
    visit::Visit,
};

/// How a body becomes a change.
pub(super) type Read<T = Change> = fn(&Door<'_>, &[u8]) -> Result<T, Fault>;

/// The scope that all need.
pub(super) const SCOPE: &str = "conversations/message.write";

/// Takes one message in.
pub(super) async fn take_in(
    visit: &mut Visit<'_>,
    request: Request,
    needs: Needs,
    read: Read,
) -> Result<MessageProcessed, Fault> {
    let began = visit.api.ports().clock.monotonic();
    let call = Call::with_body(visit, request, &needs).await?;
    let outcome = match understand(&call, read) {
        Ok(change) => call.record(change).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    note(call, began, outcome).await
}

/// What the request means, to this caller.
pub(super) fn understand<T>(call: &Call<'_>, read: Read<T>) -> Result<T, Fault> {
    read(&door(call)?, &call.body)
}

/// What a request is read against.
pub(super) fn door<'a>(call: &'a Call<'_>) -> Result<Door<'a>, Fault> {
    Ok(Door {
        location: call.caller.location()?,
        registry: &call.caller.registry,
        ids: &call.state.ids,
        idempotency_key: idempotency_key(&call.head.headers)?,
    })
}

/// Keeps the request as far as its outcome deserves it, and says what it is answered.
pub(super) async fn note(
    call: Call<'_>,
    began: Duration,
    outcome: Result<Receipt, Fault>,
) -> Result<MessageProcessed, Fault> {
    let state = call.state;
    let arrival = Arrival {
        began,
        location: call.caller.location,
        head: call.head,
        body: call.body,
    };
    keep::note(state, arrival, &outcome).await;
    outcome.map(|receipt| MessageProcessed::new(&receipt, &state.ids))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let key = headers.get("idempotency-key").map(|key| key.to_str());
    key.transpose()
        .map_err(|_| Fault::unprocessable(vec!["Idempotency-Key must be plain ASCII text".to_owned()]))
}
