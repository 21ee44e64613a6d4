//! What a try does to its delivery, as a table.

use inlet_core::{
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, EventKey, LocationKey},
};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn delivery(attempt: u32) -> Delivery {
    Delivery {
        key: DeliveryKey(7),
        location: LocationKey(1),
        event: EventKey(7),
        kind: EventKind::InboundMessage,
        destination: DestinationKey(3),
        lane: ContactKey(4),
        message: None,
        body: "{}".to_owned(),
        class: inlet_core::delivery::Class::First,
        due_at: Timestamp::UNIX_EPOCH,
        attempt,
        lease: 5,
        created_at: at(0),
        expires_at: later(at(0), Schedule::Standard.lifetime()),
    }
}

fn tried(status: Option<u16>, outcome: Outcome) -> (Attempt, Outcome) {
    let attempt = Attempt {
        started_at: at(0),
        took: Duration::from_millis(3),
        status,
        error: None,
        response: None,
    };
    (attempt, outcome)
}

fn retry(after: Option<u64>, park: bool, cap: Option<u32>) -> Outcome {
    Outcome::Retry {
        after: after.map(Duration::from_secs),
        park,
        cap,
    }
}

fn settled(attempt: u32, status: Option<u16>, outcome: Outcome) -> Settlement {
    settle(&delivery(attempt), tried(status, outcome), &Schedule::Standard, at(10))
}

#[test]
fn a_failure_is_due_again_after_its_delay() {
    for (attempt, delay) in (1..).zip(Schedule::Standard.delays()) {
        let Fate::Again { due_at, counted } = settled(attempt, Some(500), retry(None, false, None)).fate else {
            panic!("attempt {attempt} is not the last");
        };
        let (least, most) = (i64::from(*delay), i64::from(*delay) * 5 / 4 + 1);
        assert!(counted);
        assert!(
            (at(10 + least)..=at(10 + most)).contains(&due_at),
            "attempt {attempt}: {due_at}"
        );
    }
}

#[test]
fn the_last_failure_is_the_reason() {
    let dead = |attempt, status, outcome| match settled(attempt, status, outcome).fate {
        Fate::Dead { reason } => Some(reason),
        Fate::Delivered | Fate::Again { .. } | Fate::Held => None,
    };
    let cases = [
        (12, Some(500), retry(None, false, None), Some("http_500")),
        (12, None, retry(None, false, None), Some("no_answer")),
        (11, Some(500), retry(None, false, None), None),
        (7, Some(404), retry(None, false, Some(7)), Some("http_404")),
        (6, Some(404), retry(None, false, Some(7)), None),
        (
            1,
            Some(422),
            Outcome::Dead {
                reason: "aborted_by_receiver",
            },
            Some("aborted_by_receiver"),
        ),
        (12, Some(429), retry(None, true, None), None),
    ];
    for (attempt, status, outcome, expected) in cases {
        assert_eq!(
            dead(attempt, status, outcome.clone()).as_deref(),
            expected,
            "{attempt} {outcome:?}"
        );
    }
}

#[test]
fn a_parked_destination_does_not_cost_the_delivery_a_try() {
    let settlement = settled(1, Some(429), retry(Some(600), true, None));
    assert_eq!(settlement.park, Some(at(610)));
    let Fate::Again { due_at, counted } = settlement.fate else {
        panic!("it is tried again");
    };
    assert!(!counted && due_at >= at(610) && due_at <= at(761), "{due_at}");
    let unasked = settled(1, Some(429), retry(None, true, None));
    assert_eq!(unasked.park, Some(at(20)));
    assert_eq!(settled(1, Some(500), retry(Some(600), false, None)).park, None);
}

#[test]
fn a_destination_that_wants_no_more_is_disabled_and_the_event_held() {
    let settlement = settled(1, Some(410), Outcome::Disable { reason: "gone" });
    assert_eq!(
        (settlement.fate, settlement.disable.as_deref()),
        (Fate::Held, Some("gone"))
    );
    assert_eq!(settled(3, Some(200), Outcome::Delivered).fate, Fate::Delivered);
}

#[test]
fn nothing_is_tried_after_its_time_but_the_first_try() {
    let over = later(delivery(1).expires_at, Duration::from_secs(1));
    assert!(!is_over(&delivery(1), over));
    assert!(is_over(&delivery(2), over));
    assert!(!is_over(&delivery(2), delivery(2).expires_at));
    let expired = Fate::Dead {
        reason: EXPIRED.to_owned(),
    };
    assert_eq!(expire(&delivery(2), over).fate, expired);
    let last = settle(
        &delivery(1),
        tried(Some(500), retry(None, false, None)),
        &Schedule::Standard,
        over,
    );
    assert_eq!(last.fate, expired, "its next try would come too late");
}

#[test]
fn a_settlement_names_its_claim() {
    let settlement = settled(2, Some(200), Outcome::Delivered);
    assert_eq!(
        (
            settlement.delivery,
            settlement.destination,
            settlement.lease,
            settlement.number
        ),
        (DeliveryKey(7), DestinationKey(3), 5, 2)
    );
}

#[test]
fn what_was_no_try_is_looked_at_again_at_its_moment_and_not_counted() {
    let after_all = delivery(1).expires_at;
    let later_still = later(after_all, Duration::from_secs(1));
    for (moment, park, expected) in [
        (at(20), false, Some(at(20))),
        (at(20), true, Some(at(20))),
        (later_still, true, Some(later_still)),
        (later_still, false, None),
    ] {
        let settlement = settled(12, None, Outcome::Later { at: moment, park });
        let due = match settlement.fate {
            Fate::Again { due_at, counted: false } => Some(due_at),
            Fate::Again { .. } | Fate::Delivered | Fate::Dead { .. } | Fate::Held => None,
        };
        assert_eq!(
            (due, settlement.park),
            (expected, park.then_some(moment)),
            "{moment} {park}"
        );
    }
}
