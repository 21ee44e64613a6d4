//! What is written in two levels. A change of a row that may be anywhere costs a page of its own; so such a change is
//! appended to a log, and held in memory where who writes would look for it often, until there are so many that their places
//! are close together: then they move, in order, and leave the log.

use rusqlite::Connection;

use crate::{
    apply,
    error::StoreError,
    look,
    waist::{Row, Value},
};

mod conversations;
mod held;
mod ready;
mod seen;

use super::{broken, numbered};
use conversations::Conversations;
use ready::Ready;
use seen::Seen;

/// A statement as it is said here: the logs count too.
pub(crate) fn as_read(sql: &str) -> String {
    let text = conversations::as_read(&numbered(sql));
    text.replace("from delivery r", "from deliveries_ready r")
}

/// What a reader says instead of a statement: it does not see the writer's memory.
pub(crate) fn reader_says() -> [(&'static str, String); 1] {
    [(look::SEEN, seen::both())]
}

/// What the writer says instead of a statement, or as it stands though a reader says something else: it has what is missing
/// in memory.
pub(super) fn writer_says() -> [(&'static str, String); 3] {
    [
        (apply::SEEN, seen::log()),
        (apply::CONVERSATION_GOES_ON, conversations::LOG.to_owned()),
        (look::CONVERSATION, numbered(look::CONVERSATION)),
    ]
}

/// The logs, as their writer holds them.
pub(super) struct Young {
    seen: Seen,
    conversations: Conversations,
    ready: Ready,
}

impl Young {
    /// Puts what an earlier writer left in the logs in its place.
    pub(super) fn begin(connection: &Connection) -> rusqlite::Result<Self> {
        let transaction = connection.unchecked_transaction()?;
        Seen::settle(&transaction)?;
        Ready::settle(&transaction)?;
        let mut left = Conversations::new(0);
        left.load(&transaction)?;
        left.settle(&transaction)?;
        transaction.commit()?;
        Ok(Self::new(seen::MANY, conversations::MANY, ready::MANY))
    }

    fn new(seen: usize, conversations: usize, ready: usize) -> Self {
        Self {
            seen: Seen::new(seen),
            conversations: Conversations::new(conversations),
            ready: Ready::new(ready),
        }
    }

    /// Takes its part in a statement of the writer that was run.
    pub(super) fn hear(
        &mut self,
        connection: &Connection,
        (sql, args): (&str, &[&[Value<'_>]]),
        answers: &mut [Vec<Row>],
    ) -> Result<(), StoreError> {
        let heard = self.conversations.hear(connection, (sql, args), answers);
        let heard = heard.and_then(|()| self.ready.hear(connection, (sql, args)));
        heard.map_err(|error| broken(&error))?;
        self.seen.hear((sql, args), answers)
    }

    /// A part of the transaction begins.
    pub(super) fn begin_part(&mut self) {
        self.seen.held.begin_part();
        self.conversations.held.begin_part();
    }

    /// The part is undone.
    pub(super) fn undo_part(&mut self) {
        self.seen.held.undo_part();
        self.conversations.held.undo_part();
    }

    /// The transaction is undone.
    pub(super) fn undo_all(&mut self) {
        self.seen.held.undo_all();
        self.conversations.held.undo_all();
    }

    /// Before the commit: puts rows of a log in their places, if there are many.
    pub(super) fn before_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.seen.before_commit(connection)?;
        if self.conversations.is_full() {
            self.conversations.settle(connection)?;
        }
        if self.ready.is_due() {
            Ready::settle(connection)?;
        }
        Ok(())
    }

    /// After the commit: nothing is undone any more, and what was put in its place is not held here.
    pub(super) fn committed(&mut self) {
        self.seen.committed();
        self.conversations.committed();
        self.ready.committed();
    }
}

/// The first numbers that a statement is given.
fn numbers<const N: usize>(given: &[Value<'_>]) -> [i64; N] {
    let mut numbers = given.iter().map(|value| match value {
        Value::Int(number) => *number,
        Value::Null | Value::Text(_) | Value::Blob(_) => 0,
    });
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}

#[cfg(test)]
mod tests;
