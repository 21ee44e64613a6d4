//! Room is given, taken and given back.

use inlet_core::{
    ids::{AppKey, LocationKey},
    schedule::Schedule,
    secret::Secret,
};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn destination(key: i64, max_inflight: u32) -> Destination {
    Destination {
        key: DestinationKey(key),
        id: String::new(),
        location: LocationKey(1),
        app: AppKey(1),
        url: String::new(),
        events: Vec::new(),
        secret: Secret::default(),
        state: DestinationState::Active,
        state_reason: None,
        parked_until: None,
        schedule: Schedule::Standard,
        max_inflight,
        created_at: at(0),
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
    let pace = Pace::new(GLOBAL_CAP);
    let both = [destination(1, 2), destination(2, 4)];
    let first = pace.enter(DestinationKey(1));
    let second = pace.enter(DestinationKey(1));
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
    let pace = Pace::new(10);
    let three = [destination(1, 8), destination(2, 8), destination(3, 8)];
    for _ in 0..3 {
        let rooms = free(&pace, &three, at(0));
        assert_eq!(rooms.iter().map(|(_, free)| free).sum::<usize>(), 10);
        assert!(rooms.iter().all(|(_, free)| (3..=4).contains(free)), "{rooms:?}");
    }
    let _taken: Vec<_> = (0..9).map(|_| pace.enter(DestinationKey(9))).collect();
    let winners: Vec<_> = (0..3).flat_map(|_| free(&pace, &three, at(0))).collect();
    assert_eq!(winners.len(), 3, "one place a turn");
    let mut turns: Vec<_> = winners.iter().map(|(key, _)| *key).collect();
    turns.sort_unstable();
    assert_eq!(turns, [1, 2, 3], "and everybody's turn comes");
}

#[test]
fn a_parked_or_paused_destination_has_no_room() {
    let pace = Pace::new(GLOBAL_CAP);
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
