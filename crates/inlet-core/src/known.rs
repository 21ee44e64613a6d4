//! What the store found out for a batch before the rule decides: a small world in memory, to which each decision adds,
//! so that a later change of the batch sees what an earlier one did.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    address::Identity,
    channel::Channel,
    contact::{Before, Contact},
    decide::{Decision, Early, Forgotten, Kept, Record},
    ids::{ContactKey, LocationKey, MessageKey},
    message::Message,
    registry::Registry,
    seen::{Seen, SeenHash},
};

/// What is known about everything that a batch touches.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Who owns what.
    pub registry: Arc<Registry>,
    /// What has been recorded under the hashes of the batch. A hash that is absent has not been seen.
    pub seen: HashMap<SeenHash, Seen>,
    /// Rows of `seen` that are taken by another hash, so that the next one up must be used.
    pub taken: HashSet<i64>,
    /// Whose the identities of the batch are: who answers, where they were merged.
    pub people: HashMap<(LocationKey, Identity), ContactKey>,
    /// The conversations of the batch, each at its location.
    pub conversations: HashMap<ContactKey, Conversation>,
    /// Who answers as whom, among the contacts that the batch touches: those that were merged into another.
    pub aliases: HashMap<ContactKey, ContactKey>,
    /// All who answer as a contact, where the batch merges, parts or forgets it.
    pub merged: HashMap<ContactKey, Vec<Merged>>,
    /// When the latest message of a contact's own was written, where another parts from it.
    pub latest: HashMap<ContactKey, Timestamp>,
    /// The contacts that the batch changes, each at its location: those that are edited, or opt out or in.
    pub contacts: HashMap<ContactKey, Contact>,
    /// What was said of the batch's messages and calls before they came.
    pub early: HashMap<SeenHash, Early>,
    /// The messages that the batch amends or answers, each at its location.
    pub messages: HashMap<MessageKey, Message>,
}

/// A contact's conversation, as far as the rule needs it. Its key is the contact's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conversation {
    /// Where it belongs.
    pub location: LocationKey,
    /// Whether its row exists; a contact has no row before the first message.
    pub stored: bool,
    /// The sequence of its last message; 0 before the first.
    pub last_seq: i64,
    /// Its last message.
    pub last_message: Option<MessageKey>,
    /// By what the last message came.
    pub last_channel: Option<Channel>,
    /// When its latest message was written.
    pub last_at: Timestamp,
    /// How many messages nobody has read.
    pub unread: i64,
    /// Whether a person starred it.
    pub starred: bool,
}

/// A contact that was merged into another.
#[derive(Clone, PartialEq, Debug)]
pub struct Merged {
    /// Its key.
    pub key: ContactKey,
    /// Whom it was merged into, which may have been merged itself since.
    pub into: ContactKey,
    /// What that one was before.
    pub before: Before,
    /// Its own conversation, if it has one.
    pub conversation: Option<Conversation>,
}

impl Conversation {
    /// A conversation before its first message.
    pub fn empty(location: LocationKey) -> Self {
        Self {
            location,
            stored: false,
            last_seq: 0,
            last_message: None,
            last_channel: None,
            last_at: Timestamp::UNIX_EPOCH,
            unread: 0,
            starred: false,
        }
    }
}

impl Known {
    /// Who answers for a contact: itself, unless it was merged into another.
    pub fn answering(&self, contact: ContactKey) -> ContactKey {
        self.aliases.get(&contact).copied().unwrap_or(contact)
    }

    /// Adds what a decision will make true.
    pub(crate) fn learn(&mut self, decision: &Decision) {
        match decision {
            Decision::Record(record) => self.learn_record(record),
            Decision::Amend(amend) => {
                self.messages.insert(amend.message.key, amend.message.clone());
            }
            Decision::Wait(early) => {
                self.early.insert(early.hash, (**early).clone());
            }
            Decision::Mark(marked) => {
                self.conversations.insert(marked.contact, marked.conversation.clone());
            }
            Decision::Contact(kept) => self.learn_contact(kept),
            Decision::Forget(forgotten) => self.unlearn(forgotten),
            // Changes of contacts come one after the other, and each looks for itself whose is whose.
            Decision::Join(_) | Decision::Seen(_) | Decision::Refused(_) => {}
        }
    }

    fn learn_record(&mut self, record: &Record) {
        let message = &record.message;
        for (hash, seen) in &record.seen {
            self.seen.insert(*hash, seen.clone());
            self.taken.insert(hash.row);
        }
        for identity in &record.identities {
            self.people
                .insert((message.location, identity.clone()), message.contact);
        }
        self.conversations.insert(message.contact, record.conversation.clone());
        let made = record.new_contact.as_ref();
        let made = made.map(|new| new.contact(message.location, message.created_at));
        if let Some(contact) = record.contact.clone().or(made) {
            self.contacts.insert(contact.key, contact);
        }
        for (hash, _) in &record.awaited {
            self.early.remove(hash);
        }
        // What a later change of the batch may answer, or be a later word on.
        if message.channel.is_email() || message.detail.call.is_some() || message.channel.is_revisable() {
            self.messages.insert(message.key, message.clone());
        }
    }

    fn learn_contact(&mut self, kept: &Kept) {
        let contact = &kept.contact;
        for identity in &kept.dropped {
            self.people.remove(&(contact.location, identity.clone()));
        }
        for identity in &kept.identities {
            self.people.insert((contact.location, identity.clone()), contact.key);
        }
        if kept.new {
            self.conversations
                .insert(contact.key, Conversation::empty(contact.location));
        }
        self.contacts.insert(contact.key, contact.clone());
    }

    fn unlearn(&mut self, forgotten: &Forgotten) {
        if forgotten.with_contact {
            self.contacts.remove(&forgotten.contact);
            self.conversations.remove(&forgotten.contact);
            self.people.retain(|_, contact| *contact != forgotten.contact);
        } else {
            self.conversations
                .insert(forgotten.contact, Conversation::empty(forgotten.location));
        }
        self.messages.retain(|_, message| message.contact != forgotten.contact);
    }

    /// The hash under which something new is kept: the next row up while another hash has the row.
    pub(crate) fn free(&self, mut hash: SeenHash) -> SeenHash {
        while self.taken.contains(&hash.row) {
            hash.row = hash.row.wrapping_add(1) & i64::MAX;
        }
        hash
    }
}
