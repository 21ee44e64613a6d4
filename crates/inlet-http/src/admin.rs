//! The admin API behind the command line: one file a resource, JSON in `snake_case`. Whoever reaches it may do everything,
//! so it is served on an owner-only socket, or called in process by a command that holds the store itself.
//!
//! A fault is `{"error": "a sentence"}` under a 4xx or 503.

use axum::Router;

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
        .merge(trace::routes());
    Router::new()
        .nest("/admin/v1", resources)
        .fallback(fault::no_such_route)
        .with_state(shared)
}
