//! What is done with promises beside sending them: replays, limits, the breaker that a restart does not forget, retention.

use std::time::Duration;

use inlet_core::{
    backlog::{Backlog, Order, Replay, Told},
    clock::Clock,
    delivery::{Delivery, DeliveryStatus, Fate},
    directory::{Directory, Entry},
    health::Verdict,
    ids::{DeliveryKey, DestinationKey, ReplayKey},
    intake::{Intake, Refusal},
    outbox::{DeliveryQuery, Outbox},
    registry::{Destination, DestinationState},
    relay::{Line, Memory, Note, RemoteMessage},
};

use crate::{
    engine::on_both,
    outbox::{claim, room, settlement, statuses},
    world::{Engine, HERE, World, sms},
};

pub(crate) fn replay(world: &World, to: DestinationKey, status: DeliveryStatus, rate: u32) -> Replay {
    let key = world.store.keys().next(world.hands.now());
    Replay {
        key: ReplayKey(key),
        location: HERE,
        destination: to,
        status,
        kind: None,
        lane: None,
        rate,
        cursor: DeliveryKey(0),
        end: DeliveryKey(i64::MAX),
        replayed: 0,
        created_at: world.hands.now(),
        done_at: None,
    }
}

fn dead() -> Fate {
    Fate::Dead {
        reason: "expired".to_owned(),
    }
}

/// Promises `count` and gives each up.
async fn give_up(world: &World, to: DestinationKey, count: usize) {
    for number in 0..count {
        world
            .submit(sms(&format!("D{number}"), "+14155550119", "Hi"))
            .await
            .unwrap();
    }
    let claimed = claim(world, &[room(to, count)]).await;
    let settled = claimed.iter().map(|one| settlement(world, one, dead())).collect();
    assert_eq!(world.store.settle(settled).await, Ok(0));
}

async fn a_dead_letter_is_replayed_with_a_whole_schedule_before_it(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    give_up(&world, to, 1).await;
    let query = DeliveryQuery {
        limit: 1,
        ..DeliveryQuery::default()
    };
    let given_up = world.store.list(&query).await.unwrap().remove(0);
    world.hands.advance(Duration::from_hours(80 * 24));
    let tell = |order| world.store.order(given_up.key, order);
    assert_eq!(tell(Order::Cancel).await, Ok(Told::Unfit(DeliveryStatus::Dead)));
    assert_eq!(tell(Order::Replay).await, Ok(Told::Done));
    let again = claim(&world, &[room(to, 1)]).await.remove(0);
    assert_eq!(
        (again.key, again.event, again.attempt, again.lease),
        (given_up.key, given_up.event, 1, 2)
    );
    assert!(again.expires_at > world.hands.now() + Duration::from_hours(75));
    assert_eq!(tell(Order::Replay).await, Ok(Told::Unfit(DeliveryStatus::Leased)));
    world
        .store
        .settle(vec![settlement(&world, &again, dead())])
        .await
        .unwrap();
    assert_eq!(tell(Order::Discard).await, Ok(Told::Done));
    assert_eq!(statuses(&world).await, [DeliveryStatus::Cancelled]);
    assert_eq!(
        world.store.order(DeliveryKey(5), Order::Cancel).await,
        Ok(Told::Missing)
    );
}

async fn a_replay_of_many_keeps_its_rate_and_goes_on_after_a_restart(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    give_up(&world, to, 5).await;
    let many = replay(&world, to, DeliveryStatus::Dead, 2);
    assert_eq!(world.store.count(&many, 100).await, Ok(5));
    world.store.add_replay(many).await.unwrap();
    assert_eq!(world.store.replay_on().await, Ok(2));
    let world = world.reopen().await;
    assert_eq!(world.store.replay_on().await, Ok(2));
    assert_eq!(world.store.replay_on().await, Ok(1));
    let done = world.store.replays().await.unwrap().remove(0);
    assert_eq!((done.replayed, done.done_at.is_some()), (5, true));
    assert_eq!(world.store.replay_on().await, Ok(0));
    assert_eq!(claim(&world, &[room(to, 9)]).await.len(), 5);
    let stopped = replay(&world, to, DeliveryStatus::Dead, 1);
    let key = stopped.key;
    world.store.add_replay(stopped).await.unwrap();
    assert_eq!(world.store.stop_replay(key).await, Ok(true));
    assert_eq!(world.store.stop_replay(key).await, Ok(false));
}

async fn a_replay_leaves_room_for_what_is_new(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    give_up(&world, to, 3).await;
    world
        .store
        .add_replay(replay(&world, to, DeliveryStatus::Dead, 9))
        .await
        .unwrap();
    assert_eq!(world.store.replay_on().await, Ok(3));
    world.hands.advance(Duration::from_secs(1));
    world.submit(sms("new", "+14155550119", "Hi")).await.unwrap();
    let mut narrow = room(to, 2);
    narrow.later = 1;
    let claimed = claim(&world, &[narrow]).await;
    assert_eq!(
        claimed.iter().filter(|one| one.lease == 1).count(),
        1,
        "the new one is among the two"
    );
    assert_eq!(claimed.len(), 2);
}

async fn what_is_beyond_a_destinations_limit_is_held_and_comes_back(engine: Engine) {
    let world = World::new(engine).await;
    let small = Destination {
        max_pending: 4,
        ..world.destination(1)
    };
    world.store.write(Entry::Destination(small)).await.unwrap();
    let to = DestinationKey(1);
    for number in 0..5 {
        world
            .submit(sms(&format!("A{number}"), "+14155550119", "Hi"))
            .await
            .unwrap();
    }
    let counts = world.store.measure().await.unwrap();
    assert_eq!(counts[0].pending(), 5);
    assert!(world.store.registry().destination(to).unwrap().full);
    for number in 0..3 {
        world
            .submit(sms(&format!("B{number}"), "+14155550119", "Hi"))
            .await
            .unwrap();
    }
    let held = |all: &[DeliveryStatus]| all.iter().filter(|one| **one == DeliveryStatus::Held).count();
    assert_eq!(held(&statuses(&world).await), 3);
    let mut rounds = 0;
    while held(&statuses(&world).await) > 0 || world.store.registry().destination(to).unwrap().full {
        let claimed = claim(&world, &[room(to, 9)]).await;
        let done = claimed.iter().map(|one| settlement(&world, one, Fate::Delivered));
        world.store.settle(done.collect()).await.unwrap();
        world.store.measure().await.unwrap();
        rounds += 1;
        assert!(rounds < 10, "all that was held is released");
    }
}

async fn while_too_much_waits_nothing_new_is_taken_in(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    for number in 0..3 {
        world
            .submit(sms(&format!("A{number}"), "+14155550119", "Hi"))
            .await
            .unwrap();
    }
    world.store.set_most_waiting(2);
    world.store.measure().await.unwrap();
    let refused = world.store.submit(vec![sms("B", "+14155550119", "Hi")]).await.remove(0);
    assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
    let claimed = claim(&world, &[room(to, 9)]).await;
    let done = claimed.iter().map(|one| settlement(&world, one, Fate::Delivered));
    world.store.settle(done.collect()).await.unwrap();
    world.store.measure().await.unwrap();
    world.submit(sms("B", "+14155550119", "Hi")).await.unwrap();
}

async fn the_breaker_outlives_a_restart(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    for number in 0..10 {
        world
            .submit(sms(&format!("A{number}"), "+14155550119", "Hi"))
            .await
            .unwrap();
    }
    let fail = |world: &World, one| {
        let due_at = world.hands.now();
        let mut failed = settlement(world, one, Fate::Again { due_at, counted: true });
        failed.verdict = Verdict::Ill;
        failed
    };
    let claimed = claim(&world, &[room(to, 9)]).await;
    let failed = claimed.iter().map(|one| fail(&world, one)).collect();
    world.store.settle(failed).await.unwrap();
    let world = world.reopen().await;
    let tenth = claim(&world, &[room(to, 1)]).await.remove(0);
    world.store.settle(vec![fail(&world, &tenth)]).await.unwrap();
    let registry = world.store.registry();
    let open = registry.destination(to).unwrap();
    let until = open.parked_until.expect("it is left alone");
    assert!(until >= world.hands.now() + Duration::from_secs(30));
    assert_eq!(open.trust, Some(1));
    let due = world.store.due(world.hands.now()).await.unwrap();
    assert_eq!((due.now, due.next), (vec![], Some(until)));
    let world = world.reopen().await;
    world.hands.advance(Duration::from_mins(1));
    for trust in [Some(1), Some(1), Some(2)] {
        let one = claim(&world, &[room(to, 1)]).await.remove(0);
        world
            .store
            .settle(vec![settlement(&world, &one, Fate::Delivered)])
            .await
            .unwrap();
        assert_eq!(world.store.registry().destination(to).unwrap().trust, trust);
    }
}

async fn nothing_for_five_days_disables_and_holds_and_drops_nothing(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    world.submit(sms("A", "+14155550119", "Hi")).await.unwrap();
    for _ in 0..60 {
        let Some(one) = claim(&world, &[room(to, 1)]).await.pop() else {
            break;
        };
        let due_at = world.hands.now();
        let mut failed = settlement(&world, &one, Fate::Again { due_at, counted: true });
        failed.verdict = Verdict::Answers;
        world.store.settle(vec![failed]).await.unwrap();
        world.hands.advance(Duration::from_hours(3));
    }
    let registry = world.store.registry();
    let disabled = registry.destination(to).unwrap();
    assert_eq!(disabled.state, DestinationState::Disabled);
    assert!(
        disabled
            .state_reason
            .as_ref()
            .is_some_and(|words| words.contains("five days"))
    );
    world.submit(sms("B", "+14155550119", "Hi")).await.unwrap();
    assert_eq!(statuses(&world).await, [DeliveryStatus::Held, DeliveryStatus::Ready]);
}

/// The message of a delivery is there upstream.
async fn remember_upstream(world: &World, delivery: &Delivery, email: Option<&str>) {
    let line = Line {
        location: delivery.location,
        destination: delivery.destination,
    };
    let (message, now) = (delivery.message.unwrap(), world.hands.now());
    let there = RemoteMessage {
        id: "m1".to_owned(),
        email: email.map(str::to_owned),
    };
    let notes = vec![
        Note::Posting(message, delivery.lane, now),
        Note::Sent(message, there, now),
    ];
    world.store.note(line, notes).await.unwrap();
}

async fn what_is_old_is_deleted_and_an_events_bytes_stay_as_long_as_they_are_needed(engine: Engine) {
    let world = World::new(engine).await;
    let (first, second) = (world.subscribe(1).await, world.subscribe(2).await);
    world.submit(sms("A", "+14155550119", "Hi")).await.unwrap();
    let claimed = claim(&world, &[room(first, 1), room(second, 1)]).await;
    let fates = [Fate::Delivered, dead()];
    remember_upstream(&world, &claimed[0], None).await;
    remember_upstream(&world, &claimed[1], Some("a mail")).await;
    let settled = claimed
        .iter()
        .zip(fates)
        .map(|(one, fate)| settlement(&world, one, fate));
    world.store.settle(settled.collect()).await.unwrap();
    let left = |world: &World| {
        let rows = world.engine.number("select count(*) from delivery");
        (rows, world.engine.number("select count(*) from attempt"))
    };
    let remembered = |world: &World| world.engine.number("select count(*) from upstream_message");
    world.hands.advance(Duration::from_hours(29 * 24));
    assert_eq!(world.store.tidy().await, Ok(false));
    assert_eq!(remembered(&world), 2);
    world.hands.advance(Duration::from_hours(2 * 24));
    while world.store.tidy().await.unwrap() {}
    assert_eq!(left(&world), (2, 0), "the given up one still needs the bytes");
    assert_eq!(remembered(&world), 2, "and so what was written for the two");
    assert!(world.store.show(claimed[1].key).await.unwrap().is_some());
    world.hands.advance(Duration::from_hours(60 * 24));
    while world.store.tidy().await.unwrap() {}
    assert_eq!(left(&world), (0, 0));
    assert_eq!(remembered(&world), 1, "a mail may be answered years later");
}

on_both! {
    a_dead_letter_is_replayed_with_a_whole_schedule_before_it,
    a_replay_of_many_keeps_its_rate_and_goes_on_after_a_restart,
    a_replay_leaves_room_for_what_is_new,
    what_is_beyond_a_destinations_limit_is_held_and_comes_back,
    while_too_much_waits_nothing_new_is_taken_in,
    the_breaker_outlives_a_restart,
    nothing_for_five_days_disables_and_holds_and_drops_nothing,
    what_is_old_is_deleted_and_an_events_bytes_stay_as_long_as_they_are_needed,
}
