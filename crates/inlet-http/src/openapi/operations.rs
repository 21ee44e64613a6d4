//! Every operation of HighLevel's API that is served.

use super::operation::{Access, Asked, Kind, Operation, limit, needed, text, word};

const LOCATION: Asked = needed("locationId", "The location of the token.");

const READ: Access = Access::Location("conversations.readonly");
const WRITE: Access = Access::Location("conversations.write");
const READ_MESSAGES: Access = Access::Location("conversations/message.readonly");
const WRITE_MESSAGES: Access = Access::Location("conversations/message.write");
const READ_CONTACTS: Access = Access::Location("contacts.readonly");
const WRITE_CONTACTS: Access = Access::Location("contacts.write");

const SEARCH: &[Asked] = &[
    LOCATION,
    text("contactId", "Of this contact only."),
    text("id", "This conversation only."),
    text("query", "What its contact is called, or a number or an address."),
    word(
        "status",
        &["all", "read", "unread", "starred", "recents"],
        "Which ones.",
    ),
    text("lastMessageType", "Types such as TYPE_SMS, with commas between."),
    word(
        "lastMessageDirection",
        &["inbound", "outbound"],
        "Which way the last message went.",
    ),
    word("sort", &["asc", "desc"], "Newest first unless said."),
    word("sortBy", &["last_message_date"], "What they are sorted by."),
    text("startAfterDate", "The `sort` of the last one of the page before."),
    limit("limit", 100),
];

const MESSAGES: &[Asked] = &[
    limit("limit", 100),
    text("lastMessageId", "The last one of the page before."),
    text("type", "Types such as TYPE_SMS, with commas between."),
];

const EXPORT: &[Asked] = &[
    LOCATION,
    text("contactId", "Of this contact only."),
    text("conversationId", "Of this conversation only."),
    word(
        "channel",
        &["Call", "SMS", "Email", "WhatsApp", "Instagram", "Facebook"],
        "Of this channel only.",
    ),
    word("sortBy", &["createdAt", "updatedAt"], "What they are sorted by."),
    word("sortOrder", &["asc", "desc"], "Newest first unless said."),
    text("startDate", "From this moment on, as ISO 8601."),
    text("endDate", "Up to this moment, as ISO 8601."),
    text("cursor", "The `nextCursor` of the page before."),
    Asked {
        name: "limit",
        kind: Kind::Number(10, 1000),
        required: false,
        note: "How many on a page; 100 unless said.",
    },
];

const INSTALLED: &[Asked] = &[
    needed("companyId", "The agency of the token."),
    needed("appId", "The app of the token."),
    text("query", "Part of a name."),
    Asked {
        name: "isInstalled",
        kind: Kind::Flag,
        required: false,
        note: "Only those where it is, or where it is not.",
    },
    text("locationId", "This location only."),
];

/// The table.
pub const OPERATIONS: &[Operation] = &[
    Operation::new(
        "POST",
        "/conversations/messages/inbound",
        "Add an inbound message",
        WRITE_MESSAGES,
    )
    .takes("AddInbound")
    .answers(200, "Recorded"),
    Operation::new(
        "POST",
        "/v1/conversations/messages",
        "Add an inbound message, the older form",
        WRITE_MESSAGES,
    )
    .takes("AddOlder")
    .answers(201, "Recorded")
    .without_version(),
    Operation::new(
        "POST",
        "/conversations/messages/outbound",
        "Add a call that went out",
        WRITE_MESSAGES,
    )
    .takes("AddCall")
    .answers(200, "Recorded"),
    Operation::new("POST", "/conversations/messages", "Send a message", WRITE_MESSAGES)
        .takes("SendMessage")
        .answers(200, "Standing"),
    Operation::new(
        "DELETE",
        "/conversations/messages/{id}/schedule",
        "Take back a message that was to be sent later",
        WRITE_MESSAGES,
    )
    .answers(200, "ScheduleCancelled"),
    Operation::new(
        "DELETE",
        "/conversations/messages/email/{id}/schedule",
        "Take back a mail that was to be sent later",
        WRITE_MESSAGES,
    )
    .answers(200, "ScheduleCancelled"),
    Operation::new(
        "PUT",
        "/conversations/messages/{id}/status",
        "Report how a message stands",
        WRITE_MESSAGES,
    )
    .takes("StatusWord")
    .answers(200, "Standing"),
    Operation::new(
        "PUT",
        "/conversations/messages/email/{id}/status",
        "Report how a mail stands",
        WRITE_MESSAGES,
    )
    .takes("StatusWord")
    .answers(200, "Standing"),
    Operation::new("GET", "/conversations/search", "Find conversations", READ)
        .asks(SEARCH)
        .answers(200, "FoundConversations"),
    Operation::new("POST", "/conversations", "Make a contact's conversation", WRITE)
        .takes("NewConversation")
        .answers(201, "ChangedConversation"),
    Operation::new("GET", "/conversations/{conversationId}", "Read a conversation", READ).answers(200, "Conversation"),
    Operation::new("PUT", "/conversations/{conversationId}", "Mark a conversation", WRITE)
        .takes("ConversationMarks")
        .answers(200, "ChangedConversation"),
    Operation::new(
        "DELETE",
        "/conversations/{conversationId}",
        "Delete a conversation",
        WRITE,
    ),
    Operation::new(
        "GET",
        "/conversations/{conversationId}/messages",
        "Read its messages",
        READ_MESSAGES,
    )
    .asks(MESSAGES)
    .answers(200, "Messages"),
    Operation::new(
        "GET",
        "/conversations/messages/export",
        "Read all messages",
        READ_MESSAGES,
    )
    .asks(EXPORT)
    .answers(200, "Exported"),
    Operation::new(
        "POST",
        "/conversations/messages/upload",
        "Hand files in",
        WRITE_MESSAGES,
    )
    .takes("Upload")
    .answers(200, "Uploaded"),
    Operation::new(
        "PUT",
        "/conversations/messages/{id}/attachments",
        "Give a call other files",
        WRITE_MESSAGES,
    )
    .takes("AttachmentsBody")
    .answers(200, "Attachments"),
    Operation::new(
        "GET",
        "/conversations/messages/{messageId}/locations/{locationId}/recording",
        "Hear a call",
        READ_MESSAGES,
    )
    .answers(302, "Sound"),
    Operation::new(
        "GET",
        "/conversations/locations/{locationId}/messages/{messageId}/transcription",
        "Read what was said in a call",
        READ_MESSAGES,
    )
    .answers(200, "Sentences"),
    Operation::new(
        "GET",
        "/conversations/locations/{locationId}/messages/{messageId}/transcription/download",
        "The same as text",
        READ_MESSAGES,
    )
    .answers(200, "Text"),
    Operation::new(
        "POST",
        "/conversations/providers/live-chat/typing",
        "Say that somebody types",
        Access::Location("conversations/livechat.write"),
    )
    .takes("Typing")
    .answers(201, "Success"),
    Operation::new("GET", "/conversations/messages/{id}", "Read a message", READ_MESSAGES).answers(200, "OneMessage"),
    Operation::new(
        "GET",
        "/conversations/messages/email/{id}",
        "Read a mail",
        READ_MESSAGES,
    )
    .answers(200, "Mail")
    .without_version(),
    Operation::new("POST", "/contacts", "Make a contact", WRITE_CONTACTS)
        .takes("NewContact")
        .answers(201, "ContactAnswer"),
    Operation::new("POST", "/contacts/upsert", "Make or change a contact", WRITE_CONTACTS)
        .takes("UpsertContact")
        .answers(200, "UpsertedContact"),
    Operation::new("POST", "/contacts/search", "Find contacts", READ_CONTACTS)
        .takes("ContactSearch")
        .answers(200, "FoundContacts"),
    Operation::new(
        "GET",
        "/contacts/search/duplicate",
        "Find a contact by number or address",
        READ_CONTACTS,
    )
    .asks(&[LOCATION, text("number", "A number."), text("email", "An address.")])
    .answers(200, "PerhapsContact"),
    Operation::new("GET", "/contacts", "List contacts, the older form", READ_CONTACTS)
        .asks(&[
            LOCATION,
            text("query", "Part of a name, number or address."),
            limit("limit", 100),
            text("startAfterId", "The last one of the page before."),
        ])
        .answers(200, "ContactList"),
    Operation::new("GET", "/contacts/{contactId}", "Read a contact", READ_CONTACTS).answers(200, "ContactAnswer"),
    Operation::new("PUT", "/contacts/{contactId}", "Change a contact", WRITE_CONTACTS)
        .takes("ContactFields")
        .answers(200, "ChangedContact"),
    Operation::new("DELETE", "/contacts/{contactId}", "Delete a contact", WRITE_CONTACTS).answers(200, "Succeeded"),
    Operation::new("POST", "/contacts/{contactId}/tags", "Add tags", WRITE_CONTACTS)
        .takes("TagsBody")
        .answers(201, "Tags"),
    Operation::new("DELETE", "/contacts/{contactId}/tags", "Remove tags", WRITE_CONTACTS)
        .takes("TagsBody")
        .answers(200, "Tags"),
    Operation::new(
        "GET",
        "/contacts/{contactId}/notes",
        "Read a contact's notes",
        READ_CONTACTS,
    )
    .answers(200, "Notes"),
    Operation::new("POST", "/contacts/{contactId}/notes", "Write a note", WRITE_CONTACTS)
        .takes("NoteBody")
        .answers(201, "NoteAnswer"),
    Operation::new("GET", "/contacts/{contactId}/notes/{id}", "Read a note", READ_CONTACTS).answers(200, "NoteAnswer"),
    Operation::new(
        "PUT",
        "/contacts/{contactId}/notes/{id}",
        "Write a note anew",
        WRITE_CONTACTS,
    )
    .takes("NoteBody")
    .answers(200, "NoteAnswer"),
    Operation::new(
        "DELETE",
        "/contacts/{contactId}/notes/{id}",
        "Delete a note",
        WRITE_CONTACTS,
    )
    .answers(200, "Succeeded"),
    Operation::new(
        "GET",
        "/locations/{locationId}",
        "Read a location",
        Access::Either("locations.readonly"),
    )
    .answers(200, "Location"),
    Operation::new("POST", "/oauth/token", "Exchange for an access token", Access::Client)
        .takes("TokenRequest")
        .answers(200, "Tokens")
        .without_version(),
    Operation::new(
        "POST",
        "/oauth/locationToken",
        "Get a location's token for an agency's",
        Access::Agency("oauth.write"),
    )
    .takes("LocationTokenRequest")
    .answers(200, "Tokens"),
    Operation::new(
        "POST",
        "/oauth/location-token",
        "The same under its newer name",
        Access::Agency("oauth.write"),
    )
    .takes("LocationTokenRequest")
    .answers(200, "Tokens"),
    Operation::new(
        "GET",
        "/oauth/installedLocations",
        "List where an app is installed",
        Access::Agency("oauth.readonly"),
    )
    .asks(INSTALLED)
    .answers(200, "InstalledLocations"),
    Operation::new(
        "GET",
        "/oauth/installed-locations",
        "The same in its newer form",
        Access::Agency("oauth.readonly"),
    )
    .asks(INSTALLED)
    .answers(200, "InstalledLocationsPage"),
    Operation::new("GET", "/health", "Whether it is there", Access::Anybody)
        .answers(200, "Health")
        .without_version(),
];
