//! Whatever goes wrong upstream: each message is there once, none twice, none lost.

use super::world::{Trial, World};

const INBOUND: &str = "POST /conversations/messages/inbound";

async fn survives(fault: &str, seed: u64) -> World {
    let world = World::new(&Trial::fault(fault, seed)).await;
    world.receive(0..200, 20).await;
    world.drain().await;
    world.check_threads(0..200, 20).await;
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_that_was_written_and_not_answered_is_read_back_and_not_written_twice() {
    let world = survives(&format!("{INBOUND}:timeout-after-write@10%"), 1).await;
    let read_back = world.ledger_sum("read_back").await;
    assert!(read_back > 0, "what nobody knows is read back");
    println!("relay: time-out after write on 10 %: 200 of 200 once; {read_back} calls to read back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_answers_and_connections_lose_nothing_and_double_nothing() {
    for (kind, seed) in [("500@10%", 2), ("reset@10%", 3), ("429@10%", 4)] {
        survives(&format!("{INBOUND}:{kind}"), seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_that_is_used_up_parks_all_and_uses_no_attempt() {
    // Two days by this seed: after three of them what still waits would have expired, and be in the dead letters.
    let world = survives(&format!("{INBOUND}:429-daily@1%"), 6).await;
    assert!(world.days() >= 1, "it was waited for the next day");
    assert_eq!(world.most_attempts().await, 1, "what was parked was not tried");
}
