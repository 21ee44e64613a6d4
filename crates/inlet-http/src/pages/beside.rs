//! What stands beside a thread: what became of a message, or what is known of the person.

use inlet_core::{contact::Contact, inbox::ConversationView, registry::Location};

use super::{
    fault::Fault,
    find::message_key,
    inspect::{Gathered, Inspector, gather},
    person::{self, Others, Panel},
    render,
    row::Setting,
};
use crate::state::Shared;

/// What stands beside a thread.
pub(super) enum Side {
    /// What became of a message.
    Message(Box<Gathered>),
    /// What is known of a person.
    Person(Box<((Contact, Others), ConversationView)>),
}

/// What is looked up for it.
pub(super) async fn beside(
    shared: &Shared,
    location: &Location,
    view: &ConversationView,
    (message, panel): (Option<&str>, Option<&str>),
) -> Result<Option<Side>, Fault> {
    if let Some(id) = message {
        let found = gather(shared, location, view, message_key(shared, id)?).await?;
        return Ok(Some(Side::Message(Box::new(found))));
    }
    if panel != Some("contact") {
        return Ok(None);
    }
    let contact = person::with_others(shared, location, view).await?;
    Ok(Some(Side::Person(Box::new((contact, view.clone())))))
}

impl Side {
    /// The same as HTML.
    pub(super) fn drawn(self, setting: Setting<'_>) -> String {
        match self {
            Self::Message(found) => render(&Inspector::new(&found, setting)).0,
            Self::Person(found) => render(&Panel::new(&found.0, &found.1, setting)).0,
        }
    }
}
