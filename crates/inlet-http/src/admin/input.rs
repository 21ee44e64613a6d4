//! What an admin request carries, read with a sentence where it cannot be read; and how times are written.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::JsonRejection},
    http::request::Parts,
};
use inlet_core::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::fault::Fault;

/// The JSON body.
pub(super) struct Input<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let refused = |rejection: JsonRejection| Fault::bad(rejection.body_text());
        let Json(value) = Json::from_request(request, state).await.map_err(refused)?;
        Ok(Self(value))
    }
}

/// The query string.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let read = Query::from_request_parts(parts, state).await;
        let Query(value) = read.map_err(|rejection| Fault::bad(rejection.body_text()))?;
        Ok(Self(value))
    }
}

/// A time as the admin API writes it: UTC with milliseconds.
pub(super) fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Milliseconds of a duration, for JSON.
pub(super) fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// Our own word for a channel, direction or status, as it stands in the store and in JSON.
pub(super) fn word(of: &impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// A moment as `2026-11-25T10:00:00Z`, or so long ago as `90m`, `24h` or `7d`.
pub(super) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    let ago = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let hours: i64 = match unit {
            "m" => {
                return now.checked_sub(Duration::from_mins(number.parse().ok()?)).ok();
            }
            "h" => number.parse().ok()?,
            "d" => number.parse::<i64>().ok()?.checked_mul(24)?,
            _ => return None,
        };
        now.checked_sub(Duration::from_hours(u64::try_from(hours).ok()?)).ok()
    };
    text.parse().ok().or_else(ago).ok_or_else(|| {
        Fault::bad(format!(
            "{text} is no time: write it as 2026-11-25T10:00:00Z, or as so long ago: 90m, 24h, 7d"
        ))
    })
}
