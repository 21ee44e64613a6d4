//! The journal: what came is kept as it came, sealed, and listed newest first.

use std::time::Duration;

use inlet_core::{
    clock::Clock,
    ids::{EndpointKey, MessageKey, RequestKey},
    journal::{Journal, KeptRequest, RawRequest, RequestVerdict},
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
    let newest = world.store.list(None, 2).await.unwrap();
    assert_eq!(newest.iter().map(|one| one.key.0).collect::<Vec<_>>(), [3, 2]);
    let only = world.store.list(Some(RequestVerdict::Refused), 9).await.unwrap();
    assert_eq!(only, [refused]);
    world.store.close().await;
    for clear in [BODY, "canary-signature", "/in/twilio/abc"] {
        assert!(!world.engine.holds(clear), "{clear}");
    }
}

on_both! {
    requests_are_kept_sealed_and_come_back_as_they_were,
}
