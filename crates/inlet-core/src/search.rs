//! Full-text search: how a text becomes words, what of a message can be found, and the port by which it is. The one rule of
//! cutting a text into words stands here, so that both engines find the same.

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;
use jiff::Timestamp;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{
    channel::{Channel, Direction},
    directory::StoreFault,
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    message::Message,
};

mod document;

pub use document::Document;

/// Words of one text that are looked at: enough for a long mail, and far below what PostgreSQL can hold of one.
const MOST_WORDS: usize = 8_000;
/// Letters of a word that count.
const LONGEST: usize = 60;
/// Digits from which on a number is one that can be called, and by how many of its last it is found: so the national and the
/// international way of writing it are the same.
const NUMBER: usize = 7;
/// What may stand between the digits of a number, and how many of it in a row.
const BETWEEN: (&str, usize) = (" -.()/+\u{a0}", 3);

/// Finds messages by their words, and keeps the index that this needs.
#[async_trait]
pub trait Search: fmt::Debug + Send + Sync {
    /// Messages that fit, newest first.
    async fn search(&self, query: &SearchQuery) -> Result<Vec<Message>, StoreFault>;
    /// Takes up one batch of what was recorded since the last call, across restarts; whether there may be more. A chore
    /// calls it, one at a time.
    async fn index_on(&self) -> Result<bool, StoreFault>;
}

/// Which messages are looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchQuery {
    /// Where.
    pub location: LocationKey,
    /// What fits all of these.
    pub terms: Vec<Term>,
    /// Only those that arrived before this one.
    pub before: Option<MessageKey>,
    /// Only those that arrived at or after this moment.
    pub since: Option<Timestamp>,
    /// Only those that arrived before this moment.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

/// One thing that is asked of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Term {
    /// Words that stand beside each other in this order; or one mark.
    pub words: Vec<String>,
    /// Whether the last word only begins so.
    pub begins: bool,
    /// Whether it must not be there.
    pub not: bool,
}

impl Term {
    /// What somebody typed, as one piece; `None` where there is no word in it. `whole` says that its last word is complete.
    pub fn typed(text: &str, whole: bool) -> Option<Self> {
        if is_number(text) {
            return numbers(text)
                .pop_last()
                .map(|number| Self::marked(&Mark::Number(number)));
        }
        let words = words(text);
        (!words.is_empty()).then_some(Self {
            words,
            begins: !whole,
            not: false,
        })
    }

    /// What has this mark.
    pub fn marked(mark: &Mark) -> Self {
        Self {
            words: vec![mark.word()],
            begins: false,
            not: false,
        }
    }
}

/// What a message is beside its words. A mark is kept among them as a word that nobody can type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mark {
    /// Every message.
    Any,
    /// Which way it went.
    Direction(Direction),
    /// By what it came.
    Channel(Channel),
    /// By which provider.
    Provider(ProviderKey),
    /// Whose it is.
    Contact(ContactKey),
    /// It has a file.
    File,
    /// The last digits of a number in it, or that it came from or went to.
    Number(String),
    /// The last digits of the number that it came from.
    FromNumber(String),
    /// The last digits of the number that it went to.
    ToNumber(String),
    /// A word of the address that it came from.
    From(String),
    /// A word of the address that it went to.
    To(String),
    /// A word of its subject.
    Subject(String),
}

impl Mark {
    /// The word that it is kept as. Its sign is no letter, so that no text has such a word.
    pub(crate) fn word(&self) -> String {
        match self {
            Self::Any => "¤m".to_owned(),
            Self::Direction(direction) => format!("¤d{}", direction.code()),
            Self::Channel(channel) => format!("¤c{}", channel.code()),
            Self::Provider(provider) => format!("¤p{}", provider.0),
            Self::Contact(contact) => format!("¤k{}", contact.0),
            Self::File => "¤f".to_owned(),
            Self::Number(digits) => format!("¤n{digits}"),
            Self::FromNumber(digits) => format!("¤x{digits}"),
            Self::ToNumber(digits) => format!("¤y{digits}"),
            Self::From(word) => format!("¤g{word}"),
            Self::To(word) => format!("¤t{word}"),
            Self::Subject(word) => format!("¤s{word}"),
        }
    }
}

/// The words of a text: letters and digits in a row, without case and accents. Of scripts that put no space between words,
/// each letter is one.
pub fn words(text: &str) -> Vec<String> {
    let (mut found, mut word) = (Vec::new(), String::new());
    let lower = text.to_lowercase();
    for letter in lower.nfkd().filter(|&letter| !is_combining_mark(letter)) {
        let alone = stands_alone(letter);
        if alone || !letter.is_alphanumeric() {
            end(&mut word, &mut found);
        }
        if letter.is_alphanumeric() {
            word.push(letter);
        }
        if alone {
            end(&mut word, &mut found);
        }
        if found.len() >= MOST_WORDS {
            break;
        }
    }
    end(&mut word, &mut found);
    found
}

fn end(word: &mut String, found: &mut Vec<String>) {
    if !word.is_empty() {
        found.push(word.chars().take(LONGEST).collect());
        word.clear();
    }
}

/// Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar: Unicode's scripts that are written without spaces.
fn stands_alone(letter: char) -> bool {
    matches!(letter, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}')
}

/// The last digits of each number in a text that can be called, however it is written.
pub fn numbers(text: &str) -> BTreeSet<String> {
    let (mut found, mut digits, mut gap) = (BTreeSet::new(), String::new(), 0);
    let (between, most) = BETWEEN;
    for letter in text.chars().chain(std::iter::once('\n')) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            gap = 0;
            continue;
        }
        gap += 1;
        if gap > most || !between.contains(letter) {
            let start = digits.len().checked_sub(NUMBER);
            found.extend(start.and_then(|start| digits.get(start..)).map(str::to_owned));
            digits.clear();
        }
    }
    found
}

/// Whether a text is a number that can be called and nothing else.
pub fn is_number(text: &str) -> bool {
    let written = |letter: char| letter.is_ascii_digit() || BETWEEN.0.contains(letter);
    text.chars().all(written) && text.chars().filter(char::is_ascii_digit).count() >= NUMBER
}

/// A search that finds nothing, for a stage without a store.
#[derive(Clone, Copy, Debug)]
pub struct NoSearch;

#[async_trait]
impl Search for NoSearch {
    async fn search(&self, _: &SearchQuery) -> Result<Vec<Message>, StoreFault> {
        Ok(Vec::new())
    }

    async fn index_on(&self) -> Result<bool, StoreFault> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_words_by_one_rule() {
        let cases: [(&str, &[&str]); 9] = [
            ("", &[]),
            ("Is Thursday free?", &["is", "thursday", "free"]),
            ("Café CRÈME, naïve", &["cafe", "creme", "naive"]),
            ("lena.m@example.org", &["lena", "m", "example", "org"]),
            ("Invoice #2031-b", &["invoice", "2031", "b"]),
            ("Straße ΣΊΣΥΦΟΣ", &["straße", "σισυφος"]),
            ("مَرْحَبًا بكم", &["مرحبا", "بكم"]),
            ("東京で会う", &["東", "京", "て", "会", "う"]),
            ("ﬁne ① ½", &["fine", "1", "1", "2"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(500))[0].len(), LONGEST);
        assert_eq!(words(&"x ".repeat(2 * MOST_WORDS)).len(), MOST_WORDS);
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        let cases: [(&str, &[&str]); 7] = [
            ("+1 (415) 555-0101", &["5550101"]),
            ("call 415.555.0101 or 020 7946 0958!", &["5550101", "9460958"]),
            ("+442079460958", &["9460958"]),
            ("12 34", &[]),
            ("in 5 days, or 6", &[]),
            ("4155550101x4155550102", &["5550101", "5550102"]),
            ("415    5550101", &["5550101"]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = numbers(text).into_iter().collect();
            assert_eq!(found, expected, "{text}");
        }
        assert!(is_number("(415) 555-0101") && !is_number("555-01") && !is_number("tel 4155550101"));
    }

    #[test]
    fn what_is_typed_is_a_word_a_phrase_or_a_number() {
        let term = |words: &[&str], begins| {
            Some(Term {
                words: words.iter().map(ToString::to_string).collect(),
                begins,
                not: false,
            })
        };
        assert_eq!(Term::typed("Thurs", false), term(&["thurs"], true));
        assert_eq!(Term::typed("Good Morning", true), term(&["good", "morning"], false));
        assert_eq!(Term::typed("(415) 555-0101", false), term(&["¤n5550101"], false));
        assert_eq!(Term::typed("¿?", false), None);
    }
}
