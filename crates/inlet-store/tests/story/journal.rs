//! The journal: what came is kept as it came, sealed, and listed newest first.

use std::time::Duration;

use inlet_core::{
    channel::Channel,
    clock::Clock,
    directory::{Directory, Entry},
    ids::{EndpointKey, MessageKey, ProviderKey, RequestKey},
    journal::{Journal, KeptRequest, RawRequest, RequestQuery, RequestVerdict},
    registry::Provider,
};

use crate::engine::on_both;
use crate::world::{Engine, HERE, World};

const BODY: &str = "From=%2B14155550119&Body=canary";

fn request(world: &World, key: i64, verdict: RequestVerdict) -> KeptRequest {
    KeptRequest {
        key: RequestKey(key),
        endpoint: Some(EndpointKey(7)),
        location: (verdict == RequestVerdict::Accepted).then_some(HERE),
        received_at: world.hands.now(),
        verdict,
        reason: "the signature does not fit".to_owned(),
        messages: vec![MessageKey(4), MessageKey(5)],
        took: Duration::from_micros(850),
        status: 403,
        raw: RawRequest {
            method: "POST".to_owned(),
            target: "/in/twilio/abc?x=%20".to_owned(),
            headers: vec![("x-twilio-signature".to_owned(), "canary-signature".to_owned())],
            body: BODY.as_bytes().to_vec(),
        },
    }
}

async fn requests_are_kept_sealed_and_come_back_as_they_were(engine: Engine) {
    let world = World::new(engine).await;
    let verdicts = [
        RequestVerdict::Refused,
        RequestVerdict::Parked,
        RequestVerdict::Accepted,
    ];
    for (key, verdict) in (1..).zip(verdicts) {
        world.store.keep(request(&world, key, verdict)).await.unwrap();
    }
    let revised = KeptRequest {
        reason: "recorded".to_owned(),
        location: Some(HERE),
        messages: vec![MessageKey(6)],
        ..request(&world, 2, RequestVerdict::Accepted)
    };
    world.store.revise(revised.clone()).await.unwrap();
    let world = world.reopen().await;
    assert_eq!(world.store.show(RequestKey(2)).await.unwrap(), Some(revised));
    let refused = request(&world, 1, RequestVerdict::Refused);
    assert_eq!(world.store.show(RequestKey(1)).await.unwrap(), Some(refused.clone()));
    assert_eq!(world.store.show(RequestKey(9)).await.unwrap(), None);
    world.store.close().await;
    for clear in [BODY, "canary-signature", "/in/twilio/abc"] {
        assert!(!world.engine.holds(clear), "{clear}");
    }
}

type Change = fn(&mut RequestQuery);

async fn keys(world: &World, change: Change) -> Vec<i64> {
    let mut query = RequestQuery {
        limit: 9,
        ..RequestQuery::default()
    };
    change(&mut query);
    let found = world.store.list(&query).await.unwrap();
    found.iter().map(|one| one.key.0).collect()
}

async fn requests_are_found_by_verdict_place_and_page(engine: Engine) {
    let world = World::new(engine).await;
    let verdicts = [
        RequestVerdict::Refused,
        RequestVerdict::Accepted,
        RequestVerdict::Accepted,
    ];
    for (key, verdict) in (1..).zip(verdicts) {
        world.store.keep(request(&world, key, verdict)).await.unwrap();
    }
    let cases: [(Change, &[i64]); 7] = [
        (|query| query.limit = 2, &[3, 2]),
        (|query| query.verdict = Some(RequestVerdict::Refused), &[1]),
        (|query| query.before = Some(RequestKey(3)), &[2, 1]),
        (|query| query.endpoint = Some(EndpointKey(7)), &[3, 2, 1]),
        (|query| query.endpoint = Some(EndpointKey(8)), &[]),
        (|query| query.location = Some(HERE), &[3, 2]),
        (
            |query| (query.location, query.verdict) = (Some(HERE), Some(RequestVerdict::Refused)),
            &[],
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(keys(&world, change).await, expected);
    }
    let provider = Provider {
        endpoint: Some(EndpointKey(7)),
        key: ProviderKey(70),
        id: "70".to_owned(),
        ..world.store.registry().builtin_provider(HERE, Channel::Sms)
    };
    world.store.write(Entry::Provider(provider, None)).await.unwrap();
    let here = keys(&world, |query| query.location = Some(HERE)).await;
    assert_eq!(here, [3, 2, 1], "what came to its provider's endpoint is its own too");
    world.store.close().await;
}

async fn a_long_body_is_kept_whole_and_listed_by_its_beginning(engine: Engine) {
    let world = World::new(engine).await;
    let beginning = 256 * 1024;
    for (key, length) in [
        (1, beginning - 1),
        (2, beginning),
        (3, beginning + 1),
        (4, 3 * beginning),
    ] {
        let mut long = request(&world, key, RequestVerdict::Parked);
        long.raw.body = (0..length).map(|place| u8::try_from(place % 251).unwrap()).collect();
        world.store.keep(long.clone()).await.unwrap();
        assert_eq!(
            world.store.show(RequestKey(key)).await.unwrap(),
            Some(long.clone()),
            "{length}"
        );
        let listed = world
            .store
            .list(&RequestQuery {
                limit: 1,
                ..RequestQuery::default()
            })
            .await
            .unwrap()
            .remove(0);
        assert_eq!(listed.raw.body.len(), length.min(beginning), "{length}");
        assert!(long.raw.body.starts_with(&listed.raw.body));
    }
}

on_both! {
    a_long_body_is_kept_whole_and_listed_by_its_beginning,
    requests_are_found_by_verdict_place_and_page,
    requests_are_kept_sealed_and_come_back_as_they_were,
}
