//! The doors for vendors' webhooks.

use axum::Router;

use crate::state::Shared;

mod counters;

pub use counters::WebhookCounters;

/// The doors of all vendors.
pub fn routes() -> Router<Shared> {
    Router::new()
}
