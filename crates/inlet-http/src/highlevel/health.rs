//! `GET /health`: what HighLevel's SDKs ask before anything else. It needs no token.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use super::{Api, visit::Visit};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

pub(super) async fn handle(State(api): State<Api>) -> Response {
    let health = Health {
        status: "ok",
        version: api.ports().settings.version,
    };
    Visit::open(&api).close(StatusCode::OK, Ok(health))
}
