//! What the path of a request names.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// One id or two, in the order of the path; empty where the path cannot be read, so that nothing is found under them.
pub(super) struct Named<T>(pub(super) T);

impl<S, T> FromRequestParts<S> for Named<T>
where
    S: Send + Sync,
    T: Default + DeserializeOwned + Send,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let read = Path::from_request_parts(parts, state).await;
        Ok(Self(read.map(|Path(named)| named).unwrap_or_default()))
    }
}
