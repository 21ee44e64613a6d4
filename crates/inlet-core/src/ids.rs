//! Keys inside, ids outside: an integer that orders by time for the store, and what the world sees of it.
//!
//! A key is made by the app (never by the database) and never goes back. Outside it is shown as the 20 characters
//! `[A-Za-z0-9]` that HighLevel's ids have: eight for the milliseconds, twelve for the rest and a keyed check. An id
//! that was not made here with this installation's key, or that was made for another kind of thing, does not decode,
//! so no index over text ids is needed and ids cannot be guessed.

use std::{
    fmt,
    hash::Hasher,
    sync::atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use siphasher::sip::SipHasher24;
use uuid::Uuid;

use crate::clock::Millis;

mod base62;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

keys! {
    /// A location: the tenant.
    LocationKey
    /// A contact, and its one conversation: they share the key.
    ContactKey
    /// A message.
    MessageKey
    /// An event: an announcement whose bytes are frozen. It is the key of the delivery row that carries the bytes.
    EventKey
    /// A delivery: the promise of one event to one destination.
    DeliveryKey
    /// A provider: one vendor account, number or page at a location.
    ProviderKey
    /// An endpoint: a webhook URL with its adapter and keys.
    EndpointKey
    /// A destination of events.
    DestinationKey
    /// An app: an OAuth client; the built-in one owns the private integration tokens.
    AppKey
    /// A private integration token.
    TokenKey
    /// What somebody has allowed an app.
    GrantKey
    /// A request in the journal.
    RequestKey
    /// A replay of many deliveries.
    ReplayKey
    /// A user of the pages.
    UserKey
}

/// Milliseconds at 2020-01-01T00:00:00Z: keys count from here, so that 41 bits last until 2089.
const KEY_EPOCH: i64 = 1_577_836_800_000;
/// Bits below the milliseconds: six for the node, sixteen for the counter.
const LOW_BITS: u32 = 22;
const COUNTER_BITS: u32 = 16;

/// Makes keys that order by time and never go back, also when the clock does.
#[derive(Debug)]
pub struct KeyMaker {
    last: AtomicI64,
    node: AtomicI64,
}

impl KeyMaker {
    /// A maker for one node of an installation; `node` is taken modulo 64.
    pub fn new(node: u8) -> Self {
        let maker = Self {
            last: AtomicI64::new(0),
            node: AtomicI64::new(0),
        };
        maker.move_to(node);
        maker
    }

    /// Goes on under another number, where this node had to take one; `node` is taken modulo 64.
    pub fn move_to(&self, node: u8) {
        self.node.store(i64::from(node & 63) << COUNTER_BITS, Ordering::Release);
    }

    /// The last key that was made; 0 before the first.
    pub fn last(&self) -> i64 {
        self.last.load(Ordering::Acquire)
    }

    /// The next key: at or after `now`, always after the one before.
    pub fn next(&self, now: Timestamp) -> i64 {
        let at_now = ((now.as_millisecond() - KEY_EPOCH).max(0) << LOW_BITS) | self.node();
        let follow = |last: i64| at_now.max(self.after(last));
        let step = |last| Some(follow(last));
        match self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, step) {
            Ok(last) | Err(last) => follow(last),
        }
    }

    /// The key that follows `last` on this node: one more, or the next millisecond when the counter is full.
    fn after(&self, last: i64) -> i64 {
        let next = last + 1;
        let node_bits = ((1 << LOW_BITS) - 1) & !((1 << COUNTER_BITS) - 1);
        let node = self.node();
        if next & node_bits == node {
            next
        } else {
            (((last >> LOW_BITS) + 1) << LOW_BITS) | node
        }
    }

    fn node(&self) -> i64 {
        self.node.load(Ordering::Acquire)
    }
}

/// The least key that can be made at `at`.
pub fn first_key(at: Timestamp) -> i64 {
    (at.as_millisecond() - KEY_EPOCH).max(0) << LOW_BITS
}

/// When a key was made, to the millisecond.
pub fn made_at(key: i64) -> Timestamp {
    Millis((key >> LOW_BITS) + KEY_EPOCH).timestamp()
}

/// What an outside id stands for. An id of one kind never decodes as another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum IdKind {
    /// A contact.
    Contact = 1,
    /// A conversation.
    Conversation = 2,
    /// A message.
    Message = 3,
    /// The e-mail inside a message: HighLevel's `emailMessageId` and `threadId`.
    Email = 4,
    /// An event: HighLevel's `webhookId`.
    Event = 5,
    /// A delivery.
    Delivery = 6,
    /// A request in the journal.
    Request = 7,
    /// A private integration token: the id it is listed and revoked by.
    Token = 8,
    /// A replay of many deliveries.
    Replay = 9,
    /// A note about a contact.
    Note = 10,
    /// A location, in links to its files; elsewhere it is known by the id it was given.
    Location = 11,
    /// What somebody has allowed an app.
    Grant = 12,
    /// A user of the pages.
    User = 13,
    /// Something that somebody changed.
    Deed = 14,
}

/// Turns keys into outside ids and back, under a key of the installation.
#[derive(Clone)]
pub struct IdCodec {
    key: [u8; 16],
}

impl fmt::Debug for IdCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdCodec(..)")
    }
}

/// Bits of keyed check in a 20-character id: 62^12 holds 71 bits, 22 of which are the key's own.
const CHECK_BITS: u32 = 49;
/// Bits of keyed check in a webhook id: a UUID v4 leaves 122, 63 of which are the key's own.
const UUID_CHECK_BITS: u32 = 59;

impl IdCodec {
    /// A codec under the installation's id key.
    pub fn new(key: [u8; 16]) -> Self {
        Self { key }
    }

    /// The outside id of a contact.
    pub fn contact(&self, key: ContactKey) -> String {
        self.encode(IdKind::Contact, key.0)
    }

    /// The outside id of a contact's conversation.
    pub fn conversation(&self, key: ContactKey) -> String {
        self.encode(IdKind::Conversation, key.0)
    }

    /// The outside id of a message.
    pub fn message(&self, key: MessageKey) -> String {
        self.encode(IdKind::Message, key.0)
    }

    /// The outside id of the e-mail in a message.
    pub fn email(&self, key: MessageKey) -> String {
        self.encode(IdKind::Email, key.0)
    }

    /// The 20 characters that stand for `key` as a `kind`.
    pub fn encode(&self, kind: IdKind, key: i64) -> String {
        let (high, low) = (
            key.unsigned_abs() >> LOW_BITS,
            key.unsigned_abs() & ((1 << LOW_BITS) - 1),
        );
        let check = self.keyed(&[kind.tag(), key.unsigned_abs()]) >> (64 - CHECK_BITS);
        let hidden = low ^ self.mask(kind, high, check);
        let rest = u128::from(hidden) << CHECK_BITS | u128::from(check);
        let mut text = [b'0'; 20];
        let (head, tail) = text.split_at_mut(8);
        base62::write(high, head);
        base62::write_halves(rest, tail);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The key behind an outside id, if it was made here for this kind of thing.
    pub fn decode(&self, kind: IdKind, id: &str) -> Option<i64> {
        let (head, tail) = id.as_bytes().split_at_checked(8)?;
        if tail.len() != 12 {
            return None;
        }
        let high = u64::try_from(base62::read(head)?).ok()?;
        let tail = base62::read(tail)?;
        let check = u64::try_from(tail & ((1 << CHECK_BITS) - 1)).ok()?;
        let hidden = u64::try_from(tail >> CHECK_BITS).ok()?;
        let low = hidden ^ self.mask(kind, high, check);
        let key = i64::try_from(high.checked_shl(LOW_BITS)? | low).ok()?;
        (low >> LOW_BITS == 0 && self.encode(kind, key) == id).then_some(key)
    }

    /// The UUID v4 that stands for an event in `webhookId` and `webhook-id`, the same on every attempt and replay.
    pub fn webhook(&self, event: EventKey) -> String {
        let key = event.0.unsigned_abs();
        let check = self.keyed(&[IdKind::Event.tag(), key]) >> (64 - UUID_CHECK_BITS);
        let hidden = key ^ (self.keyed(&[UUID_MASK, check]) >> 1);
        // 122 free bits: the first 60 before and after the version nibble, the last 62 after the variant.
        let bits = u128::from(check) << 63 | u128::from(hidden);
        let (upper, lower) = ((bits >> 62) & ((1 << 60) - 1), bits & ((1 << 62) - 1));
        let upper = ((upper >> 12) << 16) | (4 << 12) | (upper & 0xfff);
        Uuid::from_u128(upper << 64 | (0b10 << 62) | lower).to_string()
    }

    /// The event behind a webhook id.
    pub fn decode_webhook(&self, id: &str) -> Option<EventKey> {
        let raw = Uuid::try_parse(id).ok()?.as_u128();
        let (upper, lower) = (raw >> 64, raw & ((1 << 62) - 1));
        let bits = ((upper >> 16) << 12 | (upper & 0xfff)) << 62 | lower;
        let check = u64::try_from(bits >> 63).ok()?;
        let hidden = u64::try_from(bits & ((1 << 63) - 1)).ok()?;
        let key = i64::try_from(hidden ^ (self.keyed(&[UUID_MASK, check]) >> 1)).ok()?;
        (self.webhook(EventKey(key)) == id).then_some(EventKey(key))
    }

    fn mask(&self, kind: IdKind, high: u64, check: u64) -> u64 {
        self.keyed(&[kind.tag() | 0x80, high, check]) >> (64 - LOW_BITS)
    }

    fn keyed(&self, words: &[u64]) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        for word in words {
            hasher.write(&word.to_le_bytes());
        }
        hasher.finish()
    }
}

/// Sets the mask of webhook ids apart from every other use of the key.
const UUID_MASK: u64 = 0xff;

impl IdKind {
    fn tag(self) -> u64 {
        match self {
            Self::Contact => 1,
            Self::Conversation => 2,
            Self::Message => 3,
            Self::Email => 4,
            Self::Event => 5,
            Self::Delivery => 6,
            Self::Request => 7,
            Self::Token => 8,
            Self::Replay => 9,
            Self::Note => 10,
            Self::Location => 11,
            Self::Grant => 12,
            Self::User => 13,
            Self::Deed => 14,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn keys_never_go_back_even_when_the_clock_does() {
        let maker = KeyMaker::new(3);
        let first = maker.next(at(1_800_000_000_000));
        let earlier = maker.next(at(1_700_000_000_000));
        assert!(earlier > first);
        assert_eq!(made_at(first), at(1_800_000_000_000));
    }

    #[test]
    fn a_full_counter_moves_to_the_next_millisecond_and_keeps_the_node() {
        let maker = KeyMaker::new(5);
        let mut last = 0;
        for _ in 0..70_000 {
            let key = maker.next(at(1_800_000_000_000));
            assert!(key > last);
            assert_eq!((key >> COUNTER_BITS) & 63, 5);
            last = key;
        }
        assert_eq!(made_at(last), at(1_800_000_000_001));
    }

    #[test]
    fn ids_come_back_only_as_what_they_were() {
        let codec = IdCodec::new([7; 16]);
        let key = KeyMaker::new(63).next(at(1_800_000_000_123));
        let id = codec.encode(IdKind::Message, key);
        assert_eq!(id.len(), 20);
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(codec.decode(IdKind::Message, &id), Some(key));
        assert_eq!(codec.decode(IdKind::Contact, &id), None, "another kind");
        assert_eq!(
            IdCodec::new([8; 16]).decode(IdKind::Message, &id),
            None,
            "another installation"
        );
        for wrong in [
            "",
            "short",
            "ve9EPM428h8vShlRW1KT",
            "zzzzzzzzzzzzzzzzzzzz",
            "ééééééééééééé",
        ] {
            assert_eq!(codec.decode(IdKind::Message, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn webhook_ids_are_uuids_of_version_four_and_come_back() {
        let codec = IdCodec::new([9; 16]);
        let maker = KeyMaker::new(1);
        for step in 0..200 {
            let event = EventKey(maker.next(at(1_800_000_000_000 + step * 977)));
            let id = codec.webhook(event);
            assert_eq!(id.len(), 36);
            assert_eq!(id.as_bytes()[14], b'4');
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
            assert_eq!(codec.decode_webhook(&id), Some(event));
        }
        assert_eq!(codec.decode_webhook("6f1b0f0e-0000-4000-8000-000000000000"), None);
    }
}
