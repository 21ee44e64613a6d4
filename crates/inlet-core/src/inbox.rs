//! The port for reading: what the API and the pages ask of conversations, messages and contacts. Every question names
//! the location, so that a foreign id is answered exactly like an unknown one.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    address::Identity,
    channel::{Channel, Direction},
    directory::StoreFault,
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    message::Message,
};

/// Reads what is recorded.
#[async_trait]
pub trait Inbox: fmt::Debug + Send + Sync {
    /// One message.
    async fn message(&self, location: LocationKey, key: MessageKey) -> Result<Option<Message>, StoreFault>;
    /// One page of a conversation, newest first, by sequence.
    async fn messages(&self, query: &MessageQuery) -> Result<MessagePage, StoreFault>;
    /// The mails of a thread, by the key of its first one, oldest first.
    async fn thread(&self, location: LocationKey, root: MessageKey) -> Result<Vec<MessageKey>, StoreFault>;
    /// One conversation with its contact and last message.
    async fn conversation(
        &self,
        location: LocationKey,
        key: ContactKey,
    ) -> Result<Option<ConversationView>, StoreFault>;
    /// One page of a location's conversations, and how many there are in all.
    async fn conversations(&self, query: &ConversationQuery) -> Result<(Vec<ConversationView>, u64), StoreFault>;
    /// One page of a location's messages, in order of arrival, across conversations.
    async fn export(&self, query: &ExportQuery) -> Result<Export, StoreFault>;
    /// How many of a location's conversations stand out.
    async fn tallies(&self, location: LocationKey) -> Result<Tallies, StoreFault>;
    /// Where a message is, by the vendor's own id, at any of a location's providers.
    async fn by_external_id(&self, location: LocationKey, external_id: &str) -> Result<Vec<Message>, StoreFault>;
    /// The conversations of whoever has this phone number, address or other identity.
    async fn by_identity(&self, location: LocationKey, value: &str) -> Result<Vec<ContactKey>, StoreFault>;
    /// Who answers as whoever has exactly this identity.
    async fn owner(&self, location: LocationKey, identity: &Identity) -> Result<Option<ContactKey>, StoreFault>;
    /// Calls that have been under way past their deadline and are not announced yet, oldest first, at most `limit`: where
    /// each belongs, by which provider it came, and its message. The one question that names no location: a chore asks it.
    async fn overdue_calls(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(LocationKey, ProviderKey, MessageKey)>, StoreFault>;
}

/// Which messages of a conversation to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageQuery {
    /// Where.
    pub location: LocationKey,
    /// Whose.
    pub contact: ContactKey,
    /// Only those before this one.
    pub before: Option<MessageKey>,
    /// Only those by these channels; any, where empty.
    pub channels: Vec<Channel>,
    /// At most so many.
    pub limit: usize,
}

/// One page of a conversation.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MessagePage {
    /// The messages, newest first.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub more: bool,
}

/// Which messages of a location to read, in order of arrival.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportQuery {
    /// Where.
    pub location: LocationKey,
    /// Of one conversation only.
    pub contact: Option<ContactKey>,
    /// Only those by these channels.
    pub channels: Vec<Channel>,
    /// Only those that were written at or after this moment.
    pub since: Option<Timestamp>,
    /// Only those that were written before this moment.
    pub until: Option<Timestamp>,
    /// Only those after this one of the order.
    pub after: Option<MessageKey>,
    /// The first that arrived first.
    pub oldest_first: bool,
    /// At most so many.
    pub limit: usize,
    /// Whether to count all that fit, which takes as long as there are many.
    pub count: bool,
}

/// One page of a location's messages.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Export {
    /// The messages.
    pub messages: Vec<Message>,
    /// Whether there are more.
    pub more: bool,
    /// How many fit in all, where that was asked.
    pub total: Option<u64>,
}

/// Which conversations to read, newest activity first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConversationQuery {
    /// Where.
    pub location: LocationKey,
    /// Only those with unread messages (`Some(true)`) or without (`Some(false)`).
    pub unread: Option<bool>,
    /// Only those that are starred (`Some(true)`) or not (`Some(false)`).
    pub starred: Option<bool>,
    /// Only those whose latest message was written at or after this moment.
    pub since: Option<Timestamp>,
    /// Only those whose latest message was written before this moment.
    pub until: Option<Timestamp>,
    /// Only those whose contact was made at or after this moment.
    pub made_since: Option<Timestamp>,
    /// Only those whose contact was made before this moment.
    pub made_until: Option<Timestamp>,
    /// Only the one of this contact.
    pub contact: Option<ContactKey>,
    /// Only those whose contact's name, number or address contains this.
    pub text: Option<String>,
    /// Only those whose last message came by one of these; any, where empty.
    pub last_channels: Vec<Channel>,
    /// Only those whose last message went this way.
    pub last_direction: Option<Direction>,
    /// Only those after this place of the list: the last activity and key of its last row.
    pub after: Option<(Timestamp, Option<ContactKey>)>,
    /// Oldest activity first.
    pub oldest_first: bool,
    /// At most so many.
    pub limit: usize,
}

impl ConversationQuery {
    /// The newest `limit` conversations of a location.
    pub fn newest(location: LocationKey, limit: usize) -> Self {
        Self {
            location,
            unread: None,
            starred: None,
            since: None,
            until: None,
            made_since: None,
            made_until: None,
            contact: None,
            text: None,
            last_channels: Vec::new(),
            last_direction: None,
            after: None,
            oldest_first: false,
            limit,
        }
    }
}

/// How many of a location's conversations stand out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tallies {
    /// Those with something that nobody has read.
    pub unread: u64,
    /// Those that a person starred.
    pub starred: u64,
}

/// A conversation as it is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct ConversationView {
    /// Its key, and its contact's.
    pub key: ContactKey,
    /// Where it belongs.
    pub location: LocationKey,
    /// The contact's name, where known.
    pub name: Option<String>,
    /// The contact's phone number, where known.
    pub phone: Option<String>,
    /// The contact's e-mail address, where known.
    pub email: Option<String>,
    /// When the contact was made.
    pub created_at: Timestamp,
    /// How many messages nobody has read.
    pub unread: i64,
    /// Whether a person starred it.
    pub starred: bool,
    /// How many messages there are.
    pub count: i64,
    /// When its latest message was written; the contact's making where it has none.
    pub last_at: Timestamp,
    /// Its last message, if it has one.
    pub last: Option<Message>,
}
