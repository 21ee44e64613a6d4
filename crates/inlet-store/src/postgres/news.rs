//! What other nodes are told after a commit, by NOTIFY: hints, gathered and sent at most ten times a second, never inside a
//! transaction. Whoever misses one finds the same at the next poll.

use std::sync::{Mutex, PoisonError};

use inlet_core::{
    bell::Ring,
    ids::{ContactKey, DestinationKey, LocationKey, MessageKey},
};

/// Where nodes listen.
pub(super) const CHANNEL: &str = "inlet";
/// What one notification carries, in bytes: PostgreSQL takes up to 8,000.
const LETTER: usize = 7_500;
/// Hints that are kept until the next sending; what is beyond is left to the polls.
const MOST: usize = 2_000;

/// Gathers what is to be told.
#[derive(Debug)]
pub(crate) struct News {
    owner: i64,
    waiting: Mutex<Vec<Ring>>,
}

impl News {
    /// News of the node that has this name.
    pub(crate) fn new(owner: i64) -> Self {
        Self {
            owner,
            waiting: Mutex::new(Vec::new()),
        }
    }

    /// Notes what one commit made true.
    pub(super) fn tell(&self, rings: &[Ring]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for ring in rings {
            if waiting.len() < MOST && !waiting.contains(ring) {
                waiting.push(*ring);
            }
        }
    }

    /// What was noted since the last call, as letters.
    pub(super) fn letters(&self) -> Vec<String> {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut letters: Vec<String> = Vec::new();
        for ring in waiting {
            let word = word(&ring);
            match letters.last_mut() {
                Some(letter) if letter.len() + word.len() < LETTER => letter.push_str(&word),
                _ => letters.push(format!("{}{word}", self.owner)),
            }
        }
        letters
    }

    /// What a letter of another node tells; nothing where it is one's own.
    pub(super) fn read(&self, letter: &str) -> Vec<Ring> {
        let mut words = letter.split(';');
        if words.next().and_then(|owner| owner.parse().ok()) == Some(self.owner) {
            return Vec::new();
        }
        words.filter_map(read_word).collect()
    }
}

fn word(ring: &Ring) -> String {
    match ring {
        Ring::Message {
            location,
            contact,
            message,
            new,
        } => format!(";m,{location},{contact},{message},{}", u8::from(*new)),
        Ring::Promised { location, destination } => format!(";p,{location},{destination}"),
        Ring::Mark { location, contact } => format!(";k,{location},{contact}"),
        Ring::Media => ";f".to_owned(),
        Ring::Directory => ";d".to_owned(),
    }
}

fn read_word(word: &str) -> Option<Ring> {
    let mut parts = word.split(',');
    let kind = parts.next()?;
    let mut number = || parts.next()?.parse::<i64>().ok();
    match kind {
        "m" => Some(Ring::Message {
            location: LocationKey(number()?),
            contact: ContactKey(number()?),
            message: MessageKey(number()?),
            new: number()? == 1,
        }),
        "p" => Some(Ring::Promised {
            location: LocationKey(number()?),
            destination: DestinationKey(number()?),
        }),
        "k" => Some(Ring::Mark {
            location: LocationKey(number()?),
            contact: ContactKey(number()?),
        }),
        "f" => Some(Ring::Media),
        "d" => Some(Ring::Directory),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_node_tells_another_one_reads() {
        let rings = [
            Ring::Message {
                location: LocationKey(1),
                contact: ContactKey(2),
                message: MessageKey(i64::MAX),
                new: true,
            },
            Ring::Promised {
                location: LocationKey(1),
                destination: DestinationKey(9),
            },
            Ring::Media,
            Ring::Directory,
        ];
        let (one, other) = (News::new(-5), News::new(6));
        one.tell(&rings);
        one.tell(&rings);
        let letters = one.letters();
        assert_eq!(letters.len(), 1);
        assert_eq!(other.read(&letters[0]), rings);
        assert_eq!(one.read(&letters[0]), [], "one's own news are no news");
        assert_eq!(
            other.read("7;x,1;m,1;p,a,b"),
            [],
            "what is not understood is passed over"
        );
        assert!(one.letters().is_empty());
    }

    #[test]
    fn many_news_make_several_letters_each_short_enough() {
        let news = News::new(i64::MIN);
        for number in 0..3_000 {
            news.tell(&[Ring::Message {
                location: LocationKey(i64::MAX),
                contact: ContactKey(number),
                message: MessageKey(i64::MAX),
                new: false,
            }]);
        }
        let letters = news.letters();
        assert!(letters.len() > 10 && letters.iter().all(|letter| letter.len() < 8_000));
        let read: usize = letters.iter().map(|letter| News::new(1).read(letter).len()).sum();
        assert_eq!(read, MOST);
    }
}
