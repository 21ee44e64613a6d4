//! How the pages beside the inbox ask and tell: by the admin API, in this process, as the command line does. So a button
//! does exactly what the command does, and is refused in the same words.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::{Method, Request, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use super::fault::Fault;
use crate::{admin, state::Shared};

/// Where the admin API's paths begin.
const ROOT: &str = "/admin/v1";
/// The longest answer that is read.
const LONGEST: usize = 16 << 20;

/// What the admin API answers to a question.
pub(super) async fn get<T: DeserializeOwned>(shared: &Shared, path: &str) -> Result<T, Fault> {
    let (status, body) = call(shared, Method::GET, path, None).await?;
    match status {
        StatusCode::OK => serde_json::from_slice(&body).map_err(|_| Fault::Store),
        StatusCode::NOT_FOUND => Err(Fault::NotFound),
        _ => Err(Fault::Store),
    }
}

/// Tells the admin API to do something: what it answers, or the sentence by which it refuses.
pub(super) async fn tell(shared: &Shared, path: &str, body: &Value) -> Result<Value, String> {
    let broken = || "the store cannot answer right now: try again in a moment".to_owned();
    let answer = call(shared, Method::POST, path, Some(body)).await;
    let (status, body) = answer.map_err(|_| broken())?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if status.is_success() {
        return Ok(answer);
    }
    Err(text(&answer, "error").map_or_else(broken, str::to_owned))
}

/// A text in an answer.
pub(super) fn text<'a>(answer: &'a Value, key: &str) -> Option<&'a str> {
    answer.get(key).and_then(Value::as_str)
}

/// An id as a part of a path: nothing that would lead elsewhere.
pub(super) fn part(id: &str) -> Result<&str, Fault> {
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if plain && !id.is_empty() {
        Ok(id)
    } else {
        Err(Fault::NotFound)
    }
}

/// A path of the admin API with a query string of those values that are there.
pub(super) fn query(path: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    format!("{path}?{}", query.finish())
}

async fn call(
    shared: &Shared,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<(StatusCode, bytes::Bytes), Fault> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{ROOT}{path}"))
        .header(header::CONTENT_TYPE, "application/json")
        .extension(admin::NotedElsewhere)
        .body(Body::from(body.map(Value::to_string).unwrap_or_default()))
        .map_err(|_| Fault::NotFound)?;
    let Ok(response) = admin::router(Arc::clone(shared)).oneshot(request).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), LONGEST)
        .await
        .map_err(|_| Fault::Store)?;
    Ok((status, body))
}
