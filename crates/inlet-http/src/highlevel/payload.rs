//! The body of a request that should be JSON, read once and never beyond the limit.

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use futures_util::StreamExt;
use hyper::body::Body as _;
use inlet_highlevel::fault::Fault;

/// Reads the body. One without a type is taken for JSON, for it can be nothing else here.
pub(super) async fn read_json(headers: &HeaderMap, body: Body, most: usize) -> Result<Vec<u8>, Fault> {
    let kind = headers.get(header::CONTENT_TYPE);
    if !kind.is_none_or(|kind| kind.to_str().is_ok_and(is_json)) {
        return Err(Fault::not_json());
    }
    read(body, most).await
}

/// Whether the body is declared as a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let bare = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    bare.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Reads the body, whatever it is.
pub(super) async fn read(body: Body, most: usize) -> Result<Vec<u8>, Fault> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > most {
        return Err(Fault::too_large(most));
    }
    let mut bytes = Vec::with_capacity(announced);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Fault::too_slow())?;
        if bytes.len() + chunk.len() > most {
            return Err(Fault::too_large(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn is_json(kind: &str) -> bool {
    let bare = kind.split(';').next().unwrap_or_default().trim();
    bare.eq_ignore_ascii_case("application/json") || bare.to_ascii_lowercase().ends_with("+json")
}
