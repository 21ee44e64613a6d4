//! A template: where in a request of one's own each part of a message stands, as TOML. What reads right here cannot be
//! wrong later; what a request lacks is the request's fault.

use std::collections::BTreeMap;

use inlet_core::channel::{Channel, Direction};
use serde::Deserialize;

use super::{
    jwt::Jwt,
    path::{Path, Place},
    signed::Scheme,
};

/// How requests are read.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    /// How they are written.
    #[serde(default)]
    pub(super) body: Form,
    /// The list of which each item is a message; the request is one where absent.
    pub(super) each: Option<Path>,
    /// What must stand where for a request to bring a message at all; others are acknowledged, and are none.
    #[serde(default)]
    pub(super) only: BTreeMap<Path, String>,
    /// The sender's own id of the message; that of the request where absent.
    pub(super) id: Option<Source>,
    /// Who it is from.
    pub(super) from: Source,
    /// What that is.
    #[serde(default)]
    pub(super) from_kind: FromKind,
    /// Where phone numbers without a country code are read, as ISO 3166.
    pub(super) country: Option<String>,
    /// The sender's name.
    pub(super) name: Option<Source>,
    /// The number or page it was sent to.
    pub(super) to: Option<Source>,
    /// The account it was sent to.
    pub(super) account: Option<Source>,
    /// What it says.
    pub(super) text: Option<Source>,
    /// Of a mail, its HTML.
    pub(super) html: Option<Source>,
    /// Of a mail, its subject.
    pub(super) subject: Option<Source>,
    /// When it was written.
    pub(super) time: Option<Source>,
    /// By what it came.
    pub(super) channel: Choice<Channel>,
    /// Which way it went.
    pub(super) direction: Option<Choice<Direction>>,
    /// Its files.
    pub(super) attachments: Option<Files>,
    /// The header that carries the secret, where it is neither `Authorization` nor `X-Api-Key`.
    pub(super) secret_header: Option<String>,
    /// How requests are signed, where it is not as Standard Webhooks does.
    pub(super) signature: Option<Scheme>,
    /// How each request's token is made, where it brings one.
    pub(super) jwt: Option<Jwt>,
}

/// How requests are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// JSON.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`: each field is a text, and a list where it comes more than once.
    Form,
}

/// What a sender is known by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromKind {
    /// A phone number.
    #[default]
    Phone,
    /// An e-mail address.
    Email,
    /// An id that stays the same.
    Id,
}

/// Where a text comes from: a path, a constant, or several of which the first that says something counts.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "OneOrMore")]
pub(super) struct Source(Vec<Part>);

#[derive(Clone, PartialEq, Debug)]
enum Part {
    At(Path),
    Constant(String),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "this is neither a text nor a list of texts")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// One of some words: always the same, or by what stands in a request.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "this is neither a word that is known here, nor a table such as { by = \"$.type\", mms = \"sms\" }"
)]
pub(super) enum Choice<T> {
    /// Always this one.
    Always(T),
    /// The one that the text at a path stands for.
    By {
        /// The path.
        by: Path,
        /// What each text stands for.
        #[serde(flatten)]
        words: BTreeMap<String, T>,
    },
}

/// Where files stand.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Files {
    /// The list of them, or several places of one each.
    pub(super) list: Lists,
    /// Of each, the address; the item itself where absent.
    pub(super) url: Option<Path>,
    /// Of each, the media type.
    pub(super) content_type: Option<Path>,
}

/// Places of lists, of which all count.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "OneOrMore")]
pub(super) struct Lists(pub(super) Vec<Path>);

impl TryFrom<OneOrMore> for Lists {
    type Error = String;

    fn try_from(read: OneOrMore) -> Result<Self, String> {
        let paths = read.texts()?.into_iter().map(Path::try_from);
        paths.collect::<Result<_, _>>().map(Self)
    }
}

impl OneOrMore {
    fn texts(self) -> Result<Vec<String>, String> {
        let texts = match self {
            Self::One(text) => vec![text],
            Self::More(texts) => texts,
        };
        if texts.iter().any(String::is_empty) || texts.is_empty() {
            return Err("this is empty: name a path such as $.text, or leave it out".to_owned());
        }
        Ok(texts)
    }
}

impl Template {
    /// Reads a template, or says what is wrong with it and where.
    pub(super) fn read(toml: &str) -> Result<Self, String> {
        let template: Self = toml::from_str(toml).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                1 + toml.bytes().take(span.start).filter(|&b| b == b'\n').count()
            });
            format!("the template does not read right in line {line}: {}", error.message())
        })?;
        if let Some(header) = &template.secret_header
            && header.to_ascii_lowercase() != *header
        {
            return Err("the template's secret_header must be written in lower case".to_owned());
        }
        Ok(template)
    }

    /// Whether a request, or an item of its list, brings a message.
    pub(super) fn wants(&self, place: Place<'_>) -> bool {
        self.only
            .iter()
            .all(|(path, wanted)| path.text(place).as_ref() == Some(wanted))
    }
}

impl Source {
    /// The first that says something.
    pub(super) fn text(&self, place: Place<'_>) -> Option<String> {
        self.0.iter().find_map(|part| match part {
            Part::At(path) => path.text(place),
            Part::Constant(text) => Some(text.clone()),
        })
    }

    /// The first path, to put a sample's text at.
    pub(super) fn path(&self) -> Option<&Path> {
        self.0.iter().find_map(|part| match part {
            Part::At(path) => Some(path),
            Part::Constant(_) => None,
        })
    }
}

impl TryFrom<OneOrMore> for Source {
    type Error = String;

    fn try_from(read: OneOrMore) -> Result<Self, String> {
        let part = |text: String| {
            if Path::is_one(&text) {
                Path::try_from(text).map(Part::At)
            } else {
                Ok(Part::Constant(text))
            }
        };
        read.texts()?.into_iter().map(part).collect::<Result<_, _>>().map(Self)
    }
}

impl<T: Copy> Choice<T> {
    /// The one that a request means, if it means one.
    pub(super) fn of(&self, place: Place<'_>) -> Option<T> {
        match self {
            Self::Always(one) => Some(*one),
            Self::By { by, words } => words.get(&by.text(place)?).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_template_is_said_with_its_line() {
        let good = "id = \"$.id\"\nfrom = [\"$.from\", \"$.sms\"]\nchannel = \"sms\"\n";
        assert!(Template::read(good).is_ok());
        let cases = [
            ("", "missing field `from`"),
            ("from = \"$.from\"", "missing field `channel`"),
            ("from = \"$.from\"\nchannel = \"pigeon\"", "line 2"),
            (
                "from = \"$.from\"\nchannel = \"pigeon\"",
                "neither a word that is known",
            ),
            ("from = \"\"\nchannel = \"sms\"", "this is empty"),
            ("from = []\nchannel = \"sms\"", "this is empty"),
            ("from = 7\nchannel = \"sms\"", "neither a text nor a list"),
            ("from = \"$from\"\nchannel = \"sms\"", "is no path"),
            (
                "from = \"$.f\"\nchannel = \"sms\"\ntxt = \"$.t\"",
                "unknown field `txt`",
            ),
            (
                "from = \"$.f\"\nchannel = \"sms\"\n[attachments]\nlist = \"media\"",
                "is no path",
            ),
            (
                "from = \"$.f\"\nchannel = \"sms\"\nfrom_kind = \"fax\"",
                "unknown variant `fax`",
            ),
            (
                "from = \"$.f\"\nchannel = \"sms\"\nsecret_header = \"X-Key\"",
                "lower case",
            ),
            ("from", "line 1"),
        ];
        for (toml, part) in cases {
            let sentence = Template::read(toml).expect_err("it is wrong");
            assert!(sentence.contains(part), "{toml}: {sentence}");
        }
    }
}
