//! A JSON object read field by field. What has the wrong form is collected, so that the sender hears of all of it at once.

use serde_json::{Map, Value};

use crate::fault::Fault;

/// How deep JSON may be nested.
const MAX_DEPTH: usize = 64;

/// The fields of an object that have not been read yet, and what was wrong with those that have.
pub(crate) struct Fields {
    left: Map<String, Value>,
    /// What is written before a field's name in a sentence: `call.` inside of `call`.
    prefix: &'static str,
    wrong: Vec<String>,
}

impl Fields {
    /// Reads a body, which must be a JSON object no deeper than 64 levels.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Fault> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(Fault::bad_request("The body is empty: send a JSON object."));
        }
        if depth(body) > MAX_DEPTH {
            return Err(Fault::bad_request(format!(
                "The JSON is nested deeper than {MAX_DEPTH} levels: flatten it."
            )));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(left)) => Ok(Self::of(left, "")),
            Ok(_) => Err(Fault::bad_request(
                "The body is JSON, but not an object: send {\"type\": …}.",
            )),
            // The parser names what it expected and where, never what it found.
            Err(error) => Err(Fault::bad_request(format!("The body is not valid JSON: {error}."))),
        }
    }

    /// Reads a form; a field that comes twice counts as it came last.
    pub(crate) fn form(body: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(body).into_owned();
        Self::of(pairs.map(|(name, value)| (name, Value::String(value))).collect(), "")
    }

    fn of(left: Map<String, Value>, prefix: &'static str) -> Self {
        Self {
            left,
            prefix,
            wrong: Vec::new(),
        }
    }

    /// Takes a text. Empty is absent; anything else but a text is wrong.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.left.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.contains('\0') => {
                self.complain(name, "must not contain the character U+0000");
                None
            }
            Some(Value::String(text)) => Some(text).filter(|text| !text.is_empty()),
            Some(_) => {
                self.complain(name, "must be a string");
                None
            }
        }
    }

    /// Takes a short text, such as an id: blanks around it do not count.
    pub(crate) fn word(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let word = text.trim();
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// Takes a list of at most `most` texts.
    pub(crate) fn words(&mut self, name: &str, most: usize) -> Vec<String> {
        let list = match self.left.remove(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.complain(name, "must be an array");
                return Vec::new();
            }
        };
        if list.len() > most {
            self.complain(name, &format!("must contain no more than {most} elements"));
            return Vec::new();
        }
        let mut words = Vec::with_capacity(list.len());
        for value in list {
            match value {
                Value::String(word) if !word.contains('\0') => words.push(word),
                _ => {
                    self.wrong
                        .push(format!("each value in {}{name} must be a string", self.prefix));
                    return Vec::new();
                }
            }
        }
        words
    }

    /// Takes an object and reads it with `read`; its complaints join ours.
    pub(crate) fn object<T>(
        &mut self,
        name: &str,
        prefix: &'static str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        match self.left.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Object(left)) => {
                let mut inner = Self::of(left, prefix);
                let read = read(&mut inner);
                self.wrong.append(&mut inner.wrong);
                Some(read)
            }
            Some(_) => {
                self.complain(name, "must be an object");
                None
            }
        }
    }

    /// Takes a text that may be given as nothing: absent, nothing, or a text, blanks around it cut off.
    #[expect(
        clippy::option_option,
        reason = "absent, given as nothing, and given differ: the first leaves what is there, the second clears it"
    )]
    pub(crate) fn nullable(&mut self, name: &str) -> Option<Option<String>> {
        self.has(name).then(|| self.word(name))
    }

    /// Takes a yes or no.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        if !value.is_boolean() {
            self.complain(name, "must be a boolean value");
        }
        value.as_bool()
    }

    /// Takes a list of at most `most` values.
    pub(crate) fn list(&mut self, name: &str, most: usize) -> Vec<Value> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(list)) if list.len() <= most => list,
            Some(Value::Array(_)) => {
                self.complain(name, &format!("must contain no more than {most} elements"));
                Vec::new()
            }
            Some(_) => {
                self.complain(name, "must be an array");
                Vec::new()
            }
        }
    }

    /// Takes an object as it is.
    pub(crate) fn map(&mut self, name: &str) -> Option<Map<String, Value>> {
        let value = self.take(name)?;
        let Value::Object(map) = value else {
            self.complain(name, "must be an object");
            return None;
        };
        Some(map)
    }

    /// Takes a value as it is; nothing is absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// Whether a field is there, be it as nothing.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Whether a field is a list.
    pub(crate) fn is_list(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(Value::is_array)
    }

    /// Notes that a field is wrong, and how.
    pub(crate) fn complain(&mut self, name: &str, how: &str) {
        self.wrong.push(format!("{}{name} {how}", self.prefix));
    }

    /// Notes a sentence as it is.
    pub(crate) fn say(&mut self, sentence: &str) {
        self.wrong.push(sentence.to_owned());
    }

    /// Refuses the body if anything was wrong.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        if self.wrong.is_empty() {
            Ok(())
        } else {
            Err(Fault::unprocessable(self.wrong))
        }
    }
}

/// How deep brackets are nested, outside of strings.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
        } else {
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        let cases = [
            ("{}", 1),
            (r#"{"a":[{}]}"#, 3),
            (r#"{"a":"[[[[\"[["}"#, 1),
            (r#"{"a":"\\","b":[]}"#, 2),
            ("", 0),
            ("]]]]", 0),
        ];
        for (json, expected) in cases {
            assert_eq!(depth(json.as_bytes()), expected, "{json}");
        }
    }

    #[test]
    fn json_is_taken_up_to_its_limit_in_depth() {
        let nested = |levels: usize| format!("{}{}", "{\"a\":".repeat(levels - 1) + "{", "}".repeat(levels));
        for (levels, fits) in [
            (63, true),
            (64, true),
            (65, false),
            (100, false),
            (640, false),
            (10_000, false),
        ] {
            let read = Fields::parse(nested(levels).as_bytes());
            assert_eq!(read.is_ok(), fits, "{levels} levels");
        }
    }
}
