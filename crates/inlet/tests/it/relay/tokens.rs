//! Tokens: one renewal for many, on disk before it is used, and an end that is said where none can be got.

use std::time::Duration;

use serde_json::json;

use super::world::{Found, Trial, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_sends_on_a_token_that_has_ended_renew_it_once() {
    let world = World::with_app(&Trial::quirks()).await;
    world.receive(0..50, 50).await;
    world.drain().await;
    assert_eq!(world.app().renewals(), 1, "the first token was about to end");
    // The upstream takes it no more, though it should be valid for hours.
    world.app().revoke();
    world.receive(50..100, 50).await;
    world.drain().await;
    assert_eq!(world.app().renewals(), 2);
    world.check_threads(0..100, 50).await;
    println!("relay: 50 parallel sends on an expired token: 1 renewal");
    // And a day later, shortly before its end.
    world.pass(Duration::from_secs(86_399 - 60));
    world.receive(100..150, 50).await;
    world.drain().await;
    assert_eq!(world.app().renewals(), 3);
    world.check_threads(0..150, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_renewed_and_not_saved_is_reported_and_nothing_is_dropped() {
    let world = World::with_app(&Trial::fault("POST /nowhere:500", 7)).await;
    // The upstream renews, and whoever asked does not live to hear of it.
    world.app().swallow_next();
    world.receive(0..3, 3).await;
    world.drain().await;
    assert_eq!(world.app().asked(), 2, "once, and once more to find out: no loop");
    let state = world.destination().await;
    assert_eq!(state["state"], "disabled");
    let reason = state["reason"].as_str().unwrap();
    assert!(reason.starts_with("needs re-authorisation"), "{reason}");
    world.receive(3..6, 3).await;
    world.authorise().await;
    world.drain().await;
    world.check_threads(0..6, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_given_anew_is_looked_at_at_once_and_soon_used() {
    let world = World::new(&Trial::quirks()).await;
    world.receive(0..2, 1).await;
    world.drain().await;
    world.give_token("pit-00000000-0000-0000-0000-000000000000").await;
    let bad = |found: &[Found]| found.iter().any(|one| one.check == "scope" && one.verdict == "bad");
    assert!(bad(&world.examine().await), "it is the new one that is looked at");
    let world = World::new(&Trial::quirks()).await;
    world.receive(0..2, 1).await;
    world.drain().await;
    world.give_token("pit-00000000-0000-0000-0000-000000000000").await;
    world.pass(Duration::from_secs(30));
    world.receive(2..4, 1).await;
    world.drain().await;
    world.check_threads(0..2, 1).await;
    assert_eq!(world.destination().await["state"], "disabled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_is_written_to_one_place_once() {
    let world = World::new(&Trial::quirks()).await;
    let same = json!({ "location": world.there(), "base_url": world.base(), "token": "pit-1" });
    let (status, said) = world.add_destination(&json!({ "upstream": same })).await;
    assert_eq!(status, 409, "{said}");
    assert!(said.contains("twice") && said.contains("authorise"), "{said}");
    world.tell("disable").await.unwrap();
    let (status, said) = world.add_destination(&json!({ "upstream": same })).await;
    assert_eq!(status, 200, "in place of one that is disabled: {said}");
    let (status, said) = world.tell("enable").await.unwrap_err();
    assert_eq!(status, 409, "{said}");
    let elsewhere = json!({ "location": "elsewhere", "base_url": world.base(), "token": "pit-1" });
    let (status, said) = world.add_destination(&json!({ "upstream": elsewhere })).await;
    assert_eq!(status, 200, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_taken_no_more_parks_the_queue_and_says_so() {
    let world = World::new(&Trial::fault("* /con*:expired-token", 8)).await;
    world.receive(0..3, 1).await;
    world.drain().await;
    let state = world.destination().await;
    assert_eq!(
        (&state["state"], world.made()),
        (&"disabled".into(), 2),
        "asked once more, and then no more"
    );
    assert!(state["reason"].as_str().unwrap().starts_with("needs re-authorisation"));
    let statuses = world.statuses().await;
    assert!(
        statuses.iter().all(|status| ["held", "blocked"].contains(status)),
        "{statuses:?}"
    );
}
