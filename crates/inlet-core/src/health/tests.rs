//! The breaker as tables: when it opens, for how long, how it comes back, and when a destination is given up.

use super::*;

const MOST: u32 = 8;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn heard(verdict: Verdict, delivery: i64) -> Heard {
    Heard {
        verdict,
        delivery: DeliveryKey(delivery),
        trip: false,
    }
}

/// Opens it at second 0 and answers until when it is open.
fn opened(health: &mut Health) -> Timestamp {
    let turns = (0..10).map(|delivery| health.hear(heard(Verdict::Ill, delivery), MOST, at(0)));
    match turns.last().unwrap() {
        Some(Turn::Opened(until)) => until,
        other => panic!("ten distinct failures open it: {other:?}"),
    }
}

#[test]
fn ten_distinct_failures_in_a_row_open_it_and_nothing_less_does() {
    let mut health = Health::default();
    for _ in 0..50 {
        assert_eq!(
            health.hear(heard(Verdict::Ill, 1), MOST, at(0)),
            None,
            "one delivery is one"
        );
    }
    for delivery in 2..10 {
        assert_eq!(health.hear(heard(Verdict::Ill, delivery), MOST, at(0)), None);
    }
    assert_eq!(
        health.hear(heard(Verdict::Answers, 11), MOST, at(0)),
        None,
        "it is there"
    );
    let until = opened(&mut health);
    assert!(until >= at(30) && until <= at(38), "{until}");
    let mut tripped = Health::default();
    let trip = Heard {
        trip: true,
        ..heard(Verdict::Ill, 1)
    };
    assert!(matches!(tripped.hear(trip, MOST, at(0)), Some(Turn::Opened(_))));
}

#[test]
fn what_asks_for_patience_counts_as_nothing() {
    let mut health = Health::default();
    for delivery in 0..100 {
        assert_eq!(health.hear(heard(Verdict::Silent, delivery), MOST, at(0)), None);
    }
    assert_eq!(health, Health::default());
}

#[test]
fn it_comes_back_one_by_one_then_two_four_and_all() {
    let mut health = Health::default();
    let until = opened(&mut health);
    assert_eq!(
        health.hear(heard(Verdict::Ill, 99), MOST, at(5)),
        None,
        "it was under way"
    );
    let mut turns = Vec::new();
    for delivery in 0..10 {
        turns.extend(health.hear(heard(Verdict::Well, delivery), MOST, until));
    }
    let trusted = [Some(2), Some(4), None].map(Turn::Trusted);
    assert_eq!(turns, trusted);
    assert_eq!(
        health,
        Health {
            open_until: until.as_millisecond(),
            ..Health::default()
        }
    );
}

#[test]
fn each_relapse_doubles_the_wait_up_to_ten_minutes() {
    let mut health = Health::default();
    let mut until = opened(&mut health);
    for seconds in [60, 120, 240, 480, 600, 600] {
        let now = until;
        match health.hear(heard(Verdict::Ill, 1), MOST, now) {
            Some(Turn::Opened(next)) => until = next,
            other => panic!("{other:?}"),
        }
        let (least, most) = (Duration::from_secs(seconds), Duration::from_secs(seconds + seconds / 4));
        assert!(until >= later(now, least) && until <= later(now, most), "{seconds}");
    }
}

#[test]
fn five_days_without_a_success_and_fifty_failures_disable_it() {
    let day = 24 * 3600;
    let mut health = Health::default();
    for delivery in 0..49 {
        assert_eq!(health.hear(heard(Verdict::Answers, delivery), MOST, at(0)), None);
    }
    let turn = health.clone().hear(heard(Verdict::Answers, 50), MOST, at(5 * day - 1));
    assert_eq!(turn, None, "not yet five days");
    let turn = health.hear(heard(Verdict::Answers, 50), MOST, at(5 * day));
    assert!(matches!(turn, Some(Turn::Disabled(_))));
    let mut saved = Health::default();
    for delivery in 0..49 {
        saved.hear(heard(Verdict::Answers, delivery), MOST, at(0));
    }
    saved.hear(heard(Verdict::Well, 49), MOST, at(day));
    assert_eq!(saved.hear(heard(Verdict::Answers, 50), MOST, at(9 * day)), None);
}

#[test]
fn a_target_that_is_refused_three_times_in_a_row_pauses_it() {
    let mut health = Health::default();
    let mut hear = |verdict| health.hear(heard(verdict, 1), MOST, at(0));
    assert_eq!(hear(Verdict::Blocked), None);
    assert_eq!(hear(Verdict::Blocked), None);
    assert_eq!(hear(Verdict::Well), None);
    assert_eq!(hear(Verdict::Blocked), None);
    assert_eq!(hear(Verdict::Blocked), None);
    assert!(matches!(hear(Verdict::Blocked), Some(Turn::Paused(_))));
}
