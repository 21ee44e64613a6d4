//! What a store is opened with.

use std::{fmt, path::PathBuf, sync::Arc};

use inlet_core::{chance::Chance, clock::Clock, secret::Secret};

use crate::{error::OpenError, sabotage::Sabotage};

/// Which engine, and where.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// One file; it is made where it does not exist.
    Sqlite(PathBuf),
    /// A database of a PostgreSQL server, as `postgres://USER:PASSWORD@HOST,HOST/DATABASE`.
    Postgres(String),
}

impl StoreUrl {
    /// Reads `sqlite:PATH` or `postgres://…`.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() && !path.starts_with(':') => Ok(Self::Sqlite(PathBuf::from(path))),
            _ => Err(OpenError::Url(
                "the store is not readable: write it as sqlite:PATH or postgres://…".to_owned(),
            )),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            // The URL may hold a password.
            Self::Postgres(_) => f.write_str("postgres://…"),
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
        let url = "postgres://inlet:secret@one,two/inlet";
        let parsed = StoreUrl::parse(url).unwrap();
        assert_eq!(parsed, StoreUrl::Postgres(url.to_owned()));
        assert!(!parsed.to_string().contains("secret") && !format!("{parsed:?}").contains("secret"));
        for wrong in ["", "sqlite:", "sqlite::memory:", "a/b.db", "mysql://x"] {
            let refused = StoreUrl::parse(wrong).unwrap_err();
            assert!(refused.to_string().contains("sqlite:PATH"), "{wrong}: {refused}");
        }
    }
}
