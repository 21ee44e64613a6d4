//! A request as it arrived: read once, raw, and never more of it than the set-up allows.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use futures_util::StreamExt;
use http::request::Parts;
use inlet_core::{Timestamp, adapter::WebhookRequest, journal::RawRequest};

use crate::state::State;

/// What is answered when the body breaks off.
pub(super) const BROKEN: &str = "the body did not arrive in full: send it again";

/// A request and the moment it came.
#[derive(Debug)]
pub(super) struct Arrival {
    /// What came, with the address the vendor was given: the configured one, whatever the `Host` header says.
    pub(super) request: WebhookRequest,
    /// When it came.
    pub(super) at: Timestamp,
    /// The same on the monotonic clock.
    pub(super) began: Duration,
}

/// Why a request could not be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// Its body broke off.
    Broken,
    /// Its body is too large; this is all but the body.
    TooLarge(Box<Arrival>),
}

/// Reads a request whole, if its body has no more than `most` bytes.
pub(super) async fn read(state: &State, request: Request, most: usize) -> Result<Arrival, Unread> {
    let (parts, body) = request.into_parts();
    let mut arrival = Arrival {
        request: WebhookRequest {
            public_url: state.settings.public_url.clone(),
            raw: head(&parts),
        },
        at: state.clock.now(),
        began: state.clock.monotonic(),
    };
    match read_body(body, most).await {
        Ok(Some(body)) => {
            arrival.request.raw.body = body;
            Ok(arrival)
        }
        Ok(None) => Err(Unread::TooLarge(Box::new(arrival))),
        Err(_) => Err(Unread::Broken),
    }
}

/// What is answered when a body is too large.
pub(super) fn too_large(most: usize) -> String {
    format!("the body is larger than {most} bytes: send less, or raise the limit in the configuration")
}

fn head(parts: &Parts) -> RawRequest {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    RawRequest {
        method: parts.method.as_str().to_owned(),
        target: target.to_owned(),
        headers: parts.headers.iter().map(header).collect(),
        body: Vec::new(),
    }
}

/// The body; `None` where it has more than `most` bytes. One that says so beforehand is not waited for.
async fn read_body(body: Body, most: usize) -> Result<Option<Vec<u8>>, axum::Error> {
    if usize::try_from(body.size_hint().lower()).is_ok_and(|least| least > most) {
        return Ok(None);
    }
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if chunk.len() > most.saturating_sub(bytes.len()) {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}
