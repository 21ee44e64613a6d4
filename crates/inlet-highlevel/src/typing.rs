//! `POST /conversations/providers/live-chat/typing`: that someone types in a chat. It is checked and passed over: nothing here
//! shows it.

use serde::Serialize;
use serde_json::Value;

use crate::{fault::Fault, fields::Fields};

/// Whose conversation it is about, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Typing {
    /// `locationId`.
    pub location: String,
    /// `conversationId`.
    pub conversation: String,
}

/// Reads the body.
pub fn read(body: &[u8]) -> Result<Typing, Fault> {
    let mut fields = Fields::parse(body)?;
    let mut needed = |name: &str| {
        let word = fields.word(name);
        if word.is_none() {
            fields.complain(name, "is required");
        }
        word.unwrap_or_default()
    };
    let (location, conversation) = (needed("locationId"), needed("conversationId"));
    needed("visitorId");
    // One published version says that it is a text, its example that it is not.
    let typing = fields.take("isTyping");
    let known = match &typing {
        Some(Value::Bool(_)) => true,
        Some(Value::String(word)) => matches!(word.as_str(), "true" | "false"),
        _ => false,
    };
    if !known {
        fields.complain("isTyping", "must be true or false");
    }
    fields.finish()?;
    Ok(Typing { location, conversation })
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Noted {
    success: bool,
}

impl Default for Noted {
    fn default() -> Self {
        Self { success: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_fields_are_needed() {
        let good = r#"{"locationId":"l","conversationId":"c","visitorId":"v","isTyping":true}"#;
        let cases = [
            (good.to_owned(), Ok(())),
            (good.replace("true", r#""false""#), Ok(())),
            (good.replace("true", r#""yes""#), Err(422)),
            (good.replace("true", "null"), Err(422)),
            (good.replace("visitorId", "visitor"), Err(422)),
            (good.replace("locationId", "location"), Err(422)),
            (good.replace("conversationId", "conversation"), Err(422)),
            (String::new(), Err(400)),
        ];
        for (body, expected) in cases {
            let read = read(body.as_bytes()).map(|_| ()).map_err(|fault| fault.status);
            assert_eq!(read, expected, "{body}");
        }
    }
}
