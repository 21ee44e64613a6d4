//! The limit is never passed and nearly all of it is used; and who has much waiting does not keep others waiting.

use super::world::{Trial, World};

/// Milliseconds of the upstream's interval, and calls in it.
const INTERVAL: i64 = 10_000;
const BURST: i64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_in_the_queue_use_the_limit_and_never_pass_it() {
    let world = World::new(&Trial::quirks()).await;
    world.receive(0..5000, 50).await;
    let began = world.millis();
    world.drain().await;
    assert_eq!(world.refusals(), 0, "not one 429");
    let calls = i64::try_from(world.made()).unwrap();
    assert_eq!(calls, 5050);
    let took = world.millis() - began;
    let share = calls * INTERVAL * 100 / (BURST * took.max(1));
    println!(
        "relay: 5,050 calls in {} s of the clock in hand: {share} % of the limit, 0 answers of 429",
        took / 1000
    );
    assert!(share >= 90, "only {share} % of the limit was used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_waiting_at_one_location_do_not_delay_another() {
    let world = World::new(&Trial::quirks()).await;
    let quiet = world.another_location().await;
    world.receive(0..10_000, 50).await;
    // The noisy one is in the middle of its queue, and has used its limit up.
    world.turn(60).await;
    let (came, before) = (world.millis(), world.made());
    world.receive_at(quiet, 0..1, 1).await;
    world.drain_until(async || world.is_delivered(quiet).await).await;
    let delay = world.millis() - came;
    println!(
        "relay: a quiet location beside 10,000 waiting: {delay} ms of the clock in hand, {} calls in between",
        world.made() - before
    );
    assert!(delay <= 2_000, "{delay} ms");
}
