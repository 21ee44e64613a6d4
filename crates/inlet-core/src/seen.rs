//! How a repeat is recognised, for ever: a keyed hash of what makes a message itself.
//!
//! The vendor's own id of a message, with its provider and the kind of change, is hashed to 128 bits under a key of the
//! installation. Half of the hash is the row's key, the other half tells a true repeat from a collision of the first
//! half, so that no real message is ever swallowed.

use std::{fmt, hash::Hasher};

use jiff::Timestamp;
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::{
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    intake::Receipt,
};

/// What a change is about, as part of its key: two kinds of word on one external id never hide one another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SeenKind {
    /// A message under the vendor's id.
    Message,
    /// Any request under an `Idempotency-Key`; a different body under one key is refused.
    Idempotency,
    /// A word on a message's status.
    Status,
    /// What a vendor signs once only.
    Replay,
    /// A call under the vendor's id: its first word makes the message, and each later one says more of it.
    Call,
}

impl SeenKind {
    fn tag(self) -> u8 {
        match self {
            Self::Message => 1,
            Self::Idempotency => 2,
            Self::Status => 3,
            Self::Replay => 4,
            Self::Call => 5,
        }
    }
}

/// What makes a change itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SeenKey {
    /// The kind of change.
    pub kind: SeenKind,
    /// The vendor's id, or the idempotency key.
    pub id: String,
}

impl SeenKey {
    /// A message under the vendor's own id.
    pub fn message(id: impl Into<String>) -> Self {
        Self {
            kind: SeenKind::Message,
            id: id.into(),
        }
    }

    /// A word on a call under the vendor's own id for the call.
    pub fn call(id: impl Into<String>) -> Self {
        Self {
            kind: SeenKind::Call,
            id: id.into(),
        }
    }

    /// What a vendor signs once only.
    pub fn replay(id: impl Into<String>) -> Self {
        Self {
            kind: SeenKind::Replay,
            id: id.into(),
        }
    }
}

/// The keyed hash of a [`SeenKey`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SeenHash {
    /// The row's key; non-negative. After a collision the next one up is tried.
    pub row: i64,
    /// Tells a repeat from a collision.
    pub check: i64,
}

/// Hashes keys under the installation's own key.
#[derive(Clone)]
pub struct SeenHasher([u8; 16]);

impl fmt::Debug for SeenHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeenHasher(..)")
    }
}

impl SeenHasher {
    /// A hasher under the installation's key.
    pub fn new(key: [u8; 16]) -> Self {
        Self(key)
    }

    /// The hash of one key at one provider. Idempotency keys belong to the location, whatever the provider.
    pub fn hash(&self, location: LocationKey, provider: ProviderKey, key: &SeenKey) -> SeenHash {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        hasher.write_u8(key.kind.tag());
        hasher.write_i64(location.0);
        if key.kind != SeenKind::Idempotency {
            hasher.write_i64(provider.0);
        }
        hasher.write(key.id.as_bytes());
        let hash = hasher.finish128();
        SeenHash {
            row: i64::from_le_bytes(hash.h1.to_le_bytes()) & i64::MAX,
            check: i64::from_le_bytes(hash.h2.to_le_bytes()),
        }
    }
}

/// A short digest of what was sent, to tell whether a repeat says the same.
pub fn fingerprint(content: &[u8]) -> i64 {
    let mut hasher = SipHasher24::new();
    hasher.write(content);
    i64::from_le_bytes(hasher.finish128().h1.to_le_bytes())
}

/// What is kept of a change that was recorded: enough to answer its repeat as it was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The message it became.
    pub message: MessageKey,
    /// Whose it is.
    pub contact: ContactKey,
    /// The time that the answer named.
    pub occurred_at: Timestamp,
    /// Whether the answer named a mail.
    pub email: bool,
    /// What was sent.
    pub fingerprint: i64,
}

impl Seen {
    /// The answer to a repeat with this content.
    pub fn receipt(&self, fingerprint: i64) -> Receipt {
        Receipt {
            message: self.message,
            contact: self.contact,
            occurred_at: self.occurred_at,
            email: self.email,
            repeated: true,
            differs: self.fingerprint != fingerprint,
        }
    }
}
