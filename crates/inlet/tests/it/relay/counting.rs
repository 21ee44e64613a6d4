//! One call for each message, and one more for somebody new: counted upstream, and the same in the ledger.

use serde_json::json;

use super::world::{Trial, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_of_fifty_strangers_are_1050_calls_and_a_thousand_more_are_1000() {
    let world = World::new(&Trial::quirks()).await;
    world.receive(0..1000, 50).await;
    world.drain().await;
    assert_eq!(
        world.calls(),
        [
            ("POST /contacts/upsert", 50),
            ("POST /conversations/messages/inbound", 1000)
        ]
    );
    world.receive(1000..2000, 50).await;
    world.drain().await;
    assert_eq!(
        world.calls(),
        [
            ("POST /contacts/upsert", 50),
            ("POST /conversations/messages/inbound", 2000)
        ]
    );
    assert_eq!(world.refusals(), 0, "never more often than the upstream allows");
    world.check_threads(0..2000, 50).await;

    let ledger = world.ledger().await;
    let days = ledger["ledger"].as_array().unwrap();
    let sum = |key: &str| days.iter().map(|day| day[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(
        (sum("messages"), sum("calls"), sum("bridge_estimate")),
        (2000, 2050, 6050)
    );
    println!(
        "relay: 2,000 messages of 50 contacts: {} calls; a three-call bridge {}",
        sum("calls"),
        sum("bridge_estimate")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_that_is_gone_upstream_is_introduced_once_more() {
    let world = World::new(&Trial::quirks()).await;
    world.receive(0..2, 1).await;
    world.drain().await;
    world.forget_upstream_contacts().await;
    world.receive(2..4, 1).await;
    world.drain().await;
    assert_eq!(
        world.calls(),
        [
            ("POST /contacts/upsert", 2),
            ("POST /conversations/messages/inbound", 5)
        ]
    );
    world.check_threads(2..4, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_makes_no_sense_is_refused_with_what_to_change() {
    let world = World::new(&Trial::quirks()).await;
    let good = json!({ "location": "ve9EPM428h8vShlRW1KT", "token": "pit-x" });
    let with = |key: &str, value: &str| {
        let mut wish = good.clone();
        wish[key] = value.into();
        json!({ "upstream": wish })
    };
    let cases = [
        (with("location", "ve9EPM428h8vShlRW1KT/launchpad"), "location id alone"),
        (with("token", ""), "say what opens the upstream"),
        (with("client_id", "app"), "say what opens the upstream"),
        (with("limits", "endless"), "--limits"),
        (with("dialect", "v1"), "--dialect"),
        (with("on_uncertain", "guess"), "--on-uncertain"),
        (
            json!({ "upstream": { "location": "L", "token": "t", "providers": { "fax": "p" } } }),
            "no channel fax",
        ),
        (
            json!({ "upstream": good, "events": ["ContactCreate"] }),
            "messages only",
        ),
        (json!({ "upstream": good, "ordering": "none" }), "in order"),
        (json!({ "upstream": good, "url": "https://example.com" }), "--url"),
        (json!({}), "--url"),
    ];
    for (wish, expected) in cases {
        let said = world.refused_destination(&wish).await;
        assert!(said.contains(expected), "{wish}: {said}");
    }
}
