//! Secrets that come with a request, in its `Authorization` header: `user:password` (RFC 7617), which vendors send who
//! are given a URL such as `https://user:password@inbox.example.com/…`, or a bearer token (RFC 6750).

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use inlet_core::{
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
};
use sha1::Sha1;

/// The header that carries them.
const AUTHORIZATION: &str = "authorization";

/// Whether the request brings one of these secrets: as `user:password`, as the password alone of any user, or as a
/// bearer token.
pub(crate) fn verify(request: &WebhookRequest, secrets: &[Secret]) -> Result<Strength, Rejection> {
    let header = only(request, AUTHORIZATION)?.ok_or_else(|| {
        let sentence = "it has no Authorization header: write the secret into the URL at the vendor, as \
                        https://USER:PASSWORD@… or send it as a bearer token";
        Rejection::Missing(sentence.to_owned())
    })?;
    let (scheme, value) = header.split_once(' ').unwrap_or_default();
    let given = match scheme.to_ascii_lowercase().as_str() {
        "basic" => BASE64.decode(value.trim()).unwrap_or_default(),
        "bearer" => value.trim().as_bytes().to_vec(),
        _ => return Err(forged("its Authorization header is neither Basic nor Bearer")),
    };
    let password = given.splitn(2, |&byte| byte == b':').nth(1).unwrap_or_default();
    let fits = |secret: &Secret| {
        let wanted = [&given, password].map(|bytes| Secret::new(bytes) == *secret);
        !secret.expose().is_empty() && wanted.contains(&true)
    };
    if secrets.iter().any(fits) {
        Ok(Strength::Secret)
    } else {
        Err(forged(
            "its Authorization header does not carry the secret of this endpoint",
        ))
    }
}

/// The header with which a sample brings a secret.
pub(crate) fn header(secret: &Secret) -> (String, String) {
    let text = secret.expose_text().unwrap_or_default();
    let value = if text.contains(':') {
        format!("Basic {}", BASE64.encode(text))
    } else {
        format!("Bearer {text}")
    };
    (AUTHORIZATION.to_owned(), value)
}

/// The only header of that name; empty is absent, and two of them prove nothing.
pub(crate) fn only<'r>(request: &'r WebhookRequest, name: &str) -> Result<Option<&'r str>, Rejection> {
    let mut found = request.raw.headers.iter().filter(|(key, _)| key == name);
    let first = found.next().map(|(_, value)| value.as_str());
    match found.next() {
        Some(_) => Err(forged(&format!("its {name} header came more than once"))),
        None => Ok(first.filter(|value| !value.is_empty())),
    }
}

/// What should prove the origin does not fit.
pub(crate) fn forged(sentence: &str) -> Rejection {
    Rejection::Forged(sentence.to_owned())
}

/// HMAC-SHA1 of a message (RFC 2104).
pub(crate) fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
