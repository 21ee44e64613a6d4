//! `POST /conversations/messages/outbound`: records a phone call that went out by a provider of one's own.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::add_inbound;

use super::{
    Api,
    caller::Needs,
    take_in::{SCOPE, take_in},
    visit::Visit,
};

/// What it needs of its caller.
const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = take_in(&mut visit, request, NEEDS, add_inbound::read_outbound_call).await;
    visit.close(StatusCode::OK, outcome)
}
