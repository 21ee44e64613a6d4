//! `GET /conversations/{conversationId}`: one conversation.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    ids::{ContactKey, IdKind},
    inbox::ConversationView,
};
use inlet_highlevel::{fault::Fault, read::ConversationJson};

use super::{
    Api,
    caller::{Caller, Needs},
    named::Named,
    visit::Visit,
};
use crate::state::State as Ports;

const NEEDS: Needs = Needs {
    scope: "conversations.readonly",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = show(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn show(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<ConversationJson, Fault> {
    let ports = visit.api.ports();
    let caller = visit.admit(&request.into_parts().0, &NEEDS).await?;
    let view = find(ports, &caller, id).await?;
    Ok(caller.reader(ports)?.conversation(&view))
}

/// The caller's conversation of that id.
pub(super) async fn find(ports: &Ports, caller: &Caller, id: &str) -> Result<ConversationView, Fault> {
    let key = ports.ids.decode(IdKind::Conversation, id).map(ContactKey);
    let key = key.ok_or_else(Fault::unknown_contact)?;
    let view = ports.inbox.conversation(caller.location, key).await?;
    view.ok_or_else(Fault::unknown_contact)
}
