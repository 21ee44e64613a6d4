//! Forms as vendors post them (`application/x-www-form-urlencoded`): decoded in order, with blanks, repeats and line ends
//! as they were sent, because signatures are made over them.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

/// The fields of a form, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Decodes a body or a query. `None` where a name or value is not UTF-8: what was signed cannot be known then.
    pub fn decode(encoded: &[u8]) -> Option<Self> {
        let pairs = encoded.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
        pairs.map(decode_pair).collect::<Option<_>>().map(Self)
    }

    /// The plain fields of a JSON object, as the same vendor would send them in a form. `None` where it is none.
    pub fn of_json(json: &[u8]) -> Option<Self> {
        let text = |value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(is) => Some(is.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let object: Map<String, Value> = serde_json::from_slice(json).ok()?;
        let fields = object
            .into_iter()
            .filter_map(|(name, value)| Some((name, text(value)?)));
        Some(Self(fields.collect()))
    }

    /// All fields, repeats included.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// The first field of that name, where it is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

fn decode_pair(pair: &[u8]) -> Option<(String, String)> {
    let mut parts = pair.splitn(2, |&byte| byte == b'=');
    let name = decode_text(parts.next().unwrap_or_default())?;
    let value = decode_text(parts.next().unwrap_or_default())?;
    Some((name, value))
}

fn decode_text(encoded: &[u8]) -> Option<String> {
    let spaced: Cow<'_, [u8]> = if encoded.contains(&b'+') {
        let space = |&byte: &u8| if byte == b'+' { b' ' } else { byte };
        encoded.iter().map(space).collect::<Vec<_>>().into()
    } else {
        encoded.into()
    };
    String::from_utf8(percent_decode(&spaced).collect()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A form, and the fields in it.
    type Case<'a> = (&'a [u8], Option<&'a [(&'a str, &'a str)]>);

    #[test]
    fn forms_keep_what_was_sent() {
        let cases: [Case<'_>; 9] = [
            (b"", Some(&[])),
            (b"a=1&b=2", Some(&[("a", "1"), ("b", "2")])),
            (b"b=2&a=1&b=2", Some(&[("b", "2"), ("a", "1"), ("b", "2")])),
            (b"a=&b", Some(&[("a", ""), ("b", "")])),
            (b"a=+x+%0D%0A&&", Some(&[("a", " x \r\n")])),
            (b"a=1=2%26", Some(&[("a", "1=2&")])),
            (b"a=%F0%9F%8E%89", Some(&[("a", "\u{1f389}")])),
            (b"a=100%", Some(&[("a", "100%")])),
            (b"a=%FF", None),
        ];
        for (encoded, expected) in cases {
            let decoded = Form::decode(encoded);
            let fields = decoded.as_ref().map(|form| {
                let pairs = form.fields().iter();
                pairs
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect::<Vec<_>>()
            });
            assert_eq!(fields.as_deref(), expected, "{}", String::from_utf8_lossy(encoded));
        }
    }
}
