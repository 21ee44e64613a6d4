//! Promises: made with their message, claimed once, settled under the current lease, never lost.

use std::time::Duration;

use inlet_core::{
    backlog::Backlog,
    clock::Clock,
    delivery::{Attempt, Delivery, DeliveryStatus, Fate, Settlement},
    directory::{Directory, Entry},
    health::Verdict,
    ids::{AppKey, DestinationKey},
    outbox::{DeliveryQuery, Due, Outbox, Room},
    registry::DestinationState,
};

use crate::engine::on_both;
use crate::world::{Engine, HERE, World, sms};

pub(crate) fn room(destination: DestinationKey, free: usize) -> Room {
    Room {
        location: HERE,
        destination,
        free,
        later: free,
    }
}

pub(crate) fn settlement(world: &World, delivery: &Delivery, fate: Fate) -> Settlement {
    Settlement {
        delivery: delivery.key,
        location: delivery.location,
        destination: delivery.destination,
        lane: delivery.lane,
        lease: delivery.lease,
        number: delivery.attempt,
        attempt: Attempt {
            started_at: world.hands.now(),
            took: Duration::from_millis(12),
            status: Some(503),
            error: None,
            response: Some("busy".to_owned()),
        },
        verdict: match &fate {
            Fate::Delivered => Verdict::Well,
            Fate::Again { .. } | Fate::Dead { .. } | Fate::Held => Verdict::Silent,
        },
        trip: false,
        fate,
        park: None,
        disable: None,
    }
}

pub(crate) async fn claim(world: &World, rooms: &[Room]) -> Vec<Delivery> {
    let now = world.hands.now();
    let until = now + Duration::from_secs(30);
    world.store.claim(now, until, rooms).await.unwrap()
}

pub(crate) async fn statuses(world: &World) -> Vec<DeliveryStatus> {
    let query = DeliveryQuery {
        location: Some(HERE),
        limit: 99,
        ..DeliveryQuery::default()
    };
    let found = world.store.list(&query).await.unwrap();
    found.iter().map(|view| view.status).collect()
}

async fn each_destination_is_promised_each_message_with_the_same_bytes(engine: Engine) {
    let world = World::new(engine).await;
    let (first, second) = (world.subscribe(1).await, world.subscribe(2).await);
    let receipt = world.submit(sms("SM1", "+14155550119", "Hello")).await.unwrap();
    world.submit(sms("SM1", "+14155550119", "Hello")).await.unwrap();
    let claimed = claim(&world, &[room(first, 5), room(second, 5)]).await;
    let [one, other] = &claimed[..] else {
        panic!("two promises: {claimed:?}");
    };
    assert!(one.body.starts_with("InboundMessage for ") && one.body.ends_with(&receipt.message.to_string()));
    assert_eq!((&one.body, one.event), (&other.body, other.event));
    assert_eq!((one.key.0, one.attempt, one.lease), (one.event.0, 1, 1));
    assert_eq!((one.lane, one.location), (receipt.contact, HERE));
    let (view, body, attempts) = world.store.show(other.key).await.unwrap().unwrap();
    assert_eq!(
        (view.message, body, attempts),
        (Some(receipt.message), one.body.clone(), vec![])
    );
    assert!(claim(&world, &[room(first, 5)]).await.is_empty(), "leased is leased");
    let query = DeliveryQuery {
        message: Some(receipt.message),
        limit: 9,
        ..DeliveryQuery::default()
    };
    assert_eq!(world.store.list(&query).await.unwrap().len(), 2);
}

async fn a_failed_first_attempt_comes_after_what_was_never_tried(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    for number in 0..3 {
        world
            .submit(sms(&format!("SM{number}"), "+14155550119", "Hi"))
            .await
            .unwrap();
    }
    let [tried] = &claim(&world, &[room(to, 1)]).await[..] else {
        panic!("no more than there is room for");
    };
    let due_at = world.hands.now() + Duration::from_secs(5);
    let again = Fate::Again { due_at, counted: true };
    assert_eq!(world.store.settle(vec![settlement(&world, tried, again)]).await, Ok(0));
    let due = world.store.due(world.hands.now()).await.unwrap();
    assert_eq!((due.now, due.next), (vec![to], None));
    world.hands.advance(Duration::from_secs(10));
    let order: Vec<_> = claim(&world, &[room(to, 2)]).await;
    assert!(order.iter().all(|delivery| delivery.attempt == 1), "{order:?}");
    let [retried] = &claim(&world, &[room(to, 2)]).await[..] else {
        panic!("the retry is left");
    };
    assert_eq!((retried.key, retried.attempt, retried.lease), (tried.key, 2, 2));
    let (view, _, attempts) = world.store.show(tried.key).await.unwrap().unwrap();
    assert_eq!(view.last.as_deref(), Some("HTTP 503"));
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].response.as_deref(), Some("busy"));
}

async fn an_older_lease_changes_nothing_and_is_counted(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    world.submit(sms("SM1", "+14155550119", "Hi")).await.unwrap();
    let late = claim(&world, &[room(to, 1)]).await.remove(0);
    assert_eq!(
        world.store.recover(world.hands.now()).await,
        Ok(0),
        "the lease still holds"
    );
    world.hands.advance(Duration::from_secs(31));
    assert_eq!(world.store.recover(world.hands.now()).await, Ok(1));
    let current = claim(&world, &[room(to, 1)]).await.remove(0);
    assert_eq!((current.attempt, current.lease), (2, 2));
    let dead = Fate::Dead {
        reason: "gone".to_owned(),
    };
    let mut outdated = settlement(&world, &late, dead);
    outdated.disable = Some("it said so".to_owned());
    let done = settlement(&world, &current, Fate::Delivered);
    assert_eq!(world.store.settle(vec![outdated, done]).await, Ok(1));
    assert_eq!(statuses(&world).await, [DeliveryStatus::Delivered]);
    let (_, _, attempts) = world.store.show(current.key).await.unwrap().unwrap();
    assert_eq!(attempts.len(), 2, "both are in the log");
    let state = world.store.registry().destination(to).unwrap().state;
    assert_eq!(state, DestinationState::Active);
}

async fn what_a_dead_process_had_leased_is_due_at_the_next_start(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    world.submit(sms("SM1", "+14155550119", "Hi")).await.unwrap();
    let lost = claim(&world, &[room(to, 1)]).await.remove(0);
    let world = world.reopen().await;
    if world.engine.is_postgres() {
        // Another node may still be at it: there the lease has to end.
        assert_eq!(world.store.recover(world.hands.now()).await, Ok(0));
        world.hands.advance(Duration::from_secs(31));
        assert_eq!(world.store.recover(world.hands.now()).await, Ok(1));
    }
    let found = claim(&world, &[room(to, 1)]).await.remove(0);
    assert_eq!((found.key, found.attempt, found.lease), (lost.key, 2, 2));
}

async fn a_destination_that_is_parked_or_disabled_is_left_alone(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    for number in 0..3 {
        world
            .submit(sms(&format!("SM{number}"), "+14155550119", "Hi"))
            .await
            .unwrap();
    }
    let claimed = claim(&world, &[room(to, 2)]).await;
    let until = world.hands.now() + Duration::from_mins(1);
    let again = Fate::Again {
        due_at: until,
        counted: false,
    };
    let mut parks = settlement(&world, &claimed[0], again);
    parks.park = Some(until);
    world.store.settle(vec![parks]).await.unwrap();
    let parked = world.store.registry().destination(to).unwrap().parked_until;
    assert_eq!(parked, Some(until));
    let expected = Due {
        now: vec![],
        next: Some(until),
    };
    assert_eq!(world.store.due(world.hands.now()).await.unwrap(), expected);
    let (view, ..) = world.store.show(claimed[0].key).await.unwrap().unwrap();
    assert_eq!(
        (view.attempts, view.status),
        (0, DeliveryStatus::Ready),
        "it does not count"
    );

    let mut disables = settlement(&world, &claimed[1], Fate::Held);
    disables.disable = Some("it answered 410".to_owned());
    world.store.settle(vec![disables]).await.unwrap();
    let registry = world.store.registry();
    let destination = registry.destination(to).unwrap();
    assert_eq!(destination.state, DestinationState::Disabled);
    assert_eq!(destination.state_reason.as_deref(), Some("it answered 410"));
    world.submit(sms("SM9", "+14155550119", "held")).await.unwrap();
    assert_eq!(statuses(&world).await[0], DeliveryStatus::Held);
    assert_eq!(world.store.due(until).await.unwrap(), Due::default());

    world.store.enable(to, None).await.unwrap();
    let held = [
        DeliveryStatus::Held,
        DeliveryStatus::Ready,
        DeliveryStatus::Held,
        DeliveryStatus::Ready,
    ];
    assert_eq!(statuses(&world).await, held, "what is held stays so without a release");
    world.hands.advance(Duration::from_mins(2));
    assert_eq!(claim(&world, &[room(to, 9)]).await.len(), 2);
}

async fn a_dead_delivery_keeps_its_reason_and_another_app_its_own_event(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    let mut other = world.destination(2);
    other.app = AppKey(77);
    world.store.write(Entry::Destination(other)).await.unwrap();
    world.submit(sms("SM1", "+14155550119", "Hi")).await.unwrap();
    assert_eq!(statuses(&world).await.len(), 1, "no event for an app that is not there");
    let claimed = claim(&world, &[room(to, 1)]).await.remove(0);
    let dead = Fate::Dead {
        reason: "blocked_target".to_owned(),
    };
    world
        .store
        .settle(vec![settlement(&world, &claimed, dead)])
        .await
        .unwrap();
    let query = DeliveryQuery {
        status: Some(DeliveryStatus::Dead),
        limit: 9,
        ..DeliveryQuery::default()
    };
    let found = world.store.list(&query).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].last.as_deref(), Some("blocked_target: HTTP 503"));
    assert_eq!(found[0].finished_at, Some(world.hands.now()));
}

on_both! {
    each_destination_is_promised_each_message_with_the_same_bytes,
    a_failed_first_attempt_comes_after_what_was_never_tried,
    an_older_lease_changes_nothing_and_is_counted,
    what_a_dead_process_had_leased_is_due_at_the_next_start,
    a_destination_that_is_parked_or_disabled_is_left_alone,
    a_dead_delivery_keeps_its_reason_and_another_app_its_own_event,
}
