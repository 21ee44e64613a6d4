//! What proves that a webhook is HighLevel's own: `X-GHL-Signature`, Ed25519 over the raw body, in base64.
//!
//! Foreign rules: HighLevel's "Webhook Authentication" guide. Its older `X-WH-Signature` (RSA) was retired on 1 September
//! 2026: a request that brings nothing else is refused with words that say so.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, VerifyingKey, pkcs8::DecodePublicKey};

/// The key that HighLevel publishes, as the base64 of its DER.
const HIGHLEVEL: &str = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";

/// Why a webhook is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproven {
    /// It is not signed.
    #[error("it has no X-GHL-Signature header, which HighLevel always sends")]
    Missing,
    /// It is signed in the way that was given up.
    #[error(
        "it has the X-WH-Signature only, which HighLevel gave up on 1 September 2026: it proves nothing any more, and \
         X-GHL-Signature is not there"
    )]
    Retired,
    /// What it is signed with does not fit.
    #[error(
        "its X-GHL-Signature does not fit: it was not sent by HighLevel, or changed on its way; another Inlet's key is \
         given with --webhook-key-file"
    )]
    Forged,
}

/// A key as it is kept: the base64 of its DER, of any of the forms in which it may be given: PEM, that, or the bare 32 bytes.
pub fn key(given: &str) -> Option<String> {
    let lines = given.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let bare: String = lines.collect();
    let bytes = BASE64.decode(&bare).ok()?;
    let der = match bytes.len() {
        // The fixed head of an Ed25519 key: RFC 8410, 4.
        32 => [
            &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00][..],
            &bytes,
        ]
        .concat(),
        _ => bytes,
    };
    VerifyingKey::from_public_key_der(&der).ok()?;
    Some(BASE64.encode(der))
}

/// Whether HighLevel signed a body: with the key it publishes, unless there is another one. Both headers are given as they
/// came.
pub fn verify(
    body: &[u8],
    (current, retired): (Option<&str>, Option<&str>),
    key: Option<&str>,
) -> Result<(), Unproven> {
    // Unsigned ones may say `N/A`.
    let signed = |header: Option<&str>| header.is_some_and(|value| !value.is_empty() && value != "N/A");
    let Some(given) = current.filter(|_| signed(current)) else {
        return Err(if signed(retired) {
            Unproven::Retired
        } else {
            Unproven::Missing
        });
    };
    let key = BASE64.decode(key.unwrap_or(HIGHLEVEL)).ok();
    let key = key.and_then(|der| VerifyingKey::from_public_key_der(&der).ok());
    let signature = BASE64.decode(given).ok().and_then(|bytes| bytes.try_into().ok());
    let fits = key
        .zip(signature)
        .is_some_and(|(key, bytes): (_, [u8; 64])| key.verify_strict(body, &Signature::from_bytes(&bytes)).is_ok());
    if fits { Ok(()) } else { Err(Unproven::Forged) }
}

#[cfg(test)]
mod tests {
    use inlet_core::signature::BodySigner;

    use super::*;

    type Case<'a> = (&'a [u8], Option<&'a str>, Option<&'a str>, Result<(), Unproven>);

    #[test]
    fn a_key_may_be_given_in_three_forms() {
        let pem = BodySigner::new(&[3; 32]).public_pem();
        let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let bare = BASE64.encode(&BASE64.decode(&der).unwrap()[12..]);
        for given in [pem.as_str(), &der, &bare] {
            assert_eq!(key(given).as_deref(), Some(der.as_str()), "{given}");
        }
        assert_eq!(key(HIGHLEVEL).as_deref(), Some(HIGHLEVEL));
        for given in ["", "pit-x", "AAAA", "-----BEGIN PUBLIC KEY-----"] {
            assert_eq!(key(given), None, "{given}");
        }
    }

    #[test]
    fn only_what_the_key_signed_is_believed() {
        let signer = BodySigner::new(&[3; 32]);
        let (own, good) = (key(&signer.public_pem()), signer.sign(b"{}"));
        let other = BodySigner::new(&[4; 32]).sign(b"{}");
        let cases: [Case<'_>; 9] = [
            (b"{}", Some(&good), None, Ok(())),
            (b"{}", Some(&good), Some("old"), Ok(())),
            (b"{ }", Some(&good), None, Err(Unproven::Forged)),
            (b"{}", Some(&other), None, Err(Unproven::Forged)),
            (b"{}", Some("AAAA"), None, Err(Unproven::Forged)),
            (b"{}", Some("N/A"), None, Err(Unproven::Missing)),
            (b"{}", Some(""), Some("N/A"), Err(Unproven::Missing)),
            (b"{}", None, None, Err(Unproven::Missing)),
            (b"{}", None, Some("old"), Err(Unproven::Retired)),
        ];
        for (body, current, retired, expected) in cases {
            let said = verify(body, (current, retired), own.as_deref());
            assert_eq!(said, expected, "{current:?} {retired:?}");
        }
        assert_eq!(
            verify(b"{}", (Some(&good), None), None),
            Err(Unproven::Forged),
            "another's signature under the published key"
        );
    }
}
