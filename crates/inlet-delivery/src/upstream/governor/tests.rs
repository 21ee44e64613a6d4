//! The limit is kept whatever answers take, nearly all of it is used, and what the headers say is heard.

use inlet_core::registry::Destination;

use super::*;

const LIMITS: CallLimits = CallLimits::STANDARD;

fn account() -> (Account, CallLimits) {
    let account = Account {
        base: "https://upstream.example".into(),
        location: "L".into(),
    };
    (account, LIMITS)
}

fn at(millis: u64) -> Timestamp {
    later(
        Timestamp::from_second(1_800_000_000).unwrap(),
        Duration::from_millis(millis),
    )
}

fn all_well(remaining: u32) -> Heard {
    Heard {
        remaining: Some(remaining),
        ..Heard::default()
    }
}

/// Calls as often as is let, for so long; answers take from `fast` to `slow`. Answers when each was counted upstream.
fn greedy(milliseconds: u64, (fast, slow): (u64, u64)) -> Vec<u64> {
    let (governors, account) = (Governors::default(), account());
    let mut under_way: Vec<(u64, Place)> = Vec::new();
    let (mut counted, mut drawn) = (Vec::new(), 1_u64);
    for now in 0..milliseconds {
        let (ended, still): (Vec<_>, Vec<_>) = under_way.into_iter().partition(|(end, _)| *end <= now);
        under_way = still;
        for (_, place) in ended {
            place.end(at(now), &Heard::default());
        }
        while let Ok(place) = governors.begin(&account, at(now)) {
            drawn = drawn
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let takes = fast + (drawn >> 33) % (slow - fast + 1);
            // Counted at any moment between the call and its answer.
            counted.push(now + (drawn >> 20) % (takes + 1));
            under_way.push((now + takes, place));
        }
    }
    counted.sort_unstable();
    counted
}

#[test]
fn no_interval_holds_more_than_the_limit_whatever_answers_take() {
    for (fast, slow) in [(0, 0), (1, 1), (20, 400), (300, 5_000)] {
        let counted = greedy(100_000, (fast, slow));
        let worst = counted.windows(101).map(|window| window[100] - window[0]).min();
        assert!(
            worst >= Some(10_000),
            "{fast} to {slow} ms: 101 calls within {worst:?} ms"
        );
        let share = counted.iter().filter(|at| **at < 100_000).count();
        if slow <= 400 {
            assert!(share >= 900, "{fast} to {slow} ms: only {share} of 1,000");
        }
    }
}

#[test]
fn a_sandbox_has_its_own_limit() {
    let (governors, (account, _)) = (Governors::default(), account());
    let account = (account, CallLimits::SANDBOX);
    governors.begin(&account, at(0)).unwrap().end(at(0), &Heard::default());
    assert_eq!(governors.room(&account, at(0)), 24);
    assert_eq!(governors.room(&account, at(10_010)), 25);
}

#[test]
fn before_anything_was_heard_one_call_goes_at_a_time() {
    let (governors, account) = (Governors::default(), account());
    let first = governors.begin(&account, at(0)).unwrap();
    assert_eq!(governors.room(&account, at(0)), 0);
    assert_eq!(governors.opens(&account, at(0)), None, "only its answer can tell");
    // Another process has used up most of the interval.
    first.end(at(100), &all_well(7));
    assert_eq!(governors.room(&account, at(100)), 7);
    assert_eq!(governors.room(&account, at(10_110)), 100);
}

#[test]
fn what_others_call_is_heard_and_what_we_call_is_not_counted_twice() {
    let (governors, account) = (Governors::default(), account());
    let heard = [(99, 99), (98, 98), (40, 40), (39, 39)];
    for (remaining, room) in heard {
        governors
            .begin(&account, at(0))
            .unwrap()
            .end(at(0), &all_well(remaining));
        assert_eq!(governors.room(&account, at(0)), room);
    }
}

#[test]
fn too_many_halves_once_a_burst_and_comes_back_in_steps() {
    let (governors, account) = (Governors::default(), account());
    governors.begin(&account, at(0)).unwrap().end(at(0), &Heard::default());
    let limited = Heard {
        limited: true,
        retry_after: Some(Duration::from_secs(3)),
        ..Heard::default()
    };
    let places: Vec<Place> = (0..2).map(|_| governors.begin(&account, at(0)).unwrap()).collect();
    for place in places {
        assert_eq!(place.end(at(0), &limited), None);
    }
    assert_eq!(governors.begin(&account, at(0)).unwrap_err(), at(3_000));
    assert_eq!(governors.room(&account, at(20_000)), 50);
    for (now, room) in [(20_000, 54), (31_000, 59), (32_000, 58), (43_000, 64)] {
        governors
            .begin(&account, at(now))
            .unwrap()
            .end(at(now), &Heard::default());
        assert_eq!(governors.room(&account, at(now)), room, "at {now}");
    }
}

#[test]
fn a_day_that_is_used_up_stops_all_until_it_is_over() {
    let (governors, account) = (Governors::default(), account());
    let over = Heard {
        limited: true,
        daily_remaining: Some(0),
        ..Heard::default()
    };
    // 2027-01-15 at 08:00, so that midnight is 16 hours away.
    let midnight = at(16 * 3_600_000);
    assert_eq!(
        governors.begin(&account, at(0)).unwrap().end(at(0), &over),
        Some(midnight)
    );
    assert_eq!(governors.begin(&account, at(3_600_000)).unwrap_err(), midnight);
    assert!(governors.begin(&account, midnight).is_ok());
    let told = Heard {
        daily_reset: Some(Duration::from_mins(1)),
        ..over
    };
    let (other, limits) = (
        Account {
            base: "b".into(),
            location: "M".into(),
        },
        LIMITS,
    );
    let other = (other, limits);
    let until = governors.begin(&other, at(0)).unwrap().end(at(0), &told);
    assert_eq!(until, Some(at(60_000)));
}

#[test]
fn the_last_of_a_day_is_kept_for_what_comes_in() {
    let (governors, account) = (Governors::default(), account());
    for (left, scarce) in [(10_001, false), (10_000, false), (9_999, true)] {
        let heard = Heard {
            daily_remaining: Some(left),
            ..Heard::default()
        };
        governors.begin(&account, at(0)).unwrap().end(at(0), &heard);
        assert_eq!(governors.is_scarce(&account, at(0)), scarce, "{left}");
    }
    assert!(!governors.is_scarce(&account, at(24 * 3_600_000)), "another day");
}

#[test]
fn a_webhook_has_no_account() {
    assert_eq!(Account::of(&Destination::to("https://x.example")), None);
}
