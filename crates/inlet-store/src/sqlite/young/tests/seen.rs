//! What makes repeats recognisable: it moves a few rows with each transaction.

use std::collections::BTreeSet;

use super::*;

#[test]
fn a_row_is_held_until_there_are_many_and_then_as_many_move_as_come() {
    let mut bench = Bench::new();
    let steps = [
        (30, [vec![30], vec![30], vec![]]),
        (20, [vec![20, 30], vec![20, 30], vec![]]),
        (10, [vec![10, 20, 30], vec![10, 20, 30], vec![]]),
        (15, [vec![15, 20, 30], vec![10, 15, 20, 30], vec![10]]),
        (5, [vec![5, 20, 30], vec![5, 10, 15, 20, 30], vec![10, 15]]),
    ];
    for (hash, expected) in steps {
        bench.begin();
        bench.record(hash);
        bench.commit();
        assert_eq!(bench.hashes(), expected);
    }
}

/// Transactions of one to twenty rows, some of them undone; in between, somebody vacuums the file, and the store is opened
/// anew.
#[test]
fn round_after_round_nothing_is_lost_and_the_log_stays_short() {
    const MANY: usize = 64;
    let young = || Some(Young::new(MANY, 3, 3));
    let mut bench = Bench::new();
    bench.writer.young = young();
    let mut hashes = (1..).map(|step| step * 7919 % 100_003);
    let mut recorded = BTreeSet::new();
    for turn in 1..=400 {
        bench.begin();
        let rows: Vec<i64> = hashes.by_ref().take(1 + turn % 20).collect();
        for hash in &rows {
            bench.record(*hash);
        }
        finish(bench.writer.begin_part()).unwrap();
        for hash in hashes.by_ref().take(2) {
            bench.record(hash);
        }
        finish(bench.writer.end_part(false)).unwrap();
        if turn % 7 == 0 {
            finish(bench.writer.roll_back()).unwrap();
        } else {
            bench.commit();
            recorded.extend(rows);
        }
        if turn % 90 == 0 {
            let other = Connection::open(bench.folder.path().join("inlet.db")).unwrap();
            other.execute_batch("vacuum").unwrap();
        }
        if turn % 250 == 0 {
            bench.writer = writer(&bench.folder);
            bench.writer.young = young();
        }
        let [held, logged, settled] = bench.hashes();
        let all: BTreeSet<i64> = held.iter().chain(&settled).copied().collect();
        assert_eq!(all, recorded, "each is held or in its place");
        assert_eq!(all.len(), held.len() + settled.len(), "and not both");
        let logged_all = held.iter().all(|hash| logged.contains(hash));
        assert!(logged_all, "what is held is logged");
        assert!(held.len() <= MANY + 20 && logged.len() <= 6 * MANY, "{}", logged.len());
    }
    let mut reader = Sqlite::reader(&bench.folder.path().join("inlet.db")).unwrap();
    for hash in recorded {
        let asked = [LOCATION, hash, hash];
        assert_eq!(bench.say(look::SEEN, asked).len(), 1, "{hash}");
        assert_eq!(said(&mut reader, look::SEEN, asked).unwrap().len(), 1, "{hash}");
    }
}

#[test]
fn a_location_finds_its_own_rows_near_a_hash() {
    let mut bench = Bench::new();
    bench.record(20);
    bench.record(22);
    let mut reader = Sqlite::reader(&bench.folder.path().join("inlet.db")).unwrap();
    let cases = [
        (LOCATION, 20, vec![20, 22]),
        (LOCATION, 19, vec![20, 22]),
        (LOCATION, 21, vec![22]),
        (LOCATION, 23, vec![]),
        (8, 20, vec![]),
    ];
    for (location, first, expected) in cases {
        let asked = [location, first, first + 3];
        let found = bench.say(look::SEEN, asked);
        assert_eq!(said(&mut reader, look::SEEN, asked), Ok(found.clone()));
        let hashes: Vec<i64> = found.iter().map(|row| row[0]).collect();
        assert_eq!(hashes, expected, "{location} {first}");
    }
}

#[test]
fn a_second_row_for_one_place_is_a_conflict_and_its_undoing_spares_the_first() {
    let mut bench = Bench::new();
    bench.begin();
    bench.record(1);
    bench.commit();
    bench.begin();
    let second = said(&mut bench.writer, apply::SEEN, [LOCATION, 1, 1, 2, 3, 4, 5, 6]);
    assert_eq!(second, Err(StoreError::Conflict));
    finish(bench.writer.roll_back()).unwrap();
    assert_eq!(bench.hashes(), [vec![1], vec![1], vec![]]);
}
