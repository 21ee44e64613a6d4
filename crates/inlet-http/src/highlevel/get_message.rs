//! `GET /conversations/messages/{id}`: one message.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::ids::IdKind;
use inlet_highlevel::{fault::Fault, read::OneMessage};

use super::{Api, caller::Needs, named::Named, visit::Visit};

const NEEDS: Needs = Needs {
    scope: "conversations/message.readonly",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = show(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn show(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<OneMessage, Fault> {
    let ports = visit.api.ports();
    let caller = visit.admit(&request.into_parts().0, &NEEDS).await?;
    let message = caller.message(ports, IdKind::Message, id).await?;
    Ok(caller.reader(ports)?.message(&message))
}
