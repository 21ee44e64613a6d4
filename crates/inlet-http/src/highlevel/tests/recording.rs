//! What is recorded, and how it is answered and kept.

use axum::http::Request;
use inlet_core::{change::What, channel::Channel, ids::LocationKey, journal::RequestVerdict, seen::SeenKind};

use super::{
    INBOUND, V1, check_common,
    world::{FULL, World},
};

#[tokio::test]
async fn a_message_is_submitted_and_answered_as_highlevel_answers() {
    let world = World::new();
    let request = World::post(INBOUND)
        .header("idempotency-key", "k1")
        .body(world.hello())
        .unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status, 200);
    check_common(&answer, INBOUND);
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("99"));
    assert_eq!(answer.header("x-ratelimit-daily-remaining"), Some("199999"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.body).unwrap(), @r#"
    {
      "contactId": "00000000RRctFa3YnPsN",
      "conversationId": "000000002ilDguZ6ingd",
      "dateAdded": "1970-01-01T00:00:00.000Z",
      "message": "Message queued successfully.",
      "messageId": "00000000BRSjefRb2K66",
      "success": true,
      "traceId": "00000000-0000-4000-8000-000000000000"
    }
    "#);
    let changes = world.intake.changes.lock().unwrap().clone();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].location, LocationKey(1));
    assert_eq!(changes[0].keys[0].kind, SeenKind::Idempotency);
    assert!(
        world.journal.0.lock().unwrap().is_empty(),
        "accepted requests are not kept"
    );
}

#[tokio::test]
async fn the_older_form_needs_no_version_and_answers_201() {
    let world = World::new();
    let contact = world.state.ids.contact(super::world::MINE);
    let body = format!(r#"{{"contactId":"{contact}","body":"hi","messageType":"email","source":"twilio"}}"#);
    let request = Request::post(V1)
        .header("authorization", format!("Bearer {FULL}"))
        .header("content-type", "application/json");
    let answer = world.send(request.body(body.into()).unwrap()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(
        answer.body["emailMessageId"],
        world.state.ids.email(inlet_core::ids::MessageKey(7))
    );
    let changes = world.intake.changes.lock().unwrap().clone();
    let What::Message(inbound) = &changes[0].what else {
        panic!("{changes:?}")
    };
    assert_eq!(inbound.channel, Channel::Email);
    assert_eq!(inbound.detail.source.as_deref(), Some("twilio"));
}

#[tokio::test]
async fn what_the_benchmark_compares_with_answers_the_same_and_stores_nothing() {
    let world = World::new();
    let request = |path: &str| World::post(path).body(world.hello()).unwrap();
    let (real, echo) = (
        world.send(request(INBOUND)).await,
        world.send_to_echo(request("/echo")).await,
    );
    assert_eq!(world.intake.changes.lock().unwrap().len(), 1, "the real one's only");
    assert_eq!(echo.status, real.status);
    let fields = |answer: &super::Answer| answer.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&echo), fields(&real));
    assert_eq!(echo.headers.len(), real.headers.len());
    let wrong = world
        .send_to_echo(World::post("/echo").body("{}".into()).unwrap())
        .await;
    assert_eq!(wrong.status, 422, "it reads the body by the same code");
    assert_eq!(
        world.send(request("/echo")).await.status,
        404,
        "it is there for the benchmark only"
    );
}

#[tokio::test]
async fn a_refused_request_is_kept_with_its_reason_and_without_its_token() {
    let world = World::new();
    let sent = r#"{"type":"sms","contactId":"x"}"#;
    let answer = world.send(World::post(INBOUND).body(sent.into()).unwrap()).await;
    assert_eq!(answer.status, 422);
    let kept = world.journal.0.lock().unwrap().clone();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].verdict, kept[0].status), (RequestVerdict::Failed, 422));
    assert_eq!(kept[0].reason, "type must be a valid enum value");
    assert_eq!(kept[0].location, Some(LocationKey(1)));
    assert_eq!(kept[0].raw.body, sent.as_bytes());
    assert_eq!(
        (kept[0].raw.method.as_str(), kept[0].raw.target.as_str()),
        ("POST", INBOUND)
    );
    assert!(kept[0].raw.headers.iter().any(|(name, _)| name == "version"));
    assert!(!format!("{kept:?}").contains("pit-"), "the token is not kept");
}

#[tokio::test]
async fn a_repeat_that_says_something_else_is_flagged_in_the_journal() {
    let world = World::new();
    *world.intake.differs.lock().unwrap() = true;
    let answer = world.send(World::post(INBOUND).body(world.hello()).unwrap()).await;
    assert_eq!(answer.status, 200);
    let kept = world.journal.0.lock().unwrap().clone();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].verdict, kept[0].status), (RequestVerdict::Accepted, 200));
    assert!(kept[0].reason.contains("something else"), "{}", kept[0].reason);
}
