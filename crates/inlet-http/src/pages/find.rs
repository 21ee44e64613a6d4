//! Finds what an address names by its id; what is not there, or is another location's, is answered alike.

use inlet_core::{
    Timestamp,
    clock::Millis,
    ids::{ContactKey, IdKind, MessageKey},
    inbox::{ConversationView, MessagePage, MessageQuery},
    registry::Location,
};

use super::fault::Fault;
use crate::state::Shared;

/// Messages on a page of a thread.
const MESSAGES: usize = 50;

/// The location of that id.
pub(super) fn find_location(shared: &Shared, id: &str) -> Result<Location, Fault> {
    let registry = shared.directory.registry();
    registry.location_by_id(id).cloned().ok_or(Fault::NotFound)
}

/// The location of that id, with its conversation of that id.
pub(super) async fn find_conversation(
    shared: &Shared,
    location: &str,
    id: &str,
) -> Result<(Location, ConversationView), Fault> {
    let location = find_location(shared, location)?;
    let key = conversation_key(shared, id)?;
    let view = shared.inbox.conversation(location.key, key).await?;
    Ok((location, view.ok_or(Fault::NotFound)?))
}

/// A page of a conversation: what is before one message, or else the newest.
pub(super) async fn messages(
    shared: &Shared,
    location: &Location,
    contact: ContactKey,
    before: Option<MessageKey>,
) -> Result<MessagePage, Fault> {
    let query = MessageQuery {
        location: location.key,
        contact,
        before,
        channels: Vec::new(),
        limit: MESSAGES,
    };
    Ok(shared.inbox.messages(&query).await?)
}

/// What the id of a conversation stands for.
pub(super) fn conversation_key(shared: &Shared, id: &str) -> Result<ContactKey, Fault> {
    let key = shared.ids.decode(IdKind::Conversation, id);
    key.map(ContactKey).ok_or(Fault::NotFound)
}

/// What the id of a message stands for.
pub(super) fn message_key(shared: &Shared, id: &str) -> Result<MessageKey, Fault> {
    let key = shared.ids.decode(IdKind::Message, id);
    key.map(MessageKey).ok_or(Fault::NotFound)
}

/// After which conversation a page of the list begins, as the page before it said.
pub(super) fn list_cursor(shared: &Shared, text: &str) -> Result<(Timestamp, Option<ContactKey>), Fault> {
    let (millis, id) = text.split_once('.').ok_or(Fault::NotFound)?;
    let millis = millis.parse().map_err(|_| Fault::NotFound)?;
    Ok((Millis(millis).timestamp(), Some(conversation_key(shared, id)?)))
}
