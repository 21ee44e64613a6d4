//! Quirks and faults: what a server answers that was asked to be as bad as production.

use std::{pin::pin, sync::Arc};

use axum::{body::Body, http::Method};
use futures_util::FutureExt;
use inlet_core::{ids::MessageKey, intake::Refusal};

use super::{
    INBOUND,
    world::{Answer, FULL, MINE, World},
};
use crate::{server::Unanswered, trial::Trial};

fn quirky() -> World {
    World::on_trial(Trial {
        quirks: true,
        faults: Arc::default(),
    })
}

fn faulty(fault: &str) -> World {
    World::on_trial(Trial {
        quirks: false,
        faults: Arc::new([fault.parse().unwrap()]),
    })
}

async fn hello(world: &World) -> Answer {
    world.send(World::post(INBOUND).body(world.hello()).unwrap()).await
}

#[tokio::test]
async fn quirks_answer_201_and_lose_what_highlevel_loses() {
    let world = quirky();
    assert_eq!(hello(&world).await.status, 201);
    let contact = world.state.ids.contact(MINE);
    let lost = format!(r#"{{"type":"Custom","contactId":"{contact}","message":"hi","altId":"a"}}"#);
    let answer = world.send(World::post(INBOUND).body(Body::from(lost)).unwrap()).await;
    assert_eq!((answer.status, answer.body), (201, serde_json::Value::Null));
    assert_eq!(world.intake.changes.lock().unwrap().len(), 1, "nothing was stored");
}

#[tokio::test]
async fn under_quirks_a_search_lags_behind() {
    let world = quirky();
    let search = async || {
        let path = "/conversations/search?locationId=location1";
        let answer = world.send(World::get(path).body(Body::empty()).unwrap()).await;
        (
            answer.status,
            answer.body["total"].as_u64(),
            answer.body["conversations"].as_array().map(Vec::len),
        )
    };
    assert_eq!(search().await, (200, Some(0), Some(0)), "made this moment");
    world.clock.pass(3);
    assert_eq!(search().await, (200, Some(1), Some(1)));
}

#[tokio::test]
async fn under_quirks_a_status_is_refused_while_its_message_is_new() {
    let world = quirky();
    // The rule answers that the word lags behind: whether it asked the rule at all is what counts here.
    *world.intake.refuse.lock().unwrap() = Some(Refusal::Stale);
    let id = world.state.ids.message(MessageKey(14));
    let path = format!("/conversations/messages/{id}/status");
    let report = async || {
        let body = Body::from(r#"{"status":"read"}"#);
        let mut request = World::post(&path).body(body).unwrap();
        *request.method_mut() = Method::PUT;
        world.send(request).await
    };
    let early = report().await;
    assert_eq!(
        (early.status, &early.body["message"]),
        (403, &"No conversation provider found for this message".into())
    );
    world.clock.pass(7);
    assert_eq!(report().await.status, 200);
}

#[tokio::test]
async fn each_fault_is_told_as_production_tells_it() {
    let cases = [
        ("429", 429, Some("10"), Some("0"), Some("200000")),
        ("429-daily", 429, None, Some("100"), Some("0")),
        ("500", 500, None, Some("100"), Some("200000")),
        ("expired-token", 401, None, Some("100"), Some("200000")),
    ];
    for (kind, status, retry_after, remaining, daily) in cases {
        let world = faulty(&format!("POST {INBOUND}:{kind}"));
        let answer = hello(&world).await;
        assert_eq!(answer.status, status, "{kind}");
        assert_eq!(answer.header("retry-after"), retry_after, "{kind}");
        assert_eq!(answer.header("x-ratelimit-remaining"), remaining, "{kind}");
        assert_eq!(answer.header("x-ratelimit-daily-remaining"), daily, "{kind}");
        assert_eq!(
            world.intake.changes.lock().unwrap().len(),
            0,
            "{kind}: nothing was done"
        );
        let other = world
            .hello_with("/v1/conversations/messages", &[("authorization", FULL)])
            .await;
        assert_ne!(other.status, status, "{kind}: another route is spared");
    }
}

#[tokio::test]
async fn a_reset_does_nothing_and_answers_nothing() {
    let world = faulty(&format!("POST {INBOUND}:reset"));
    let answer = hello(&world).await;
    assert_eq!(answer.unanswered, Some(Unanswered));
    assert_eq!(world.intake.changes.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_timeout_after_write_has_written_and_does_not_answer() {
    let world = faulty(&format!("POST {INBOUND}:timeout-after-write"));
    let mut asking = pin!(hello(&world));
    for _ in 0..100 {
        assert!(asking.as_mut().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!(world.intake.changes.lock().unwrap().len(), 1);
}
