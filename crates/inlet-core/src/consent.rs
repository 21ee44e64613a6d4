//! STOP, START and HELP: what a text message says about being written to, by a table of words that each location may
//! change. A vendor's own word on it counts before any table.
//!
//! Foreign rules: Twilio's and the CTIA's lists of opt-out words, and 47 CFR 64.1200(a)(10), by which other wording may
//! ask for the same.

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::channel::{Channel, Direction};
use crate::inbound::Inbound;

/// What a message says about being written to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// No more messages.
    Out,
    /// Messages again.
    In,
    /// Who is writing there?
    Help,
    /// Perhaps no more messages, in words of their own: a person has to read it.
    Unsure,
}

impl Consent {
    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Out => "Opted out: do not write to them by this channel",
            Self::In => "Opted in again",
            Self::Help => "Asked for help",
            Self::Unsure => "May want no more messages: read it, and decide",
        }
    }
}

/// The words that count at a location, and where. A word is the whole of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConsentWords {
    /// What ends it.
    pub stop: Vec<String>,
    /// What begins it again; it means nothing from whoever did not end it.
    pub start: Vec<String>,
    /// What asks for help.
    pub help: Vec<String>,
    /// By what a message must come for its words to count.
    pub channels: Vec<Channel>,
}

impl Default for ConsentWords {
    fn default() -> Self {
        let stop = "stop, stopall, stop all, unsubscribe, end, quit, cancel, revoke, optout, opt out, opt-out, remove, \
                    arret, arrêt, td";
        let words = |list: &str| list.split(", ").map(str::to_owned).collect();
        Self {
            stop: words(stop),
            start: words("start, unstop, yes"),
            help: words("help, info"),
            channels: vec![Channel::Sms],
        }
    }
}

/// Wordings that ask to be left alone, where they stand in a short message.
const PLEAS: &[&str] = &[
    "stop texting",
    "stop messaging",
    "stop sending",
    "stop contacting",
    "stop writing",
    "please stop",
    "stop please",
    "unsubscribe",
    "opt out",
    "opt me out",
    "remove me",
    "take me off",
    "leave me alone",
    "do not text",
    "do not contact",
    "do not message",
    "dont text",
    "dont contact",
    "dont message",
    "no more texts",
    "no more messages",
];

/// Bytes of a message that may be a plea; a longer one is a letter.
const SHORT: usize = 160;

impl ConsentWords {
    /// A table of its own making: each word as it is compared, empty ones left out.
    pub fn cleaned(mut self) -> Self {
        for list in [&mut self.stop, &mut self.start, &mut self.help] {
            for word in list.iter_mut() {
                *word = plain(word);
            }
            list.retain(|word| !word.is_empty());
            list.sort_unstable();
            list.dedup();
        }
        self
    }

    /// What a message says, before anything is known of its sender: the vendor's word, or else the table's, or a plea.
    pub fn heard(&self, inbound: &Inbound) -> Option<Consent> {
        let said = self.said(inbound);
        let word = self.word_of(inbound, said.as_deref());
        word.or_else(|| is_plea(said.as_deref()?).then_some(Consent::Unsure))
    }

    /// What a message says by the vendor's word or one of the table's alone. Each message is asked twice, so it stays cheap.
    pub fn word(&self, inbound: &Inbound) -> Option<Consent> {
        self.word_of(inbound, self.said(inbound).as_deref())
    }

    /// A message as it is compared, where its words may count.
    fn said(&self, inbound: &Inbound) -> Option<String> {
        let body = inbound.body.as_deref()?;
        let counts = inbound.direction == Direction::Inbound && self.channels.contains(&inbound.channel);
        (counts && body.len() <= SHORT).then(|| plain(body))
    }

    fn word_of(&self, inbound: &Inbound, said: Option<&str>) -> Option<Consent> {
        if inbound.direction == Direction::Outbound || inbound.detail.consent.is_some() {
            return inbound
                .detail
                .consent
                .filter(|_| inbound.direction == Direction::Inbound);
        }
        let said = said?;
        let lists = [
            (&self.stop, Consent::Out),
            (&self.start, Consent::In),
            (&self.help, Consent::Help),
        ];
        let found = lists.into_iter().find(|(list, _)| list.iter().any(|word| word == said));
        found.map(|(_, consent)| consent)
    }
}

/// Finds any of them in one go: nearly every message is asked, and nearly none is one.
static ANY_PLEA: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(PLEAS).ok());

fn is_plea(said: &str) -> bool {
    let marks = ['\'', '’'];
    let bare = if said.contains(marks) {
        Cow::Owned(said.replace(marks, ""))
    } else {
        Cow::Borrowed(said)
    };
    ANY_PLEA.as_ref().is_some_and(|any| any.is_match(&*bare))
}

/// The name under which a contact's settings keep whether messages of a channel may be sent; `None` where nobody opts out
/// by a word.
pub fn dnd_channel(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::Sms | Channel::Rcs | Channel::CustomSms => Some("SMS"),
        Channel::WhatsApp => Some("WhatsApp"),
        Channel::Facebook => Some("FB"),
        Channel::Email
        | Channel::GoogleBusiness
        | Channel::Instagram
        | Channel::WebChat
        | Channel::LiveChat
        | Channel::AllInOneChat
        | Channel::TikTok
        | Channel::Form
        | Channel::CustomEmail
        | Channel::Call
        | Channel::IvrCall
        | Channel::CampaignCall
        | Channel::CampaignVoicemail => None,
    }
}

/// A text as it is compared: one spelling of each letter, lower case, single blanks, and nothing around the words.
fn plain(text: &str) -> String {
    let composed: String = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfkc().flat_map(char::to_lowercase).collect()
    };
    let bare = composed.trim_matches(|letter: char| !letter.is_alphanumeric());
    let mut words = bare.split_whitespace();
    let mut plain = String::with_capacity(bare.len());
    plain.push_str(words.next().unwrap_or_default());
    for word in words {
        plain.push(' ');
        plain.push_str(word);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::ContactKey,
        inbound::{Detail, Who},
    };

    fn heard(words: &ConsentWords, channel: Channel, body: &str) -> Option<Consent> {
        words.heard(&inbound(channel, body))
    }

    fn inbound(channel: Channel, body: &str) -> Inbound {
        Inbound {
            channel,
            direction: Direction::Inbound,
            who: Who::Known(ContactKey(1)),
            body: Some(body.to_owned()),
            occurred_at: None,
            detail: Detail::default(),
            files: Vec::new(),
            answers: Vec::new(),
        }
    }

    #[test]
    fn a_word_is_the_whole_of_a_message_however_it_is_written() {
        use Consent::{Help, In, Out, Unsure};
        let cases = [
            ("STOP", Some(Out)),
            (" stop.\r\n", Some(Out)),
            ("\u{201c}Stop!\u{201d}", Some(Out)),
            ("ＳＴＯＰ", Some(Out)),
            ("Stop  all", Some(Out)),
            ("OPT-OUT", Some(Out)),
            ("ARRE\u{302}T", Some(Out)),
            ("start", Some(In)),
            ("Yes!", Some(In)),
            ("help?", Some(Help)),
            ("stop by at five", None),
            ("the bus stop", None),
            ("yes please", None),
            ("helpful", None),
            ("Please stop texting me", Some(Unsure)),
            ("don’t text me again", Some(Unsure)),
            ("", None),
            ("!", None),
        ];
        let words = ConsentWords::default();
        for (body, expected) in cases {
            assert_eq!(heard(&words, Channel::Sms, body), expected, "{body:?}");
        }
        let letter = format!("{} please stop", "a".repeat(SHORT));
        assert_eq!(heard(&words, Channel::Sms, &letter), None, "a letter");
    }

    #[test]
    fn words_count_where_the_location_says_and_a_vendors_own_word_anywhere() {
        let words = ConsentWords::default();
        for &channel in Channel::ALL {
            let expected = (channel == Channel::Sms).then_some(Consent::Out);
            assert_eq!(heard(&words, channel, "stop"), expected, "{channel:?}");
        }
        let own = ConsentWords {
            stop: vec![" Basta! ".to_owned(), "?".to_owned()],
            channels: vec![Channel::WhatsApp],
            ..words
        };
        let own = own.cleaned();
        assert_eq!(own.stop, ["basta"]);
        assert_eq!(heard(&own, Channel::WhatsApp, "BASTA"), Some(Consent::Out));
        assert_eq!(heard(&own, Channel::WhatsApp, "stop"), None);

        let mut said = inbound(Channel::Rcs, "no thanks");
        said.detail.consent = Some(Consent::Out);
        assert_eq!(own.heard(&said), Some(Consent::Out));
        said.direction = Direction::Outbound;
        assert_eq!(own.heard(&said), None, "what goes out asks for nothing");
    }
}
