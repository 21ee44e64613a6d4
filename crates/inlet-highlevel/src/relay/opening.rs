//! What a token of HighLevel's says of itself, before anybody is asked: its kind, whose it is, what it may do, and until when.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use inlet_core::Timestamp;
use serde_json::Value;

use super::answer::text;

/// How private integration tokens begin.
const PRIVATE: &str = "pit-";

/// The scopes that the relay needs, and what for.
pub const NEEDED: [(&str, &str); 4] = [
    ("conversations/message.write", "to write messages"),
    ("conversations/message.readonly", "to read back what was not answered"),
    (
        "conversations.readonly",
        "to find the conversation of what was not answered",
    ),
    ("contacts.write", "to introduce somebody new"),
];

/// What a token says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    /// A private integration's: it says nothing, and does not end.
    Private,
    /// An app's access token.
    Access {
        /// The id of the location it opens, or of the agency.
        id: String,
        /// Whether it is an agency's.
        agency: bool,
        /// What it may do, where it says.
        scopes: Vec<String>,
        /// Until when.
        ends_at: Option<Timestamp>,
    },
    /// None that HighLevel gives out: an API key of its first version, say.
    Unknown,
}

/// Reads what a token says. Nothing of it is believed: HighLevel alone knows whether it is good.
pub fn read(token: &str) -> Opening {
    let token = token.trim();
    if token.starts_with(PRIVATE) {
        return Opening::Private;
    }
    access(token).unwrap_or(Opening::Unknown)
}

fn access(token: &str) -> Option<Opening> {
    let payload = token.split('.').nth(1)?;
    let said: Value = serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()?;
    let class = text(&said, "authClass")?;
    let scopes = said.pointer("/oauthMeta/scopes").and_then(Value::as_array);
    let scopes = scopes.into_iter().flatten().filter_map(Value::as_str);
    Some(Opening::Access {
        id: text(&said, "authClassId")?,
        agency: class == "Company",
        scopes: scopes.map(str::to_owned).collect(),
        ends_at: said
            .get("exp")
            .and_then(Value::as_i64)
            .and_then(|at| Timestamp::from_second(at).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", BASE64.encode(payload))
    }

    #[test]
    fn a_token_says_what_it_is() {
        assert_eq!(read("pit-00000000-0000-0000-0000-000000000000"), Opening::Private);
        let payload =
            r#"{"authClass":"Location","authClassId":"L","oauthMeta":{"scopes":["contacts.write"]},"exp":60}"#;
        assert_eq!(
            read(&token(payload)),
            Opening::Access {
                id: "L".into(),
                agency: false,
                scopes: vec!["contacts.write".into()],
                ends_at: Timestamp::from_second(60).ok(),
            }
        );
        let agency = read(&token(r#"{"authClass":"Company","authClassId":"C"}"#));
        assert!(matches!(agency, Opening::Access { agency: true, .. }), "{agency:?}");
        for token in ["", "a.b.c", "eyJsb2NhdGlvbl9pZCI6IngifQ", &token("{}"), &token("[")] {
            assert_eq!(read(token), Opening::Unknown, "{token}");
        }
    }
}
