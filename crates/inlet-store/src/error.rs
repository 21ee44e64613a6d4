//! What can go wrong: at opening, in sentences for whoever starts Inlet; later, in kinds that decide what happens next.

use inlet_core::directory::StoreFault;

/// Why the store could not be opened. Each is a sentence that says what to change.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names an engine that this binary does not speak.
    #[error("{0}")]
    Url(String),
    /// Another process has it.
    #[error("another Inlet has the store {0} open: stop it first, or use another data directory")]
    Locked(String),
    /// The file is there, but it is something else.
    #[error("{0} is not a store of Inlet: give the path of one, or of a file that does not exist yet")]
    NotAStore(String),
    /// A newer binary has written it.
    #[error("the store has schema {found}, this binary knows schemas up to {known}: start it with a newer Inlet")]
    Newer {
        /// The store's schema.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// It may not be written.
    #[error("the store {0} cannot be written: give this user the right to write the file and its directory")]
    ReadOnly(String),
    /// Its secrets are sealed under another key.
    #[error("the key file does not fit the store: restore the key file that belongs to it")]
    WrongKey,
    /// The key is not 32 bytes.
    #[error("the store's key must be 32 bytes long")]
    BadKey,
    /// Anything else that the engine or the operating system says.
    #[error("the store cannot be opened: {0}")]
    Failed(String),
}

/// What went wrong inside. It carries no data: no number, address, body or token.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// A row with that key is there already. The transaction can go on without this statement.
    #[error("it is there already")]
    Conflict,
    /// A row does not hold what was expected of it.
    #[error("a row does not hold {0} where it should")]
    Unreadable(&'static str),
    /// The thing to be changed does not exist.
    #[error("there is no such thing")]
    Missing,
    /// Somebody else was faster: who looks again finds it.
    #[error("somebody else was faster")]
    Raced,
    /// The engine undid the transaction, or lost the connection before the commit: it can be done again.
    #[error("{0}")]
    Undone(String),
    /// The connection was lost at the commit: only a key tells whether it was recorded.
    #[error("{0}")]
    Unknown(String),
    /// The engine failed, so that nothing is known of the transaction: the connection must be made anew.
    #[error("{0}")]
    Broken(String),
}

impl StoreError {
    /// Whether the whole transaction is over.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self, Self::Raced | Self::Undone(_) | Self::Unknown(_) | Self::Broken(_))
    }

    /// The words for whoever asked to add `thing`.
    pub(crate) fn adding(self, thing: &str) -> StoreFault {
        match self {
            Self::Conflict => StoreFault::Exists(thing.to_owned()),
            other @ (Self::Unreadable(_)
            | Self::Missing
            | Self::Raced
            | Self::Undone(_)
            | Self::Unknown(_)
            | Self::Broken(_)) => other.into(),
        }
    }
}

impl From<StoreError> for StoreFault {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
