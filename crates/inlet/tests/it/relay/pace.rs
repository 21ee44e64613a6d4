//! The limit is never passed and nearly all of it is used; and who has much waiting does not keep others waiting.

use super::world::{Trial, World};

/// As many as on a file, or a fifth of that on PostgreSQL, where the rule is the same and each message takes longer.
fn sized(on_a_file: usize) -> usize {
    match std::env::var("INLET_STORIES").as_deref() {
        Ok("postgres") => on_a_file / 5,
        _ => on_a_file,
    }
}

/// Milliseconds of the upstream's interval, and calls in it.
const INTERVAL: i64 = 10_000;
const BURST: i64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_in_the_queue_use_the_limit_and_never_pass_it() {
    let world = World::new(&Trial::quirks()).await;
    let queue = sized(5000);
    world.receive(0..queue, 50).await;
    let began = world.millis();
    world.drain().await;
    assert_eq!(world.refusals(), 0, "not one 429");
    assert_eq!(world.made(), queue + 50);
    let calls = i64::try_from(world.made()).unwrap();
    let took = world.millis() - began;
    let share = calls * INTERVAL * 100 / (BURST * took.max(1));
    println!(
        "relay: {calls} calls in {} s of the clock in hand: {share} % of the limit, 0 answers of 429",
        took / 1000
    );
    assert!(share >= 90, "only {share} % of the limit was used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_waiting_at_one_location_do_not_delay_another() {
    let world = World::new(&Trial::quirks()).await;
    let quiet = world.another_location().await;
    let waiting = sized(10_000);
    world.receive(0..waiting, 50).await;
    // The noisy one is in the middle of its queue, and has used its limit up.
    world.turn(60).await;
    let (came, before) = (world.millis(), world.made());
    world.receive_at(quiet, 0..1, 1).await;
    world.drain_until(async || world.is_delivered(quiet).await).await;
    let delay = world.millis() - came;
    println!(
        "relay: a quiet location beside {waiting} waiting: {delay} ms of the clock in hand, {} calls in between",
        world.made() - before
    );
    assert!(delay <= 2_000, "{delay} ms");
}
