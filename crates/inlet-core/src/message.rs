//! What is recorded: a message in its place in a conversation. Only the rule makes one.

use jiff::Timestamp;

use crate::{
    channel::{Channel, Direction, MessageStatus},
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    inbound::Detail,
};

/// A message as it stands in the store.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// Its key.
    pub key: MessageKey,
    /// The location it belongs to.
    pub location: LocationKey,
    /// The contact, and so the conversation.
    pub contact: ContactKey,
    /// Its place in the conversation: 1, 2, 3 … without a gap, in order of arrival.
    pub seq: i64,
    /// The message before it in the conversation.
    pub before: Option<MessageKey>,
    /// The provider it came by.
    pub provider: ProviderKey,
    /// The vendor's own id.
    pub external_id: Option<String>,
    /// By what it came.
    pub channel: Channel,
    /// Which way it went.
    pub direction: Direction,
    /// What has become of it.
    pub status: MessageStatus,
    /// Its text.
    pub body: Option<String>,
    /// When it was written, as far as the sender said so. It orders the thread.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// All that a plain text message does not have.
    pub detail: Detail,
}

impl Message {
    /// When it is handed to its provider, where that is after `now`.
    pub fn scheduled(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.detail.handover.as_ref()?.at?.timestamp();
        (at > now).then_some(at)
    }

    /// The first mail of the thread this mail belongs to.
    pub fn thread_root(&self) -> MessageKey {
        self.detail
            .email
            .as_ref()
            .and_then(|email| email.thread)
            .unwrap_or(self.key)
    }
}
