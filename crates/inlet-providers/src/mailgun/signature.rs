//! Mailgun's signature: a MAC over a time and a token that is used once. It proves who posts, not what is said: so every
//! token is remembered, and whatever comes with it again is a repeat.

use inlet_core::{
    Timestamp,
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
    signature::hmac_sha256,
};
use subtle::ConstantTimeEq;

use crate::posted::Posted;

/// How a secret begins that is an API key.
pub(super) const API: &str = "api:";
/// Seconds for which Mailgun comes again, and for which a signature is good: its manual does not say whether a repeat is
/// signed anew.
const OLDEST: i64 = 9 * 60 * 60;
/// Seconds that Mailgun's clock may be ahead of ours.
const AHEAD: i64 = 300;
/// Mailgun's tokens have 50 letters; what is longer than this is none.
const LONGEST_TOKEN: usize = 255;

/// Whether the form carries a signature of one of these keys.
pub(super) fn verify(request: &WebhookRequest, secrets: &[Secret], now: Timestamp) -> Result<Strength, Rejection> {
    let posted = Posted::read(request).ok_or_else(|| {
        let sentence = "it is not a form: this address is for a route's forward(), not for event webhooks";
        Rejection::NotOurs(sentence.to_owned())
    })?;
    let [timestamp, token, signature] = ["timestamp", "token", "signature"].map(|name| posted.get(name));
    let (Some(timestamp), Some(token), Some(signature)) = (timestamp, token, signature) else {
        let sentence = "it has no timestamp, token and signature, which Mailgun posts with every mail";
        return Err(Rejection::Missing(sentence.to_owned()));
    };
    if ["timestamp", "token", "signature"]
        .iter()
        .any(|name| posted.repeats(name))
    {
        return Err(forged("a field of its signature came more than once"));
    }
    let mut keys = secrets.iter().filter(|secret| is_signing_key(secret)).peekable();
    if keys.peek().is_none() {
        return Err(forged(
            "this endpoint has no HTTP webhook signing key to check signatures with: add it to the provider",
        ));
    }
    if token.len() > LONGEST_TOKEN || !keys.any(|key| sign(key, &timestamp, &token).ct_eq(signature.as_bytes()).into())
    {
        return Err(forged(
            "its signature does not fit: check that the secret is the HTTP webhook signing key of the account",
        ));
    }
    check_age(&timestamp, now)?;
    Ok(Strength::Secret)
}

/// The signature of a time and a token, in lower hex.
pub(super) fn sign(key: &Secret, timestamp: &str, token: &str) -> Vec<u8> {
    hex::encode(hmac_sha256(key.expose(), &[timestamp.as_bytes(), token.as_bytes()])).into_bytes()
}

/// Whether a secret signs; an API key and an empty one do not.
pub(super) fn is_signing_key(secret: &Secret) -> bool {
    !secret.expose().is_empty() && !secret.expose().starts_with(API.as_bytes())
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
            "it was signed more than nine hours ago, or for a time to come: check this server's clock",
        ))
    }
}

fn forged(sentence: &str) -> Rejection {
    Rejection::Forged(sentence.to_owned())
}
