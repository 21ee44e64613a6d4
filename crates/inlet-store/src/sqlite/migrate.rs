//! The schema of a file: whether it is one of ours, and the numbered steps that bring it up to date.

use std::path::Path;

use rusqlite::{Connection, MAIN_DB};

use super::cannot_open;
use crate::error::OpenError;

/// In order; a file is never changed once it is released.
const STEPS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_base.sql"),
    include_str!("../../migrations/sqlite/0002_template.sql"),
    include_str!("../../migrations/sqlite/0003_marks.sql"),
    include_str!("../../migrations/sqlite/0004_contact.sql"),
    include_str!("../../migrations/sqlite/0005_promises.sql"),
    include_str!("../../migrations/sqlite/0006_words.sql"),
    include_str!("../../migrations/sqlite/0007_relay.sql"),
    include_str!("../../migrations/sqlite/0008_apps.sql"),
    include_str!("../../migrations/sqlite/0009_request_rest.sql"),
    include_str!("../../migrations/sqlite/0010_alias.sql"),
    include_str!("../../migrations/sqlite/0011_gaps.sql"),
    include_str!("../../migrations/sqlite/0012_search.sql"),
    include_str!("../../migrations/sqlite/0013_people.sql"),
    include_str!("../../migrations/sqlite/0014_early.sql"),
    include_str!("../../migrations/sqlite/0015_usage.sql"),
    include_str!("../../migrations/sqlite/0016_vendor.sql"),
    include_str!("../../migrations/sqlite/0017_views.sql"),
    include_str!("../../migrations/sqlite/0018_unread.sql"),
    include_str!("../../migrations/sqlite/0019_young.sql"),
    include_str!("../../migrations/sqlite/0020_young_conversations.sql"),
    include_str!("../../migrations/sqlite/0021_due.sql"),
    include_str!("../../migrations/sqlite/0022_ready.sql"),
    include_str!("../../migrations/sqlite/0023_numbered.sql"),
];

/// `Inlt`: what SQLite keeps in a file's header to tell whose it is.
const APPLICATION: i64 = 0x496e_6c74;

/// Refuses what is not a store, cannot be written, or was written by a newer Inlet. Changes nothing.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let tables = number(connection, "select count(*) from sqlite_master").map_err(|error| cannot_open(path, &error))?;
    let application = number(connection, "pragma application_id").map_err(|error| cannot_open(path, &error))?;
    if tables > 0 && application != APPLICATION {
        return Err(OpenError::NotAStore(path.display().to_string()));
    }
    let found = version(connection)?;
    let known = newest();
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    if connection.is_readonly(MAIN_DB).unwrap_or(true) {
        return Err(OpenError::ReadOnly(path.display().to_string()));
    }
    Ok(())
}

/// Takes the steps that are missing, each in a transaction of its own.
pub(super) fn apply(connection: &mut Connection) -> Result<(), OpenError> {
    let done = usize::try_from(version(connection)?).unwrap_or_default();
    for (step, number) in STEPS.iter().zip(1_i64..).skip(done) {
        let failed = |error: rusqlite::Error| OpenError::Failed(format!("schema {number}: {error}"));
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(step).map_err(failed)?;
        transaction
            .pragma_update(None, "application_id", APPLICATION)
            .map_err(failed)?;
        transaction
            .pragma_update(None, "user_version", number)
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

fn version(connection: &Connection) -> Result<i64, OpenError> {
    number(connection, "pragma user_version").map_err(|error| OpenError::Failed(error.to_string()))
}

fn number(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    connection.query_row(sql, [], |row| row.get(0))
}
