//! The admin API behind the command line: one file a resource, JSON in `snake_case`. Whoever reaches it may do everything,
//! so it is served on an owner-only socket, or called in process by a command that holds the store itself.
//!
//! A fault is `{"error": "a sentence"}` under a 4xx or 503.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use http::Method;
use inlet_core::deeds::Deed;

use crate::state::Shared;

mod apps;
mod contacts;
mod deliveries;
mod destinations;
mod doctor;
mod fault;
mod find;
mod import;
mod input;
mod ledger;
mod locations;
mod login_links;
mod providers;
mod receive;
mod replays;
mod requests;
mod simulate;
mod status;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;
mod trace;
mod users;

/// All routes of the admin API, below `/admin/v1`.
pub fn router(shared: Shared) -> Router {
    let resources = Router::new()
        .merge(apps::routes())
        .merge(contacts::routes())
        .merge(deliveries::routes())
        .merge(destinations::routes())
        .merge(doctor::routes())
        .merge(import::routes())
        .merge(ledger::routes())
        .merge(locations::routes())
        .merge(login_links::routes())
        .merge(providers::routes())
        .merge(receive::routes())
        .merge(replays::routes())
        .merge(requests::routes())
        .merge(simulate::routes())
        .merge(status::routes())
        .merge(tokens::routes())
        .merge(trace::routes())
        .merge(users::routes());
    let noted = middleware::from_fn_with_state(Arc::clone(&shared), note);
    Router::new()
        .nest("/admin/v1", resources.route_layer(noted))
        .fallback(fault::no_such_route)
        .with_state(shared)
}

/// Marks a request whose deed is noted by whoever sends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotedElsewhere;

/// What changes nothing, though it is posted.
const LOOKS: [&str; 3] = ["providers/try", "/test", "simulate"];

/// Notes what was changed from the command line or by the admin token.
async fn note(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let what = request.uri().path().trim_start_matches('/').to_owned();
    let what = what.strip_prefix("admin/v1/").unwrap_or(&what).to_owned();
    let changes = *request.method() != Method::GET
        && request.extensions().get::<NotedElsewhere>().is_none()
        && !LOOKS.iter().any(|look| what.contains(look));
    let response = next.run(request).await;
    if changes && response.status().is_success() {
        let now = shared.clock.now();
        let deed = Deed {
            key: shared.keys.next(now),
            location: None,
            at: now,
            who: "command line".to_owned(),
            what,
        };
        if let Err(error) = shared.deeds.note(deed).await {
            tracing::error!(%error, "what was changed could not be noted");
        }
    }
    response
}
