//! Conversations that are made, changed and deleted, in HighLevel's words.

use inlet_core::{
    change::Mark,
    ids::{ContactKey, IdCodec, IdKind},
    inbox::ConversationView,
    registry::Location,
};
use serde::Serialize;

use crate::{fault::Fault, fields::Fields, message_type::stored, time};

/// Unread messages that a conversation may be said to have, at most.
const MOST_UNREAD: u64 = 1_000_000;

/// `POST /conversations/`: whose conversation is to be made.
pub fn made_for(body: &[u8], location: &Location, ids: &IdCodec) -> Result<ContactKey, Fault> {
    let mut body = Fields::parse(body)?;
    here(&mut body, location)?;
    let contact = body.word("contactId");
    if contact.is_none() {
        body.complain("contactId", "is required");
    }
    body.finish()?;
    let key = contact.and_then(|id| ids.decode(IdKind::Contact, &id));
    key.map(ContactKey).ok_or_else(Fault::unknown_contact)
}

/// `PUT /conversations/{conversationId}`: how it is to be marked.
pub fn marks(body: &[u8], location: &Location) -> Result<Vec<Mark>, Fault> {
    let mut body = Fields::parse(body)?;
    here(&mut body, location)?;
    let mut marks = Vec::new();
    if let Some(starred) = body.flag("starred") {
        marks.push(if starred { Mark::Starred } else { Mark::Unstarred });
    }
    if let Some(count) = body.take("unreadCount") {
        let count = count.as_u64().filter(|count| *count <= MOST_UNREAD);
        match count.and_then(|count| u32::try_from(count).ok()) {
            Some(count) => marks.push(Mark::Count(count)),
            None => body.complain("unreadCount", "must be a whole number that is not negative"),
        }
    }
    body.finish()?;
    Ok(marks)
}

fn here(body: &mut Fields, location: &Location) -> Result<(), Fault> {
    match body.word("locationId") {
        Some(id) if id != location.id => Err(Fault::other_location()),
        Some(_) => Ok(()),
        None => {
            body.complain("locationId", "is required");
            Ok(())
        }
    }
}

/// A conversation that was made or changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Changed {
    success: bool,
    conversation: Conversation,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Conversation {
    id: String,
    contact_id: String,
    location_id: String,
    unread_count: i64,
    inbox: bool,
    starred: bool,
    deleted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_type: Option<&'static str>,
    last_message_date: String,
    date_added: String,
    date_updated: String,
}

impl Changed {
    /// A conversation of this location.
    pub fn new(view: &ConversationView, location: &Location, ids: &IdCodec) -> Self {
        let last = view.last.as_ref();
        Self {
            success: true,
            conversation: Conversation {
                id: ids.conversation(view.key),
                contact_id: ids.contact(view.key),
                location_id: location.id.clone(),
                unread_count: view.unread,
                inbox: true,
                starred: view.starred,
                deleted: false,
                last_message_body: last.and_then(|last| last.body.clone()),
                last_message_type: last.map(|last| stored(last.channel).1),
                last_message_date: time::print(view.last_at),
                date_added: time::print(view.created_at),
                date_updated: time::print(view.last_at),
            },
        }
    }
}

/// It was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Success {
    success: bool,
}

impl Success {
    /// It was.
    pub fn yes() -> Self {
        Self { success: true }
    }
}

#[cfg(test)]
mod tests {
    use inlet_core::{Timestamp, ids::LocationKey};

    use super::*;

    fn location() -> Location {
        Location {
            key: LocationKey(1),
            id: "loc1".to_owned(),
            name: String::new(),
            country: None,
            agency: None,
            created_at: Timestamp::UNIX_EPOCH,
            words: inlet_core::consent::ConsentWords::default(),
            views: Vec::new(),
        }
    }

    #[test]
    fn marks_are_read_or_refused() {
        let cases = [
            (r#"{"locationId":"loc1"}"#, Ok(vec![])),
            (r#"{"locationId":"loc1","unreadCount":0}"#, Ok(vec![Mark::Count(0)])),
            (
                r#"{"locationId":"loc1","unreadCount":2,"starred":true,"feedback":{}}"#,
                Ok(vec![Mark::Starred, Mark::Count(2)]),
            ),
            (r#"{"locationId":"loc1","starred":false}"#, Ok(vec![Mark::Unstarred])),
            (r#"{"locationId":"loc2"}"#, Err(403)),
            ("{}", Err(422)),
            (r#"{"locationId":"loc1","unreadCount":-1}"#, Err(422)),
            (r#"{"locationId":"loc1","unreadCount":1.5}"#, Err(422)),
            (r#"{"locationId":"loc1","starred":"yes"}"#, Err(422)),
            ("[]", Err(400)),
        ];
        for (body, expected) in cases {
            let read = marks(body.as_bytes(), &location()).map_err(|fault| fault.status);
            assert_eq!(read, expected, "{body}");
        }
    }

    #[test]
    fn a_conversation_is_made_for_a_contact_that_can_be_named() {
        let ids = IdCodec::new([1; 16]);
        let id = ids.contact(ContactKey(7));
        let cases = [
            (
                format!(r#"{{"locationId":"loc1","contactId":"{id}"}}"#),
                Ok(ContactKey(7)),
            ),
            (r#"{"locationId":"loc1","contactId":"x"}"#.to_owned(), Err(404)),
            (r#"{"locationId":"loc1"}"#.to_owned(), Err(422)),
            (format!(r#"{{"locationId":"loc2","contactId":"{id}"}}"#), Err(403)),
        ];
        for (body, expected) in cases {
            let read = made_for(body.as_bytes(), &location(), &ids).map_err(|fault| fault.status);
            assert_eq!(read, expected, "{body}");
        }
    }
}
