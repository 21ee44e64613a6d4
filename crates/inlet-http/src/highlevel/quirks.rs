//! HighLevel's undocumented answers, where the set-up asks for them: what an endpoint does otherwise then.

use axum::{extract::Request, http::StatusCode, response::Response};
use inlet_core::Timestamp;
use inlet_highlevel::{
    fault::Fault,
    quirks::{self, SEARCH_LAG, STATUS_WINDOW, known_by},
    reply::MessageProcessed,
};

use super::{
    Api,
    add_inbound_message::NEEDS,
    call::Call,
    take_in::{note, understand},
    visit::Visit,
};
use crate::state::State;

/// `POST /conversations/messages/inbound`: 201, and sometimes nothing else.
pub(super) async fn add_inbound_message(api: &Api, request: Request) -> Response {
    let mut visit = Visit::open(api);
    match take_in(&mut visit, request).await {
        Ok(None) => visit.say_nothing(StatusCode::CREATED),
        Ok(Some(processed)) => visit.close(StatusCode::CREATED, Ok(processed)),
        Err(fault) => visit.refuse(&fault),
    }
}

async fn take_in(visit: &mut Visit<'_>, request: Request) -> Result<Option<MessageProcessed>, Fault> {
    let began = visit.api.ports().clock.monotonic();
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let outcome = match understand(&call, quirks::add_inbound) {
        Ok(None) => return Ok(None),
        Ok(Some(change)) => call.record(change).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    note(call, began, outcome).await.map(Some)
}

/// Whether a search finds what is there since then: it lags behind.
pub(super) fn found(state: &State, since: Timestamp) -> bool {
    !state.settings.trial.quirks || known_by(since, SEARCH_LAG, state.clock.now())
}

/// Refuses a word on the status of a message that is too new.
pub(super) fn check_status(state: &State, created: Timestamp) -> Result<(), Fault> {
    if state.settings.trial.quirks && !known_by(created, STATUS_WINDOW, state.clock.now()) {
        return Err(Fault::no_provider_for_message());
    }
    Ok(())
}

/// Refuses fields that a contact does not have.
pub(super) fn check_contact_fields(state: &State, body: &[u8]) -> Result<(), Fault> {
    if state.settings.trial.quirks {
        quirks::only_contact_fields(body)
    } else {
        Ok(())
    }
}

/// What is said of a conversation that is there already.
pub(super) fn conversation_exists(state: &State, contact: &str, conversation: String) -> Fault {
    if state.settings.trial.quirks {
        Fault::conversation_of_contact_exists(contact)
    } else {
        Fault::conversation_exists(conversation)
    }
}
