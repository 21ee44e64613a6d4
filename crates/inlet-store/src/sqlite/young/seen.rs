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

/// So many rows are held: some megabytes of memory, and half of what a reader has to go through to find one.
pub(super) const MANY: usize = 32_768;

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

const NEWEST: &str = "select coalesce(max(rowid), 0) from seen_young";

const FORGET: &str = "delete from seen_young where rowid > ?1 and rowid <= ?2";

/// A hash and its location, then what else stands in the row.
type Place = (i64, i64);
type Rest = [i64; 6];

const FIRST: Place = (i64::MIN, i64::MIN);

/// The rows of the log that have not moved yet.
pub(super) struct Seen {
    pub(super) held: Held<Place, Rest>,
    many: usize,
    round: Round,
    /// What is so once the transaction is done: what has moved with it, and how far the round is then.
    moving: (Vec<Place>, Round),
}

/// How far the rows have moved. Rows of the log are known by their numbers.
#[derive(Clone, Copy, Debug)]
struct Round {
    /// The first place of what moves next.
    next: Place,
    /// The newest row of the log when the round began: when it ends, all up to it have moved.
    begun: i64,
    /// All up to this have moved.
    moved: i64,
    /// All up to this are deleted from the log.
    deleted: i64,
    /// So many moved since rows were deleted last.
    since: usize,
}

impl Seen {
    pub(super) fn new(many: usize) -> Self {
        let round = Round {
            next: FIRST,
            begun: 0,
            moved: 0,
            deleted: 0,
            since: 0,
        };
        Self {
            held: Held::new(),
            many,
            round,
            moving: (Vec::new(), round),
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

    /// Before the commit: as many rows move as there are too many. Now and then twice as many that have moved go out of the
    /// log: each time it costs some pages.
    pub(super) fn before_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let (moving, round) = &mut self.moving;
        moving.clear();
        *round = self.round;
        let more = self.held.len().saturating_sub(self.many);
        if more == 0 {
            return Ok(());
        }
        let mut put = connection.prepare_cached(PUT)?;
        for ((hash, location), rest) in self.held.within(round.next..).take(more) {
            let [check, message, contact, at, email, fingerprint] = rest;
            put.execute([hash, location, check, message, contact, at, email, fingerprint])?;
            moving.push((hash, location));
        }
        round.next = match moving.last() {
            Some(&(hash, location)) if moving.len() == more => (hash, location.saturating_add(1)),
            _ => {
                round.moved = round.begun;
                round.begun = connection.prepare_cached(NEWEST)?.query_row([], |row| row.get(0))?;
                FIRST
            }
        };
        round.since += more;
        if round.since >= self.many / 16 {
            let gone = i64::try_from(2 * round.since).unwrap_or(i64::MAX / 2);
            let until = round.moved.min(round.deleted + gone);
            connection.prepare_cached(FORGET)?.execute([round.deleted, until])?;
            (round.deleted, round.since) = (until, 0);
        }
        Ok(())
    }

    /// The transaction is done.
    pub(super) fn committed(&mut self) {
        let (moving, round) = &mut self.moving;
        self.held.committed(false);
        for place in moving.drain(..) {
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
