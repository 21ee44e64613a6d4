//! The port for the language of events: the rule says what happened, the announcer puts it in the subscriber's words.

use std::fmt;

use jiff::Timestamp;

use crate::{
    contact::Contact,
    event::EventKind,
    ids::{ContactKey, EventKey},
    known::Conversation,
    message::Message,
    registry::{App, Location, Provider},
};

/// Renders announcements. `inlet-highlevel` keeps it, the binary passes it in.
pub trait Announcer: fmt::Debug + Send + Sync {
    /// The exact bytes to freeze. It must be a pure function of what it is given.
    fn render(&self, announcement: &Announcement<'_>) -> String;
    /// The same for what happened to a contact or a conversation.
    fn render_contact(&self, announcement: &ContactAnnouncement<'_>) -> String;
}

/// Something that happened and has subscribers.
#[derive(Clone, Copy, Debug)]
pub struct Announcement<'a> {
    /// What happened.
    pub kind: EventKind,
    /// The event's key, from which its webhook id is made.
    pub event: EventKey,
    /// The app it is rendered for.
    pub app: &'a App,
    /// Where it happened.
    pub location: &'a Location,
    /// The message it is about.
    pub message: &'a Message,
    /// The provider the message came by.
    pub provider: &'a Provider,
    /// When it was recorded.
    pub at: Timestamp,
}

/// Something that happened to a contact or a conversation and has subscribers.
#[derive(Clone, Copy, Debug)]
pub struct ContactAnnouncement<'a> {
    /// What happened.
    pub kind: EventKind,
    /// The event's key, from which its webhook id is made.
    pub event: EventKey,
    /// The app it is rendered for.
    pub app: &'a App,
    /// Where it happened.
    pub location: &'a Location,
    /// What it happened to.
    pub subject: &'a Subject<'a>,
    /// When it was recorded.
    pub at: Timestamp,
}

/// What an announcement without a message is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A contact as it stands after it, or as it stood before it was forgotten.
    Contact(&'a Contact),
    /// A conversation as it stands after it.
    Conversation {
        /// Whose it is.
        contact: ContactKey,
        /// How it stands.
        conversation: &'a Conversation,
        /// Whether it is gone.
        deleted: bool,
    },
}

impl Subject<'_> {
    /// Whose lane it goes in.
    pub fn contact(&self) -> ContactKey {
        match self {
            Self::Contact(contact) => contact.key,
            Self::Conversation { contact, .. } => *contact,
        }
    }
}
