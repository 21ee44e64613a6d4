//! `X-Twilio-Signature`: a MAC over the address as Twilio was given it and all fields of the form.
//!
//! S = the full URL, then for each distinct field name in code-point order, for each distinct value of it in code-point
//! order: name, value. A JSON body is signed through its hash, which stands in the URL as `bodySHA256`; S is the URL
//! alone then.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
    signature::hmac_sha256,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    credentials::{forged, hmac_sha1, only},
    form::Form,
};

/// The header that carries the signature.
pub(super) const SIGNATURE: &str = "x-twilio-signature";
/// The header that names the shared key and algorithm of a signature, where it is not the auth token's.
pub(super) const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
/// How the id of a shared key begins; a secret written `ID:SECRET` is one.
const SHARED_KEY: &str = "webhooks_sharedkey_";
/// The query parameter that binds a JSON body to the URL.
const BODY_HASH: &str = "bodySHA256";

/// What a signature is made with. The header can only choose among the keys that fit its algorithm, so that a shared
/// key is never taken for the weaker one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Algorithm {
    /// HMAC-SHA1 under an auth token: where no header says otherwise.
    Sha1,
    /// HMAC-SHA256 under a shared key.
    Sha256,
}

/// A secret of an endpoint, as Twilio means it.
pub(super) struct Key<'a> {
    /// The id of a shared key; an auth token has none.
    pub(super) id: Option<&'a str>,
    bytes: &'a [u8],
}

impl<'a> Key<'a> {
    /// Reads a secret; an empty one is no key.
    pub(super) fn new(secret: &'a Secret) -> Option<Self> {
        let text = secret.expose_text().unwrap_or_default();
        let shared = text.starts_with(SHARED_KEY).then(|| text.split_once(':')).flatten();
        let (id, bytes) = match shared {
            Some((id, rest)) => (Some(id), rest.as_bytes()),
            None => (None, secret.expose()),
        };
        (!bytes.is_empty()).then_some(Self { id, bytes })
    }

    /// What this key signs with by itself.
    pub(super) fn algorithm(&self) -> Algorithm {
        match self.id {
            Some(_) => Algorithm::Sha256,
            None => Algorithm::Sha1,
        }
    }

    /// The signature over `signed`, in base64.
    pub(super) fn sign(&self, algorithm: Algorithm, signed: &str) -> String {
        match algorithm {
            Algorithm::Sha1 => BASE64.encode(hmac_sha1(self.bytes, signed.as_bytes())),
            Algorithm::Sha256 => BASE64.encode(hmac_sha256(self.bytes, &[signed.as_bytes()])),
        }
    }

    /// Whether a signature that claims these settings may be this key's. An auth token fits SHA-256 too: whoever pastes
    /// a shared key's secret without its id gets what they mean, and nothing is weaker by it.
    fn fits(&self, settings: &Settings<'_>) -> bool {
        match (settings.algorithm, self.id, settings.key) {
            (Algorithm::Sha1, id, _) => id.is_none(),
            (Algorithm::Sha256, Some(own), Some(named)) => own == named,
            (Algorithm::Sha256, _, _) => true,
        }
    }
}

/// What the settings header says.
struct Settings<'a> {
    algorithm: Algorithm,
    key: Option<&'a str>,
}

/// Whether the request carries a signature of one of these secrets, and over what.
pub(crate) fn verify(request: &WebhookRequest, secrets: &[Secret]) -> Result<Strength, Rejection> {
    let signature = only(request, SIGNATURE)?.ok_or_else(|| {
        Rejection::Missing("it has no X-Twilio-Signature header, which Twilio always sends".to_owned())
    })?;
    let settings = read_settings(only(request, SETTINGS)?)?;
    let keys: Vec<_> = secrets.iter().filter_map(Key::new).collect();
    if keys.is_empty() {
        return Err(forged(
            "this endpoint has no auth token to check signatures with: add it to the provider",
        ));
    }
    let url = request.url();
    let (fields, strength) = match body_hash(&url) {
        Some(hash) => (check_body(&hash, &request.raw.body)?, Strength::SignedBody),
        None => (signed_fields(&request.raw.body)?, Strength::SignedForm),
    };
    let fits = |key: &Key<'_>, signed: &str| {
        let expected = key.sign(settings.algorithm, signed);
        bool::from(expected.as_bytes().ct_eq(signature.as_bytes()))
    };
    let fitting: Vec<_> = keys.iter().filter(|key| key.fits(&settings)).collect();
    for spelling in spellings(&url) {
        let signed = spelling + &fields;
        if fitting.iter().any(|key| fits(key, &signed)) {
            return Ok(strength);
        }
    }
    Err(forged(&misfit(request)))
}

/// The fields as they are signed, names sorted, then values.
pub(super) fn joined(form: &Form) -> String {
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in form.fields() {
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = String::new();
    for (name, values) in sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

fn read_settings(header: Option<&str>) -> Result<Settings<'_>, Rejection> {
    let mut settings = Settings {
        algorithm: Algorithm::Sha1,
        key: None,
    };
    for part in header.unwrap_or_default().split(',') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match (name.trim(), value.trim()) {
            ("key", id) => settings.key = Some(id),
            ("algorithm", "HMAC_SHA1") => settings.algorithm = Algorithm::Sha1,
            ("algorithm", "HMAC_SHA256") => settings.algorithm = Algorithm::Sha256,
            ("algorithm", _) => {
                return Err(forged(
                    "its signature settings name an algorithm other than HMAC_SHA1 and HMAC_SHA256",
                ));
            }
            _ => {}
        }
    }
    Ok(settings)
}

/// The hash of the body that the URL names, if any.
fn body_hash(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let form = Form::decode(query.as_bytes())?;
    let (_, hash) = form.fields().iter().find(|(name, _)| name == BODY_HASH)?;
    Some(hash.clone())
}

fn check_body(hash: &str, body: &[u8]) -> Result<String, Rejection> {
    let found = hex::encode(Sha256::digest(body));
    if found.as_bytes().ct_eq(hash.as_bytes()).into() {
        Ok(String::new())
    } else {
        Err(forged(
            "its body does not have the hash that bodySHA256 in its URL names",
        ))
    }
}

fn signed_fields(body: &[u8]) -> Result<String, Rejection> {
    let form = Form::decode(body);
    let form =
        form.ok_or_else(|| Rejection::NotOurs("its body is not a form in UTF-8, as Twilio sends it".to_owned()))?;
    Ok(joined(&form))
}

/// The URLs that Twilio may have signed for this one: without and with its port, because its back end does both, and
/// last with `'` as `%27`, as its Node library also tries.
fn spellings(url: &str) -> Vec<String> {
    let mut all = both_ports(url);
    if let Some((path, query)) = url.split_once('?').filter(|(_, query)| query.contains('\'')) {
        all.extend(both_ports(&format!("{path}?{}", query.replace('\'', "%27"))));
    }
    all
}

fn both_ports(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // The port is what follows the last colon, but not one within `user:password@` or `[::1]`.
    let host_at = authority.rfind(['@', ']']).map_or(0, |at| at + 1);
    let port_at = authority.rfind(':').filter(|&at| at >= host_at);
    let (bare, port) = match port_at.and_then(|at| authority.split_at_checked(at)) {
        Some((bare, port)) => (bare, port),
        None if scheme == "https" => (authority, ":443"),
        None => (authority, ":80"),
    };
    vec![
        format!("{scheme}://{bare}{tail}"),
        format!("{scheme}://{bare}{port}{tail}"),
    ]
}

fn misfit(request: &WebhookRequest) -> String {
    let method = if request.raw.method == "GET" {
        ", and that Twilio is told to use HTTP POST"
    } else {
        ""
    };
    format!(
        "the X-Twilio-Signature header does not fit: check that the auth token is the account's primary one, that the \
         URL at Twilio begins with exactly {} and goes on with this webhook's path{method}",
        request.public_url
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_tried_without_and_with_its_port() {
        let cases = [
            ("https://a.b/x?y", ["https://a.b/x?y", "https://a.b:443/x?y"]),
            ("http://a.b", ["http://a.b", "http://a.b:80"]),
            ("https://a.b:8443/x", ["https://a.b/x", "https://a.b:8443/x"]),
            (
                "https://u:p@a.b:8443/x",
                ["https://u:p@a.b/x", "https://u:p@a.b:8443/x"],
            ),
            (
                "https://u:p@a.b/x:1",
                ["https://u:p@a.b/x:1", "https://u:p@a.b:443/x:1"],
            ),
            ("http://[::1]/x", ["http://[::1]/x", "http://[::1]:80/x"]),
            ("http://[::1]:8080/x", ["http://[::1]/x", "http://[::1]:8080/x"]),
            ("http://a.b?c=d:5@e", ["http://a.b?c=d:5@e", "http://a.b:80?c=d:5@e"]),
        ];
        for (url, expected) in cases {
            assert_eq!(both_ports(url), expected, "{url}");
        }
    }

    #[test]
    fn an_empty_mac_is_never_a_signature() {
        let key = Secret::new("token");
        let key = Key::new(&key).unwrap();
        assert_eq!(key.sign(Algorithm::Sha1, "").len(), 28);
        assert_eq!(key.sign(Algorithm::Sha256, "").len(), 44);
        assert!(Key::new(&Secret::new("")).is_none(), "an empty secret is no key");
        assert!(Key::new(&Secret::new("webhooks_sharedkey_a:")).is_none());
    }
}
