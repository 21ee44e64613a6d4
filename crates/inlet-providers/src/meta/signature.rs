//! `X-Hub-Signature-256`: a MAC over the raw body, under the app's secret.

use inlet_core::{
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
    signature::hmac_sha256,
};
use subtle::ConstantTimeEq;

use crate::credentials::only;

/// The header that carries the signature.
pub(super) const SIGNATURE: &str = "x-hub-signature-256";
/// How a secret begins that is an access token.
pub(super) const TOKEN: &str = "token:";

/// Whether the request carries a signature of one of these app secrets.
pub(super) fn verify(request: &WebhookRequest, secrets: &[Secret]) -> Result<Strength, Rejection> {
    let signature = only(request, SIGNATURE)?.ok_or_else(|| {
        Rejection::Missing("it has no X-Hub-Signature-256 header, which Meta always sends".to_owned())
    })?;
    let fits = |secret: &&Secret| bool::from(sign(secret, &request.raw.body).as_bytes().ct_eq(signature.as_bytes()));
    if secrets
        .iter()
        .filter(|secret| is_app_secret(secret))
        .any(|secret| fits(&secret))
    {
        Ok(Strength::SignedBody)
    } else {
        let sentence = "its X-Hub-Signature-256 header does not fit: check that the secret is the app secret of the app \
                        that has this webhook; Instagram's own login has one of its own";
        Err(Rejection::Forged(sentence.to_owned()))
    }
}

/// The header's value for a body.
pub(super) fn sign(secret: &Secret, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac_sha256(secret.expose(), &[body])))
}

/// Whether a secret signs; an access token and an empty one do not.
pub(super) fn is_app_secret(secret: &Secret) -> bool {
    !secret.expose().is_empty() && !secret.expose().starts_with(TOKEN.as_bytes())
}
