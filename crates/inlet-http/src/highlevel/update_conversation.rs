//! `PUT /conversations/{conversationId}`: marks a conversation as read, unread or starred.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::change::Change;
use inlet_highlevel::{
    conversations::{self, Changed},
    fault::Fault,
};

use super::{Api, call::Call, create_conversation::NEEDS, get_conversation::find, named::Named, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<Changed, Fault> {
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let location = call.caller.location()?;
    let marks = conversations::marks(&call.body, location)?;
    let view = find(call.state, &call.caller, id).await?;
    if view.last.is_none() && !marks.is_empty() {
        return Err(Fault::bad_request(
            "There is nothing to mark before the first message of a conversation.",
        ));
    }
    for mark in marks {
        call.record(Change::mark(location.key, view.key, mark)).await?;
    }
    let view = find(call.state, &call.caller, id).await?;
    Ok(Changed::new(&view, location, &call.state.ids))
}
