//! The port for the language of events: the rule says what happened, the announcer puts it in the subscriber's words.

use std::fmt;

use jiff::Timestamp;

use crate::{
    event::EventKind,
    ids::EventKey,
    message::Message,
    registry::{App, Location, Provider},
};

/// Renders announcements. `inlet-highlevel` keeps it, the binary passes it in.
pub trait Announcer: fmt::Debug + Send + Sync {
    /// The exact bytes to freeze. It must be a pure function of what it is given.
    fn render(&self, announcement: &Announcement<'_>) -> String;
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
