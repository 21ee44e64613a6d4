//! What of a message can be found: the words of its text, subject, addresses and files, and its marks.

use std::collections::BTreeSet;

use super::{MOST_WORDS, Mark, is_number, numbers, words};
use crate::message::Message;

/// A message as the index has it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Document {
    /// Its words in their order. Between two texts nothing stands: a phrase may run over.
    pub words: Vec<String>,
    /// What it is beside them, as words that nobody can type.
    pub marks: BTreeSet<String>,
}

impl Document {
    /// What can be found of a message.
    pub fn of(message: &Message) -> Self {
        let mut document = Self::default();
        let detail = &message.detail;
        let mail = detail.email.as_ref();
        if let Some(subject) = mail.and_then(|mail| mail.subject.as_deref()) {
            document.read(subject);
            document.mark(words(subject).into_iter().map(Mark::Subject));
        }
        if let Some(body) = &message.body {
            if mail.is_some_and(|mail| mail.html) {
                document.read(&without_tags(body));
            } else {
                document.read(body);
            }
        }
        for attachment in &detail.attachments {
            let name = attachment.url.split(['?', '#']).next().unwrap_or_default();
            document.read(name.rsplit('/').next().unwrap_or_default());
        }
        document.addresses(message);
        document.mark([
            Mark::Any,
            Mark::Direction(message.direction),
            Mark::Channel(message.channel),
            Mark::Provider(message.provider),
            Mark::Contact(message.contact),
        ]);
        document.mark((!detail.attachments.is_empty()).then_some(Mark::File));
        document.words.truncate(MOST_WORDS);
        document
    }

    /// Whom it came from and went to.
    fn addresses(&mut self, message: &Message) {
        let detail = &message.detail;
        let from = detail.from.iter();
        let copies = detail.email.iter().flat_map(|mail| mail.cc.iter().chain(&mail.bcc));
        self.reach(from, Mark::FromNumber, Mark::From);
        self.reach(detail.to.iter().chain(copies), Mark::ToNumber, Mark::To);
    }

    fn reach<'a>(
        &mut self,
        addresses: impl Iterator<Item = &'a String>,
        number: fn(String) -> Mark,
        word: fn(String) -> Mark,
    ) {
        for address in addresses {
            if is_number(address) {
                self.mark(
                    numbers(address)
                        .into_iter()
                        .flat_map(|one| [number(one.clone()), Mark::Number(one)]),
                );
            } else {
                self.read(address);
                self.mark(words(address).into_iter().map(word));
            }
        }
    }

    fn read(&mut self, text: &str) {
        self.words.extend(words(text));
        self.mark(numbers(text).into_iter().map(Mark::Number));
    }

    fn mark(&mut self, marks: impl IntoIterator<Item = Mark>) {
        self.marks.extend(marks.into_iter().map(|mark| mark.word()));
    }
}

/// The text of a piece of HTML, for its words alone: nobody is shown it.
fn without_tags(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let (mut text, mut at) = (String::with_capacity(html.len() / 2), 0);
    while let Some((before, _)) = html.get(at..).and_then(|rest| rest.split_once('<')) {
        text.push_str(before);
        text.push(' ');
        let start = at + before.len() + 1;
        let tag = lower.get(start..).unwrap_or_default();
        let ends = [("script", "</script"), ("style", "</style"), ("!--", "-->"), ("", ">")];
        let end = ends
            .iter()
            .find(|(name, _)| tag.starts_with(name))
            .map_or(">", |(_, end)| end);
        at = tag.find(end).map_or(html.len(), |found| start + found + end.len());
    }
    text.push_str(html.get(at..).unwrap_or_default());
    let letters = [
        ("&nbsp;", " "),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#39;", "'"),
        ("&quot;", "\""),
    ];
    letters
        .iter()
        .fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        channel::{Channel, Direction, MessageStatus},
        ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
        inbound::{Attachment, Detail, Email, MediaState},
    };

    #[test]
    fn a_mail_is_found_by_all_that_it_says() {
        let message = Message {
            key: MessageKey(9),
            location: LocationKey(1),
            contact: ContactKey(7),
            seq: 1,
            before: None,
            provider: ProviderKey(3),
            external_id: None,
            channel: Channel::Email,
            direction: Direction::Inbound,
            status: MessageStatus::Delivered,
            body: Some(
                "<style>p{}</style><p>See&nbsp;you <b>Thursday</b>, 020 7946 0958</p><script>no()</script>".to_owned(),
            ),
            occurred_at: Timestamp::UNIX_EPOCH,
            created_at: Timestamp::UNIX_EPOCH,
            detail: Detail {
                from: Some("lena@example.org".to_owned()),
                to: Some("+1 415 555 0101".to_owned()),
                attachments: vec![Attachment {
                    url: "https://x.test/a/Plan%20B.pdf?x=1".to_owned(),
                    content_type: None,
                    state: MediaState::Linked,
                }],
                email: Some(Email {
                    subject: Some("Café".to_owned()),
                    html: true,
                    ..Email::default()
                }),
                ..Detail::default()
            },
        };
        let found = Document::of(&message);
        let text = found.words.join(" ");
        assert_eq!(
            text,
            "cafe see you thursday 020 7946 0958 plan 20b pdf lena example org"
        );
        let expected = [
            "¤m",
            "¤d1",
            "¤c3",
            "¤p3",
            "¤k7",
            "¤f",
            "¤scafe",
            "¤n9460958",
            "¤n5550101",
            "¤y5550101",
            "¤glena",
            "¤gexample",
            "¤gorg",
        ];
        let code = |word: &&str| match *word {
            "¤d1" => Mark::Direction(Direction::Inbound).word(),
            "¤c3" => Mark::Channel(Channel::Email).word(),
            other => other.to_owned(),
        };
        assert_eq!(found.marks, expected.iter().map(code).collect());
    }
}
