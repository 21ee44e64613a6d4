//! The JSON of the reading endpoints, field by field. Fields that one published version requires are always there.

use serde::Serialize;

/// HighLevel's `GetMessageResponseDto`.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageJson {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: u32,
    pub(super) message_type: &'static str,
    pub(super) location_id: String,
    pub(super) contact_id: String,
    pub(super) conversation_id: String,
    pub(super) date_added: String,
    pub(super) body: String,
    pub(super) direction: &'static str,
    pub(super) status: &'static str,
    pub(super) content_type: &'static str,
    pub(super) attachments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) meta: Option<Meta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conversation_provider_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chat_widget_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alt_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call_duration: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<CallMeta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<EmailMeta>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct CallMeta {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration: Option<u32>,
    pub(super) status: &'static str,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EmailMeta {
    pub(super) message_ids: Vec<String>,
}

/// One message, flat and nested at once.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OneMessage {
    /// As the specification has it.
    #[serde(flatten)]
    pub flat: MessageJson,
    pub(super) message: MessageJson,
}

/// One page of a location's messages.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportJson {
    pub(super) messages: Vec<MessageJson>,
    /// Nothing at the end.
    pub(super) next_cursor: Option<String>,
    pub(super) total: u64,
}

/// One page of a conversation.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagesJson {
    pub(super) messages: Nested,
    pub(super) last_message_id: Option<String>,
    pub(super) next_page: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Nested {
    pub(super) last_message_id: Option<String>,
    pub(super) next_page: bool,
    pub(super) messages: Vec<MessageJson>,
}

/// One mail.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MailJson {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alt_id: Option<String>,
    pub(super) thread_id: String,
    pub(super) location_id: String,
    pub(super) contact_id: String,
    pub(super) conversation_id: String,
    pub(super) date_added: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<String>,
    pub(super) body: String,
    pub(super) direction: &'static str,
    pub(super) status: &'static str,
    pub(super) content_type: &'static str,
    pub(super) attachments: Vec<String>,
    pub(super) from: String,
    pub(super) to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cc: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) bcc: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_to_message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conversation_provider_id: Option<String>,
}

/// One conversation.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationJson {
    pub(super) id: String,
    pub(super) contact_id: String,
    pub(super) location_id: String,
    pub(super) deleted: bool,
    pub(super) inbox: bool,
    #[serde(rename = "type")]
    pub(super) kind: u32,
    pub(super) unread_count: i64,
    pub(super) starred: bool,
}

/// What a search found.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FoundConversations {
    pub(super) conversations: Vec<FoundConversation>,
    pub(super) total: u64,
}

/// A conversation as a search shows it; dates in milliseconds since 1970, as the service gives them here.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FoundConversation {
    pub(super) id: String,
    pub(super) contact_id: String,
    pub(super) location_id: String,
    pub(super) last_message_body: String,
    pub(super) last_message_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_message_direction: Option<&'static str>,
    pub(super) last_message_date: i64,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) unread_count: i64,
    pub(super) full_name: String,
    pub(super) contact_name: String,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) date_added: i64,
    pub(super) date_updated: i64,
    pub(super) starred: bool,
    /// What to send as `startAfterDate` for the next page.
    pub(super) sort: (i64, String),
}
