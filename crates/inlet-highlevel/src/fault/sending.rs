//! Refusals of what is sent, and of files and calls.

use super::{Fault, Found};

impl Fault {
    /// 400: the contact has nothing to which such a message could go.
    pub fn no_address(what: &str) -> Self {
        Self::new(400, format!("The contact has no {what}.")).hint("Give the contact one first.")
    }

    /// 400: a mail to an address that is not the contact's.
    pub fn not_their_address() -> Self {
        Self::new(
            400,
            "Cannot send message as emailTo is not under contact's primary or additional emails",
        )
        .code("CONVERSATIONS_MSG_INVALID_EMAILTO")
        .hint("Leave emailTo out, or send the contact's own address.")
    }

    /// 400: the contact does not want to be written to.
    pub fn do_not_disturb() -> Self {
        Self::new(
            400,
            "Cannot send message as DND is active for this contact and channel.",
        )
        .hint("The contact's dnd or dndSettings say so: change them only if the contact wishes it.")
    }

    /// 400: there is no sending to cancel.
    pub fn not_scheduled() -> Self {
        Self::new(
            400,
            "The message is not scheduled: it was handed on, or was never to be sent later.",
        )
    }

    /// 400, 413 or 415: files that cannot be taken in, in the body that HighLevel documents for them.
    pub fn upload(status: u16, message: impl Into<String>) -> Self {
        Self {
            found: Some(Box::new(Found::Upload { status })),
            ..Self::new(status, message)
        }
    }

    /// 400: the message has no recording.
    pub fn no_recording() -> Self {
        Self::new(400, "There is no recording of this message.").code("CONVERSATIONS_MSG_RECORDING_NOT_FOUND")
    }

    /// 404: the call has no transcription.
    pub fn no_transcription() -> Self {
        Self::new(404, "There is no transcription of this message.").hint("Only a call whose text is known has one.")
    }

    /// 403: the files of such a message cannot be replaced.
    pub fn fixed_files() -> Self {
        Self::new(403, "The attachments of a message of this type cannot be replaced.")
            .hint("Only those of a call by a provider of one's own can.")
    }

    /// 409: a file is on its way.
    pub fn files_on_their_way() -> Self {
        Self::new(
            409,
            "A file of this message is still being fetched: ask again when it is there.",
        )
    }
}
