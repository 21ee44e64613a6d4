//! Room is given, taken and given back.

use std::time::Duration;

use inlet_core::{clock::later, ids::LocationKey};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn destination(key: i64, max_inflight: u32) -> Destination {
    Destination {
        key: DestinationKey(key),
        location: LocationKey(1),
        max_inflight,
        ..Destination::to(format!("https://host{key}.example/"))
    }
}

fn free(pace: &Pace, destinations: &[Destination], now: Timestamp) -> Vec<(i64, usize)> {
    let all: Vec<_> = destinations.iter().collect();
    let mut rooms: Vec<_> = pace
        .rooms(&all, now)
        .into_iter()
        .map(|room| (room.destination.0, room.free))
        .collect();
    rooms.sort_unstable();
    rooms
}

#[test]
fn each_destination_has_its_own_room() {
    let pace = Pace::new(GLOBAL_CAP, Governors::default());
    let both = [destination(1, 2), destination(2, 4)];
    let first = pace.enter(DestinationKey(1), "https://host1.example/", Class::First);
    let second = pace.enter(DestinationKey(1), "https://host1.example/", Class::First);
    assert_eq!(
        free(&pace, &both, at(0)),
        [(2, 4)],
        "the full one takes nothing from the other"
    );
    drop(first);
    assert_eq!(free(&pace, &both, at(0)), [(1, 1), (2, 4)]);
    drop(second);
    assert_eq!(free(&pace, &both, at(0)), [(1, 2), (2, 4)]);
}

#[test]
fn short_room_is_shared_out() {
    let pace = Pace::new(10, Governors::default());
    let three = [destination(1, 8), destination(2, 8), destination(3, 8)];
    for _ in 0..3 {
        let rooms = free(&pace, &three, at(0));
        assert_eq!(rooms.iter().map(|(_, free)| free).sum::<usize>(), 10);
        assert!(rooms.iter().all(|(_, free)| (3..=4).contains(free)), "{rooms:?}");
    }
    let _taken: Vec<_> = (0..9)
        .map(|_| pace.enter(DestinationKey(9), "https://host9.example/", Class::First))
        .collect();
    let winners: Vec<_> = (0..3).flat_map(|_| free(&pace, &three, at(0))).collect();
    assert_eq!(winners.len(), 3, "one place a turn");
    let mut turns: Vec<_> = winners.iter().map(|(key, _)| *key).collect();
    turns.sort_unstable();
    assert_eq!(turns, [1, 2, 3], "and everybody's turn comes");
}

#[test]
fn a_parked_or_paused_destination_has_no_room() {
    let pace = Pace::new(GLOBAL_CAP, Governors::default());
    pace.park(DestinationKey(1), at(60));
    pace.park(DestinationKey(1), at(30));
    let mut all = [
        destination(1, 1),
        destination(2, 1),
        destination(3, 1),
        destination(4, 1),
    ];
    all[1].parked_until = Some(at(90));
    all[2].state = DestinationState::Paused;
    all[3].state = DestinationState::Disabled;
    assert_eq!(free(&pace, &all, at(59)), []);
    assert_eq!(free(&pace, &all, at(60)), [(1, 1)]);
    assert_eq!(free(&pace, &all, at(90)), [(1, 1), (2, 1)]);
}

#[test]
fn room_is_kept_for_first_attempts() {
    let pace = Pace::new(GLOBAL_CAP, Governors::default());
    let one = destination(1, 8);
    let later = |pace: &Pace| pace.rooms(&[&one], at(0)).first().map(|room| (room.free, room.later));
    assert_eq!(later(&pace), Some((8, 6)), "a quarter is kept");
    let _retries: Vec<_> = (0..6)
        .map(|_| pace.enter(DestinationKey(1), &one.url, Class::Retry))
        .collect();
    assert_eq!(later(&pace), Some((2, 0)));
    let narrow = Pace::new(4, Governors::default());
    let _replays: Vec<_> = (0..2)
        .map(|_| narrow.enter(DestinationKey(9), "https://host9.example/", Class::Replay))
        .collect();
    assert_eq!(later(&narrow), Some((2, 0)), "half of all room is kept");
}

#[test]
fn one_host_has_no_more_room_for_many_destinations() {
    let pace = Pace::new(GLOBAL_CAP, Governors::default());
    let shared = Destination {
        max_inflight: 64,
        ..destination(1, 64)
    };
    let _taken: Vec<_> = (0..30)
        .map(|number| {
            pace.enter(
                DestinationKey(100 + number),
                "https://host1.example:443/other",
                Class::First,
            )
        })
        .collect();
    assert_eq!(free(&pace, &[shared], at(0)), [(1, 2)]);
}

#[test]
fn no_more_attempts_begin_in_a_second_than_its_owner_said() {
    let pace = Pace::new(GLOBAL_CAP, Governors::default());
    let slow = Destination {
        rate: Some(2),
        ..destination(1, 8)
    };
    let mut begun = 0;
    for tenth in 0..100 {
        let now = later(at(0), Duration::from_millis(100 * tenth));
        for room in pace.rooms(&[&slow], now) {
            for _ in 0..room.free {
                drop(pace.enter(room.destination, &slow.url, Class::First));
                begun += 1;
            }
        }
    }
    assert_eq!(begun, 2 + 19, "a second's worth at once, then two a second");
}

#[test]
fn what_recovers_gets_little_at_first() {
    let pace = Pace::new(GLOBAL_CAP, Governors::default());
    let mut one = destination(1, 8);
    one.trust = Some(1);
    assert_eq!(free(&pace, &[one], at(0)), [(1, 1)]);
}
