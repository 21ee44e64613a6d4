//! Which contacts to read: a text, and conditions on fields, one level of groups deep.

use jiff::Timestamp;

use super::{Contact, Text};
use crate::ids::{ContactKey, LocationKey};

/// Which contacts to read, newest first.
#[derive(Clone, PartialEq, Debug)]
pub struct ContactQuery {
    /// Where.
    pub location: LocationKey,
    /// Only those whose name, number or address contains this.
    pub text: Option<String>,
    /// Only those that fit all of these.
    pub groups: Vec<Group>,
    /// Only those after this one in the list.
    pub after: Option<ContactKey>,
    /// Passing so many over.
    pub skip: usize,
    /// Oldest first.
    pub oldest_first: bool,
    /// At most so many.
    pub limit: usize,
}

/// Conditions of which all must hold, or any.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// Whether one is enough.
    pub any: bool,
    /// The conditions.
    pub conditions: Vec<Condition>,
}

/// One condition on one field.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    /// The field.
    pub field: Field,
    /// What must hold of it.
    pub test: Test,
}

/// What can be asked of a contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Field {
    /// The contact itself.
    Key,
    /// The full name.
    Name,
    /// The phone number.
    Phone,
    /// The e-mail address.
    Email,
    /// A plain text.
    Text(Text),
    /// Each tag.
    Tags,
    /// Whether nothing may be sent.
    Dnd,
    /// When it was made, in milliseconds since 1970.
    CreatedAt,
    /// When it was last changed, in milliseconds since 1970.
    UpdatedAt,
    /// A field of the location's own.
    Custom(String),
}

/// What must hold of a field. Texts are compared without regard to their case.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// It is one of these.
    Is(Vec<String>),
    /// It is none of these.
    IsNot(Vec<String>),
    /// It contains this.
    Contains(String),
    /// It does not.
    Lacks(String),
    /// It is there.
    Exists,
    /// It is not.
    Absent,
    /// It lies within these, each of which may be missing: numbers and times as numbers, everything else as text.
    Within(Option<String>, Option<String>),
}

impl ContactQuery {
    /// Whether every contact of the location fits.
    pub fn is_open(&self) -> bool {
        self.text.is_none() && self.groups.is_empty()
    }

    /// Whether a contact fits.
    pub fn fits(&self, contact: &Contact) -> bool {
        let in_text = self.text.as_deref().is_none_or(|text| {
            let text = text.to_lowercase();
            let places = [&contact.name, &contact.phone, &contact.email];
            places
                .into_iter()
                .flatten()
                .any(|place| place.to_lowercase().contains(&text))
        });
        in_text && self.groups.iter().all(|group| group.fits(contact))
    }
}

impl Group {
    fn fits(&self, contact: &Contact) -> bool {
        let mut conditions = self.conditions.iter();
        if self.any {
            conditions.any(|one| one.fits(contact))
        } else {
            conditions.all(|one| one.fits(contact))
        }
    }
}

impl Condition {
    fn fits(&self, contact: &Contact) -> bool {
        let values = self.field.values(contact);
        let is = |wanted: &String| values.iter().any(|value| *value == wanted.to_lowercase());
        match &self.test {
            Test::Is(wanted) => wanted.iter().any(is),
            Test::IsNot(wanted) => !wanted.iter().any(is),
            Test::Contains(part) => values.iter().any(|value| value.contains(&part.to_lowercase())),
            Test::Lacks(part) => !values.iter().any(|value| value.contains(&part.to_lowercase())),
            Test::Exists => !values.is_empty(),
            Test::Absent => values.is_empty(),
            Test::Within(from, to) => values.iter().any(|value| {
                from.as_ref().is_none_or(|from| !before(value, from)) && to.as_ref().is_none_or(|to| !before(to, value))
            }),
        }
    }
}

impl Field {
    /// What the field says, lower case; nothing where it is not there.
    fn values(&self, contact: &Contact) -> Vec<String> {
        let one = |text: Option<&str>| text.map(str::to_lowercase).into_iter().collect();
        let millis = |at: Timestamp| vec![at.as_millisecond().to_string()];
        match self {
            Self::Key => vec![contact.key.to_string()],
            Self::Name => one(contact.name.as_deref()),
            Self::Phone => one(contact.phone.as_deref()),
            Self::Email => one(contact.email.as_deref()),
            Self::Text(text) => one(contact.profile.text(*text)),
            Self::Tags => contact.profile.tags.iter().map(|tag| tag.to_lowercase()).collect(),
            Self::Dnd => vec![contact.profile.dnd.to_string()],
            Self::CreatedAt => millis(contact.created_at),
            Self::UpdatedAt => millis(contact.updated_at),
            Self::Custom(id) => {
                let value = contact.profile.custom_fields.get(id);
                let text = value.map(|value| {
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                        .to_lowercase()
                });
                text.into_iter().collect()
            }
        }
    }
}

/// Whether one value comes before another: as numbers where both are, else as texts.
fn before(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one < other,
        _ => one.to_lowercase() < other.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Profile;

    fn ann() -> Contact {
        Contact {
            key: ContactKey(5),
            location: LocationKey(1),
            name: Some("Ann Lee".to_owned()),
            phone: Some("+14155552671".to_owned()),
            email: None,
            created_at: Timestamp::from_millisecond(1000).unwrap(),
            updated_at: Timestamp::from_millisecond(2000).unwrap(),
            profile: Profile {
                texts: [(Text::City, "Oslo".to_owned())].into(),
                tags: vec!["vip".to_owned(), "new".to_owned()],
                custom_fields: [("size".to_owned(), 12.into())].into(),
                ..Profile::default()
            },
        }
    }

    #[test]
    fn conditions_on_fields() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let within = |from: &str, to: &str| Test::Within(Some(from.to_owned()), Some(to.to_owned()));
        let cases = [
            (Field::Name, Test::Is(words(&["ANN LEE"])), true),
            (Field::Name, Test::Is(words(&["Ann"])), false),
            (Field::Name, Test::IsNot(words(&["Ann"])), true),
            (Field::Name, Test::Contains("NN l".to_owned()), true),
            (Field::Phone, Test::Lacks("415".to_owned()), false),
            (Field::Email, Test::Exists, false),
            (Field::Email, Test::Absent, true),
            (Field::Email, Test::Lacks("x".to_owned()), true),
            (Field::Tags, Test::Is(words(&["other", "VIP"])), true),
            (Field::Tags, Test::IsNot(words(&["new"])), false),
            (Field::Text(Text::City), Test::Is(words(&["oslo"])), true),
            (Field::Key, Test::Is(words(&["5"])), true),
            (Field::Dnd, Test::Is(words(&["false"])), true),
            (Field::CreatedAt, within("999", "1000"), true),
            (Field::CreatedAt, within("1001", "9999"), false),
            (Field::UpdatedAt, Test::Within(Some("1999".to_owned()), None), true),
            (Field::Custom("size".to_owned()), within("9", "100"), true),
            (Field::Custom("size".to_owned()), within("100", "200"), false),
            (Field::Custom("none".to_owned()), within("0", "9"), false),
            (Field::Name, within("Aaa", "Bbb"), true),
        ];
        for (field, test, expected) in cases {
            let condition = Condition { field, test };
            assert_eq!(condition.fits(&ann()), expected, "{condition:?}");
        }
    }

    #[test]
    fn groups_want_all_or_any_and_a_text_is_found_in_three_places() {
        let condition = |city: &str| Condition {
            field: Field::Text(Text::City),
            test: Test::Is(vec![city.to_owned()]),
        };
        let query = |text: Option<&str>, groups: Vec<Group>| ContactQuery {
            location: LocationKey(1),
            text: text.map(str::to_owned),
            groups,
            after: None,
            skip: 0,
            oldest_first: false,
            limit: 20,
        };
        let group = |any| Group {
            any,
            conditions: vec![condition("Oslo"), condition("Rome")],
        };
        let cases = [
            (query(None, vec![]), true),
            (query(None, vec![group(true)]), true),
            (query(None, vec![group(false)]), false),
            (query(None, vec![group(true), group(false)]), false),
            (query(Some("lee"), vec![]), true),
            (query(Some("2671"), vec![]), true),
            (query(Some("oslo"), vec![]), false),
        ];
        for (query, expected) in cases {
            assert_eq!(query.fits(&ann()), expected, "{query:?}");
        }
    }
}
