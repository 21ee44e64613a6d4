//! What was recorded lately, by its hash. A hash may be anywhere, so each row put in its place at once would change a page
//! of its own; in order, so many of them change few. They move a few with each transaction, as many as come: round after
//! round through all hashes, so that no transaction has to wait for many of them.

use rusqlite::Connection;

use super::{super::numbered, held::Held, numbers};
use crate::{
    apply,
    error::StoreError,
    look,
    waist::{Cell, Row, Value},
};

/// So many rows are held: some megabytes of memory. The log is three to four times as long, for a round takes twice as many
/// rows to come, and what it moved leaves the log in the next; a reader goes through all of it to find one.
pub(super) const MANY: usize = 16_384;

/// What the writer says instead of [`apply::SEEN`].
pub(super) fn log() -> String {
    numbered(apply::SEEN).replace("into seen ", "into seen_young ")
}

/// What a reader says instead of [`look::SEEN`]: it does not see the writer's memory.
pub(super) fn both() -> String {
    let settled = numbered(look::SEEN);
    let young = settled.replace("from seen ", "from seen_young ");
    format!("{settled} union {young}")
}

const SETTLE: &str = "
    insert into seen (hash, location_id, check_hash, message_id, contact_id, occurred_at, email, fingerprint)
    select hash, location_id, check_hash, message_id, contact_id, occurred_at, email, fingerprint
      from seen_young where true order by hash, location_id
        on conflict do nothing";

const BEGIN_ANEW: &str = "delete from seen_young";

const PUT: &str = "
    insert into seen (hash, location_id, check_hash, message_id, contact_id, occurred_at, email, fingerprint)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        on conflict do nothing";

const NEWEST: &str = "select coalesce(max(id), 0) from seen_young";

const FORGET: &str = "delete from seen_young where id > ?1 and id <= ?2";

/// A hash and its location, then what else stands in the row.
type Place = (i64, i64);
type Rest = [i64; 6];

const FIRST: Place = (i64::MIN, i64::MIN);

/// The rows of the log that have not moved yet.
pub(super) struct Seen {
    pub(super) held: Held<Place, Rest>,
    many: usize,
    round: Round,
    pending: Pending,
}

/// How far the rows have moved. Rows of the log are known by their numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    /// The first place of what moves next; `None` where the round begins.
    next: Option<Place>,
    /// The newest row of the log when the round began: when it ends, all up to it have moved.
    newest_at_start: i64,
    moved_up_to: i64,
    deleted_up_to: i64,
    /// So many moved since rows were deleted last.
    moved_since: usize,
}

/// What is so once the transaction is done: what has moved with it, and how far the round is then.
#[derive(Default)]
struct Pending {
    moved: Vec<Place>,
    round: Round,
}

impl Seen {
    pub(super) fn new(many: usize) -> Self {
        Self {
            held: Held::new(),
            many,
            round: Round::default(),
            pending: Pending::default(),
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

    /// Before the commit: as many rows move as there are too many.
    pub(super) fn before_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.pending.moved.clear();
        self.pending.round = self.round;
        let too_many = self.held.len().saturating_sub(self.many);
        if too_many == 0 {
            return Ok(());
        }
        self.put_in_place(connection, too_many)?;
        self.shorten_log(connection)
    }

    fn put_in_place(&mut self, connection: &Connection, many: usize) -> rusqlite::Result<()> {
        let Pending { moved, round } = &mut self.pending;
        let mut put = connection.prepare_cached(PUT)?;
        let next = round.next.unwrap_or(FIRST);
        for ((hash, location), rest) in self.held.within(next..).take(many) {
            let [check, message, contact, at, email, fingerprint] = rest;
            put.execute([hash, location, check, message, contact, at, email, fingerprint])?;
            moved.push((hash, location));
        }
        round.moved_since += moved.len();
        match moved.last() {
            Some(&(hash, location)) if moved.len() == many => round.next = Some((hash, location.saturating_add(1))),
            _ => {
                round.next = None;
                round.moved_up_to = round.newest_at_start;
                round.newest_at_start = connection.prepare_cached(NEWEST)?.query_row([], |row| row.get(0))?;
            }
        }
        Ok(())
    }

    /// Now and then, for it costs some pages each time: of the rows that have moved, twice as many leave the log as moved
    /// since it was shortened last.
    fn shorten_log(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let round = &mut self.pending.round;
        if round.moved_since < self.many / 16 {
            return Ok(());
        }
        let leave = i64::try_from(2 * round.moved_since).unwrap_or(i64::MAX / 2);
        let up_to = round.moved_up_to.min(round.deleted_up_to + leave);
        connection
            .prepare_cached(FORGET)?
            .execute([round.deleted_up_to, up_to])?;
        (round.deleted_up_to, round.moved_since) = (up_to, 0);
        Ok(())
    }

    /// The transaction is done.
    pub(super) fn committed(&mut self) {
        let Pending { moved, round } = &mut self.pending;
        self.held.committed(false);
        for place in moved.drain(..) {
            self.held.let_go(place);
        }
        self.round = *round;
    }

    /// Puts all rows of the log in their places.
    pub(super) fn settle(connection: &Connection) -> rusqlite::Result<()> {
        connection.prepare_cached(SETTLE)?.execute([])?;
        connection.prepare_cached(BEGIN_ANEW)?.execute([]).map(|_| ())
    }
}
