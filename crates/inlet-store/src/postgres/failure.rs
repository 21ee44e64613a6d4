//! What PostgreSQL says when something fails, told by what may be done about it.

use std::error::Error as _;

use deadpool_postgres::PoolError;
use tokio_postgres::{Error, error::SqlState};

use crate::error::{OpenError, StoreError};

/// What a failed statement means for its transaction.
pub(super) fn failed(error: &Error) -> StoreError {
    let Some(code) = error.code() else {
        return StoreError::Undone("the connection to PostgreSQL was lost".to_owned());
    };
    if *code == SqlState::UNIQUE_VIOLATION {
        return StoreError::Conflict;
    }
    if is_shutdown(code) {
        return StoreError::Undone("PostgreSQL ended the connection".to_owned());
    }
    match code.code() {
        // Undone in favour of another transaction, which got on.
        "40001" | "40P01" => StoreError::Raced,
        "25006" => StoreError::Undone("PostgreSQL only reads now: another server is to be found".to_owned()),
        "53100" => {
            StoreError::Broken("PostgreSQL's disk is full: free some space, then it goes on by itself".to_owned())
        }
        "42P01" => StoreError::Broken(
            "the store's tables are gone: restore them from a backup, or start Inlet again to begin anew".to_owned(),
        ),
        other if other.starts_with("22") => StoreError::Unreadable("what PostgreSQL can keep"),
        _ => StoreError::Broken(words(error)),
    }
}

/// What a failure means when the commit was under way: if the connection was lost, nobody knows what came of it.
pub(super) fn at_commit(error: &Error) -> StoreError {
    let lost = error.code().is_none_or(is_shutdown);
    if lost {
        return StoreError::Unknown("the connection to PostgreSQL was lost at the commit".to_owned());
    }
    failed(error)
}

fn is_shutdown(code: &SqlState) -> bool {
    matches!(code.code(), "57P01" | "57P02" | "57P03" | "57P05" | "25P03") || code.code().starts_with("08")
}

/// No connection was to be had. Where there will be one in a moment, it is as if one was lost.
pub(super) fn unreachable(error: &PoolError) -> StoreError {
    let words = cannot_connect(error).to_string();
    if is_starting(error) || code(error) == Some("53300") {
        return StoreError::Undone(words);
    }
    StoreError::Broken(words)
}

/// Whether the server is there, but not ready yet.
pub(super) fn is_starting(error: &PoolError) -> bool {
    code(error) == Some("57P03")
}

fn code(error: &PoolError) -> Option<&str> {
    match error {
        PoolError::Backend(error) => error.code().map(SqlState::code),
        _ => None,
    }
}

/// The same when the store is opened: each has its sentence.
pub(super) fn cannot_connect(error: &PoolError) -> OpenError {
    let PoolError::Backend(error) = error else {
        let words = "PostgreSQL gave no connection in time: it is busy, or --store names the wrong host";
        return OpenError::Failed(words.to_owned());
    };
    let words = match error.code().map(SqlState::code) {
        Some("28P01" | "28000") => {
            "PostgreSQL does not let this user in: correct the user or the password in --store".to_owned()
        }
        Some("3D000") => {
            "PostgreSQL has no such database: make it with createdb, or correct the name in --store".to_owned()
        }
        Some("53300") => "PostgreSQL has no connection left: raise its max_connections, or run fewer nodes".to_owned(),
        Some("57P03") => "PostgreSQL is starting or stopping: try again in a moment".to_owned(),
        Some(_) => words(error),
        None if says(error, "read only") || says(error, "allow writes") => {
            "PostgreSQL only reads there: name the server that writes in --store, or all of them, host1,host2"
                .to_owned()
        }
        None => format!(
            "PostgreSQL does not answer ({}): start it, or correct the host and port in --store",
            cause(error)
        ),
    };
    OpenError::Failed(words)
}

fn says(error: &Error, words: &str) -> bool {
    error.to_string().contains(words) || error.source().is_some_and(|source| source.to_string().contains(words))
}

/// The message of the server, which names tables and columns but no values.
fn words(error: &Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("PostgreSQL says: {} ({})", said.message(), said.code().code()),
        None => error.to_string(),
    }
}

fn cause(error: &Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
