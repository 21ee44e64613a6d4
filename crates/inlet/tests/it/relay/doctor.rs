//! `inlet doctor`: each failure that users of HighLevel met is named, with what to change, and nothing is written.

use serde_json::{Value, json};

use super::world::{Found, Trial, World};

fn said(found: &[Found], check: &str) -> Vec<(String, String)> {
    let of = found.iter().filter(|one| one.check == check);
    of.map(|one| (one.verdict.clone(), format!("{} {}", one.words, one.cure)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_is_well_is_looked_at_by_calls_that_write_nothing() {
    let world = World::new(&Trial::quirks()).await;
    let found = world.examine().await;
    for one in &found {
        // The clock in hand is not the one by which the upstream dates its answers; webhooks have not come yet.
        let expected = match one.check.as_str() {
            "clock" => "bad",
            "webhooks" => "odd",
            _ => "good",
        };
        assert_eq!(one.verdict, expected, "{one:?}");
    }
    let checks: Vec<&str> = found.iter().map(|one| one.check.as_str()).collect();
    let scopes = ["scope"; 5];
    let expected = [
        &["state", "token", "address"][..],
        &scopes,
        &["clock", "limits", "webhooks"],
    ]
    .concat();
    assert_eq!(checks, expected);
    assert!(said(&found, "limits")[0].1.contains("95 of 100 calls"), "{found:?}");
    assert!(said(&found, "webhooks")[0].1.contains("--public-url"), "{found:?}");
    assert_eq!(world.ledger_sum("doctor").await, 5, "each call is counted");
    assert!(world.threads().await.is_empty(), "nobody was made, and nothing written");
    let upstream = world.listen().await;
    world.receive(0..1, 1).await;
    world.drain().await;
    upstream.deliver().await;
    let webhooks = said(&world.examine().await, "webhooks");
    assert_eq!(webhooks[0].0, "good", "{webhooks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_known_failure_is_named_with_its_cure() {
    let world = World::new(&Trial::quirks()).await;
    let few = world.other_token(&["conversations.readonly"], false).await;
    let elsewhere = world.other_token(&[], true).await;
    let foreign = world.upstream_provider("SMS", true).await;
    let email = world.upstream_provider("Email", false).await;
    let provider = |channel: &str, id: &str| json!({ "providers": { channel: id } });
    let cases: [(&str, Value, &str, &[&str]); 9] = [
        (
            "a token that is none",
            json!({ "token": "pit-0" }),
            "scope",
            &["authorise"],
        ),
        ("no token of HighLevel's", json!({ "token": "key" }), "token", &["pit-"]),
        ("scopes left out", json!({ "token": few }), "scope", &["lacks a scope"]),
        (
            "a token of another location",
            json!({ "token": elsewhere }),
            "scope",
            &["#213", "--upstream-location"],
        ),
        (
            "a provider of another app",
            provider("custom_sms", &foreign),
            "provider",
            &["#106, #107", "--client-id"],
        ),
        (
            "a provider that is not there",
            provider("custom_sms", "61d6d1f9cdac7612faf80753"),
            "provider",
            &["#6", "provider's id"],
        ),
        (
            "a provider of another kind",
            provider("call", &email),
            "provider",
            &["#249", "kind"],
        ),
        (
            "nobody at that address",
            json!({ "base_url": "http://127.0.0.1:1" }),
            "address",
            &["firewall"],
        ),
        (
            "not HighLevel's address",
            json!({ "base_url": format!("{}/elsewhere", world.base()) }),
            "scope",
            &["#304", "--base-url"],
        ),
    ];
    for (what, wish, check, expected) in cases {
        let found = world.examine_with(&wish).await;
        let told = said(&found, check);
        let named =
            |(verdict, words): &(String, String)| verdict != "good" && expected.iter().all(|part| words.contains(part));
        assert!(told.iter().any(named), "{what}: {found:?}");
    }
    assert!(world.threads().await.is_empty(), "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_disabled_and_a_limit_that_is_used_up_are_told() {
    let world = World::new(&Trial::fault("* /con*:expired-token", 8)).await;
    world.receive(0..1, 1).await;
    world.drain().await;
    let state = said(&world.examine().await, "state");
    assert_eq!(state[0].0, "bad");
    assert!(state[0].1.contains("enable"), "{state:?}");
    let world = World::new(&Trial::fault("GET /conversations/search:429-daily", 8)).await;
    let limits = said(&world.examine().await, "limits");
    assert!(limits[0].1.contains("no call may be made before"), "{limits:?}");
}
