//! Answers to vendors as HTTP.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use inlet_core::adapter::Reply;

/// A vendor's own answer.
pub(super) fn respond(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match reply.content_type {
        Some(content_type) => (status, [(CONTENT_TYPE, content_type)], reply.body).into_response(),
        None => status.into_response(),
    }
}

/// An answer that a script may read, whatever page it runs in: who may send is asked of each request, not of its answer.
pub(super) fn for_pages(mut answer: Response) -> Response {
    answer
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

/// An answer before any vendor is known: a sentence.
pub(super) fn say(status: StatusCode, sentence: &str) -> Response {
    respond(Reply::sentence(status.as_u16(), sentence))
}
