//! How what goes out is signed: Standard Webhooks' HMAC, and HighLevel's Ed25519 over the raw body.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{
    Signer, SigningKey,
    pkcs8::{EncodePublicKey, spki::der::pem::LineEnding},
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::secret::Secret;

/// HMAC-SHA256 of a message under a key.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// The `webhook-signature` of Standard Webhooks 1.0.0 under one secret: `v1,` and the MAC of `id.timestamp.body`.
pub fn standard_webhooks(secret: &Secret, id: &str, at: Timestamp, body: &[u8]) -> String {
    let seconds = at.as_second().to_string();
    let mac = hmac_sha256(secret.expose(), &[id.as_bytes(), b".", seconds.as_bytes(), b".", body]);
    format!("v1,{}", BASE64.encode(mac))
}

/// The `webhook-signature` under several secrets, each of which a receiver may hold: their signatures, with a space
/// between two.
pub fn standard_webhooks_by<'s>(
    secrets: impl Iterator<Item = &'s Secret>,
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> String {
    let all: Vec<String> = secrets.map(|secret| standard_webhooks(secret, id, at, body)).collect();
    all.join(" ")
}

/// A signing secret as its owner sees it.
pub fn show_secret(secret: &Secret) -> String {
    format!("whsec_{}", BASE64.encode(secret.expose()))
}

/// The installation's key for `X-GHL-Signature`.
#[derive(Clone)]
pub struct BodySigner(SigningKey);

impl fmt::Debug for BodySigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodySigner(..)")
    }
}

impl BodySigner {
    /// A signer from a 32-byte seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// `X-GHL-Signature`: base64 of the Ed25519 signature over the raw body.
    pub fn sign(&self, body: &[u8]) -> String {
        BASE64.encode(self.0.sign(body).to_bytes())
    }

    /// The public key as PEM, which HighLevel's SDKs take in every language.
    pub fn public_pem(&self) -> String {
        self.0
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .unwrap_or_default()
    }

    /// Whether a signature fits a body, as a receiver checks it.
    pub fn verifies(&self, body: &[u8], signature: &str) -> bool {
        let bytes = BASE64
            .decode(signature)
            .ok()
            .and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        bytes.is_some_and(|bytes| {
            self.0
                .verify(body, &ed25519_dalek::Signature::from_bytes(&bytes))
                .is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors that the Standard Webhooks libraries publish.
    #[test]
    fn the_published_vectors_of_standard_webhooks_fit() {
        let cases = [
            (
                "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                r#"{"email":"test@example.com","username":"test_user"}"#,
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
            (
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ];
        for (secret, id, at, body, expected) in cases {
            let secret = Secret::new(BASE64.decode(secret).unwrap());
            let at = Timestamp::from_second(at).unwrap();
            assert_eq!(standard_webhooks(&secret, id, at, body.as_bytes()), expected);
        }
    }

    #[test]
    fn a_body_signature_fits_its_body_only() {
        let signer = BodySigner::new(&[3; 32]);
        let signature = signer.sign(b"{}");
        assert_eq!(signature.len(), 88);
        assert!(signer.verifies(b"{}", &signature));
        assert!(!signer.verifies(b"{ }", &signature));
        assert!(!signer.verifies(b"{}", "N/A"));
        assert!(signer.public_pem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    }
}
