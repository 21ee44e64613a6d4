//! A token that a sender signs for each request, as a template describes it: a JSON Web Token (RFC 7519) under HS256, whose
//! claims name the body's hash.
//!
//! Foreign rules: RFC 7515 and RFC 7519; `developer.vonage.com/en/getting-started/concepts/webhooks` ("Validate the JWT").
//! The algorithm is ours to choose: a token that names another one, or none, proves nothing.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use inlet_core::{
    Timestamp,
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
    signature::hmac_sha256,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::proof::{WINDOW, bearer};
use crate::credentials::{forged, only};

/// How the token is made and what it must say.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jwt {
    /// The claim with the SHA-256 of the body, in lower-case hexadecimal.
    body_hash: String,
    /// Claims that must say just this.
    #[serde(default)]
    claims: BTreeMap<String, String>,
}

impl Jwt {
    /// Whether the token that the request brings is signed with one of these secrets, is of now, and is about this body.
    pub(super) fn verify(
        &self,
        request: &WebhookRequest,
        secrets: &[Secret],
        now: Timestamp,
    ) -> Result<Strength, Rejection> {
        let header = only(request, "authorization")?
            .ok_or_else(|| Rejection::Missing("it has no Authorization header, which brings its token".to_owned()))?;
        let claims = opened(bearer(header)?, secrets).ok_or_else(|| {
            forged(
                "its token is not signed with this endpoint's secret under HS256: check the sender's signature secret",
            )
        })?;
        self.check(&claims, &request.raw.body, now)?;
        Ok(Strength::SignedBody)
    }

    fn check(&self, claims: &Map<String, Value>, body: &[u8], now: Timestamp) -> Result<(), Rejection> {
        let seconds = |name| claims.get(name).and_then(Value::as_i64);
        let now = now.as_second();
        let made = seconds("iat").ok_or_else(|| forged("its token does not say when it was made (iat)"))?;
        if made.abs_diff(now) > WINDOW {
            return Err(forged("its token was made more than five minutes from now"));
        }
        if seconds("exp").is_some_and(|until| until <= now) || seconds("nbf").is_some_and(|from| from > made.max(now)) {
            return Err(forged("its token is not good now (exp, nbf)"));
        }
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if let Some((name, _)) = self
            .claims
            .iter()
            .find(|(name, wanted)| text(name) != Some(wanted.as_str()))
        {
            return Err(forged(&format!("its token's {name} is not what the template asks for")));
        }
        let said = text(&self.body_hash).unwrap_or_default();
        if !bool::from(hash(body).as_bytes().ct_eq(said.as_bytes())) {
            return Err(forged(&format!(
                "its token is about another body: its {} is not this one's SHA-256",
                self.body_hash
            )));
        }
        Ok(())
    }

    /// Brings a sample's token.
    pub(super) fn prove(&self, request: &mut WebhookRequest, secret: &Secret, (id, now): (&str, Timestamp)) {
        let mut claims = Map::new();
        claims.insert("iat".to_owned(), now.as_second().into());
        claims.insert("jti".to_owned(), id.into());
        claims.insert(self.body_hash.clone(), hash(&request.raw.body).into());
        claims.extend(
            self.claims
                .iter()
                .map(|(name, value)| (name.clone(), Value::from(value.as_str()))),
        );
        let (header, claims) = (json!({ "alg": "HS256", "typ": "JWT" }), Value::Object(claims));
        let said = [header, claims].map(|part| BASE64.encode(part.to_string())).join(".");
        let signature = BASE64.encode(hmac_sha256(secret.expose(), &[said.as_bytes()]));
        let token = format!("Bearer {said}.{signature}");
        request.raw.headers.push(("authorization".to_owned(), token));
    }
}

/// The claims of a token, if one of these secrets signed it under HS256.
fn opened(token: &str, secrets: &[Secret]) -> Option<Map<String, Value>> {
    let (said, signature) = token.rsplit_once('.')?;
    let (header, claims) = said.split_once('.')?;
    let object = |part| serde_json::from_slice::<Map<String, Value>>(&BASE64.decode(part).ok()?).ok();
    if object(header)?.get("alg")? != "HS256" {
        return None;
    }
    let signs = |secret: &&Secret| !secret.expose().is_empty();
    let fits = |secret: &Secret| {
        let expected = BASE64.encode(hmac_sha256(secret.expose(), &[said.as_bytes()]));
        bool::from(expected.as_bytes().ct_eq(signature.as_bytes()))
    };
    secrets.iter().filter(signs).any(fits).then(|| object(claims))?
}

fn hash(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "qwertyuiopasdfghjklzxcvbnm123456";

    fn scheme() -> Jwt {
        toml::from_str("body_hash = \"payload_hash\"\nclaims = { iss = \"Vonage\" }").unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    /// A token of these two parts, signed with the secret whatever they say.
    fn token(header: &Value, claims: &Value) -> String {
        let said = [header, claims].map(|part| BASE64.encode(part.to_string())).join(".");
        let signature = BASE64.encode(hmac_sha256(SECRET.as_bytes(), &[said.as_bytes()]));
        format!("{said}.{signature}")
    }

    fn verdict(header: &Value, claims: &Value) -> Result<Strength, Rejection> {
        let mut request = WebhookRequest::default();
        request.raw.body = b"{}".to_vec();
        let bearer = format!("Bearer {}", token(header, claims));
        request.raw.headers.push(("authorization".to_owned(), bearer));
        scheme().verify(&request, &[Secret::new("old"), Secret::new(SECRET)], now())
    }

    #[test]
    fn a_published_token_opens_under_its_secret_only() {
        // vonage-python-sdk, jwt/tests.
        let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJPbmxpbmUgSldUIEJ1aWxkZXIiLCJpYXQiOjE2OTc2MzQ2ODAs\
                     ImV4cCI6MzMyNTQ1NDA4MjgsImF1ZCI6IiIsInN1YiI6IiJ9.88vJc3I2HhuqEDixHXVhc9R30tA6U_HQHZTC29y6CGM";
        let claims = opened(token, &[Secret::new(SECRET)]).unwrap();
        assert_eq!(claims["iat"], 1_697_634_680);
        for secret in ["another", ""] {
            assert_eq!(opened(token, &[Secret::new(secret)]), None);
        }
    }

    #[test]
    fn a_token_proves_only_this_body_now_under_our_algorithm() {
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let good = json!({ "iss": "Vonage", "iat": 1_800_000_000, "payload_hash": hash(b"{}") });
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            claims
        };
        let cases = [
            (header.clone(), good.clone(), true),
            (header.clone(), with("iat", json!(1_799_999_700)), true),
            (header.clone(), with("iat", json!(1_799_999_699)), false),
            (header.clone(), with("iat", json!(1_800_000_301)), false),
            (header.clone(), with("iat", json!("1800000000")), false),
            (header.clone(), with("exp", json!(1_800_000_000)), false),
            (header.clone(), with("nbf", json!(1_800_000_100)), false),
            (header.clone(), with("iss", json!("Other")), false),
            (header.clone(), with("iss", Value::Null), false),
            (header.clone(), with("payload_hash", json!(hash(b"{ }"))), false),
            (
                header.clone(),
                with("payload_hash", json!(hash(b"{}").to_uppercase())),
                false,
            ),
            (header.clone(), with("payload_hash", Value::Null), false),
            (json!({ "alg": "none" }), good.clone(), false),
            (json!({ "alg": "RS256" }), good.clone(), false),
            (json!({ "alg": "hs256" }), good.clone(), false),
            (json!({}), good.clone(), false),
        ];
        for (header, claims, fits) in cases {
            let verdict = verdict(&header, &claims);
            assert_eq!(verdict.is_ok(), fits, "{header} {claims}: {verdict:?}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_and_breaks_nothing() {
        let header = json!({ "alg": "HS256" });
        let whole = token(&header, &json!({ "iat": 1_800_000_000 }));
        let (unsigned, _) = whole.rsplit_once('.').unwrap();
        let padded = format!("{whole}=");
        for text in ["", ".", "..", "a.b.c", "....", unsigned, padded.as_str()] {
            assert_eq!(opened(text, &[Secret::new(SECRET)]), None, "{text}");
        }
    }
}
