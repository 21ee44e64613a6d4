//! HighLevel's own webhooks: they fill and mend what the relay knows of it, and what the relay wrote is not relayed again.

use serde_json::{Value, json};

use super::world::{Trial, World};

const UPSERT: &str = "POST /contacts/upsert";
const POST: &str = "POST /conversations/messages/inbound";

fn phone(person: usize) -> String {
    format!("+1415555{person:04}")
}

async fn make(world: &World, person: usize) -> String {
    let body = json!({ "locationId": world.upstream_location(), "phone": phone(person) });
    let made = world.at_upstream("POST", "/contacts/", body).await;
    made["contact"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_upstream_told_of_costs_no_call_when_they_write() {
    let world = World::new(&Trial::quirks()).await;
    let upstream = world.listen().await;
    for person in 0..3 {
        make(&world, person).await;
    }
    upstream.deliver().await;
    world.receive(0..5, 5).await;
    world.drain().await;
    assert_eq!(world.calls(), [(UPSERT, 2), (POST, 5)], "three of five were known");
    world.check_threads(0..5, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_relay_wrote_comes_back_and_is_not_relayed_again() {
    let world = World::new(&Trial::quirks()).await;
    let upstream = world.listen().await;
    for round in 0..3 {
        world.receive(round * 4..round * 4 + 4, 2).await;
        world.drain().await;
        upstream.deliver().await;
    }
    world.drain().await;
    assert_eq!(world.calls(), [(UPSERT, 2), (POST, 12)], "no loop");
    assert_eq!(world.messages_here().await, 12, "and nothing came in by it");
    world.check_threads(0..12, 2).await;
    assert_eq!(world.ledger_total("echoes").await, 12);
    assert_eq!(
        world.ledger_total("webhooks").await,
        14,
        "two contacts, twelve messages"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_deleted_upstream_is_introduced_anew_without_a_failed_post() {
    let world = World::new(&Trial::quirks()).await;
    let upstream = world.listen().await;
    world.receive(0..2, 2).await;
    world.drain().await;
    upstream.deliver().await;
    world.forget_upstream_contacts().await;
    upstream.deliver().await;
    world.receive(2..4, 2).await;
    world.drain().await;
    assert_eq!(world.calls(), [(UPSERT, 4), (POST, 4)]);
    world.check_threads(2..4, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_became_somebody_elses_leads_to_them() {
    let world = World::new(&Trial::quirks()).await;
    let upstream = world.listen().await;
    // Whoever typed it in gave Bob the number of person 0 by mistake, and mends that.
    let bob = make(&world, 0).await;
    upstream.deliver().await;
    world.receive(0..1, 1).await;
    world.drain().await;
    world
        .at_upstream("PUT", &format!("/contacts/{bob}"), json!({ "phone": phone(77) }))
        .await;
    upstream.deliver().await;
    world.receive(1..2, 1).await;
    world.drain().await;
    let thread = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let threads = world.threads().await;
    assert_eq!(
        threads[&phone(77)],
        thread(&["message 0"]),
        "what was written before stays"
    );
    assert_eq!(threads[&phone(0)], thread(&["message 1"]), "whose number it is now");
    assert_eq!(world.calls(), [(UPSERT, 1), (POST, 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_highlevel_did_not_sign_or_said_long_ago_teaches_nothing() {
    let world = World::new(&Trial::quirks()).await;
    let door = world.door().await;
    let said = |location: &str, at: &str| json!({ "type": "ContactCreate", "locationId": location, "id": "someone", "phone": phone(0), "timestamp": at });
    let now = "2027-01-15T08:00:00.000Z";
    let good = said(world.upstream_location(), now);
    let signature = |body: &Value| vec![("x-ghl-signature", world.sign(body))];
    let elsewhere = said("another-location", now);
    let late = said(world.upstream_location(), "2027-01-15T07:00:00.000Z");
    let nobody = json!({ "type": "ContactCreate", "locationId": world.upstream_location() });
    let cases = [
        ("no signature", door.clone(), Vec::new(), &good, 400),
        (
            "the retired one",
            door.clone(),
            vec![("x-wh-signature", "AAAA".to_owned())],
            &good,
            400,
        ),
        ("another body's", door.clone(), signature(&late), &good, 403),
        ("another address", format!("{door}x"), signature(&good), &good, 404),
        ("another location", door.clone(), signature(&elsewhere), &elsewhere, 200),
        ("said an hour ago", door.clone(), signature(&late), &late, 200),
        ("names nobody", door.clone(), signature(&nobody), &nobody, 200),
    ];
    for (what, path, headers, body, expected) in cases {
        assert_eq!(world.knock(&path, &headers, body).await, expected, "{what}");
    }
    let kept = world.kept_requests().await;
    assert_eq!(kept.len(), 4, "{kept:?}");
    world.receive(0..1, 1).await;
    world.drain().await;
    assert_eq!(world.calls(), [(UPSERT, 1), (POST, 1)], "nobody was learned of");
    // And the same, signed and in time, is learned from: the relay writes to whom it was told.
    assert_eq!(world.knock(&door, &signature(&good), &good).await, 200);
    world.receive(1..2, 1).await;
    world.drain().await;
    assert_eq!(
        world.calls(),
        [(UPSERT, 2), (POST, 3)],
        "who is not there is introduced again"
    );
}
