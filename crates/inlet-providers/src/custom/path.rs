//! Where in a request something stands: `$.message.from` from its top, `@.url` from the item of the nearest list, `.0`
//! for the first of a list.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A place in a request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Path {
    start: Start,
    steps: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Start {
    Top,
    Item,
}

/// What paths are followed in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'v> {
    /// The whole request.
    pub(super) top: &'v Value,
    /// The item of the nearest list; the whole request where there is none.
    pub(super) item: &'v Value,
}

impl Path {
    /// Whether a text of a template is a path, and not a constant.
    pub(super) fn is_one(text: &str) -> bool {
        text.starts_with(['$', '@'])
    }

    /// What stands there; `None` where nothing does, or null.
    pub(super) fn follow<'v>(&self, place: Place<'v>) -> Option<&'v Value> {
        let mut at = match self.start {
            Start::Top => place.top,
            Start::Item => place.item,
        };
        for step in &self.steps {
            at = match at {
                Value::Object(fields) => fields.get(step)?,
                Value::Array(list) => list.get(step.parse::<usize>().ok()?)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            };
        }
        Some(at).filter(|found| !found.is_null())
    }

    /// The text that stands there: of a number or a yes or no too, but not of a list or an object, nor an empty one.
    pub(super) fn text(&self, place: Place<'_>) -> Option<String> {
        let text = match self.follow(place)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(is) => is.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// Puts a value there, for a sample.
    pub(super) fn put(&self, top: &mut Value, item: &mut Value, value: Value) {
        let start = match self.start {
            Start::Top => top,
            Start::Item => item,
        };
        *self.steps.iter().fold(start, |at, step| child(at, step)) = value;
    }
}

/// The child of that name, made where it is not there: of a list where the name is a number.
fn child<'v>(at: &'v mut Value, step: &str) -> &'v mut Value {
    match step.parse::<usize>() {
        Ok(index) if !at.is_object() => element(at, index),
        Ok(_) | Err(_) => {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            &mut at[step]
        }
    }
}

fn element(at: &mut Value, index: usize) -> &mut Value {
    if !at.is_array() {
        *at = Value::Array(Vec::new());
    }
    if let Value::Array(list) = at
        && list.len() <= index
    {
        list.resize(index + 1, Value::Null);
    }
    &mut at[index]
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.split('.');
        let start = match parts.next() {
            Some("$") => Start::Top,
            Some("@") => Start::Item,
            Some(_) | None => {
                return Err(format!(
                    "{text:?} is no path: begin it with $. or, within a list, with @."
                ));
            }
        };
        let steps: Vec<String> = parts.map(ToOwned::to_owned).collect();
        if steps.iter().any(String::is_empty) || steps.iter().any(|step| step.len() > 5 && is_number(step)) {
            return Err(format!(
                "{text:?} is no path: write names and small numbers between its dots"
            ));
        }
        Ok(Self { start, steps })
    }
}

fn is_number(step: &str) -> bool {
    step.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.start {
            Start::Top => "$",
            Start::Item => "@",
        })?;
        self.steps.iter().try_for_each(|step| write!(f, ".{step}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_followed_and_put() {
        let (top, item) = (
            json!({"a": {"b": ["x", 7, null, ""]}, "c.d": 1, "e": true}),
            json!({"u": "v"}),
        );
        let cases = [
            ("$.a.b.0", Some("x")),
            ("$.a.b.1", Some("7")),
            ("$.a.b.2", None),
            ("$.a.b.3", None),
            ("$.a.b.9", None),
            ("$.a.b.x", None),
            ("$.a.b", None),
            ("$.a.x", None),
            ("$.e", Some("true")),
            ("$.e.f", None),
            ("$", None),
            ("@.u", Some("v")),
            ("$.u", None),
        ];
        for (text, expected) in cases {
            let path = Path::try_from(text.to_owned()).unwrap();
            assert_eq!(path.to_string(), text);
            let place = Place { top: &top, item: &item };
            assert_eq!(path.text(place).as_deref(), expected, "{text}");
            let (mut made, mut of_item) = (Value::Null, Value::Null);
            path.put(&mut made, &mut of_item, json!("put"));
            let place = Place {
                top: &made,
                item: &of_item,
            };
            assert_eq!(path.text(place).as_deref(), Some("put"), "{text}");
        }
        for text in ["", "a", "$a", "$.", "$.a..b", "@.a.", "$.4000000000"] {
            assert!(Path::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
