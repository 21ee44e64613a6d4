//! Every refusal in HighLevel's words: the status, the texts that its clients know, and what to do about it.

use inlet_core::{directory::StoreFault, intake::Refusal};
use serde::Serialize;

mod sending;
#[cfg(test)]
mod tests;

use crate::message_type::RequestType;

mod oauth;

/// A refusal, as HighLevel's error bodies say it. `hint` is ours, for texts of HighLevel's that do not say what to change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The status of the answer.
    #[serde(rename = "statusCode")]
    pub status: u16,
    /// What is wrong.
    pub message: Words,
    /// The name of the status, where HighLevel gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// HighLevel's code for it, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_code: Option<&'static str>,
    /// What goes along: what is there already, or what one endpoint alone says.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub found: Option<Box<Found>>,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// After how many seconds to come again.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// What is wrong: one sentence, or each of several, which HighLevel gives with a 422.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Words {
    /// One sentence.
    One(String),
    /// One sentence for each thing that is wrong.
    Each(Vec<String>),
}

/// What is there already, as HighLevel names it, or what one endpoint alone says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Found {
    /// The status once more, as HighLevel's `UploadFilesErrorResponseDto` names it.
    Upload {
        /// 400, 413 or 415.
        status: u16,
    },
    /// A contact.
    Contact {
        /// Which.
        meta: Duplicate,
    },
    /// A conversation.
    Conversation {
        /// Its id.
        conversation_id: String,
    },
    /// Nothing: it is about an exchange for tokens.
    Described {
        /// What is wrong.
        #[serde(rename = "error_description")]
        description: String,
    },
}

/// The contact that is there already, and by which field it was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    contact_id: String,
    matching_field: &'static str,
}

impl Fault {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: Words::One(message.into()),
            error: name(status),
            canonical_code: None,
            found: None,
            hint: None,
            retry_after: None,
        }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    fn code(self, code: &'static str) -> Self {
        Self {
            canonical_code: Some(code),
            ..self
        }
    }

    fn come_again(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// 400: the request cannot be read, or asks for what does not go together.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// 422: fields are missing or of the wrong form; all of them at once.
    pub fn unprocessable(messages: Vec<String>) -> Self {
        let bad_type = messages.iter().any(|message| message == BAD_TYPE);
        let fault = Self {
            message: Words::Each(messages),
            ..Self::new(422, "")
        };
        if bad_type {
            fault.hint_of_types(RequestType::ALL)
        } else {
            fault
        }
    }

    /// Says what a type may be.
    pub(crate) fn hint_of_types(self, types: &[RequestType]) -> Self {
        let names: Vec<_> = types.iter().map(|kind| kind.name()).collect();
        self.hint(format!(
            "Write type exactly as one of {}; capital letters count.",
            names.join(", ")
        ))
    }

    /// 401: no token came along.
    pub fn no_token() -> Self {
        Self::new(401, "Invalid token: access token is invalid")
            .hint("Send the header Authorization: Bearer <token>. `inlet token add` makes a token.")
    }

    /// 401: what came along is not a token of ours.
    pub fn garbage_token() -> Self {
        Self::new(401, "Invalid JWT")
            .hint("Send the header Authorization: Bearer <token>: a token that begins with pit-, or an access token.")
    }

    /// 401: a private integration token that nobody made here, or that was revoked.
    pub fn invalid_token() -> Self {
        Self::new(401, "Invalid Private Integration token")
            .hint("The token is unknown here or was revoked: make one with `inlet token add`.")
    }

    /// 401: the token may not do this.
    pub fn missing_scope(scope: &str) -> Self {
        Self::new(401, "The token is not authorized for this scope.")
            .hint(format!("This needs a token with the scope {scope}."))
    }

    /// 401: no `Version` header.
    pub fn no_version() -> Self {
        Self::new(401, "version header was not found.").hint("Send the header Version: 2021-04-15.")
    }

    /// 401: a `Version` that HighLevel never published.
    pub fn invalid_version(known: &[&str]) -> Self {
        Self::new(401, "version header is invalid").hint(format!("Send Version as one of {}.", known.join(", ")))
    }

    /// 403: the token belongs to another location.
    pub fn other_location() -> Self {
        Self::new(403, "The token does not have access to this location.")
            .hint("Send as locationId the location that the token was made for.")
    }

    /// 404: no such route. The query is left out: it may name a person.
    pub fn no_route(method: &str, path: &str) -> Self {
        Self::new(404, format!("Cannot {method} {path}"))
    }

    /// 414: an address of more than `most` bytes.
    pub fn long_target(most: usize) -> Self {
        Self::new(414, "The address is too long.").hint(format!("Ask for less: it may have {most} bytes."))
    }

    /// 404: a contact or conversation id that is unknown, or of another location, which is the same.
    pub fn unknown_contact() -> Self {
        Self::new(
            404,
            "There is no contact or conversation with this id at this location.",
        )
        .hint("Take the id from an answer or a webhook of this server; an inbound message may name phone or email instead.")
    }

    /// 404: a message id that is unknown, or of another location, which is the same.
    pub fn unknown_message() -> Self {
        Self::new(404, "There is no message with this id at this location.")
    }

    /// 404: an `emailMessageId` that is not of a mail in this conversation.
    pub fn unknown_email() -> Self {
        Self::new(404, "There is no e-mail with this emailMessageId in this conversation.")
            .hint("Send the emailMessageId that answered an earlier e-mail of the same contact, or leave it out.")
    }

    /// 400: `Custom` without a provider, which HighLevel answers with 201 and loses.
    pub fn custom_needs_provider() -> Self {
        Self::new(400, "conversationProviderId required for custom providers")
            .hint("`inlet provider list` shows the ids of your providers.")
    }

    /// 400: `Call` without a provider.
    pub fn call_needs_provider() -> Self {
        Self::new(400, "No conversationProviderId passed in body").hint("Send the id of a provider of the type Call.")
    }

    /// 400: no such provider at this location.
    pub fn unknown_provider() -> Self {
        Self::new(400, "Invalid conversationProviderId").hint("`inlet provider list` shows the ids of your providers.")
    }

    /// 400: the provider is not for messages of this type.
    pub fn provider_mismatch() -> Self {
        Self::new(400, "Incorrect conversationProviderId/type")
            .code("CONVERSATIONS_MSG_CONVERSATION_PROVIDER_MISMATCH")
            .hint("Send the type that the provider is for: an SMS provider takes SMS and Custom, an Email provider Email and Custom, a Call provider Call, a Custom provider Custom.")
    }

    /// 400: another contact has this number or address; which one, and by which of the two.
    pub fn duplicate(found: Option<(String, &'static str)>) -> Self {
        let found = found.map(|(contact_id, matching_field)| {
            let meta = Duplicate {
                contact_id,
                matching_field,
            };
            Box::new(Found::Contact { meta })
        });
        Self {
            found,
            ..Self::new(400, "This location does not allow duplicated contacts.")
        }
        .hint("Change the contact that meta names, or use POST /contacts/upsert.")
    }

    /// 400: the contact has its conversation already.
    pub fn conversation_exists(conversation_id: String) -> Self {
        Self {
            found: Some(Box::new(Found::Conversation { conversation_id })),
            ..Self::new(400, "Conversation already exists")
        }
    }

    /// 400: the same, as HighLevel's service puts it.
    pub fn conversation_of_contact_exists(contact_id: &str) -> Self {
        Self::new(
            400,
            format!("Conversation with the contact id:{contact_id} already exists!"),
        )
    }

    /// 401: the provider belongs to somebody else's app.
    pub fn foreign_provider(id: &str) -> Self {
        Self::new(
            401,
            format!("You don't have access to the conversationProvider with id: {id}"),
        )
        .code("CONVERSATIONS_MSG_PROVIDER_NO_ACCESS")
    }

    /// 403: a word on a message that no provider was given.
    pub fn no_provider_for_message() -> Self {
        Self::new(403, "No conversation provider found for this message")
            .hint("Only a message that went out has a status to report.")
    }

    /// 404: a note that is unknown, or another contact's.
    pub fn unknown_note() -> Self {
        Self::new(404, "There is no note with this id at this contact.")
    }

    /// 422: no text, file or call.
    pub fn nothing_to_store() -> Self {
        Self::new(
            422,
            "There is no message or attachments for this message. Skip sending.",
        )
        .code("CONVERSATIONS_MSG_NO_CONTENT")
        .hint("Send the text as message (html for an e-mail), or a link in attachments.")
    }

    /// 408: the body did not arrive in time.
    pub fn too_slow() -> Self {
        Self::new(408, "The body did not arrive in time: send it again at once.")
    }

    /// 413: the body is over the limit, in bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(413, "request entity too large").hint(format!(
            "A body may have {limit} bytes: send files as links in attachments."
        ))
    }

    /// 415: the body is not JSON.
    pub fn not_json() -> Self {
        Self::new(415, "Unsupported Media Type").hint("Send JSON, with the header Content-Type: application/json.")
    }

    /// 429: the rate limit is used up, for so many seconds.
    pub fn too_many_requests(seconds: u64) -> Self {
        Self::new(429, "Too Many Requests").come_again(seconds)
    }

    /// 429: the day's limit is used up. When the day ends, HighLevel does not say.
    pub fn day_is_used_up() -> Self {
        Self::new(429, "Too Many Requests")
    }

    /// 500: something broke.
    pub fn broken() -> Self {
        Self::new(500, "Internal server error")
    }
}

/// What HighLevel says of a `type` it does not know.
pub(crate) const BAD_TYPE: &str = "type must be a valid enum value";

/// The `error` that HighLevel's bodies carry; those with 400 and 429 carry none.
fn name(status: u16) -> Option<&'static str> {
    match status {
        401 => Some("Unauthorized"),
        403 => Some("Forbidden"),
        404 => Some("Not Found"),
        408 => Some("Request Timeout"),
        409 => Some("Conflict"),
        413 => Some("Payload Too Large"),
        415 => Some("Unsupported Media Type"),
        422 => Some("Unprocessable Entity"),
        503 => Some("Service Unavailable"),
        _ => None,
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchContact => Self::unknown_contact(),
            Refusal::NoSuchEmail => Self::unknown_email(),
            Refusal::NoSuchMessage | Refusal::Early => Self::unknown_message(),
            Refusal::Nothing => Self::nothing_to_store(),
            Refusal::Duplicate { .. } => Self::duplicate(None),
            Refusal::NoSuchNote => Self::unknown_note(),
            Refusal::NotApart(words) | Refusal::Full(words) => Self::bad_request(words),
            Refusal::Stale => Self::new(409, "The message is already further along."),
            Refusal::KeyReused => Self::unprocessable(vec![
                "This Idempotency-Key was used before with another body: send a new key, or the same body.".to_owned(),
            ]),
            // HighLevel's clients come again after 429 only. The reason was logged where it arose.
            Refusal::Unavailable(_) => {
                Self::new(429, "The message was not stored: the store is busy. Send it again.").come_again(1)
            }
        }
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Exists(_) => Self::new(409, "It exists already."),
            StoreFault::Unavailable(_) => Self::new(503, "The store cannot answer now. Ask again.").come_again(1),
        }
    }
}
