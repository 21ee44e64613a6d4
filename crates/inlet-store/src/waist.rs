//! The waist between the statements and the engine: one call a statement a batch. Above it every statement stands once,
//! with `$1`, `ON CONFLICT` and `RETURNING`; below it each engine runs it in its own way.

use std::{future::Future, pin::Pin};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::error::StoreError;

/// What a statement is given: borrowed, so that a batch is bound without being copied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Value<'a> {
    /// Nothing.
    Null,
    /// A number, key, code or time.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

/// What a statement answers in one column.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Cell {
    /// Nothing.
    Null,
    /// A number, key, code or time.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// An answer that may have to be waited for; on SQLite it never is.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A connection of an engine, with at most one transaction.
#[async_trait]
pub(crate) trait Waist: Send {
    /// Whether others write beside it, so that a row may be there that was not when it was looked for.
    fn is_shared(&self) -> bool {
        false
    }
    /// Begins a transaction.
    async fn begin(&mut self) -> Result<(), StoreError>;
    /// Makes the transaction last: when this answers, it is on disk.
    async fn commit(&mut self) -> Result<(), StoreError>;
    /// Undoes the transaction.
    async fn roll_back(&mut self) -> Result<(), StoreError>;
    /// Begins a part of the transaction that can be undone by itself.
    async fn begin_part(&mut self) -> Result<(), StoreError>;
    /// Ends the part; it stays, or is undone.
    async fn end_part(&mut self, stays: bool) -> Result<(), StoreError>;
    /// Runs one statement once for each list of arguments; answers the rows for each list.
    async fn run(&mut self, sql: &'static str, args: &[&[Value<'_>]]) -> Result<Vec<Vec<Row>>, StoreError>;
    /// Runs statements none of which waits for what another one answers; answers for each as [`Waist::run`] does.
    async fn run_all(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Vec<Row>>>, StoreError> {
        in_a_row(self, asked).await
    }
}

/// A statement, and each list of arguments that it is run for.
pub(crate) type Asked<'a> = (&'static str, Vec<&'a [Value<'a>]>);

/// One statement after the other.
pub(crate) async fn in_a_row<W: Waist + ?Sized>(
    waist: &mut W,
    asked: &[Asked<'_>],
) -> Result<Vec<Vec<Vec<Row>>>, StoreError> {
    let mut answers = Vec::with_capacity(asked.len());
    for (sql, lists) in asked {
        answers.push(if lists.is_empty() {
            Vec::new()
        } else {
            waist.run(sql, lists).await?
        });
    }
    Ok(answers)
}

/// A statement for [`Waist::run_all`].
pub(crate) fn asked<'a, const N: usize>(sql: &'static str, lists: &'a [[Value<'a>; N]]) -> Asked<'a> {
    (sql, lists.iter().map(<[_; N]>::as_slice).collect())
}

/// Runs a statement for each list of arguments.
pub(crate) async fn run<const N: usize>(
    waist: &mut dyn Waist,
    sql: &'static str,
    lists: &[[Value<'_>; N]],
) -> Result<Vec<Vec<Row>>, StoreError> {
    if lists.is_empty() {
        return Ok(Vec::new());
    }
    let args: Vec<&[Value<'_>]> = lists.iter().map(<[_; N]>::as_slice).collect();
    waist.run(sql, &args).await
}

/// Runs a statement once.
pub(crate) async fn rows<const N: usize>(
    waist: &mut dyn Waist,
    sql: &'static str,
    args: [Value<'_>; N],
) -> Result<Vec<Row>, StoreError> {
    Ok(waist.run(sql, &[&args]).await?.pop().unwrap_or_default())
}

/// Runs a statement once, for its first row.
pub(crate) async fn row<const N: usize>(
    waist: &mut dyn Waist,
    sql: &'static str,
    args: [Value<'_>; N],
) -> Result<Option<Row>, StoreError> {
    Ok(rows(waist, sql, args).await?.into_iter().next())
}

/// One row of an answer, read column by column from the left.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    /// A row of these columns.
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    /// Puts numbers in the place of its first columns.
    pub(crate) fn begin_with(&mut self, numbers: impl IntoIterator<Item = i64>) {
        for (cell, number) in self.0.as_mut_slice().iter_mut().zip(numbers) {
            *cell = Cell::Int(number);
        }
    }

    /// The next column, a number that may be absent.
    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Cell::Int(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("a number")),
        }
    }

    /// The next column, a number.
    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.opt_int()?.ok_or(StoreError::Unreadable("a number"))
    }

    /// The next column, a number that cannot be negative.
    pub(crate) fn count<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        T::try_from(self.int()?).map_err(|_| StoreError::Unreadable("a count"))
    }

    /// The next column, whose number stands for something.
    pub(crate) fn code<T>(&mut self, meaning: impl Fn(i64) -> Option<T>) -> Result<T, StoreError> {
        meaning(self.int()?).ok_or(StoreError::Unreadable("a code"))
    }

    /// The next column, a time.
    pub(crate) fn at(&mut self) -> Result<Timestamp, StoreError> {
        Ok(inlet_core::clock::Millis(self.int()?).timestamp())
    }

    /// The next column, a time that may be absent.
    pub(crate) fn opt_at(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let millis = self.opt_int()?;
        Ok(millis.map(|millis| inlet_core::clock::Millis(millis).timestamp()))
    }

    /// The next column, a text that may be absent.
    pub(crate) fn opt_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("a text")),
        }
    }

    /// The next column, a text.
    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.opt_text()?.ok_or(StoreError::Unreadable("a text"))
    }

    /// The next column, JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        serde_json::from_str(&self.text()?).map_err(|_| StoreError::Unreadable("JSON"))
    }

    /// The next column, bytes that may be absent.
    pub(crate) fn opt_blob(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.next() {
            Some(Cell::Blob(bytes)) => Ok(Some(bytes)),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("bytes")),
        }
    }

    /// The next column, bytes.
    pub(crate) fn blob(&mut self) -> Result<Vec<u8>, StoreError> {
        self.opt_blob()?.ok_or(StoreError::Unreadable("bytes"))
    }
}

impl From<&Value<'_>> for Cell {
    fn from(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(*number),
            Value::Text(text) => Self::Text((*text).to_owned()),
            Value::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.as_millisecond())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A list of arguments: each becomes a [`Value`].
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::waist::Value::from($value)),*] };
}
pub(crate) use args;
