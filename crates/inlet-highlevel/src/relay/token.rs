//! `POST /oauth/token`: the next token for a refresh token; `POST /oauth/locationToken`: a location's for an agency's. Both
//! as HighLevel's own library for Node asks for them.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    clock::later,
    relay::{Grant, Renewal},
    secret::Secret,
};
use serde_json::Value;

use super::answer::text;

/// How long a token is valid where the answer does not say: a day, as the documents have it.
const DAY: u64 = 86_399;

/// What the token endpoint answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Renewed {
    /// The next token, with the next refresh token.
    Got(Box<Grant>),
    /// It will not give one for this refresh token: somebody has to authorise the app again.
    Refused,
    /// Too many asked.
    Limited,
    /// Nobody knows.
    Unclear,
}

/// The body that asks for the next token, form-encoded; `agency` says whether it is an agency's.
pub fn body(renewal: &Renewal, agency: bool) -> String {
    let text = |secret: &Secret| secret.expose_text().unwrap_or_default().to_owned();
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("refresh_token", &text(&renewal.refresh))
        .append_pair("client_id", &renewal.client_id)
        .append_pair("client_secret", &text(&renewal.client_secret))
        .append_pair("grant_type", "refresh_token")
        .append_pair("user_type", if agency { "Company" } else { "Location" })
        .finish()
}

/// The body that asks for a location's token, form-encoded.
pub fn location_body(company: &str, location: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("companyId", company)
        .append_pair("locationId", location)
        .finish()
}

/// Reads the answer to that. The token is not renewed but exchanged for anew.
pub fn read_location(status: u16, body: &[u8], now: Timestamp) -> Renewed {
    let exchanged = |pair: Pair| {
        Renewed::Got(Box::new(Grant {
            access: pair.access,
            expires_at: Some(pair.expires_at),
            renewal: None,
        }))
    };
    read_pair(status, body, now).map_or_else(|renewed| renewed, exchanged)
}

/// Reads the answer; both spellings of its keys are taken.
pub fn read(status: u16, body: &[u8], renewal: &Renewal, now: Timestamp) -> Renewed {
    let renewed = |pair: Pair| {
        Renewed::Got(Box::new(Grant {
            access: pair.access,
            expires_at: Some(pair.expires_at),
            renewal: Some(Renewal {
                refresh: pair.refresh.unwrap_or_else(|| renewal.refresh.clone()),
                ..renewal.clone()
            }),
        }))
    };
    read_pair(status, body, now).map_or_else(|renewed| renewed, renewed)
}

/// What a good answer brings.
struct Pair {
    access: Secret,
    refresh: Option<Secret>,
    expires_at: Timestamp,
}

fn read_pair(status: u16, body: &[u8], now: Timestamp) -> Result<Pair, Renewed> {
    match status {
        200..300 => pair(body, now).ok_or(Renewed::Unclear),
        429 => Err(Renewed::Limited),
        400 | 401 | 403 | 422 => Err(Renewed::Refused),
        _ => Err(Renewed::Unclear),
    }
}

fn pair(body: &[u8], now: Timestamp) -> Option<Pair> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let either = |snake: &str, camel: &str| text(&said, snake).or_else(|| text(&said, camel));
    let seconds = ["expires_in", "expiresIn"]
        .iter()
        .find_map(|key| said.get(key)?.as_u64());
    Some(Pair {
        access: Secret::new(either("access_token", "accessToken")?),
        refresh: either("refresh_token", "refreshToken").map(Secret::new),
        expires_at: later(now, Duration::from_secs(seconds.unwrap_or(DAY))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::at;

    fn renewal() -> Renewal {
        Renewal {
            client_id: "6578278e879ad2646715ba9c-abc".into(),
            client_secret: Secret::new("sec"),
            refresh: Secret::new("OLDREF"),
        }
    }

    #[test]
    fn the_request_is_what_highlevels_own_library_sends() {
        assert_eq!(
            body(&renewal(), false),
            "refresh_token=OLDREF&client_id=6578278e879ad2646715ba9c-abc&client_secret=sec&grant_type=refresh_token&user_type=Location"
        );
        assert!(body(&renewal(), true).ends_with("&user_type=Company"));
        assert_eq!(location_body("COM1", "LOC1"), "companyId=COM1&locationId=LOC1");
    }

    #[test]
    fn an_exchanged_token_is_not_renewed() {
        let now = at("2026-11-25T12:00:00Z");
        let Renewed::Got(grant) = read_location(201, br#"{"access_token":"A","refresh_token":"R"}"#, now) else {
            panic!("a token")
        };
        let expected = Grant {
            access: Secret::new("A"),
            expires_at: Some(at("2026-11-26T11:59:59Z")),
            renewal: None,
        };
        assert_eq!(*grant, expected);
        assert_eq!(read_location(401, b"", now), Renewed::Refused);
    }

    #[test]
    fn an_answer_is_a_pair_a_refusal_or_unknown() {
        let now = at("2026-11-25T12:00:00Z");
        let read = |status, body: &str| read(status, body.as_bytes(), &renewal(), now);
        for body in [
            r#"{"access_token":"A","refresh_token":"R","expires_in":60}"#,
            r#"{"accessToken":"A","refreshToken":"R","expiresIn":60}"#,
        ] {
            let Renewed::Got(grant) = read(200, body) else {
                panic!("{body}")
            };
            assert_eq!(
                (grant.access, grant.expires_at),
                (Secret::new("A"), Some(at("2026-11-25T12:01:00Z")))
            );
            assert_eq!(grant.renewal.unwrap().refresh, Secret::new("R"));
        }
        assert_eq!(read(400, r#"{"error":"invalid_grant"}"#), Renewed::Refused);
        assert_eq!(read(401, ""), Renewed::Refused);
        assert_eq!(read(429, ""), Renewed::Limited);
        assert_eq!(read(500, ""), Renewed::Unclear);
        assert_eq!(read(200, "{"), Renewed::Unclear);
    }
}
