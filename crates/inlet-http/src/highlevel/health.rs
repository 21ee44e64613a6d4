//! `GET /health`: what HighLevel's SDKs ask before anything else. It needs no token.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use serde::Serialize;

use super::{
    Api,
    visit::{Visit, short},
};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

pub(super) async fn handle(State(api): State<Api>, target: Uri) -> Response {
    let health = Health {
        status: "ok",
        version: api.ports().settings.version,
    };
    Visit::open(&api).close(StatusCode::OK, short(&target).map(|()| health))
}
