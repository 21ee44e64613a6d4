//! What is running here: version, addresses, and how much there is.

use axum::{Json, Router, extract::State, routing::get};
use serde::Serialize;

use crate::state::Shared;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/status", get(status))
}

#[derive(Serialize)]
struct Status {
    version: &'static str,
    listening: Option<String>,
    public_url: Option<String>,
    locations: usize,
    tokens: usize,
    providers: usize,
    destinations: usize,
}

async fn status(State(shared): State<Shared>) -> Json<Status> {
    let registry = shared.directory.registry();
    let settings = &shared.settings;
    Json(Status {
        version: settings.version,
        listening: Some(settings.listening.clone()).filter(|address| !address.is_empty()),
        public_url: settings.has_public_url.then(|| settings.public_url.clone()),
        locations: registry.locations().len(),
        tokens: registry.tokens().filter(|token| token.revoked_at.is_none()).count(),
        providers: registry.providers().len(),
        destinations: registry.destinations().len(),
    })
}
