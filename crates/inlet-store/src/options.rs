//! What a store is opened with.

use std::{fmt, path::PathBuf, sync::Arc};

use inlet_core::{chance::Chance, clock::Clock, secret::Secret};

use crate::{error::OpenError, sabotage::Sabotage};

/// Which engine, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreUrl {
    /// One file; it is made where it does not exist.
    Sqlite(PathBuf),
}

impl StoreUrl {
    /// Reads `sqlite:PATH`.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let words = "this Inlet stores in SQLite only: write --store sqlite:PATH";
            return Err(OpenError::Url(words.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() && !path.starts_with(':') => Ok(Self::Sqlite(PathBuf::from(path))),
            _ => Err(OpenError::Url(
                "the store is not readable: write it as sqlite:PATH".to_owned(),
            )),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

/// What a store is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which engine, and where.
    pub url: StoreUrl,
    /// The 32 bytes under which secrets are sealed. They never enter the store.
    pub key: Secret,
    /// Makes the installation's keys at the first opening, and nonces.
    pub chance: Arc<dyn Chance>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How the store breaks its promise, so that a test can see that it would notice.
    #[cfg(feature = "sabotage")]
    pub sabotage: Sabotage,
}

#[cfg(feature = "sabotage")]
impl Options {
    pub(crate) fn sabotage(&self) -> Sabotage {
        self.sabotage
    }
}

#[cfg(not(feature = "sabotage"))]
impl Options {
    #[expect(clippy::unused_self, reason = "only a test's binary has something to say")]
    pub(crate) fn sabotage(&self) -> Sabotage {
        Sabotage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_or_refused_with_a_sentence() {
        assert_eq!(StoreUrl::parse("sqlite:a/b.db"), Ok(StoreUrl::Sqlite("a/b.db".into())));
        for wrong in [
            "",
            "sqlite:",
            "sqlite::memory:",
            "a/b.db",
            "postgres://host/inlet",
            "mysql://x",
        ] {
            let refused = StoreUrl::parse(wrong).unwrap_err();
            assert!(refused.to_string().contains("sqlite:PATH"), "{wrong}: {refused}");
        }
    }
}
