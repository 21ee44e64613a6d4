//! What proves that a request of one's own is one's own: a Standard Webhooks 1.0 signature, or a secret it brings.
//!
//! Foreign rules: `github.com/standard-webhooks/standard-webhooks`, `spec/standard-webhooks.md`, and Svix's names for the
//! same headers. The secret's form chooses the proof, never the request: `whsec_…` only signs, and so does `whpk_…`;
//! anything else is sent along, as a bearer token or in `X-Api-Key`.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, VerifyingKey};
use inlet_core::{
    Timestamp,
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
    signature::hmac_sha256,
};
use subtle::ConstantTimeEq;

use crate::credentials::{forged, only};

/// For how many seconds a signature is good, before and after.
pub(super) const WINDOW: u64 = 300;

/// A secret of an endpoint, as it is meant.
pub(super) enum Key {
    /// Signs with HMAC-SHA256 (`v1`).
    Signing(Secret),
    /// The sender signs with Ed25519 (`v1a`), and this is its public key.
    Public(Box<VerifyingKey>),
    /// Comes along with the request.
    Sent(Secret),
}

impl Key {
    /// Reads a secret, or says what is wrong with it.
    pub(super) fn read(secret: &Secret) -> Result<Self, String> {
        let text = secret.expose_text().unwrap_or_default();
        if let Some(encoded) = text.strip_prefix("whsec_") {
            let bytes = BASE64.decode(encoded).unwrap_or_default();
            return if (24..=64).contains(&bytes.len()) {
                Ok(Self::Signing(Secret::new(bytes)))
            } else {
                Err("a secret that begins with whsec_ goes on with 24 to 64 bytes in base64".to_owned())
            };
        }
        if let Some(encoded) = text.strip_prefix("whpk_") {
            let bytes = BASE64.decode(encoded).unwrap_or_default().try_into().ok();
            let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
            return key.map(|key| Self::Public(Box::new(key))).ok_or_else(|| {
                "a secret that begins with whpk_ goes on with the 32 bytes of an Ed25519 public key in base64"
                    .to_owned()
            });
        }
        if text.len() < 16 {
            return Err("a secret that is sent along needs 16 characters or more".to_owned());
        }
        Ok(Self::Sent(secret.clone()))
    }
}

/// Whether one of these secrets proves the request.
pub(super) fn verify(
    request: &WebhookRequest,
    secrets: &[Secret],
    header: Option<&str>,
    now: Timestamp,
) -> Result<Strength, Rejection> {
    let keys: Vec<_> = secrets.iter().filter_map(|secret| Key::read(secret).ok()).collect();
    if keys.is_empty() {
        return Err(forged(
            "this endpoint has no secret to check requests with: add it to the provider",
        ));
    }
    match Signed::read(request)? {
        Some(signed) => signed.verify(&keys, now),
        None => verify_sent(request, &keys, header),
    }
}

/// What a Standard Webhooks request says of its signature.
struct Signed<'r> {
    id: &'r str,
    timestamp: &'r str,
    signatures: &'r str,
    body: &'r [u8],
}

impl<'r> Signed<'r> {
    /// The three headers under either name; `None` where there is no signature.
    fn read(request: &'r WebhookRequest) -> Result<Option<Self>, Rejection> {
        for names in [
            ["webhook-id", "webhook-timestamp", "webhook-signature"],
            ["svix-id", "svix-timestamp", "svix-signature"],
        ] {
            let [id, timestamp, signature] = names.map(|name| only(request, name));
            let Some(signatures) = signature? else { continue };
            let (Some(id), Some(timestamp)) = (id?, timestamp?) else {
                return Err(Rejection::Missing(format!(
                    "it is signed, but has no {} or no {} header: both are signed too",
                    names[0], names[1]
                )));
            };
            let body = &request.raw.body;
            return Ok(Some(Self {
                id,
                timestamp,
                signatures,
                body,
            }));
        }
        Ok(None)
    }

    fn verify(&self, keys: &[Key], now: Timestamp) -> Result<Strength, Rejection> {
        let at: i64 = self
            .timestamp
            .parse()
            .map_err(|_| forged("its webhook-timestamp is not a number of seconds since 1970"))?;
        if at.abs_diff(now.as_second()) > WINDOW {
            return Err(forged(
                "its webhook-timestamp is more than five minutes from now: sign each attempt anew, and check both clocks",
            ));
        }
        let fits = |signature: &str| keys.iter().any(|key| self.fits(key, signature));
        // A sender that rotates its secret signs with both; a list without end is none.
        if self.signatures.split(' ').take(16).any(fits) {
            return Ok(Strength::SignedBody);
        }
        Err(forged(
            "none of its signatures fits: sign webhook-id, webhook-timestamp and the body as it is sent, joined by dots, \
             under this endpoint's secret",
        ))
    }

    fn fits(&self, key: &Key, signature: &str) -> bool {
        let Some((version, encoded)) = signature.split_once(',') else {
            return false;
        };
        match key {
            Key::Signing(secret) => {
                let parts = [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", self.body];
                let expected = BASE64.encode(hmac_sha256(secret.expose(), &parts));
                version == "v1" && bool::from(expected.as_bytes().ct_eq(encoded.as_bytes()))
            }
            Key::Public(key) => {
                let bytes = BASE64.decode(encoded).ok().and_then(|bytes| bytes.try_into().ok());
                let message = [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", self.body].concat();
                let fits = |bytes| key.verify_strict(&message, &Signature::from_bytes(&bytes)).is_ok();
                version == "v1a" && bytes.is_some_and(fits)
            }
            Key::Sent(_) => false,
        }
    }
}

fn verify_sent(request: &WebhookRequest, keys: &[Key], header: Option<&str>) -> Result<Strength, Rejection> {
    let given = match header {
        Some(name) => only(request, name)?,
        None => match only(request, "authorization")? {
            Some(value) => Some(bearer(value)?),
            None => only(request, "x-api-key")?,
        },
    };
    let given = given.ok_or_else(|| {
        Rejection::Missing(
            "nothing proves its origin: sign it as Standard Webhooks does, or send the endpoint's secret as \
             Authorization: Bearer or X-Api-Key"
                .to_owned(),
        )
    })?;
    let given = Secret::new(given);
    let fits = |key: &Key| matches!(key, Key::Sent(secret) if *secret == given);
    if keys.iter().any(fits) {
        return Ok(Strength::Secret);
    }
    if keys.iter().any(|key| matches!(key, Key::Sent(_))) {
        return Err(forged("the secret it brings is not this endpoint's"));
    }
    Err(forged(
        "this endpoint's secret signs, and is not to be sent: sign as Standard Webhooks does",
    ))
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(value: &str) -> Result<&str, Rejection> {
    let (scheme, token) = value.split_once(' ').unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(forged("its Authorization header is not a bearer token"))
    }
}
