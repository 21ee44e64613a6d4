//! Mails, however a vendor hands them over: as raw MIME, or taken apart into headers, texts and files. Pure, and lenient:
//! whatever the world calls a mail is read as far as it goes.
//!
//! Foreign rules: RFC 5322 (headers, ids, threads), RFC 2045 to 2047 and 2231 (MIME), RFC 3462 (reports).

use inlet_core::{
    Timestamp,
    adapter::{Claim, Item, ItemError},
    address::{EmailAddress, Identity},
    channel::{Channel, Direction},
    inbound::{Attachment, Detail, Email, File, Inbound, MediaState, Person, Strength, Who},
    seen::SeenKey,
};
use sha2::{Digest, Sha256};

use crate::said::{LONGEST_ID, digest, problem};

mod read;
pub(crate) mod sample;
#[cfg(test)]
mod tests;

/// Bytes of a request with a mail: vendors take mails of 25 to 35 MB, and base64 adds a third.
pub(crate) const LARGEST: usize = 48 * 1024 * 1024;
/// Files that are kept of one mail.
const MOST_FILES: usize = 100;
/// Ids of a mail's thread that are looked for: the nearest ones.
const MOST_ANSWERS: usize = 20;
/// Receivers that are kept of one mail.
const MOST_RECEIVERS: usize = 200;
/// Letters of a subject; RFC 5322 allows a line 998.
const LONGEST_SUBJECT: usize = 998;

/// Someone a mail names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Party {
    /// Their name, where one is given.
    pub(crate) name: Option<String>,
    /// Their address as it is written.
    pub(crate) address: String,
}

impl Party {
    /// As a header shows it.
    fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.address),
            None => self.address.clone(),
        }
    }
}

/// A mail as it was read.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Mail {
    /// Its Message-ID, without `<>`.
    pub(crate) id: Option<String>,
    /// Who wrote it, and whom to answer: the first that has an address is the contact.
    pub(crate) from: Vec<Party>,
    /// To whom it says it goes.
    pub(crate) to: Vec<Party>,
    /// To whom it was delivered, as far as headers tell.
    pub(crate) delivered_to: Option<String>,
    /// Carbon copies.
    pub(crate) cc: Vec<Party>,
    /// Its subject.
    pub(crate) subject: Option<String>,
    /// When it was written.
    pub(crate) date: Option<Timestamp>,
    /// The mails it answers, nearest first.
    pub(crate) answers: Vec<String>,
    /// Whether a machine reports with it on a mail that was sent.
    pub(crate) report: bool,
    /// Its text.
    pub(crate) text: Option<String>,
    /// Its HTML, raw.
    pub(crate) html: Option<String>,
    /// Its files.
    pub(crate) files: Vec<File>,
    /// Its files that are still with the vendor.
    pub(crate) links: Vec<Attachment>,
}

/// What a vendor knows of a mail beside the mail: how it was handed over.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Envelope {
    /// The address it was delivered to.
    pub(crate) recipient: Option<String>,
    /// The address it says it came from; serves where the mail names nobody.
    pub(crate) sender: Option<String>,
    /// How strongly its origin was verified.
    pub(crate) strength: Strength,
    /// What the vendor signs once only.
    pub(crate) replay: Option<SeenKey>,
}

impl Mail {
    /// The mail as an item of a request, or why it is none.
    pub(crate) fn item(self, envelope: Envelope) -> Result<Item, ItemError> {
        if self.report {
            return Err(problem(
                "it is a machine's report on a mail that was sent (a bounce or a receipt), and brings no message",
            ));
        }
        let (from, address) = self.author(envelope.sender.as_deref())?;
        let recipient = envelope.recipient.or_else(|| self.recipient());
        let recipient = recipient.map(|raw| EmailAddress::parse(&raw).map_or(raw, |read| read.as_str().to_owned()));
        let text = self.text.as_deref().unwrap_or_default();
        let content = self.html.as_deref().unwrap_or(text);
        let subject = self.subject.as_deref().unwrap_or_default();
        let fingerprint = digest([address.as_str(), subject, content]);
        let made_up = || {
            let date = self.date.map(|date| date.to_string()).unwrap_or_default();
            hashed(&[address.as_str(), &date, subject, content])
        };
        let id = self.id.as_deref().map_or_else(made_up, id_of);
        let shown = |parties: &[Party]| {
            parties
                .iter()
                .take(MOST_RECEIVERS)
                .map(Party::shown)
                .collect::<Vec<_>>()
        };
        let (files, rest) = at_most(self.files);
        let detail = Detail {
            from: Some(from.shown()),
            to: recipient.clone().or_else(|| shown(&self.to).into_iter().next()),
            attachments: self.links.into_iter().take(MOST_FILES).chain(rest).collect(),
            email: Some(Email {
                html: self.html.is_some(),
                cc: shown(&self.cc),
                subject: self.subject,
                ..Email::default()
            }),
            verified: Some(envelope.strength),
            ..Detail::default()
        };
        Ok(Item {
            to: Claim {
                account: None,
                number: recipient,
            },
            key: SeenKey::message(id),
            replay: envelope.replay,
            fingerprint,
            inbound: Inbound {
                channel: Channel::Email,
                direction: Direction::Inbound,
                who: Who::Person(Person {
                    identities: vec![Identity::email(&address)],
                    name: from.name,
                }),
                body: self.html.or(self.text),
                occurred_at: self.date,
                detail,
                files,
                answers: self.answers.iter().take(MOST_ANSWERS).map(|id| id_of(id)).collect(),
            },
        })
    }

    /// The first that is named with an address; else who sent it.
    fn author(&self, sender: Option<&str>) -> Result<(Party, EmailAddress), ItemError> {
        let sender = sender.map(|address| Party {
            name: None,
            address: address.to_owned(),
        });
        let mut named = self.from.iter().chain(&sender).filter_map(|party| {
            let address = EmailAddress::parse(&party.address).ok()?;
            Some((party.clone(), address))
        });
        let found = named.next();
        found.ok_or_else(|| {
            problem("it names no sender with an e-mail address: neither From, Reply-To nor the envelope")
        })
    }

    /// To whom it was delivered; else to whom it says it goes.
    fn recipient(&self) -> Option<String> {
        let first = || self.to.first().or(self.cc.first()).map(|party| party.address.clone());
        self.delivered_to.clone().or_else(first)
    }

    /// Gives the subject and the texts a size and letters that every store can hold.
    pub(crate) fn tidied(mut self) -> Self {
        self.subject = self.subject.map(|subject| {
            let plain = subject.chars().filter(|letter| !letter.is_control());
            plain.take(LONGEST_SUBJECT).collect()
        });
        for text in [&mut self.text, &mut self.html].into_iter().flatten() {
            if text.contains('\0') {
                *text = text.replace('\0', "");
            }
        }
        let something = |text: &String| !text.trim().is_empty();
        self.html = self.html.filter(something);
        self.text = self.text.filter(something);
        self
    }
}

/// The id under which a mail is known: its own; the digest of one that is too long.
fn id_of(raw: &str) -> String {
    if raw.len() <= LONGEST_ID {
        raw.to_owned()
    } else {
        hashed(&[raw])
    }
}

/// An id for what has none, which it always gets.
fn hashed(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    format!("sha256:{}", hex::encode(hash.finalize()))
}

/// As many files as are kept, and a word on the rest.
fn at_most(mut files: Vec<File>) -> (Vec<File>, Option<Attachment>) {
    let beyond = files.split_off(files.len().min(MOST_FILES)).len();
    let rest = (beyond > 0).then(|| Attachment {
        url: String::new(),
        content_type: None,
        state: MediaState::Failed {
            reason: format!("{beyond} more files were not kept: of one mail, {MOST_FILES} are"),
        },
    });
    (files, rest)
}
