//! What arrived, verified and in our words, not yet recorded. Only a door makes an [`Inbound`].

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    address::Identity,
    channel::{CallStatus, Channel, Direction},
    clock::Millis,
    consent::Consent,
    ids::{ContactKey, MessageKey},
};

/// One message as a door understood it.
#[derive(Clone, PartialEq, Debug)]
pub struct Inbound {
    /// By what it came.
    pub channel: Channel,
    /// Which way it went; a door for inbound messages may log one that went out.
    pub direction: Direction,
    /// Whose it is.
    pub who: Who,
    /// The text, if any; of a mail, its HTML or else its text.
    pub body: Option<String>,
    /// When it was written, where the sender says; else the time of arrival counts.
    pub occurred_at: Option<Timestamp>,
    /// All that a plain text message does not have.
    pub detail: Detail,
    /// Files whose bytes came within it, as in a mail: kept with it, in the same transaction.
    pub files: Vec<File>,
    /// Of a mail, the ids of the mails it may answer (RFC 5322, without `<>`), likeliest first. One that is not in the
    /// conversation is passed over.
    pub answers: Vec<String>,
}

/// How the contact of a message is found.
#[derive(Clone, PartialEq, Debug)]
pub enum Who {
    /// By our own ids: the contact's, or its conversation's, which share one key.
    Known(ContactKey),
    /// By what identifies a person. The first that is known decides; if none is, a contact is made with all of them.
    Person(Person),
}

/// A person as a message describes them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Person {
    /// What identifies them, most trusted first. Empty only in a later word on a call, whose message knows whose it is.
    pub identities: Vec<Identity>,
    /// A name, where the vendor passes one on.
    pub name: Option<String>,
}

/// What a message may have beside its text. It is stored as JSON, and not at all where it is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// The sender's address as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The receiver's address as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Files that came with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What only a mail has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// What only a call has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// Where it came from, in the sender's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The chat widget it was typed into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_widget: Option<String>,
    /// What it says about being written to: from a door, the vendor's own word only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// How strongly its origin was verified; absent for an API call, which a token vouches for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Strength>,
    /// The sender's own id for it, where that is not to recognise a repeat by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Why it failed, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// That it was written before it came here, and was brought along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
    /// That who wrote it changed it or took it back, where they did. In what a door makes, it is a later word on the message
    /// of that id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised: Option<Revised>,
    /// That its provider is to send it, and how; absent for what was sent already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
}

impl Detail {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Lays another word of the vendor over it. That only adds: a status further along, a longer duration, files and
    /// addresses that were not there, a later revision.
    pub(crate) fn add(&mut self, word: &Self) {
        match (&mut self.call, &word.call) {
            (Some(call), Some(said)) => call.add(said),
            (call @ None, Some(said)) => *call = Some(said.clone()),
            (_, None) => {}
        }
        self.from = self.from.take().or_else(|| word.from.clone());
        self.to = self.to.take().or_else(|| word.to.clone());
        for file in &word.attachments {
            if self.attachments.iter().all(|own| own.url != file.url) {
                self.attachments.push(file.clone());
            }
        }
        let newer = word.revised.filter(|said| said.is_newer(self.revised));
        self.revised = newer.or(self.revised);
    }

    /// Whether who wrote it took it back.
    pub fn is_withdrawn(&self) -> bool {
        self.revised.is_some_and(|revised| revised.withdrawn)
    }
}

/// What who wrote a message did to it afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Revised {
    /// Which of its versions it is: a number that grows with each change, as the vendor counts them.
    pub version: i64,
    /// Whether they took it back: then nothing of it is kept, and no later change counts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Revised {
    /// A message that was taken back.
    pub const WITHDRAWN: Self = Self {
        version: 0,
        withdrawn: true,
    };

    /// Whether it says more than what is known.
    pub(crate) fn is_newer(self, known: Option<Self>) -> bool {
        let known = known.unwrap_or_default();
        !known.withdrawn && (self.withdrawn || self.version > known.version)
    }

    /// In words, for people.
    pub fn words(self) -> &'static str {
        if self.withdrawn {
            "Taken back by who wrote it"
        } else {
            "Edited by who wrote it"
        }
    }
}

/// How loudly an old message is taken in. What it says of being written to counts no more, either way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Imported {
    /// It is not unread, and nobody is told of it.
    Silent,
    /// It is unread and announced as a new one, after all that is new.
    Announced,
}

/// What a provider is told beside a message that it is to send.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Handover {
    /// When, where not at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
    /// The vendor's own id of the message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

/// A file that came with a message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// Where the sender says it is.
    pub url: String,
    /// Its media type, where the sender says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Where we are with it.
    pub state: MediaState,
}

/// Where we are with a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum MediaState {
    /// It stays where the sender put it, and the link is passed on.
    Linked,
    /// To be fetched with the provider's credentials, and kept.
    Pending,
    /// Kept: the blob's SHA-256 in lower hex, its size, and its type as found.
    Kept {
        /// SHA-256 of the bytes, lower hex.
        blob: String,
        /// Bytes.
        size: u64,
        /// Media type as the server gave it.
        content_type: String,
    },
    /// It could not be fetched, and why.
    Failed {
        /// The reason in words.
        reason: String,
    },
}

/// A file whose bytes came within a message.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    name: String,
    content_type: String,
    bytes: Arc<[u8]>,
    sha256: [u8; 32],
}

impl File {
    /// A file as the sender called it, with the media type that they say it has.
    pub fn new(name: impl Into<String>, content_type: impl Into<String>, bytes: &[u8]) -> Self {
        Self {
            name: name.into(),
            content_type: content_type.into(),
            bytes: bytes.into(),
            sha256: Sha256::digest(bytes).into(),
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Under what the bytes are kept.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// What a message says of it once it is kept. The name stands where other files have their address.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            url: self.name.clone(),
            content_type: Some(self.content_type.clone()),
            state: MediaState::Kept {
                blob: hex::encode(self.sha256),
                size: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
                content_type: self.content_type.clone(),
            },
        }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, content_type, size) = (&self.name, &self.content_type, self.bytes.len());
        write!(f, "File({name:?}, {content_type:?}, {size} bytes)")
    }
}

/// What only a mail has.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Email {
    /// Its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether the body is HTML.
    pub html: bool,
    /// Carbon copies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// Blind carbon copies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<String>,
    /// The mail it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageKey>,
    /// The first mail of its thread; itself where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageKey>,
}

/// What only a call has.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// How it stands.
    pub status: CallStatus,
    /// How long it was, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// Whether it has been announced: at its end, or because it went on for long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub announced: bool,
}

impl Call {
    fn add(&mut self, said: &Self) {
        if said.status.rank() > self.status.rank() {
            self.status = said.status;
        }
        self.duration = self.duration.max(said.duration);
    }
}

/// How strongly the origin of a message was verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// A signature over the whole body.
    SignedBody,
    /// A signature over the address and the form's fields.
    SignedForm,
    /// A secret that came with the request.
    Secret,
    /// A session that was given to a page of ours; who sits before it is not proved.
    Session,
    /// The vendor's own list, which was asked for with the account's credentials.
    Listed,
    /// Only the unguessable address it was sent to.
    UrlToken,
    /// Not at all: the endpoint was made with `--unsigned`.
    Unsigned,
}

impl Strength {
    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::SignedBody => "signature verified, whole body",
            Self::SignedForm => "signature verified, address and all fields",
            Self::Secret => "shared secret verified",
            Self::Session => "typed into the chat widget; who it is, is not proved",
            Self::Listed => "read from the vendor's own list",
            Self::UrlToken => "only the secret address was known",
            Self::Unsigned => "not verified",
        }
    }
}
