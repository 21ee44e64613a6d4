//! One thing to record: everything that announces something enters the store as a [`Change`], through one gate.

use jiff::Timestamp;

use crate::{
    channel::{CallStatus, MessageStatus},
    contact::ContactChange,
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    inbound::{Attachment, Inbound, MediaState},
    seen::{SeenKey, SeenKind},
};

/// One thing to record.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The location it belongs to.
    pub location: LocationKey,
    /// The provider it came by.
    pub provider: ProviderKey,
    /// What makes it itself: if any of these was seen before, it is a repeat, or under a `Call` key a later word on that
    /// call. The first `Message` or `Call` key is its external id.
    pub keys: Vec<SeenKey>,
    /// A digest of what was sent: see [`crate::seen::fingerprint`].
    pub fingerprint: i64,
    /// What it says.
    pub what: What,
}

/// What a change says.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// A new message.
    Message(Box<Inbound>),
    /// A later word on how a message stands.
    Status {
        /// The message.
        message: MessageKey,
        /// The word.
        status: MessageStatus,
        /// Why it failed, where it failed.
        error: Option<String>,
    },
    /// A later word on how a call stands.
    Call {
        /// The message of the call.
        message: MessageKey,
        /// The word.
        status: CallStatus,
        /// How long it was, in seconds.
        duration: Option<u32>,
    },
    /// A call has been under way for so long that it is announced as it stands.
    CallOverdue {
        /// The message of the call.
        message: MessageKey,
    },
    /// A file of a message was fetched, or could not be.
    Media {
        /// The message.
        message: MessageKey,
        /// Which of its attachments, from 0.
        index: usize,
        /// What became of it.
        state: MediaState,
    },
    /// Other files of a call, in place of those that it has.
    Attachments {
        /// The message of the call.
        message: MessageKey,
        /// Links to them.
        files: Vec<Attachment>,
    },
    /// A person marked a conversation.
    Mark {
        /// Whose it is.
        contact: ContactKey,
        /// How.
        mark: Mark,
    },
    /// A contact is made, changed or forgotten.
    Contact(Box<ContactChange>),
}

/// How a conversation can be marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// All of it has been read.
    Read,
    /// It wants to be read again.
    Unread,
    /// It matters.
    Starred,
    /// It does not, any more.
    Unstarred,
    /// So many of its messages want to be read.
    Count(u32),
}

impl Change {
    /// A change of contacts. It has no vendor, and is no repeat of another.
    pub fn contact(location: LocationKey, change: ContactChange) -> Self {
        Self {
            location,
            provider: ProviderKey(0),
            keys: Vec::new(),
            fingerprint: 0,
            what: What::Contact(Box::new(change)),
        }
    }

    /// A conversation marked by a person. It has no vendor and repeats nothing: marking twice is marking once.
    pub fn mark(location: LocationKey, contact: ContactKey, mark: Mark) -> Self {
        Self {
            location,
            provider: ProviderKey(0),
            keys: Vec::new(),
            fingerprint: 0,
            what: What::Mark { contact, mark },
        }
    }

    /// A later word on a message of this location and provider. It has no vendor's id: the rule tells what is new in it.
    pub fn later((location, provider): (LocationKey, ProviderKey), what: What) -> Self {
        Self {
            location,
            provider,
            keys: Vec::new(),
            fingerprint: 0,
            what,
        }
    }

    /// The message that it brings, if it does.
    pub fn inbound(&self) -> Option<&Inbound> {
        let What::Message(inbound) = &self.what else {
            return None;
        };
        Some(inbound)
    }

    /// What it changes of contacts, if it does.
    pub fn contact_change(&self) -> Option<&ContactChange> {
        let What::Contact(change) = &self.what else {
            return None;
        };
        Some(change)
    }

    /// Whose conversation it marks, if it does.
    pub fn marked(&self) -> Option<ContactKey> {
        let What::Mark { contact, .. } = &self.what else {
            return None;
        };
        Some(*contact)
    }

    /// The message it is about, where it is a later word on one.
    pub fn about(&self) -> Option<MessageKey> {
        match &self.what {
            What::Message(_) | What::Mark { .. } | What::Contact(_) => None,
            What::Status { message, .. }
            | What::Call { message, .. }
            | What::CallOverdue { message }
            | What::Media { message, .. }
            | What::Attachments { message, .. } => Some(*message),
        }
    }

    /// The vendor's own id of the message.
    pub fn external_id(&self) -> Option<&str> {
        self.keys
            .iter()
            .find(|key| matches!(key.kind, SeenKind::Message | SeenKind::Call))
            .map(|key| key.id.as_str())
    }
}

/// For how long a call may be under way before it is announced as it stands.
pub const CALL_PATIENCE: std::time::Duration = std::time::Duration::from_mins(10);

/// When a call that has begun at `begun` is announced at the latest.
pub fn call_deadline(begun: Timestamp) -> Timestamp {
    crate::clock::later(begun, CALL_PATIENCE)
}
