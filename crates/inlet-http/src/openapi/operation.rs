//! What is known of an operation: who may call it, what it is asked, and what it answers.

use serde_json::{Value, json};

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// Its path, with the names of ids in braces.
    pub path: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Whether it needs the `Version` header.
    pub version: bool,
    /// What the query may ask.
    pub query: &'static [Asked],
    /// The shape of its body.
    pub body: Option<&'static str>,
    /// The status of a good answer, and its shape.
    pub answer: (u16, &'static str),
}

/// Who may call an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Whoever has a location's token with this scope.
    Location(&'static str),
    /// Whoever has a location's or its agency's token with this scope.
    Either(&'static str),
    /// Whoever has an agency's token with this scope.
    Agency(&'static str),
    /// An app, by its id and secret.
    Client,
    /// Anybody.
    Anybody,
}

impl Access {
    /// The scope that is needed.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Self::Location(scope) | Self::Either(scope) | Self::Agency(scope) => Some(scope),
            Self::Client | Self::Anybody => None,
        }
    }
}

/// What a query may ask.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether it has to be there.
    pub required: bool,
    /// What it does.
    pub note: &'static str,
}

/// What the value of a query may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// A number from one to another.
    Number(u32, u32),
    /// Yes or no.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Kind {
    /// The same as JSON Schema.
    pub fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string", "maxLength": 200 }),
            Self::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Word(words) => json!({ "type": "string", "enum": words }),
        }
    }
}

impl Operation {
    pub(super) const fn new(method: &'static str, path: &'static str, summary: &'static str, access: Access) -> Self {
        Self {
            method,
            path,
            summary,
            access,
            version: true,
            query: &[],
            body: None,
            answer: (200, "Success"),
        }
    }

    pub(super) const fn asks(self, query: &'static [Asked]) -> Self {
        Self { query, ..self }
    }

    pub(super) const fn takes(self, body: &'static str) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    pub(super) const fn answers(self, status: u16, shape: &'static str) -> Self {
        Self {
            answer: (status, shape),
            ..self
        }
    }

    pub(super) const fn without_version(self) -> Self {
        Self { version: false, ..self }
    }

    /// The names of the ids in its path.
    pub fn path_ids(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }

    /// A name for programs that are made from the document: its method and the words of its path.
    pub fn id(&self) -> String {
        let words = self.path.split(['/', '{', '}']).filter(|word| !word.is_empty());
        let capital = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        let name = words.fold(self.method.to_lowercase(), |name, word| name + &capital(word));
        name.replace('-', "_")
    }

    /// The part of the API that it belongs to.
    pub fn tag(&self) -> &'static str {
        let first = self.path.split('/').nth(1).unwrap_or_default();
        match first {
            "v1" => "conversations",
            other => other,
        }
    }
}

pub(super) const fn text(name: &'static str, note: &'static str) -> Asked {
    Asked {
        name,
        kind: Kind::Text,
        required: false,
        note,
    }
}

pub(super) const fn limit(name: &'static str, most: u32) -> Asked {
    Asked {
        name,
        kind: Kind::Number(1, most),
        required: false,
        note: "How many on a page; 20 unless said.",
    }
}

pub(super) const fn word(name: &'static str, words: &'static [&'static str], note: &'static str) -> Asked {
    Asked {
        name,
        kind: Kind::Word(words),
        required: false,
        note,
    }
}

pub(super) const fn needed(name: &'static str, note: &'static str) -> Asked {
    Asked {
        required: true,
        ..text(name, note)
    }
}
