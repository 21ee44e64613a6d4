//! The worker turned by hand, with the clock in the test's hand.

use std::{sync::Arc, time::Duration};

use inlet_core::{
    clock::Clock,
    delivery::{DeliveryStatus, Fate},
    ids::{DestinationKey, EventKey, IdCodec, LocationKey},
    outbox::{Outbox, Room},
    registry::Destination,
    secret::Secret,
    signature::{BodySigner, standard_webhooks},
};
use inlet_delivery::{
    hints::Hints,
    worker::{Parts, Worker},
};

use crate::support::{
    FixedDirectory, PATIENCE, SECRET, StillClock, destination,
    outbox::MemoryOutbox,
    receiver::{Play, Receiver},
    webhooks,
};

struct World {
    outbox: Arc<MemoryOutbox>,
    clock: Arc<StillClock>,
    worker: Worker,
}

impl World {
    fn with(destinations: Vec<Destination>) -> Self {
        let (outbox, clock) = (MemoryOutbox::new(), StillClock::new());
        let directory = FixedDirectory::with_destinations(destinations);
        let worker = Worker::new(Parts {
            outbox: Arc::<MemoryOutbox>::clone(&outbox),
            sender: Arc::new(webhooks(&directory, &clock, PATIENCE)),
            directory,
            clock: Arc::<StillClock>::clone(&clock),
            hints: Arc::new(Hints::default()),
            governors: inlet_delivery::upstream::governor::Governors::default(),
            deadline: PATIENCE,
        });
        Self { outbox, clock, worker }
    }

    /// Turns once and answers how many deliveries were claimed.
    async fn turn(&self) -> usize {
        let turn = self.worker.turn().await.unwrap();
        assert_eq!(turn.lost, 0);
        turn.claimed
    }
}

#[tokio::test]
async fn a_webhook_arrives_byte_for_byte_with_both_signatures() {
    let mut receiver = Receiver::answering(200).await;
    let world = World::with(vec![destination(1, &receiver.url("/hook?k=1"))]);
    let key = world.outbox.promise(1, &world.clock);
    assert_eq!(world.turn().await, 1);
    let request = receiver.next().await;
    let id = IdCodec::new([4; 16]).webhook(EventKey(key.0 + 1000));
    let signature = standard_webhooks(&Secret::new(*SECRET), &id, world.clock.now(), &request.body);
    let header = |name| request.header(name).unwrap_or_default();
    assert_eq!(request.line, "POST /hook?k=1 HTTP/1.1");
    assert_eq!(request.body, world.outbox.row(key).delivery.body.as_bytes());
    assert!(BodySigner::new(&[5; 32]).verifies(&request.body, header("x-ghl-signature")));
    assert_eq!(header("webhook-id"), id);
    assert_eq!(header("webhook-timestamp"), world.clock.now().as_second().to_string());
    assert_eq!(header("webhook-signature"), signature);
    assert_eq!(header("content-type"), "application/json");
    assert!(header("user-agent").starts_with("Inlet/"));
    assert_eq!(header("x-inlet-event-type"), "InboundMessage");
    assert_eq!(header("x-inlet-attempt"), "1");
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(world.outbox.row(key).status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_failure_comes_back_on_schedule_with_the_same_id_and_body() {
    let fail = Play::answer(500, "", "");
    let mut receiver = Receiver::playing(vec![fail.clone(), fail, Play::answer(200, "", "")]).await;
    let world = World::with(vec![destination(1, &receiver.url("/"))]);
    let key = world.outbox.promise(1, &world.clock);
    let (mut ids, mut bodies, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for attempt in 1..=3 {
        assert_eq!(world.turn().await, 1);
        let request = receiver.next().await;
        assert_eq!(request.header("x-inlet-attempt"), Some(attempt.to_string().as_str()));
        ids.push(request.header("webhook-id").unwrap().to_owned());
        times.push(request.header("webhook-timestamp").unwrap().to_owned());
        bodies.push(request.body);
        assert_eq!(world.turn().await, 0, "nothing is due yet");
        world.clock.set(world.outbox.row(key).due_at);
    }
    assert_eq!(world.outbox.row(key).status, DeliveryStatus::Delivered);
    ids.dedup();
    bodies.dedup();
    times.dedup();
    assert_eq!((ids.len(), bodies.len(), times.len()), (1, 1, 3));
}

#[tokio::test]
async fn a_receiver_that_never_answers_well_is_given_up_with_the_reason() {
    for (status, tries, reason) in [(500, 12, "http_500"), (404, 7, "http_404")] {
        let receiver = Receiver::answering(status).await;
        let world = World::with(vec![destination(1, &receiver.url("/"))]);
        let key = world.outbox.promise(1, &world.clock);
        for _ in 0..tries {
            assert_eq!(world.turn().await, 1);
            world.clock.set(world.outbox.row(key).due_at);
        }
        let row = world.outbox.row(key);
        assert_eq!(
            (row.status, row.reason.as_deref()),
            (DeliveryStatus::Dead, Some(reason))
        );
        assert_eq!(world.outbox.log().len(), tries);
    }
}

#[tokio::test]
async fn too_many_parks_the_destination_and_costs_no_try() {
    let busy = Play::answer(429, "retry-after: 600\r\n", "");
    let mut receiver = Receiver::playing(vec![busy, Play::answer(200, "", "")]).await;
    let world = World::with(vec![destination(1, &receiver.url("/"))]);
    let first = world.outbox.promise(1, &world.clock);
    assert_eq!(world.turn().await, 1);
    let second = world.outbox.promise(1, &world.clock);
    assert_eq!(world.turn().await, 0, "the whole destination is left alone");
    world.clock.advance(Duration::from_secs(599));
    assert_eq!(world.turn().await, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.turn().await, 1, "the one that was not tried yet has no jitter");
    assert_eq!(world.outbox.row(second).status, DeliveryStatus::Delivered);
    world.clock.set(world.outbox.row(first).due_at);
    assert_eq!(world.turn().await, 1);
    receiver.next().await;
    receiver.next().await;
    assert_eq!(receiver.next().await.header("x-inlet-attempt"), Some("1"));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled_and_its_event_held() {
    let receiver = Receiver::answering(410).await;
    let world = World::with(vec![destination(1, &receiver.url("/"))]);
    let key = world.outbox.promise(1, &world.clock);
    assert_eq!(world.turn().await, 1);
    assert_eq!(world.outbox.row(key).status, DeliveryStatus::Held);
    let log = world.outbox.log();
    assert_eq!(log[0].disable.as_deref(), Some("the receiver is gone for good (410)"));
    assert_eq!(log[0].fate, Fate::Held);
}

#[tokio::test]
async fn no_more_is_claimed_than_has_room_and_all_comes_in_its_turn() {
    let (one, two) = (Receiver::answering(200).await, Receiver::answering(200).await);
    let mut narrow = destination(1, &one.url("/"));
    narrow.max_inflight = 2;
    let world = World::with(vec![narrow, destination(2, &two.url("/"))]);
    for _ in 0..5 {
        world.outbox.promise(1, &world.clock);
    }
    world.outbox.promise(2, &world.clock);
    let mut claimed = Vec::new();
    for _ in 0..4 {
        claimed.push(world.turn().await);
    }
    assert_eq!(claimed, [3, 2, 1, 0]);
    assert_eq!(world.outbox.count(DeliveryStatus::Delivered), 6);
    assert!(one.connections() <= 2, "connections are used again");
}

#[tokio::test]
async fn what_a_dead_worker_had_claimed_is_sent_when_its_lease_is_over() {
    let mut receiver = Receiver::answering(200).await;
    let world = World::with(vec![destination(1, &receiver.url("/"))]);
    let key = world.outbox.promise(1, &world.clock);
    let room = Room {
        location: LocationKey(1),
        destination: DestinationKey(1),
        free: 1,
        later: 1,
    };
    let now = world.clock.now();
    let until = inlet_core::clock::later(now, Duration::from_secs(30));
    assert_eq!(world.outbox.claim(now, until, &[room]).await.unwrap().len(), 1);
    assert_eq!(world.worker.recover().await.unwrap(), 0);
    assert_eq!(world.turn().await, 0);
    world.clock.advance(Duration::from_secs(31));
    assert_eq!(world.worker.recover().await.unwrap(), 1);
    assert_eq!(world.turn().await, 1);
    assert_eq!(
        receiver.next().await.header("x-inlet-attempt"),
        Some("2"),
        "each claim is a try"
    );
    assert_eq!(world.outbox.row(key).status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_lease_outlasts_the_longest_attempt() {
    let receiver = Receiver::playing(vec![Play::Hang]).await;
    let world = World::with(vec![destination(1, &receiver.url("/"))]);
    let key = world.outbox.promise(1, &world.clock);
    let claimed = async {
        let mut receiver = receiver;
        receiver.next().await;
        world.outbox.row(key).lease_until
    };
    let lease = tokio::select! {
        lease = claimed => lease.unwrap(),
        _ = world.turn() => panic!("nobody answered"),
    };
    assert_eq!(
        lease,
        inlet_core::clock::later(world.clock.now(), PATIENCE + Duration::from_secs(15))
    );
}

#[tokio::test]
async fn what_is_past_its_time_is_given_up_without_a_call() {
    let mut receiver = Receiver::answering(500).await;
    let world = World::with(vec![destination(1, &receiver.url("/"))]);
    let key = world.outbox.promise(1, &world.clock);
    assert_eq!(world.turn().await, 1);
    world.clock.set(world.outbox.row(key).delivery.expires_at);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.turn().await, 1);
    let row = world.outbox.row(key);
    assert_eq!(
        (row.status, row.reason.as_deref()),
        (DeliveryStatus::Dead, Some("expired"))
    );
    assert_eq!(world.outbox.log().len(), 2);
    receiver.next().await;
    assert!(receiver.come().is_none(), "the second time nobody is called");
}

#[tokio::test]
async fn a_store_that_is_down_is_a_fault_of_the_turn() {
    let world = World::with(vec![destination(1, "http://127.0.0.1:9/")]);
    world.outbox.promise(1, &world.clock);
    world.outbox.break_down();
    assert!(world.worker.turn().await.is_err());
}
