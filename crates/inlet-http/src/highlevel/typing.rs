//! `POST /conversations/providers/live-chat/typing`: that someone types. 201; nothing here shows it.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{
    fault::Fault,
    typing::{self, Noted},
};

use super::{Api, call::Call, caller::Needs, get_conversation::find, visit::Visit};

const NEEDS: Needs = Needs {
    scope: "conversations/livechat.write",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::CREATED, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<Noted, Fault> {
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let typing = typing::read(&call.body)?;
    call.caller.owns(&typing.location)?;
    find(call.state, &call.caller, &typing.conversation).await?;
    Ok(Noted::default())
}
