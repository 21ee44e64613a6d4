//! SendGrid's signature: ECDSA on P-256 with SHA-256 over the time and the raw body.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    Timestamp,
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
};
use p256::{
    ecdsa::{
        DerSignature, SigningKey, VerifyingKey,
        signature::{Signer, Verifier},
    },
    pkcs8::{DecodePrivateKey, DecodePublicKey},
};

use crate::credentials::{self, only};

/// The header that carries the signature.
pub(super) const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
/// The header that says when it was signed.
pub(super) const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
/// Seconds for which SendGrid comes again, and for which a signature is good: it does not say whether a repeat is signed
/// anew. The signature covers the mail, whose id makes a repeat harmless for ever.
const OLDEST: i64 = 3 * 24 * 60 * 60;
/// Seconds that SendGrid's clock may be ahead of ours.
const AHEAD: i64 = 300;

/// Whether one of these keys signed the request; where there are none, whether it brings one of the secrets.
pub(super) fn verify(request: &WebhookRequest, secrets: &[Secret], now: Timestamp) -> Result<Strength, Rejection> {
    let keys: Vec<_> = secrets.iter().filter_map(public_key).collect();
    if keys.is_empty() {
        return credentials::verify(request, secrets);
    }
    let (signature, timestamp) = only(request, SIGNATURE)?
        .zip(only(request, TIMESTAMP)?)
        .ok_or_else(|| {
            let sentence = "it is not signed: turn the Parse webhook's security policy on at SendGrid";
            Rejection::Missing(sentence.to_owned())
        })?;
    let signature = BASE64
        .decode(signature)
        .ok()
        .and_then(|der| DerSignature::from_bytes(&der).ok());
    let signature = signature.ok_or_else(|| forged("its signature is not one in DER and base64"))?;
    let signed = [timestamp.as_bytes(), &request.raw.body].concat();
    if !keys.iter().any(|key| key.verify(&signed, &signature).is_ok()) {
        return Err(forged(
            "its signature does not fit: check that the secret is the public key of the Parse security policy",
        ));
    }
    check_age(timestamp, now)?;
    Ok(Strength::SignedBody)
}

/// The signature with which a private key signs, in base64; `None` where the secret is no private key.
pub(super) fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> Option<String> {
    let signature: DerSignature = private_key(secret)?.sign(&[timestamp.as_bytes(), body].concat());
    Some(BASE64.encode(signature.as_bytes()))
}

fn check_age(timestamp: &str, now: Timestamp) -> Result<(), Rejection> {
    let signed = timestamp
        .parse::<i64>()
        .map_err(|_| forged("its timestamp is not a number of seconds"))?;
    let age = now.as_second().saturating_sub(signed);
    if (-AHEAD..=OLDEST).contains(&age) {
        Ok(())
    } else {
        Err(forged(
            "it was signed more than three days ago, or for a time to come: check this server's clock",
        ))
    }
}

fn public_key(secret: &Secret) -> Option<VerifyingKey> {
    let public = VerifyingKey::from_public_key_der(&der(secret)?).ok();
    public.or_else(|| Some(*private_key(secret)?.verifying_key()))
}

fn private_key(secret: &Secret) -> Option<SigningKey> {
    SigningKey::from_pkcs8_der(&der(secret)?).ok()
}

/// The bytes of a key, whether or not it was pasted with its PEM lines.
fn der(secret: &Secret) -> Option<Vec<u8>> {
    let lines = secret.expose_text()?.lines().map(str::trim);
    let base64: String = lines.filter(|line| !line.starts_with("-----")).collect();
    BASE64.decode(base64).ok()
}

fn forged(sentence: &str) -> Rejection {
    Rejection::Forged(sentence.to_owned())
}
