//! What is announced. An event is rendered once, when it is recorded, and its bytes never change after.

use crate::{
    channel::coded,
    delivery::Promise,
    ids::{ContactKey, EventKey, LocationKey, MessageKey},
};

coded! {
    /// What an event tells.
    EventKind {
        /// A message came in.
        InboundMessage = 1,
        /// A message went out.
        OutboundMessage = 2,
        /// A contact was made.
        ContactCreate = 3,
        /// Fields of a contact changed.
        ContactUpdate = 4,
        /// A contact is gone.
        ContactDelete = 5,
        /// The tags of a contact changed.
        ContactTagUpdate = 6,
        /// A contact may be written to, or no longer.
        ContactDndUpdate = 7,
        /// There is more or less to read in a conversation.
        ConversationUnreadUpdate = 8,
        /// A message is handed to the provider that is to send it.
        ProviderOutboundMessage = 9,
    }
}

impl EventKind {
    /// The name a subscriber knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::InboundMessage => "InboundMessage",
            Self::OutboundMessage => "OutboundMessage",
            Self::ContactCreate => "ContactCreate",
            Self::ContactUpdate => "ContactUpdate",
            Self::ContactDelete => "ContactDelete",
            Self::ContactTagUpdate => "ContactTagUpdate",
            Self::ContactDndUpdate => "ContactDndUpdate",
            Self::ConversationUnreadUpdate => "ConversationUnreadUpdate",
            Self::ProviderOutboundMessage => "ProviderOutboundMessage",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// An event, rendered for one app, with the destinations of that app it is promised to.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Its key; the first promise is stored under the same number and carries the bytes.
    pub key: EventKey,
    /// The location it belongs to.
    pub location: LocationKey,
    /// What it tells.
    pub kind: EventKind,
    /// What must stay in order: the conversation.
    pub lane: ContactKey,
    /// The message it is about, where it is about one.
    pub message: Option<MessageKey>,
    /// The exact bytes that are signed and sent.
    pub body: String,
    /// To whom it is promised; never empty.
    pub promises: Vec<Promise>,
}
