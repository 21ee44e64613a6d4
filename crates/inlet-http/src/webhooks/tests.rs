//! Stories at the webhook doors, from outside, over fakes of the ports.

use axum::{body::Body, http::Request};
use inlet_core::{
    change::What,
    channel::Channel,
    ids::{EndpointKey, LocationKey, MessageKey, ProviderKey},
    journal::RequestVerdict,
};

use self::world::{Answer, MOST, World};

mod again;
mod fakes;
mod vendor;
mod world;

const HELLO: &str = "AC1 +14155550100 SM1 Hello there";

fn xml(status: u16) -> Answer {
    Answer {
        status,
        content_type: "text/xml".to_owned(),
        body: "<Response/>".to_owned(),
    }
}

#[tokio::test]
async fn a_signed_message_is_submitted_for_its_provider_and_answered_in_the_vendors_words() {
    let world = World::new();
    let answer = world.post("/in/twilio/token-a", Some("key-b"), HELLO).await;
    assert_eq!(answer, xml(200));
    let submitted = world.submitted();
    assert_eq!(submitted.len(), 1);
    assert_eq!(submitted[0].location, LocationKey(1));
    assert_eq!(submitted[0].provider, ProviderKey(101));
    assert_eq!(submitted[0].external_id(), Some("SM1"));
    assert_eq!(world.kept(), [], "accepted requests are not kept unless that is wished");
    assert_eq!(world.count("accepted"), 1);
}

#[tokio::test]
async fn items_go_to_their_own_providers_in_one_submission() {
    let world = World::new();
    let lines = "AC1 +1(415)5550100 SM1 one\nAC2 +14155550777 SM2 two\nAC9 +14155550100 SM3 three\nodd";
    let answer = world.post("/in/twilio/token-a", Some("key-a"), lines).await;
    assert_eq!(answer.status, 200);
    let places: Vec<_> = world
        .submitted()
        .iter()
        .map(|change| (change.location, change.provider))
        .collect();
    let expected = [(LocationKey(1), ProviderKey(101)), (LocationKey(2), ProviderKey(102))];
    assert_eq!(places, expected);
    assert_eq!(world.intake.batches.lock().unwrap().len(), 1);
    let kept = world.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].verdict, RequestVerdict::Failed, "the worst of the four");
    assert_eq!(kept[0].messages, [MessageKey(1), MessageKey(2)]);
    assert_eq!(kept[0].location, None, "they are of two locations");
    assert!(kept[0].reason.contains("a line has four words"), "{}", kept[0].reason);
}

#[tokio::test]
async fn a_repeat_is_answered_alike_and_kept_only_where_it_says_something_else() {
    let world = World::new();
    for _ in 0..2 {
        assert_eq!(world.post("/in/twilio/token-a", Some("key-a"), HELLO).await, xml(200));
    }
    assert_eq!(world.kept(), []);
    let other = HELLO.replace("Hello", "Goodbye");
    assert_eq!(world.post("/in/twilio/token-a", Some("key-a"), &other).await, xml(200));
    let kept = world.kept();
    assert_eq!(world.verdicts(), [(RequestVerdict::Accepted, 200)]);
    assert!(kept[0].reason.contains("with other content"), "{}", kept[0].reason);
    assert_eq!(kept[0].messages, [MessageKey(1)]);
}

#[tokio::test]
async fn accepted_requests_are_kept_where_that_is_wished() {
    let world = World::that_keeps_all();
    world.post("/in/twilio/token-a", Some("key-a"), HELLO).await;
    let kept = world.kept();
    assert_eq!(world.verdicts(), [(RequestVerdict::Accepted, 200)]);
    assert_eq!(
        (kept[0].reason.as_str(), kept[0].location),
        ("recorded", Some(LocationKey(1)))
    );
    world.break_journal();
    let again = world.post("/in/twilio/token-a", Some("key-a"), HELLO).await;
    assert_eq!(again, xml(200), "the message is on disk all the same");
    assert_eq!(world.count("journal_failed"), 1);
}

#[tokio::test]
async fn what_is_not_believed_is_refused_and_kept_as_it_came() {
    let world = World::new();
    let request = Request::post("/in/twilio/token-a?b=2&a=%31")
        .header("X-Secret", "wrong")
        .header("X-Twice", "1")
        .header("X-Twice", "2")
        .body(Body::from(HELLO))
        .unwrap();
    assert_eq!(world.send(request).await.status, 403);
    assert_eq!(world.post("/in/twilio/token-a", None, HELLO).await.status, 400);
    assert!(world.submitted().is_empty());
    assert_eq!(
        world.verdicts(),
        [(RequestVerdict::Refused, 403), (RequestVerdict::Refused, 400)]
    );
    let kept = world.kept();
    assert_eq!(
        kept[0].reason, "the secret does not fit https://inbox.example.com/in/twilio/token-a?b=2&a=%31",
        "the configured address with the raw target"
    );
    assert_eq!(kept[0].endpoint, Some(EndpointKey(1)));
    assert_eq!(kept[0].raw.method, "POST");
    assert_eq!(kept[0].raw.target, "/in/twilio/token-a?b=2&a=%31");
    assert_eq!(kept[0].raw.body, HELLO.as_bytes());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = [pair("x-secret", "wrong"), pair("x-twice", "1"), pair("x-twice", "2")];
    assert_eq!(kept[0].raw.headers, headers);
    assert!(kept[1].key > kept[0].key);
}

#[tokio::test]
async fn a_get_is_handed_to_the_adapter_too() {
    let world = World::new();
    let request = Request::get("/in/twilio/token-a").body(Body::empty()).unwrap();
    assert_eq!(world.send(request).await.status, 400, "its secret is missing");
    assert_eq!(world.kept()[0].raw.method, "GET");
}

#[tokio::test]
async fn a_vendor_that_only_checks_that_someone_is_here_is_answered_and_not_kept() {
    let world = World::new();
    for (word, status) in [("token-a", 200), ("token-b", 403)] {
        let request = Request::get(format!("/in/twilio/token-a?hello={word}"));
        assert_eq!(world.send(request.body(Body::empty()).unwrap()).await.status, status);
    }
    assert_eq!(world.kept(), []);
}

#[tokio::test]
async fn what_belongs_to_nobody_is_parked() {
    let world = World::new();
    for nobodys in ["AC1 +14155550999 SM1 hi", "AC9 +14155550100 SM2 hi", "AC1 - SM3 hi"] {
        assert_eq!(world.post("/in/twilio/token-a", Some("key-a"), nobodys).await, xml(200));
    }
    assert!(world.submitted().is_empty());
    assert_eq!(world.verdicts(), [(RequestVerdict::Parked, 200); 3]);
    assert!(world.kept()[0].reason.contains("inlet provider add"));
    assert_eq!(world.count("parked"), 3);
}

#[tokio::test]
async fn what_is_neither_recorded_nor_kept_must_come_again() {
    let world = World::new();
    world.break_intake();
    assert_eq!(world.post("/in/twilio/token-a", Some("key-a"), HELLO).await.status, 503);
    assert_eq!(world.verdicts(), [(RequestVerdict::Failed, 503)]);
    assert!(world.kept()[0].reason.contains("the store cannot take it now"));
    world.break_journal();
    for lost in ["AC9 +14155550100 SM2 hi", "odd"] {
        assert_eq!(
            world.post("/in/twilio/token-a", Some("key-a"), lost).await.status,
            503,
            "{lost}"
        );
    }
    assert_eq!(
        world.post("/in/twilio/token-a", None, HELLO).await.status,
        400,
        "not a forged one"
    );
    assert_eq!(world.count("journal_failed"), 3);
}

#[tokio::test]
async fn an_address_that_nobody_has_leaves_only_a_count() {
    let world = World::new();
    for path in [
        "/in/twilio/unknown",
        "/in/clicksend/token-a",
        "/in/twilio/token-other",
        "/in/clicksend/token-other",
    ] {
        let answer = world.post(path, Some("key-a"), HELLO).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("inlet provider show"));
    }
    assert_eq!(world.kept(), []);
    assert_eq!(world.count("unknown"), 4);
}

#[tokio::test]
async fn a_custom_provider_gets_texts_of_its_own_kind() {
    let world = World::new();
    let line = "AC3 +14155550103 SM1 hi";
    assert_eq!(world.post("/in/twilio/token-c", Some("key-c"), line).await, xml(200));
    let submitted = world.submitted();
    let What::Message(message) = &submitted[0].what else {
        panic!("it is a message");
    };
    assert_eq!(message.channel, Channel::CustomSms);
}

#[tokio::test]
async fn on_the_shared_paths_account_and_number_select_the_keys_and_nothing_more() {
    let paths = [
        "/conversations/providers/twilio/inbound_message",
        "/appengine/twilio/incoming_message",
    ];
    let cases: [(&str, Option<&str>, u16, Option<i64>); 9] = [
        ("AC1 +14155550100 SM1 hi", Some("key-a"), 200, Some(101)),
        ("AC1 +14155550105 SM1 hi", Some("key-a"), 200, Some(105)),
        ("AC2 +14155550777 SM1 hi", Some("key-b"), 200, Some(102)),
        ("AC3 +14155550103 SM1 hi", Some("key-c"), 200, Some(103)),
        ("AC1 +14155550999 SM1 hi", Some("key-a"), 200, None),
        ("AC1 +14155550100 SM1 hi", Some("key-c"), 403, None),
        ("AC1 +14155550100 SM1 hi", None, 400, None),
        ("AC9 +14155550100 SM1 hi", Some("key-a"), 403, None),
        ("AC4 +14155550100 SM1 hi", None, 403, None),
    ];
    for path in paths {
        for (line, secret, status, provider) in cases {
            let world = World::new();
            let answer = world.post(path, secret, line).await;
            assert_eq!(answer.status, status, "{line} {secret:?}");
            let submitted = world.submitted();
            let found = submitted.first().map(|change| change.provider.0);
            assert_eq!(found, provider, "{line} {secret:?}");
            let selected = line.starts_with("AC1") || status == 200;
            assert_eq!(world.count("unselected"), u64::from(!selected), "{line} {secret:?}");
            let kept = selected && provider.is_none();
            assert_eq!(world.kept().len(), usize::from(kept), "{line} {secret:?}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let world = World::new();
    let large = "x".repeat(MOST + 1);
    assert_eq!(
        world.post("/in/twilio/token-a", Some("key-a"), &large).await.status,
        413
    );
    assert_eq!(
        world
            .post("/appengine/twilio/incoming_message", None, &large)
            .await
            .status,
        413
    );
    let kept = world.kept();
    assert_eq!(world.verdicts(), [(RequestVerdict::Refused, 413)]);
    assert!(kept[0].raw.body.is_empty() && kept[0].reason.contains("300000 bytes"));
}

#[tokio::test]
async fn the_journal_keeps_so_much_of_a_refused_body_and_so_many_of_them_a_minute() {
    let world = World::new();
    let long = format!("AC9 +14155550100 SM1 {}", "x".repeat(MOST - 100));
    world.post("/in/twilio/token-a", Some("wrong"), &long).await;
    let kept = world.kept();
    assert_eq!(kept[0].raw.body.len(), 256 * 1024);
    assert!(
        kept[0]
            .reason
            .ends_with("(of its body only the first 256 KiB are kept)")
    );
    for _ in 0..70 {
        assert_eq!(world.post("/in/twilio/token-a", None, HELLO).await.status, 400);
    }
    assert_eq!(world.kept().len(), 60);
    assert_eq!((world.count("refused"), world.count("not_kept")), (71, 11));
    world.clock.pass(60);
    world.post("/in/twilio/token-a", None, HELLO).await;
    assert_eq!(world.kept().len(), 61, "a new minute");
}
