//! The logs through a real file: what the writer finds, a reader finds as well, wherever it stands.

use tempfile::TempDir;

use super::*;
use crate::{
    outbox,
    sabotage::Sabotage,
    sqlite::{Sqlite, finish},
    waist::Waist,
};

mod seen;

/// A store whose logs are full with three rows, with two conversations in one location.
struct Bench {
    folder: TempDir,
    writer: Sqlite,
}

const LOCATION: i64 = 7;
const FIRST: i64 = 11;
const SECOND: i64 = 12;
const DESTINATION: i64 = 21;

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bench = Self {
            writer: writer(&folder),
            folder,
        };
        bench.writer.young = Some(Young::new(3, 3, 3));
        for id in [FIRST, SECOND] {
            bench.say(
                "insert into conversation (location_id, id, last_seq, last_message_id, last_channel, last_at, unread, \
                 bucket, waits) values ($1, $2, 1, 1, 1, 1, 0, 0, 0)",
                [LOCATION, id],
            );
        }
        bench
    }

    fn say<const N: usize>(&mut self, sql: &'static str, numbers: [i64; N]) -> Vec<Vec<i64>> {
        said(&mut self.writer, sql, numbers).unwrap()
    }

    fn record(&mut self, hash: i64) {
        self.say(apply::SEEN, [LOCATION, hash, 1, 2, 3, 4, 5, 6]);
    }

    fn go_on(&mut self, id: i64, seq: i64) {
        self.say(apply::CONVERSATION_GOES_ON, [LOCATION, id, seq, seq, 1, seq, 0]);
    }

    /// A delivery comes, with its status and class; it is due at its number.
    fn promise(&mut self, id: i64, status: i64, class: i64) {
        let args = [
            LOCATION,
            id,
            id,
            1,
            FIRST,
            2,
            0,
            DESTINATION,
            status,
            id,
            99,
            0,
            0,
            class,
        ];
        self.say(apply::DELIVERY, args);
    }

    /// The deliveries of a class that are due next, as the writer finds them and a reader as well.
    fn due(&mut self, class: i64, many: i64) -> Vec<i64> {
        let asked = [LOCATION, DESTINATION, class, many];
        let text = "select due_at from delivery r where r.location_id = $1 and r.destination_id = $2 and r.class = $3 \
                    and r.status = 0 order by r.due_at limit $4";
        let found = self.say(text, asked);
        let mut reader = Sqlite::reader(&self.folder.path().join("inlet.db")).unwrap();
        assert_eq!(said(&mut reader, text, asked), Ok(found.clone()));
        found.concat()
    }

    /// What is logged of what is ready, and what is in its place.
    fn ready(&self) -> [Vec<i64>; 2] {
        let of = |table| self.column(&format!("select id from {table} order by id"));
        [of("delivery_ready_young"), of("delivery_ready")]
    }

    fn begin(&mut self) {
        finish(self.writer.begin()).unwrap();
    }

    fn commit(&mut self) {
        finish(self.writer.commit()).unwrap();
    }

    /// The first column of a table, in order.
    fn column(&self, text: &str) -> Vec<i64> {
        let mut statement = self.writer.connection.prepare(text).unwrap();
        let numbers = statement.query_map([], |row| row.get(0)).unwrap();
        numbers.collect::<rusqlite::Result<_>>().unwrap()
    }

    /// The hashes that are held in memory, that are logged, and that are in their places.
    fn hashes(&self) -> [Vec<i64>; 3] {
        let young = self.writer.young.as_ref().unwrap();
        let held = young.seen.held.within(..).map(|((hash, _), _)| hash).collect();
        let of = |table| self.column(&format!("select hash from {table} order by hash"));
        [held, of("seen_young"), of("seen")]
    }

    /// The last sequence of each conversation in its place, and what is logged.
    fn sequences(&self) -> [Vec<i64>; 2] {
        [
            self.column("select last_seq from conversation order by id"),
            self.column("select last_seq from conversation_young order by rowid"),
        ]
    }

    /// What the writer finds, which a reader finds as well, for one conversation and among all.
    fn found(&mut self, id: i64) -> Option<(i64, i64)> {
        let of = |rows: Vec<Vec<i64>>| rows.first().map(|row| (row[0], row[4]));
        let found = of(self.say(look::CONVERSATION, [LOCATION, id]));
        let mut reader = Sqlite::reader(&self.folder.path().join("inlet.db")).unwrap();
        let read = of(said(&mut reader, look::CONVERSATION, [LOCATION, id]).unwrap());
        assert_eq!(read, found, "a reader finds the same");
        let all = "select v.last_seq, v.last_message_id, v.last_channel, v.last_at, v.unread from conversation v \
                   where v.id = $1";
        let listed = of(said(&mut reader, all, [id]).unwrap());
        assert_eq!(listed, found, "and the same among all");
        found
    }
}

fn writer(folder: &TempDir) -> Sqlite {
    Sqlite::writer(&folder.path().join("inlet.db"), Sabotage::default()).unwrap()
}

fn said<const N: usize>(waist: &mut Sqlite, sql: &'static str, numbers: [i64; N]) -> Result<Vec<Vec<i64>>, StoreError> {
    let answers = finish(waist.run(sql, &[&numbers.map(Value::Int)]))?;
    let rows = answers.into_iter().flatten();
    let number = |row: &mut Row| row.opt_int().ok().map(Option::unwrap_or_default);
    Ok(rows
        .map(|mut row| std::iter::from_fn(|| number(&mut row)).collect())
        .collect())
}

#[test]
fn the_newest_row_of_a_conversation_counts_until_it_is_in_its_place() {
    let mut bench = Bench::new();
    bench.begin();
    bench.go_on(FIRST, 2);
    bench.go_on(FIRST, 3);
    bench.commit();
    assert_eq!(bench.sequences(), [vec![1, 1], vec![2, 3]]);
    assert_eq!(bench.found(FIRST), Some((3, 0)));
    assert_eq!(bench.found(SECOND), Some((1, 0)));
    bench.begin();
    bench.go_on(SECOND, 5);
    bench.commit();
    assert_eq!(bench.sequences(), [vec![3, 5], vec![]]);
    assert_eq!(bench.found(FIRST), Some((3, 0)));
    assert_eq!(bench.found(SECOND), Some((5, 0)));
}

#[test]
fn what_changes_a_conversation_in_its_place_counts_over_the_log() {
    let moves_up = [LOCATION, FIRST, 4, 4, 1, 4, 1, 9, 1];
    let unread = [LOCATION, FIRST, 0, 0];
    let mut bench = Bench::new();
    bench.go_on(FIRST, 3);
    bench.say(apply::CONVERSATION_MOVES_UP, moves_up);
    assert_eq!(bench.found(FIRST), Some((4, 1)));
    bench.say(apply::CONVERSATION_UNREAD, unread);
    assert_eq!(bench.found(FIRST), Some((4, 0)));
    bench.say(apply::CONVERSATION_GONE, [LOCATION, FIRST]);
    assert_eq!(bench.found(FIRST), None);
    assert_eq!(bench.sequences(), [vec![1], vec![]]);
}

#[test]
fn what_is_not_in_the_log_is_changed_in_its_place_alone() {
    let mut bench = Bench::new();
    bench.say(apply::CONVERSATION_MOVES_UP, [LOCATION, FIRST, 4, 4, 1, 4, 1, 9, 1]);
    bench.say(apply::CONVERSATION_UNREAD, [LOCATION, SECOND, 3, 1]);
    assert_eq!(bench.sequences(), [vec![4, 1], vec![]]);
    assert_eq!(bench.found(FIRST), Some((4, 1)));
    assert_eq!(bench.found(SECOND), Some((1, 3)));
}

#[test]
fn first_attempts_are_logged_until_many_move_to_their_places_together() {
    const FIRST_ATTEMPT: i64 = 0;
    const REPLAY: i64 = 2;
    const READY: i64 = 0;
    const BLOCKED: i64 = 2;
    let mut bench = Bench::new();
    let steps = [
        ((1, READY, FIRST_ATTEMPT), [vec![1], vec![]]),
        ((2, BLOCKED, FIRST_ATTEMPT), [vec![1], vec![]]),
        ((3, READY, REPLAY), [vec![1], vec![3]]),
        ((4, READY, FIRST_ATTEMPT), [vec![1, 4], vec![3]]),
        ((5, READY, FIRST_ATTEMPT), [vec![], vec![1, 3, 4, 5]]),
        ((6, READY, FIRST_ATTEMPT), [vec![6], vec![1, 3, 4, 5]]),
    ];
    for ((id, status, class), expected) in steps {
        bench.begin();
        bench.promise(id, status, class);
        bench.commit();
        assert_eq!(bench.ready(), expected, "{id}");
    }
    assert_eq!(bench.due(FIRST_ATTEMPT, 9), [1, 4, 5, 6]);
    assert_eq!(bench.due(FIRST_ATTEMPT, 3), [1, 4, 5]);
    assert_eq!(bench.due(REPLAY, 9), [3]);
}

#[test]
fn what_nobody_takes_is_in_its_place_once_leases_are_looked_after() {
    let mut bench = Bench::new();
    bench.begin();
    bench.promise(1, 0, 0);
    bench.commit();
    assert_eq!(bench.ready(), [vec![1], vec![]]);
    bench.begin();
    bench.say(outbox::LEASES_OVER, [5]);
    bench.commit();
    assert_eq!(bench.ready(), [vec![], vec![1]]);
    bench.promise(2, 0, 0);
    bench.begin();
    bench.commit();
    assert_eq!(bench.ready(), [vec![2], vec![1]], "only then");
}

#[test]
fn what_becomes_of_a_delivery_counts_wherever_it_waits() {
    let status = "update delivery set status = $2 where id = $1";
    let class = "update delivery set class = $2, due_at = $3, status = 0 where id = $1";
    let mut bench = Bench::new();
    for id in 1..=3 {
        bench.promise(id, 0, 0);
    }
    bench.begin();
    bench.commit();
    bench.promise(4, 0, 0);
    bench.promise(5, 0, 0);
    assert_eq!(bench.ready(), [vec![4, 5], vec![1, 2, 3]]);
    for claimed in [1, 4] {
        bench.say(status, [claimed, 1]);
    }
    assert_eq!(bench.ready(), [vec![5], vec![2, 3]]);
    bench.say(class, [4, 1, 40]);
    assert_eq!(bench.due(1, 9), [40]);
    bench.say(class, [5, 0, 50]);
    assert_eq!(bench.due(0, 9), [2, 3, 50]);
    for gone in [2, 5] {
        bench.say("delete from delivery where id = $1", [gone]);
    }
    assert_eq!(bench.ready(), [vec![], vec![3, 4]]);
}

#[test]
fn what_is_undone_is_not_held() {
    let mut bench = Bench::new();
    bench.begin();
    bench.record(1);
    bench.go_on(FIRST, 2);
    bench.promise(1, 0, 0);
    bench.commit();
    bench.begin();
    bench.promise(2, 0, 0);
    bench.record(2);
    bench.go_on(FIRST, 3);
    finish(bench.writer.begin_part()).unwrap();
    bench.record(3);
    bench.say(apply::CONVERSATION_GONE, [LOCATION, FIRST]);
    finish(bench.writer.end_part(false)).unwrap();
    assert_eq!(bench.hashes(), [vec![1, 2], vec![1, 2], vec![]]);
    assert_eq!(bench.say(look::CONVERSATION, [LOCATION, FIRST])[0][0], 3);
    finish(bench.writer.roll_back()).unwrap();
    assert_eq!(bench.hashes(), [vec![1], vec![1], vec![]]);
    assert_eq!(bench.found(FIRST), Some((2, 0)));
    assert_eq!(bench.due(0, 9), [1]);
}

#[test]
fn what_a_writer_leaves_is_in_its_place_for_the_next_one() {
    let mut bench = Bench::new();
    bench.record(2);
    bench.record(1);
    bench.go_on(FIRST, 2);
    bench.go_on(FIRST, 3);
    bench.promise(1, 0, 0);
    bench.writer = writer(&bench.folder);
    assert_eq!(bench.hashes(), [vec![], vec![], vec![1, 2]]);
    assert_eq!(bench.ready(), [vec![], vec![1]]);
    assert_eq!(bench.sequences(), [vec![3, 1], vec![]]);
}
