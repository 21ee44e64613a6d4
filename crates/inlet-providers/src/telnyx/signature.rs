//! Telnyx's signature: Ed25519 over the time, a bar and the raw body.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use inlet_core::{
    Timestamp,
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
};

use crate::credentials::{forged, only};

/// The header that carries the signature.
pub(super) const SIGNATURE: &str = "telnyx-signature-ed25519";
/// The header that says when it was signed, in seconds since 1970.
pub(super) const TIMESTAMP: &str = "telnyx-timestamp";
/// For how many seconds a signature is good, before and after.
const WINDOW: u64 = 300;

/// Whether one of these keys signed the request, and lately.
pub(super) fn verify(request: &WebhookRequest, secrets: &[Secret], now: Timestamp) -> Result<Strength, Rejection> {
    let headers = only(request, SIGNATURE)?.zip(only(request, TIMESTAMP)?);
    let (signature, timestamp) = headers.ok_or_else(|| {
        Rejection::Missing(format!(
            "it has no {SIGNATURE} and {TIMESTAMP} header, which Telnyx always sends"
        ))
    })?;
    let keys: Vec<_> = secrets.iter().filter_map(public_key).collect();
    if keys.is_empty() {
        return Err(forged(
            "this endpoint has no public key to check signatures with: add it to the provider",
        ));
    }
    let at: i64 = timestamp
        .parse()
        .map_err(|_| forged("its telnyx-timestamp is not a number of seconds since 1970"))?;
    if at.abs_diff(now.as_second()) > WINDOW {
        return Err(forged(
            "its telnyx-timestamp is more than five minutes from now: check this server's clock",
        ));
    }
    let bytes = BASE64.decode(signature).ok().and_then(|bytes| bytes.try_into().ok());
    let signature = bytes.map(|bytes| Signature::from_bytes(&bytes));
    let signature = signature.ok_or_else(|| forged("its signature is not 64 bytes in base64"))?;
    let signed = signed(timestamp, &request.raw.body);
    if keys.iter().any(|key| key.verify_strict(&signed, &signature).is_ok()) {
        return Ok(Strength::SignedBody);
    }
    Err(forged(
        "its signature does not fit: check that the secret is the public key of the account it is for",
    ))
}

/// The public key in a secret; `None` where it is none.
pub(super) fn public_key(secret: &Secret) -> Option<VerifyingKey> {
    let bytes = BASE64.decode(secret.expose()).ok()?;
    let public = match bytes.len() {
        32 => bytes.as_slice(),
        64 => bytes.get(32..)?,
        _ => return None,
    };
    VerifyingKey::from_bytes(public.try_into().ok()?).ok()
}

/// The signature of a key pair, in base64; `None` where the secret is only the public half.
pub(super) fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> Option<String> {
    let pair = BASE64.decode(secret.expose()).ok()?;
    let key = SigningKey::from_keypair_bytes(&pair.try_into().ok()?).ok()?;
    Some(BASE64.encode(key.sign(&signed(timestamp, body)).to_bytes()))
}

fn signed(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"|", body].concat()
}
