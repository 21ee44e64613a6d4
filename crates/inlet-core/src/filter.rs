//! Which events a destination wants, beyond their names: a small expression, read once when it is typed.
//!
//! ```text
//! channel in (sms, whatsapp) and body contains "urgent" and not subject starts "Re:"
//! ```
//!
//! Fields: `event`, `channel`, `provider`, `direction`, `body`, `subject`, `tag`. Tests: `=`, `!=`, `in (…)`, `contains`,
//! `starts`, `ends`; a test of `tag` holds where one of the contact's tags passes it, and `!=` where none is it. Joined by `and`, `or`, `not` and parentheses, `and` before `or`. Text is compared without regard to
//! case, and stands in quotes where it is more than one word. A message without a body or subject has an empty one.

use std::{fmt, str::FromStr};

use crate::{
    channel::{Channel, Direction},
    event::EventKind,
};

mod read;
#[cfg(test)]
mod tests;

/// An expression that was read. It prints as it was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    text: String,
    meaning: Meaning,
}

/// What a filter judges.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What happened.
    pub event: EventKind,
    /// By what the message came.
    pub channel: Channel,
    /// The outside id of the provider it came by.
    pub provider: &'a str,
    /// Which way it went.
    pub direction: Direction,
    /// Its text.
    pub body: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// The tags of its contact, in lower case, as they stood when it was recorded.
    pub tags: &'a [String],
}

/// Why an expression cannot be read, in a sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the filter cannot be read: {0}")]
pub struct NoFilter(String);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Meaning {
    All(Vec<Meaning>),
    Any(Vec<Meaning>),
    Not(Box<Meaning>),
    Is(Field, Vec<String>),
    Has(Field, Place, String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Event,
    Channel,
    Provider,
    Direction,
    Body,
    Subject,
    Tag,
}

/// Where a text must stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Anywhere,
    Start,
    End,
}

impl Filter {
    /// Whether an event is wanted.
    pub fn fits(&self, facts: &Facts<'_>) -> bool {
        self.meaning.holds(facts)
    }

    /// Whether it asks for the contact's tags.
    pub fn asks_tags(&self) -> bool {
        self.meaning.names(Field::Tag)
    }
}

impl Meaning {
    fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(facts)),
            Self::Any(any) => any.iter().any(|one| one.holds(facts)),
            Self::Not(one) => !one.holds(facts),
            Self::Is(field, values) => field.any(facts, |value| values.iter().any(|one| one == value)),
            Self::Has(field, Place::Anywhere, text) => field.any(facts, |value| value.contains(text)),
            Self::Has(field, Place::Start, text) => field.any(facts, |value| value.starts_with(text)),
            Self::Has(field, Place::End, text) => field.any(facts, |value| value.ends_with(text)),
        }
    }

    fn names(&self, wanted: Field) -> bool {
        match self {
            Self::All(some) | Self::Any(some) => some.iter().any(|one| one.names(wanted)),
            Self::Not(one) => one.names(wanted),
            Self::Is(field, _) | Self::Has(field, ..) => *field == wanted,
        }
    }
}

impl Field {
    const ALL: [(&'static str, Self); 7] = [
        ("event", Self::Event),
        ("channel", Self::Channel),
        ("provider", Self::Provider),
        ("direction", Self::Direction),
        ("body", Self::Body),
        ("subject", Self::Subject),
        ("tag", Self::Tag),
    ];

    /// Whether anything that the facts say of it, in lower case, passes a test.
    fn any(self, facts: &Facts<'_>, test: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Event => test(&facts.event.name().to_lowercase()),
            Self::Channel => test(&word(&facts.channel)),
            Self::Provider => test(&facts.provider.to_lowercase()),
            Self::Direction => test(&word(&facts.direction)),
            Self::Body => test(&facts.body.to_lowercase()),
            Self::Subject => test(&facts.subject.to_lowercase()),
            Self::Tag => facts.tags.iter().any(|tag| test(tag)),
        }
    }

    /// The values it can have, where they are few; in lower case.
    fn values(self) -> Option<Vec<String>> {
        match self {
            Self::Event => Some(EventKind::ALL.iter().map(|kind| kind.name().to_lowercase()).collect()),
            Self::Channel => Some(Channel::ALL.iter().map(word).collect()),
            Self::Direction => Some(Direction::ALL.iter().map(word).collect()),
            Self::Provider | Self::Body | Self::Subject | Self::Tag => None,
        }
    }
}

/// Our own word for a channel or a direction, as it stands in JSON.
fn word(of: &impl serde::Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

impl FromStr for Filter {
    type Err = NoFilter;

    fn from_str(text: &str) -> Result<Self, NoFilter> {
        let text = text.trim().to_owned();
        let meaning = read::expression(&text).map_err(NoFilter)?;
        Ok(Self { text, meaning })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
