//! What was recorded lately, by its hash. A hash may be anywhere, so each row put in its place at once would change a page
//! of its own. It is appended to a log instead, and held in memory to be found, until there are so many that their places
//! are close together: then all of them move, in order, and the log begins anew.

use std::collections::{BTreeMap, btree_map::Entry};

use rusqlite::Connection;

use super::numbered;
use crate::{
    apply,
    error::StoreError,
    look,
    waist::{Cell, Row, Value},
};

/// So many rows move together: some megabytes of memory, and what a reader has to go through to find one.
const MANY: usize = 32_768;

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

/// The rows of the log, and which of them may still be undone.
pub(super) struct Young {
    rows: BTreeMap<Place, Rest>,
    new: Vec<Place>,
    before_part: usize,
    many: usize,
}

impl Young {
    /// Puts what an earlier writer left in the log in its place.
    pub(super) fn begin(connection: &Connection) -> rusqlite::Result<Self> {
        let transaction = connection.unchecked_transaction()?;
        settle(&transaction)?;
        transaction.commit()?;
        Ok(Self::new(MANY))
    }

    fn new(many: usize) -> Self {
        Self {
            rows: BTreeMap::new(),
            new: Vec::new(),
            before_part: 0,
            many,
        }
    }

    /// Takes its part in a statement of the writer: what was logged is held, and what is held is found. The log has no key,
    /// so a second row for one place is a conflict here.
    pub(super) fn hear(
        &mut self,
        sql: &str,
        args: &[&[Value<'_>]],
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
        let mut numbers = given.iter().map(|value| match value {
            Value::Int(number) => *number,
            Value::Null | Value::Text(_) | Value::Blob(_) => 0,
        });
        let mut next = || numbers.next().unwrap_or_default();
        let (location, hash) = (next(), next());
        let Entry::Vacant(place) = self.rows.entry((hash, location)) else {
            return Err(StoreError::Conflict);
        };
        self.new.push(*place.key());
        place.insert(std::array::from_fn(|_| next()));
        Ok(())
    }

    fn find(&self, asked: &[Value<'_>], found: &mut Vec<Row>) {
        let [Value::Int(location), Value::Int(first), Value::Int(last)] = asked else {
            return;
        };
        let near = self.rows.range((*first, i64::MIN)..=(*last, i64::MAX));
        let own = near.filter(|((_, of), _)| of == location);
        found.extend(own.map(|((hash, _), rest)| {
            let cells = std::iter::once(hash).chain(rest);
            Row::new(cells.map(|number| Cell::Int(*number)).collect())
        }));
    }

    /// A part of the transaction begins.
    pub(super) fn begin_part(&mut self) {
        self.before_part = self.new.len();
    }

    /// The part is undone.
    pub(super) fn undo_part(&mut self) {
        self.undo(self.before_part);
    }

    /// The transaction is undone.
    pub(super) fn undo_all(&mut self) {
        self.undo(0);
    }

    fn undo(&mut self, from: usize) {
        for place in self.new.drain(from.min(self.new.len())..) {
            self.rows.remove(&place);
        }
    }

    /// Before the commit: puts all rows in their places, if there are many.
    pub(super) fn before_commit(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.is_full() { settle(connection) } else { Ok(()) }
    }

    /// After the commit: nothing is undone any more, and what was put in its place is not held here.
    pub(super) fn committed(&mut self) {
        self.new.clear();
        if self.is_full() {
            self.rows.clear();
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.many
    }
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached(SETTLE)?.execute([])?;
    connection.prepare_cached(BEGIN_ANEW)?.execute([]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store whose log is full with three rows.
    struct Bench {
        connection: Connection,
        young: Young,
    }

    impl Bench {
        fn new() -> Self {
            let mut connection = Connection::open_in_memory().unwrap();
            super::super::migrate::apply(&mut connection).unwrap();
            Self {
                connection,
                young: Young::new(3),
            }
        }

        fn record(&mut self, hash: i64) {
            assert_eq!(self.try_record(hash), Ok(()));
        }

        fn try_record(&mut self, hash: i64) -> Result<(), StoreError> {
            let row = [7, hash, 1, 2, 3, 4, 5, 6];
            self.connection.execute(&log(), row).unwrap();
            self.young.hear(apply::SEEN, &[&row.map(Value::Int)], &mut [])
        }

        fn commit(&mut self) {
            self.young.before_commit(&self.connection).unwrap();
            self.young.committed();
        }

        /// The hashes that are held in memory, that are logged, and that are in their places.
        fn hashes(&self) -> [Vec<i64>; 3] {
            let held = self.young.rows.keys().map(|(hash, _)| *hash).collect();
            let of = |table| {
                let text = format!("select hash from {table} order by hash");
                let mut statement = self.connection.prepare(&text).unwrap();
                let hashes = statement.query_map([], |row| row.get(0)).unwrap();
                hashes.collect::<rusqlite::Result<_>>().unwrap()
            };
            [held, of("seen_young"), of("seen")]
        }

        fn found(&mut self, location: i64, first: i64) -> Vec<i64> {
            let asked = [location, first, first + 3];
            let mut answers = [Vec::new()];
            let heard = self.young.hear(look::SEEN, &[&asked.map(Value::Int)], &mut answers);
            assert_eq!(heard, Ok(()));
            let [held] = &mut answers;
            let held = held.iter_mut().map(|row| row.int().unwrap()).collect();
            let mut statement = self.connection.prepare(&both()).unwrap();
            let read = statement.query_map(asked, |row| row.get(0)).unwrap();
            assert_eq!(
                held,
                read.collect::<rusqlite::Result<Vec<i64>>>().unwrap(),
                "a reader finds the same"
            );
            held
        }
    }

    #[test]
    fn a_row_is_held_until_many_move_to_their_places_together() {
        let mut bench = Bench::new();
        bench.record(30);
        bench.record(20);
        bench.commit();
        assert_eq!(bench.hashes(), [vec![20, 30], vec![20, 30], vec![]]);
        bench.record(10);
        bench.commit();
        assert_eq!(bench.hashes(), [vec![], vec![], vec![10, 20, 30]]);
        bench.record(15);
        bench.commit();
        assert_eq!(bench.hashes(), [vec![15], vec![15], vec![10, 20, 30]]);
    }

    #[test]
    fn a_location_finds_its_own_rows_near_a_hash() {
        let mut bench = Bench::new();
        bench.record(20);
        bench.record(22);
        let cases = [
            (7, 20, vec![20, 22]),
            (7, 19, vec![20, 22]),
            (7, 21, vec![22]),
            (7, 23, vec![]),
            (8, 20, vec![]),
        ];
        for (location, first, expected) in cases {
            assert_eq!(bench.found(location, first), expected, "{location} {first}");
        }
    }

    #[test]
    fn what_is_undone_is_not_held() {
        let mut bench = Bench::new();
        bench.record(1);
        bench.commit();
        bench.record(2);
        bench.young.begin_part();
        bench.record(3);
        bench.young.undo_part();
        let [held, ..] = bench.hashes();
        assert_eq!(held, [1, 2]);
        bench.young.undo_all();
        let [held, ..] = bench.hashes();
        assert_eq!(held, [1]);
    }

    #[test]
    fn a_second_row_for_one_place_is_a_conflict_and_its_undoing_spares_the_first() {
        let mut bench = Bench::new();
        bench.record(1);
        bench.commit();
        assert_eq!(bench.try_record(1), Err(StoreError::Conflict));
        bench.young.undo_all();
        let [held, ..] = bench.hashes();
        assert_eq!(held, [1]);
    }

    #[test]
    fn what_a_writer_leaves_is_in_its_place_for_the_next_one() {
        let mut bench = Bench::new();
        bench.record(2);
        bench.record(1);
        bench.young = Young::begin(&bench.connection).unwrap();
        assert_eq!(bench.hashes(), [vec![], vec![], vec![1, 2]]);
    }
}
