//! `POST /v1/conversations/messages`: the older form, with 201 and without a `Version` header.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::v1;

use super::{
    Api,
    caller::Needs,
    take_in::{SCOPE, take_in},
    visit::Visit,
};

const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: false,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = take_in(&mut visit, request, NEEDS, v1::read).await;
    visit.close(StatusCode::CREATED, outcome)
}
