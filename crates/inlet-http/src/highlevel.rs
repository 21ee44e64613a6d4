//! HighLevel's API, one endpoint a file. An answer carries a trace id and the rate limit's headers whatever became of
//! the request; what a body means is read in `inlet-highlevel`.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::Next,
    response::Response,
    routing::{MethodRouter, delete, get, post, put},
};
use inlet_highlevel::fault::Fault;

mod add_inbound_message;
mod add_outbound_call;
mod call;
mod caller;
mod cancel_schedule;
mod contacts;
mod create_conversation;
mod delete_conversation;
mod echo;
mod export_messages;
mod faults;
mod get_conversation;
mod get_email;
mod get_location;
mod get_message;
mod get_messages;
mod get_recording;
mod health;
mod keep;
mod meter;
mod named;
mod oauth;
mod payload;
mod quirks;
mod replace_attachments;
mod search_conversations;
mod send_message;
mod take_in;
#[cfg(test)]
mod tests;
mod typing;
mod update_conversation;
mod update_status;
mod upload;
mod v1_add_message;
mod visit;

pub(crate) use self::faults::around as with_faults;
use self::{
    meter::Meter,
    visit::{Visit, short},
};
use crate::state::{Shared, State as Ports};

/// What the endpoints are given: the ports, and the count of requests.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    state: Shared,
    meter: Arc<Meter>,
}

impl Api {
    /// The endpoints' state, with nothing counted yet.
    pub(crate) fn new(state: Shared) -> Self {
        Self {
            state,
            meter: Arc::default(),
        }
    }

    fn ports(&self) -> &Ports {
        &self.state
    }
}

/// All endpoints.
pub(crate) fn routes() -> Router<Api> {
    let endpoints = [
        ("/conversations/messages/inbound", post(add_inbound_message::handle)),
        ("/conversations/messages", post(send_message::handle)),
        (
            "/conversations/messages/{id}/schedule",
            delete(cancel_schedule::of_message),
        ),
        (
            "/conversations/messages/email/{id}/schedule",
            delete(cancel_schedule::of_mail),
        ),
        ("/v1/conversations/messages", post(v1_add_message::handle)),
        ("/conversations/search", get(search_conversations::handle)),
        ("/conversations", post(create_conversation::handle)),
        (
            "/conversations/{conversationId}",
            get(get_conversation::handle)
                .put(update_conversation::handle)
                .delete(delete_conversation::handle),
        ),
        ("/conversations/messages/outbound", post(add_outbound_call::handle)),
        ("/conversations/messages/{id}/status", put(update_status::of_message)),
        ("/conversations/messages/email/{id}/status", put(update_status::of_mail)),
        ("/conversations/{conversationId}/messages", get(get_messages::handle)),
        ("/conversations/messages/{id}", get(get_message::handle)),
        ("/conversations/messages/email/{id}", get(get_email::handle)),
        ("/locations/{locationId}", get(get_location::handle)),
        ("/health", get(health::handle)),
    ];
    // HighLevel takes each path with a slash at its end too, and its SDKs send some so.
    endpoints
        .into_iter()
        .chain(files())
        .chain(contacts::endpoints())
        .chain(oauth::endpoints())
        .fold(Router::new(), |router, (path, endpoint)| {
            router
                .route(path, endpoint.clone())
                .route(&format!("{path}/"), endpoint)
        })
}

/// What goes with messages: files, recordings, transcriptions, exports, and who types.
fn files() -> [(&'static str, MethodRouter<Api>); 7] {
    [
        ("/conversations/messages/upload", post(upload::handle)),
        (
            "/conversations/messages/{id}/attachments",
            put(replace_attachments::handle),
        ),
        (
            "/conversations/messages/{messageId}/locations/{locationId}/recording",
            get(get_recording::recording),
        ),
        (
            "/conversations/locations/{locationId}/messages/{messageId}/transcription",
            get(get_recording::transcription),
        ),
        (
            "/conversations/locations/{locationId}/messages/{messageId}/transcription/download",
            get(get_recording::transcription_file),
        ),
        ("/conversations/messages/export", get(export_messages::handle)),
        ("/conversations/providers/live-chat/typing", post(typing::handle)),
    ]
}

/// The inbound endpoint without the store, for measuring.
pub(crate) fn echo_route() -> Router<Api> {
    Router::new().route("/echo", post(echo::handle))
}

/// Answers what nobody serves, a known path under another method included, as HighLevel's framework does.
pub(crate) async fn no_route(State(api): State<Api>, request: Request) -> Response {
    let (method, target) = (request.method().as_str(), request.uri());
    let fault = short(target).err();
    let fault = fault.unwrap_or_else(|| Fault::no_route(method, target.path()));
    Visit::open(&api).refuse(&fault)
}

/// Refuses addresses that nobody means, at routes that are not HighLevel's: its endpoints look at theirs themselves, since a
/// middleware costs each call a copy of the routes' service and two futures on the heap.
pub(crate) async fn short_targets(State(api): State<Api>, request: Request, next: Next) -> Response {
    match short(request.uri()) {
        Ok(()) => next.run(request).await,
        Err(fault) => Visit::open(&api).refuse(&fault),
    }
}
