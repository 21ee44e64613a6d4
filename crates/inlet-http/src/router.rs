//! All routes that strangers use: vendors' webhooks, HighLevel's API, the pages and kept files.

use axum::{Router, middleware::from_fn_with_state};

use crate::{
    highlevel::{self, Api},
    media, openapi, pages,
    state::Shared,
    webhooks,
};

/// Method and path of every route of HighLevel's surface. `docs/compatibility.md` lists exactly these.
pub const ROUTES: [(&str, &str); 49] = [
    ("POST", "/conversations/messages/inbound"),
    ("POST", "/v1/conversations/messages"),
    ("GET", "/conversations/search"),
    ("GET", "/conversations/{conversationId}"),
    ("GET", "/conversations/{conversationId}/messages"),
    ("GET", "/conversations/messages/{id}"),
    ("GET", "/conversations/messages/email/{id}"),
    ("POST", "/conversations/providers/twilio/inbound_message"),
    ("POST", "/appengine/twilio/incoming_message"),
    ("POST", "/in/{adapter}/{token}"),
    ("POST", "/in/highlevel/{token}"),
    ("POST", "/conversations"),
    ("PUT", "/conversations/{conversationId}"),
    ("DELETE", "/conversations/{conversationId}"),
    ("POST", "/conversations/messages/outbound"),
    ("PUT", "/conversations/messages/{id}/status"),
    ("PUT", "/conversations/messages/email/{id}/status"),
    ("POST", "/conversations/messages"),
    ("DELETE", "/conversations/messages/{id}/schedule"),
    ("DELETE", "/conversations/messages/email/{id}/schedule"),
    ("POST", "/conversations/messages/upload"),
    ("PUT", "/conversations/messages/{id}/attachments"),
    (
        "GET",
        "/conversations/messages/{messageId}/locations/{locationId}/recording",
    ),
    (
        "GET",
        "/conversations/locations/{locationId}/messages/{messageId}/transcription",
    ),
    (
        "GET",
        "/conversations/locations/{locationId}/messages/{messageId}/transcription/download",
    ),
    ("GET", "/conversations/messages/export"),
    ("POST", "/conversations/providers/live-chat/typing"),
    ("GET", "/locations/{locationId}"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/locationToken"),
    ("POST", "/oauth/location-token"),
    ("GET", "/oauth/installedLocations"),
    ("GET", "/oauth/installed-locations"),
    ("GET", "/health"),
    ("POST", "/contacts"),
    ("GET", "/contacts"),
    ("POST", "/contacts/upsert"),
    ("POST", "/contacts/search"),
    ("GET", "/contacts/search/duplicate"),
    ("GET", "/contacts/{contactId}"),
    ("PUT", "/contacts/{contactId}"),
    ("DELETE", "/contacts/{contactId}"),
    ("POST", "/contacts/{contactId}/tags"),
    ("DELETE", "/contacts/{contactId}/tags"),
    ("GET", "/contacts/{contactId}/notes"),
    ("POST", "/contacts/{contactId}/notes"),
    ("GET", "/contacts/{contactId}/notes/{id}"),
    ("PUT", "/contacts/{contactId}/notes/{id}"),
    ("DELETE", "/contacts/{contactId}/notes/{id}"),
];

/// Everything but the admin API, which has a socket of its own.
pub fn router(state: Shared) -> Router {
    around(highlevel::routes(), state)
}

/// The same with `POST /echo`, an inbound endpoint that stores nothing: what `script/bench` measures against.
pub fn with_echo(state: Shared) -> Router {
    around(highlevel::routes().merge(highlevel::echo_route()), state)
}

fn around(api: Router<Api>, state: Shared) -> Router {
    let others = webhooks::routes()
        .merge(pages::routes(&state))
        .merge(media::routes())
        .merge(openapi::routes());
    let given = Api::new(Shared::clone(&state));
    let others = others
        .route_layer(from_fn_with_state(given.clone(), highlevel::short_targets))
        .with_state(state);
    highlevel::with_faults(api, &given)
        .merge(others)
        .fallback(highlevel::no_route)
        .method_not_allowed_fallback(highlevel::no_route)
        .with_state(given)
}
