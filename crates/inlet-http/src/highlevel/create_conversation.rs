//! `POST /conversations/`: a contact's conversation, where there is none. Each contact has one from its first message on, so
//! that there is nothing to store before it. 201.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{
    conversations::{self, Changed},
    fault::Fault,
};

use super::{Api, call::Call, caller::Needs, quirks::conversation_exists, visit::Visit};

pub(super) const NEEDS: Needs = Needs {
    scope: "conversations.write",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::CREATED, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<Changed, Fault> {
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let (location, ids) = (call.caller.location()?, &call.state.ids);
    let contact = conversations::made_for(&call.body, location, ids)?;
    let view = call.state.inbox.conversation(location.key, contact).await?;
    let view = view.ok_or_else(Fault::unknown_contact)?;
    if view.last.is_some() {
        let (contact, conversation) = (ids.contact(contact), ids.conversation(contact));
        return Err(conversation_exists(call.state, &contact, conversation));
    }
    Ok(Changed::new(&view, location, ids))
}
