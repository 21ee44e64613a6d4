//! Access tokens: JSON Web Tokens with the claims that HighLevel's carry, signed with HMAC-SHA256 under a key of the
//! installation. Whoever holds one need not ask anybody what it opens; only whether its grant still holds is looked up.

use inlet_core::{Timestamp, signature::hmac_sha256};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::ErrorKind,
    signature::{self, Signer, Verifier},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// What an access token says (`docs/oauth/Authorization.md`, and as seen in practice).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// Whose things it opens.
    pub auth_class: AuthClass,
    /// The id of the location or the agency.
    pub auth_class_id: String,
    /// The same again.
    pub primary_auth_class_id: String,
    /// Who asked for it: always `INTEGRATION`.
    pub source: String,
    /// The client id of the app.
    pub source_id: String,
    /// How it was asked for: always `OAUTH`.
    pub channel: String,
    /// What it may do.
    pub oauth_meta: Meta,
    /// The grant that it follows from, as an id; ours.
    pub sid: String,
    /// Tells it from every other; ours.
    pub jti: String,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

/// Whose things a token opens, in HighLevel's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AuthClass {
    /// An agency's.
    Company,
    /// One location's.
    Location,
}

/// See [`Claims::oauth_meta`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Each scope.
    pub scopes: Vec<String>,
    /// The id of the app.
    pub client: String,
    /// The same: an app has one version here.
    pub version_id: String,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bad {
    /// It was not made here, or was changed.
    Forged,
    /// Its time is over.
    Expired,
}

/// What a token can be allowed to do, as HighLevel documents it (`oauth/Scopes.md`).
pub const SCOPES: [&str; 10] = [
    "conversations.readonly",
    "conversations.write",
    "conversations/message.readonly",
    "conversations/message.write",
    "conversations/livechat.write",
    "contacts.readonly",
    "contacts.write",
    "locations.readonly",
    "oauth.readonly",
    "oauth.write",
];

/// For how many seconds HighLevel's access tokens hold.
pub const LIFETIME: u32 = 86_399;

/// Makes access tokens and reads them.
#[derive(Clone)]
pub struct AccessTokens {
    sign: EncodingKey,
    verify: DecodingKey,
    rules: Validation,
    seconds: u32,
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessTokens(..)")
    }
}

impl AccessTokens {
    /// Tokens under this key, each for so many seconds.
    pub fn new(key: &[u8; 32], seconds: u32) -> Self {
        // The library asks for its cryptography once a process; the next time it is there already.
        let _ = PROVIDER.install_default();
        // The time is ours to compare: the library would ask the system for it.
        let mut rules = Validation::new(Algorithm::HS256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        Self {
            sign: EncodingKey::from_secret(key),
            verify: DecodingKey::from_secret(key),
            rules,
            seconds,
        }
    }

    /// For how many seconds a token holds.
    pub fn seconds(&self) -> i64 {
        self.seconds.into()
    }

    /// The token that says this. Plain data with text keys only: it cannot fail to serialise.
    pub fn issue(&self, claims: &Claims) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.sign).unwrap_or_default()
    }

    /// What a token says, if it was made here and still holds at `now`.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Claims, Bad> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.verify, &self.rules);
        let claims = read.map_err(|_| Bad::Forged)?.claims;
        if claims.exp <= now.as_second() {
            return Err(Bad::Expired);
        }
        Ok(claims)
    }
}

/// The library's own choices bring RSA or a second build of a C library; this needs HMAC only, which is here already.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Mac::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Mac::new(*algorithm, key.try_get_as_bytes()?)?)),
    key_utils: KeyUtils::new_unimplemented(),
};

struct Mac(Vec<u8>);

impl Mac {
    fn new(algorithm: Algorithm, key: &[u8]) -> jsonwebtoken::errors::Result<Self> {
        if algorithm == Algorithm::HS256 {
            Ok(Self(key.to_vec()))
        } else {
            Err(ErrorKind::InvalidAlgorithm.into())
        }
    }
}

impl Signer<Vec<u8>> for Mac {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(hmac_sha256(&self.0, &[message]))
    }
}

impl Verifier<Vec<u8>> for Mac {
    fn verify(&self, message: &[u8], given: &Vec<u8>) -> Result<(), signature::Error> {
        let same = hmac_sha256(&self.0, &[message]).ct_eq(given);
        if bool::from(same) {
            Ok(())
        } else {
            Err(signature::Error::new())
        }
    }
}

impl JwtSigner for Mac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Mac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::at;

    fn claims() -> Claims {
        Claims {
            auth_class: AuthClass::Location,
            auth_class_id: "ve9EPM428h8vShlRW1KT".into(),
            primary_auth_class_id: "ve9EPM428h8vShlRW1KT".into(),
            source: "INTEGRATION".into(),
            source_id: "6578278e879ad2646715ba9c-abc".into(),
            channel: "OAUTH".into(),
            oauth_meta: Meta {
                scopes: vec!["contacts.readonly".into()],
                client: "6578278e879ad2646715ba9c".into(),
                version_id: "6578278e879ad2646715ba9c".into(),
            },
            sid: "ve9EPM428h8vShlRW1KT".into(),
            jti: "1".into(),
            iat: 1_800_000_000,
            exp: 1_800_086_399,
        }
    }

    #[test]
    fn a_token_says_what_was_put_into_it_until_its_last_second() {
        let tokens = AccessTokens::new(&[1; 32], LIFETIME);
        let token = tokens.issue(&claims());
        assert_eq!(token.split('.').count(), 3);
        let last = Timestamp::from_second(1_800_086_398).unwrap();
        assert_eq!(tokens.read(&token, last), Ok(claims()));
        let over = Timestamp::from_second(1_800_086_399).unwrap();
        assert_eq!(tokens.read(&token, over), Err(Bad::Expired));
    }

    #[test]
    fn a_token_of_another_key_or_algorithm_or_with_other_claims_is_forged() {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let now = at("2027-01-15T08:00:00Z");
        let tokens = AccessTokens::new(&[1; 32], LIFETIME);
        let good = tokens.issue(&claims());
        assert!(tokens.read(&good, now).is_ok());
        let (said, mac) = good.rsplit_once('.').unwrap();
        let (head, _) = said.split_once('.').unwrap();
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let mut more = claims();
        more.exp += 1;
        let more = part(&serde_json::to_string(&more).unwrap());
        let none = part(r#"{"typ":"JWT","alg":"none"}"#);
        let other = part(r#"{"typ":"JWT","alg":"HS512"}"#);
        let (_, body) = said.split_once('.').unwrap();
        let cases = [
            AccessTokens::new(&[2; 32], LIFETIME).issue(&claims()),
            format!("{head}.{more}.{mac}"),
            format!("{none}.{body}."),
            format!("{none}.{body}.{mac}"),
            format!("{other}.{body}.{mac}"),
            format!("{said}."),
            said.to_owned(),
            "a.b.c".to_owned(),
            String::new(),
        ];
        for case in cases {
            assert_eq!(tokens.read(&case, now), Err(Bad::Forged), "{case}");
        }
    }
}
