//! The engine for one machine: SQLite, with the settings that were measured, one connection that writes and a few that
//! read. Its waist never waits: whoever holds it polls the whole of its work to the end on the same thread.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    path::Path,
    pin::pin,
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    config::DbConfig,
    types::{ToSql, ToSqlOutput, ValueRef},
};

use crate::{
    error::{OpenError, StoreError},
    sabotage::Sabotage,
    waist::{Cell, Row, Value, Waist},
};

pub(crate) mod ground;
pub(crate) mod lock;
mod migrate;
pub(crate) mod readers;
mod young;

use young::Young;
pub(crate) use young::{as_read, reader_says};

/// A connection to the file.
pub(crate) struct Sqlite {
    connection: Connection,
    begin: &'static str,
    texts: HashMap<&'static str, String>,
    /// Who writes has it.
    young: Option<Young>,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sqlite(..)")
    }
}

/// Each statement is prepared once.
const STATEMENTS: usize = 160;

/// 64 MB of log before a checkpoint and 8 MB of cache: measured; more cache costs memory and wins nothing.
const WRITER: &str = "
    pragma wal_autocheckpoint = 16000;
    pragma cache_size = -8192;
    pragma temp_store = memory;
    pragma trusted_schema = off;
    pragma cell_size_check = on;
";
const READER: &str = "
    pragma cache_size = -2048;
    pragma query_only = on;
    pragma temp_store = memory;
    pragma trusted_schema = off;
    pragma cell_size_check = on;
";
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

impl Sqlite {
    /// The connection that writes; it makes the file and brings its schema up to date.
    pub(crate) fn writer(path: &Path, sabotage: Sabotage) -> Result<Self, OpenError> {
        make_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(PATIENCE)?;
            Ok(connection)
        });
        let mut connection = opened.map_err(|error| cannot_open(path, &error))?;
        migrate::check(&connection, path)?;
        let set_up = plan_once(&connection)
            .and_then(|()| connection.execute_batch("pragma page_size = 4096; pragma journal_mode = wal;"))
            .and_then(|()| connection.execute_batch(WRITER))
            .and_then(|()| connection.pragma_update(None, "synchronous", sabotage.synchronous()));
        set_up.map_err(|error| cannot_open(path, &error))?;
        migrate::apply(&mut connection)?;
        let young = Young::begin(&connection).map_err(|error| cannot_open(path, &error))?;
        let mut writer = Self::new(connection, "begin immediate");
        writer.texts.extend(young::writer_says());
        writer.young = Some(young);
        Ok(writer)
    }

    /// A connection that reads beside the writer and never waits for it.
    fn reader(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| broken(&error))?;
        let set_up = plan_once(&connection)
            .and_then(|()| connection.busy_timeout(PATIENCE))
            .and_then(|()| connection.execute_batch(READER));
        set_up.map_err(|error| broken(&error))?;
        let mut reader = Self::new(connection, "begin");
        reader.texts.extend(reader_says());
        Ok(reader)
    }

    fn new(connection: Connection, begin: &'static str) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self {
            connection,
            begin,
            texts: HashMap::new(),
            young: None,
        }
    }

    fn with_young(&mut self, tell: impl FnOnce(&mut Young)) {
        if let Some(young) = &mut self.young {
            tell(young);
        }
    }

    fn command(&self, sql: &str) -> Result<(), StoreError> {
        let done = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute());
        done.map(|_| ()).map_err(|error| broken(&error))
    }
}

#[async_trait]
impl Waist for Sqlite {
    async fn begin(&mut self) -> Result<(), StoreError> {
        self.command(self.begin)
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        if let Some(young) = &mut self.young {
            young.before_commit(&self.connection).map_err(|error| broken(&error))?;
        }
        self.command("commit")?;
        self.with_young(Young::committed);
        Ok(())
    }

    async fn roll_back(&mut self) -> Result<(), StoreError> {
        self.with_young(Young::undo_all);
        self.command("rollback")
    }

    async fn begin_part(&mut self) -> Result<(), StoreError> {
        self.with_young(Young::begin_part);
        self.command("savepoint part")
    }

    async fn end_part(&mut self, stays: bool) -> Result<(), StoreError> {
        if !stays {
            self.with_young(Young::undo_part);
            self.command("rollback to part")?;
        }
        self.command("release part")
    }

    async fn run(&mut self, sql: &'static str, args: &[&[Value<'_>]]) -> Result<Vec<Vec<Row>>, StoreError> {
        let text = self.texts.entry(sql).or_insert_with(|| as_read(sql));
        let answers = run(&self.connection, text, args).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => StoreError::Conflict,
            _ => broken(&error),
        });
        let mut answers = answers?;
        if let Some(young) = &mut self.young {
            young.hear(&self.connection, (sql, args), &mut answers)?;
        }
        Ok(answers)
    }
}

/// Without its "stability guarantee", SQLite looks at what a statement is given while it plans, and so plans anew whatever
/// ends with `limit $1` each time it is run: <https://www.sqlite.org/queryplanner-ng.html>.
fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(|_| ())
}

/// `$1` is a name in SQLite, numbered by its first appearance; `?1` is a number.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn run(connection: &Connection, text: &str, args: &[&[Value<'_>]]) -> rusqlite::Result<Vec<Vec<Row>>> {
    let mut statement = connection.prepare_cached(text)?;
    let columns = statement.column_count();
    let mut answers = Vec::with_capacity(args.len());
    for list in args {
        for (index, value) in list.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        let mut answer = Vec::new();
        if columns == 0 {
            statement.raw_execute()?;
        } else {
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                let cells = (0..columns).map(|column| Ok(owned(row.get_ref(column)?)));
                answer.push(Row::new(cells.collect::<rusqlite::Result<_>>()?));
            }
        }
        answers.push(answer);
    }
    Ok(answers)
}

fn owned(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null | ValueRef::Real(_) => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Polls work on a waist of this engine to its end.
pub(crate) fn finish<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(StoreError::Broken(
            "work on SQLite waited for something else".to_owned(),
        )),
    }
}

/// Only its owner may read the file; SQLite gives its companions the same rights.
fn make_private(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(());
    }
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    made.map(|_| ())
        .map_err(|error| OpenError::Failed(format!("{}: {error}", path.display())))
}

fn cannot_open(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => OpenError::NotAStore(path.display().to_string()),
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly(path.display().to_string()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked(path.display().to_string()),
        _ => OpenError::Failed(broken(error).to_string()),
    }
}

fn broken(error: &rusqlite::Error) -> StoreError {
    let words = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full: free some space, then it goes on by itself".to_owned(),
        _ => error.to_string(),
    };
    StoreError::Broken(words)
}

#[cfg(test)]
mod tests;
