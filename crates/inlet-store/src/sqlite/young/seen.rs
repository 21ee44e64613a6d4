//! What was recorded lately, by its hash. A hash may be anywhere, so each row put in its place at once would change a page
//! of its own; in order, so many of them change few.

use rusqlite::Connection;

use super::{super::numbered, held::Held, numbers};
use crate::{
    apply,
    error::StoreError,
    look,
    waist::{Cell, Row, Value},
};

/// So many rows move together: some megabytes of memory, and what a reader has to go through to find one.
pub(super) const MANY: usize = 32_768;

/// What the writer says instead of [`apply::SEEN`].
pub(super) fn log() -> String {
    numbered(apply::SEEN).replace("into seen ", "into seen_young ")
}

/// What a reader says instead of [`look::SEEN`]: it does not see the writer's memory.
pub(super) fn both() -> String {
    let settled = numbered(look::SEEN);
    let young = settled.replace("from seen ", "from seen_young ");
    format!("{settled} union all {young}")
}

const SETTLE: &str = "
    insert into seen (hash, location_id, check_hash, message_id, contact_id, occurred_at, email, fingerprint)
    select hash, location_id, check_hash, message_id, contact_id, occurred_at, email, fingerprint
      from seen_young where true order by hash, location_id
        on conflict do nothing";

const BEGIN_ANEW: &str = "delete from seen_young";

/// A hash and its location, then what else stands in the row.
type Place = (i64, i64);
type Rest = [i64; 6];

/// The rows of the log.
pub(super) struct Seen {
    pub(super) held: Held<Place, Rest>,
    many: usize,
}

impl Seen {
    pub(super) fn new(many: usize) -> Self {
        Self {
            held: Held::new(),
            many,
        }
    }

    /// Takes its part in a statement of the writer: what was logged is held, and what is held is found. The log has no key,
    /// so a second row for one place is a conflict here.
    pub(super) fn hear(
        &mut self,
        (sql, args): (&str, &[&[Value<'_>]]),
        answers: &mut [Vec<Row>],
    ) -> Result<(), StoreError> {
        if sql == apply::SEEN {
            for given in args {
                self.hold(given)?;
            }
        } else if sql == look::SEEN {
            for (asked, found) in args.iter().zip(answers) {
                self.find(asked, found);
            }
        }
        Ok(())
    }

    fn hold(&mut self, given: &[Value<'_>]) -> Result<(), StoreError> {
        let [location, hash, rest @ ..] = numbers::<8>(given);
        if self.held.get((hash, location)).is_some() {
            return Err(StoreError::Conflict);
        }
        self.held.set((hash, location), Some(rest));
        Ok(())
    }

    fn find(&self, asked: &[Value<'_>], found: &mut Vec<Row>) {
        let [location, first, last] = numbers(asked);
        let near = self.held.within((first, i64::MIN)..=(last, i64::MAX));
        let own = near.filter(|((_, of), _)| *of == location);
        found.extend(own.map(|((hash, _), rest)| {
            let cells = std::iter::once(hash).chain(rest);
            Row::new(cells.map(Cell::Int).collect())
        }));
    }

    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= self.many
    }

    /// The transaction is done.
    pub(super) fn committed(&mut self) {
        self.held.committed(self.is_full());
    }

    /// Puts all rows of the log in their places.
    pub(super) fn settle(connection: &Connection) -> rusqlite::Result<()> {
        connection.prepare_cached(SETTLE)?.execute([])?;
        connection.prepare_cached(BEGIN_ANEW)?.execute([]).map(|_| ())
    }
}
