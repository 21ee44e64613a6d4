//! `DELETE /conversations/{conversationId}`: forgets a conversation and its messages; its contact stays.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::ContactChange;
use inlet_highlevel::{conversations::Success, fault::Fault};

use super::{Api, call::Call, create_conversation::NEEDS, get_conversation::find, named::Named, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<Success, Fault> {
    let call = Call::bare(visit, request, &NEEDS).await?;
    let view = find(call.state, &call.caller, id).await?;
    call.submit(ContactChange::DeleteConversation(view.key)).await?;
    Ok(Success::yes())
}
