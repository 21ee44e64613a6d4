//! How conversations went on lately. Any of them may, so each row changed in its place would be a page of its own.

use rusqlite::Connection;

use super::{super::numbered, held::Held, numbers};
use crate::{
    apply::{CONVERSATION_GOES_ON, CONVERSATION_GONE, CONVERSATION_MOVES_UP, CONVERSATION_UNREAD},
    look,
    waist::{Row, Value},
};

/// So many rows move together: what a reader goes through to find the newest.
pub(super) const MANY: usize = 1_024;

/// What the writer says instead of [`CONVERSATION_GOES_ON`].
pub(super) const LOG: &str = "
    insert into conversation_young (location_id, id, last_seq, last_message_id, last_channel, last_at, unread)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const LOGGED: &str = "
    select location_id, id, last_seq, last_message_id, last_channel, last_at, unread
      from conversation_young order by rowid";

const FORGET: &str = "delete from conversation_young where id = ?1";

const BEGIN_ANEW: &str = "delete from conversation_young";

/// A statement as who reads says it: the log counts too.
pub(super) fn as_read(text: &str) -> String {
    let one = text.contains("v.location_id = ?1 and v.id = ?2");
    let now = if one { "conversation_now" } else { "conversations_now" };
    text.replace("from conversation v", &format!("from {now} v"))
}

/// What [`CONVERSATION_GOES_ON`] is given.
type Logged = [i64; 7];

/// The newest row of each conversation in the log, and how long the log is, undone rows included.
pub(super) struct Conversations {
    pub(super) held: Held<i64, Logged>,
    logged: usize,
    many: usize,
}

impl Conversations {
    pub(super) fn new(many: usize) -> Self {
        Self {
            held: Held::new(),
            logged: 0,
            many,
        }
    }

    /// Takes its part in a statement of the writer: what was logged is held, and what is held is found. What changes a
    /// conversation in its place is logged as well where the log has it, for the log counts.
    pub(super) fn hear(
        &mut self,
        connection: &Connection,
        (sql, args): (&str, &[&[Value<'_>]]),
        answers: &mut [Vec<Row>],
    ) -> rusqlite::Result<()> {
        match sql {
            CONVERSATION_GOES_ON => self.hold(args),
            CONVERSATION_MOVES_UP => self.log_again(connection, args, |_, given| numbers(given))?,
            CONVERSATION_UNREAD => self.log_again(connection, args, |held, given| {
                let [location, id, seq, message, channel, at, _] = held;
                let [_, _, unread] = numbers(given);
                [location, id, seq, message, channel, at, unread]
            })?,
            CONVERSATION_GONE => self.forget(connection, args)?,
            look::CONVERSATION => self.find(args, answers),
            _ => {}
        }
        Ok(())
    }

    fn hold(&mut self, args: &[&[Value<'_>]]) {
        for given in args {
            self.set(numbers(given));
        }
    }

    fn set(&mut self, row: Logged) {
        let [_, id, ..] = row;
        self.held.set(id, Some(row));
        self.logged += 1;
    }

    fn log_again(
        &mut self,
        connection: &Connection,
        args: &[&[Value<'_>]],
        anew: impl Fn(Logged, &[Value<'_>]) -> Logged,
    ) -> rusqlite::Result<()> {
        for given in args {
            let [_, id] = numbers(given);
            if let Some(held) = self.held.get(id) {
                let row = anew(held, given);
                connection.prepare_cached(LOG)?.execute(row)?;
                self.set(row);
            }
        }
        Ok(())
    }

    fn forget(&mut self, connection: &Connection, args: &[&[Value<'_>]]) -> rusqlite::Result<()> {
        for given in args {
            let [_, id] = numbers(given);
            if self.held.get(id).is_some() {
                connection.prepare_cached(FORGET)?.execute([id])?;
                self.held.set(id, None);
            }
        }
        Ok(())
    }

    fn find(&self, args: &[&[Value<'_>]], answers: &mut [Vec<Row>]) {
        for (asked, found) in args.iter().zip(answers) {
            let [_, id] = numbers(asked);
            if let (Some([_, _, rest @ ..]), Some(row)) = (self.held.get(id), found.first_mut()) {
                row.begin_with(rest);
            }
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.logged >= self.many
    }

    /// The transaction is done.
    pub(super) fn committed(&mut self) {
        let moved = self.is_full();
        self.held.committed(moved);
        if moved {
            self.logged = 0;
        }
    }

    /// Holds what is logged.
    pub(super) fn load(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare(LOGGED)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut logged: Logged = [0; 7];
            for (column, number) in logged.iter_mut().enumerate() {
                *number = row.get(column)?;
            }
            self.set(logged);
        }
        Ok(())
    }

    /// Puts what is held in its places.
    pub(super) fn settle(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(&numbered(CONVERSATION_GOES_ON))?;
        for (_, row) in self.held.within(..) {
            statement.execute(row)?;
        }
        connection.prepare_cached(BEGIN_ANEW)?.execute([]).map(|_| ())
    }
}
