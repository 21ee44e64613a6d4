//! The webhooks about contacts and the unread count.

use inlet_core::{
    announcer::{ContactAnnouncement, Subject},
    ids::IdCodec,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{contacts::shown_fields, time};

/// What each of them carries, around what it is about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    location_id: &'a str,
    #[serde(flatten)]
    fields: Map<String, Value>,
    app_id: &'a str,
    version_id: &'a str,
    timestamp: String,
    webhook_id: String,
}

/// The event's body.
pub(super) fn about<'a>(announcement: &ContactAnnouncement<'a>, ids: &IdCodec) -> About<'a> {
    About {
        kind: announcement.kind.name(),
        location_id: &announcement.location.id,
        fields: fields(announcement.subject, ids),
        app_id: &announcement.app.id,
        version_id: &announcement.app.id,
        timestamp: time::print(announcement.at),
        webhook_id: ids.webhook(announcement.event),
    }
}

fn fields(subject: &Subject<'_>, ids: &IdCodec) -> Map<String, Value> {
    match subject {
        Subject::Contact(contact) => shown_fields(contact, ids),
        Subject::Conversation {
            contact,
            conversation,
            deleted,
        } => [
            ("id", json!(ids.conversation(*contact))),
            ("contactId", json!(ids.contact(*contact))),
            ("unreadCount", json!(conversation.unread)),
            ("inbox", json!(!deleted)),
            ("starred", json!(conversation.starred)),
            ("deleted", json!(deleted)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect(),
    }
}
