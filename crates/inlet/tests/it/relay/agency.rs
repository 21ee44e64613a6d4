//! An agency's token is exchanged for each location's; its refresh token is used once, and kept in one place.

use std::time::Duration;

use serde_json::json;

use super::world::{Trial, World};

const TOKEN: &str = "POST /oauth/token";
const EXCHANGE: &str = "POST /oauth/locationToken";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_refresh_token_of_an_agency_opens_all_of_its_locations() {
    let world = World::new(&Trial::quirks()).await;
    let mut agency = world.agency().await;
    let mut locations = Vec::new();
    for _ in 0..3 {
        locations.push(world.join_agency(&mut agency).await);
    }
    for day in 1..=2 {
        for location in &locations {
            world.receive_at(*location, day * 20..day * 20 + 20, 20).await;
        }
        world.drain().await;
        for location in &locations {
            assert!(world.is_delivered(*location).await, "day {day}");
        }
        // The agency's own is renewed once a day, and each location's exchanged for once: 20 at once wait for one.
        assert_eq!(
            (world.asked_for(TOKEN), world.asked_for(EXCHANGE)),
            (day, day * 3),
            "day {day}"
        );
        world.pass(Duration::from_hours(24));
    }
    assert_eq!(world.refusals(), 0);
    println!("relay: 3 locations of an agency, 2 days, 120 messages: 2 renewals, 6 exchanges");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_that_makes_no_sense_is_refused_with_what_to_change() {
    let world = World::new(&Trial::quirks()).await;
    let cases = [
        (json!({ "company": "C" }), "--client-id"),
        (
            json!({ "company": "C/1", "client_id": "a", "client_secret": "b", "refresh_token": "c" }),
            "company id alone",
        ),
        (json!({ "tokens_of": "x" }), "--company-id"),
        (json!({ "company": "C", "token": "pit-x" }), "--client-id"),
        (
            json!({ "company": "C", "tokens_of": world.destination().await["id"] }),
            "not opened by a token of that agency",
        ),
    ];
    for (wish, expected) in cases {
        let mut upstream = json!({ "location": "L" });
        for (key, value) in wish.as_object().unwrap() {
            upstream[key] = value.clone();
        }
        let said = world.refused_destination(&json!({ "upstream": upstream })).await;
        assert!(said.contains(expected), "{wish}: {said}");
    }
}
