//! What an adapter wants fetched, as headers: the credentials for its host.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, HeaderValue};
use inlet_core::adapter::Fetch;

/// Why credentials cannot be sent.
pub(crate) const UNSENDABLE: &str = "the provider's credentials cannot be sent";

/// The header that opens what is fetched, if it needs one; `None` where the credentials fit no header.
pub(crate) fn credentials(fetch: &Fetch) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let pair = fetch.basic_auth.as_ref().map(|(user, password)| {
        let pair = [user.as_bytes(), b":", password.expose()].concat();
        format!("Basic {}", BASE64.encode(pair)).into_bytes()
    });
    let token = fetch.bearer.as_ref().map(|token| [b"Bearer ", token.expose()].concat());
    if let Some(value) = pair.or(token) {
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        headers.insert(http::header::AUTHORIZATION, value);
    }
    Some(headers)
}
