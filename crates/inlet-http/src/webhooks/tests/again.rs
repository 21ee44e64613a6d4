//! Requests of the journal that are processed again, once there is a provider for them.

use inlet_core::{
    ids::{LocationKey, MessageKey, ProviderKey},
    journal::RequestVerdict,
};

use super::world::World;
use crate::webhooks::process::{Unprocessed, process};

#[tokio::test]
async fn a_parked_request_is_recorded_once_its_number_is_somebodys() {
    // The number of 105 came to the endpoint of 101: its account has one webhook for both.
    let line = "AC1 +14155550105 SM1 hi";
    let world = World::new();
    world.post("/in/twilio/token-a", Some("key-a"), line).await;
    assert_eq!(world.verdicts(), [(RequestVerdict::Parked, 200)]);
    for reason in ["processed again: recorded", "processed again: recognised as a repeat"] {
        let parked = world.kept().remove(0);
        let received_at = parked.received_at;
        world.clock.pass(3_600);
        let done = process(&world.state, parked).await.unwrap();
        assert_eq!((done.verdict, done.reason.as_str()), (RequestVerdict::Accepted, reason));
        assert_eq!(
            (done.location, done.messages.as_slice()),
            (Some(LocationKey(2)), &[MessageKey(1)][..])
        );
        assert_eq!(world.kept(), [done], "the journal says so too");
        let submitted = world.submitted();
        assert_eq!(submitted.last().unwrap().provider, ProviderKey(105));
        let inlet_core::change::What::Message(message) = &submitted[0].what else {
            panic!("it is a message");
        };
        assert_eq!(message.occurred_at, Some(received_at), "it was said when it came");
    }
}

#[tokio::test]
async fn what_is_still_nobodys_stays_parked() {
    // No provider has the first number, and the second has another account.
    for line in ["AC1 +14155550999 SM1 hi", "AC9 +14155550105 SM1 hi"] {
        let world = World::new();
        world.post("/in/twilio/token-a", Some("key-a"), line).await;
        let done = process(&world.state, world.kept().remove(0)).await.unwrap();
        assert_eq!(done.verdict, RequestVerdict::Parked, "{line}");
        assert!(done.reason.contains("--beside"), "{}", done.reason);
        assert!(world.submitted().is_empty(), "{line}");
    }
}

#[tokio::test]
async fn what_was_refused_or_cut_off_is_not_processed() {
    let world = World::new();
    world
        .post("/in/twilio/token-a", Some("wrong"), "AC1 +14155550100 SM1 hi")
        .await;
    let refused = process(&world.state, world.kept().remove(0)).await;
    assert!(matches!(refused, Err(Unprocessed::Refused)), "{refused:?}");
    let mut cut = world.kept().remove(0);
    cut.verdict = RequestVerdict::Accepted;
    cut.raw.body = vec![b'x'; 256 * 1024];
    let cut = process(&world.state, cut).await;
    assert!(matches!(cut, Err(Unprocessed::CutOff)), "{cut:?}");
    assert!(world.submitted().is_empty());
}

#[tokio::test]
async fn what_is_parked_is_kept_whole_and_recorded_whole() {
    let world = World::new();
    let long = format!("AC1 +14155550105 SM1 {}", "x".repeat(280_000));
    world.post("/in/twilio/token-a", Some("key-a"), &long).await;
    let parked = world.kept().remove(0);
    assert_eq!(
        (parked.verdict, parked.raw.body.len()),
        (RequestVerdict::Parked, long.len())
    );
    let done = process(&world.state, parked).await.unwrap();
    assert_eq!(done.verdict, RequestVerdict::Accepted, "{}", done.reason);
}
