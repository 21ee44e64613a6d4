//! The port by which the store says, after a commit, that something happened. A bell carries hints only: whoever hears
//! it looks into the store for the truth, and whoever missed it finds the same at the next look.

use std::fmt;

use crate::ids::{ContactKey, DestinationKey, LocationKey, MessageKey};

/// Something that happened and is on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ring {
    /// A message was recorded or amended.
    Message {
        /// Where.
        location: LocationKey,
        /// In whose conversation.
        contact: ContactKey,
        /// Which.
        message: MessageKey,
        /// Whether it is new.
        new: bool,
    },
    /// A conversation was marked: read, unread, starred or not.
    Mark {
        /// Where.
        location: LocationKey,
        /// Whose.
        contact: ContactKey,
    },
    /// A destination was promised something.
    Promised {
        /// Where.
        location: LocationKey,
        /// To whom.
        destination: DestinationKey,
    },
    /// A file is waiting to be fetched.
    Media,
    /// A location, token, endpoint, provider or destination was added or changed.
    Directory,
}

/// Is rung after each commit, on the writer's thread: it must return at once.
pub trait Bell: fmt::Debug + Send + Sync {
    /// All that one commit made true.
    fn ring(&self, rings: &[Ring]);
}
