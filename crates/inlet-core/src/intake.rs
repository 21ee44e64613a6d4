//! The port of the one way in: whoever has a change submits it here, and hears when it is on disk.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    address::IdentityKind,
    change::Change,
    ids::{ContactKey, MessageKey},
};

/// Takes changes in. When `submit` answers, what was recorded is on disk.
#[async_trait]
pub trait Intake: fmt::Debug + Send + Sync {
    /// Records the changes, and answers each for itself, in their order: one refused change never spoils its neighbours.
    async fn submit(&self, changes: Vec<Change>) -> Vec<Result<Receipt, Refusal>>;
}

/// What became of a change that was recorded, now or when it first came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The message; 0 where the change was of a contact.
    pub message: MessageKey,
    /// Whose it is; the conversation has the same key.
    pub contact: ContactKey,
    /// When it was written.
    pub occurred_at: Timestamp,
    /// Whether it is a mail.
    pub email: bool,
    /// Whether it had been recorded before, so that nothing new happened.
    pub repeated: bool,
    /// Whether it had been recorded before with other content.
    pub differs: bool,
}

/// Why a change was not recorded. Nothing of it was kept, but of [`Refusal::Early`].
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no such contact at this location.
    #[error("there is no such contact or conversation at this location")]
    NoSuchContact,
    /// The mail it wants to answer is not in this conversation.
    #[error("the e-mail it answers is not in this conversation")]
    NoSuchEmail,
    /// The message it speaks of is not at this location.
    #[error("there is no such message at this location")]
    NoSuchMessage,
    /// It is a later word on what is not there yet. It is kept apart until that comes.
    #[error("it came before what it speaks of: it is kept, and added to that once it comes")]
    Early,
    /// It carries no text, file or call.
    #[error("there is nothing in it to store")]
    Nothing,
    /// It would turn back what is already further along.
    #[error("the message is already further along")]
    Stale,
    /// A number or address is another contact's.
    #[error("another contact has this number or address")]
    Duplicate {
        /// Whose it is.
        contact: ContactKey,
        /// Which of the two.
        by: IdentityKind,
    },
    /// The note it speaks of is not this contact's.
    #[error("this contact has no such note")]
    NoSuchNote,
    /// The contact cannot be told from the one it was merged into, and why.
    #[error("{0}")]
    NotApart(&'static str),
    /// There is no room for more, and what to do.
    #[error("{0}")]
    Full(&'static str),
    /// The same idempotency key came before with other content.
    #[error("this Idempotency-Key was used before with another body")]
    KeyReused,
    /// The store cannot take it now; the sender should come again.
    #[error("the store cannot take it now: {0}")]
    Unavailable(String),
}
