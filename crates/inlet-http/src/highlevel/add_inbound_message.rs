//! `POST /conversations/messages/inbound`: records a message. 200, as all published documents have it.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::add_inbound;

use super::{
    Api,
    caller::Needs,
    quirks,
    take_in::{SCOPE, take_in},
    visit::Visit,
};

/// What it needs of its caller.
pub(super) const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    if api.ports().settings.trial.quirks {
        return quirks::add_inbound_message(&api, request).await;
    }
    let mut visit = Visit::open(&api);
    let outcome = take_in(&mut visit, request, NEEDS, add_inbound::read).await;
    visit.close(StatusCode::OK, outcome)
}
