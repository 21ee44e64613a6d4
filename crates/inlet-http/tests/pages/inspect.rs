//! The inspector: what became of a message, as one page and as a fragment.

use std::time::Duration;

use http::StatusCode;
use inlet_core::{
    Timestamp,
    delivery::{Attempt, DeliveryStatus},
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, EventKey, MessageKey, RequestKey},
    inbound::Strength,
    journal::{KeptRequest, RawRequest, RequestVerdict},
    outbox::DeliveryView,
};

use crate::house::{HERE, HERE_ID, House, THERE, URL, text};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn attempt(status: Option<u16>, error: Option<&str>) -> Attempt {
    Attempt {
        started_at: at("2026-11-25T11:00:00.020Z"),
        took: Duration::from_millis(84),
        status,
        error: error.map(str::to_owned),
        response: Some("<b>thanks</b>".to_owned()),
    }
}

fn delivery(message: MessageKey, contact: ContactKey, status: DeliveryStatus) -> DeliveryView {
    DeliveryView {
        key: DeliveryKey(900),
        location: HERE,
        event: EventKey(900),
        kind: EventKind::InboundMessage,
        lane: contact,
        message: Some(message),
        destination: DestinationKey(1),
        status,
        attempts: 2,
        due_at: at("2026-11-25T12:05:00Z"),
        created_at: at("2026-11-25T11:00:00Z"),
        finished_at: (status == DeliveryStatus::Delivered).then(|| at("2026-11-25T11:00:00.091Z")),
        last: None,
    }
}

fn told() -> (House, String, MessageKey) {
    let house = House::open();
    let maya = house.person(HERE, Some("Maya"), Some("+14155550119"));
    let mut message = text(maya, "Could I move <Thursday>?", at("2026-11-25T11:00:00Z"));
    message.external_id = Some("SM42".to_owned());
    message.detail.from = Some("+14155550119".to_owned());
    message.detail.verified = Some(Strength::SignedForm);
    let key = house.record(message);
    let tries = vec![attempt(None, Some("connection refused")), attempt(Some(200), None)];
    let mut deliveries = house.stage.deliveries.lock().unwrap();
    deliveries.push((delivery(key, maya, DeliveryStatus::Delivered), tries));
    drop(deliveries);
    let path = house.thread_path(maya);
    (house, path, key)
}

#[tokio::test]
async fn a_message_tells_what_became_of_it() {
    let (house, path, key) = told();
    let id = house.shared.ids.message(key);
    let page = house.get(&format!("{path}?m={id}&tab=recents")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<body class=\"inspects "));
    let side = page.body.split_once("class=\"inspector\"").unwrap().1;
    for words in [
        "signature verified, address and all fields",
        "by phone +1 (415) 555-0119",
        "message 1 of this conversation",
        "200 in 84 ms, attempt 2",
        "+91 ms",
        "signed form",
        "&#34;body&#34;: &#34;Could I move &#60;Thursday&#62;?&#34;",
        "SM42",
        "connection refused",
        "&#60;b&#62;thanks&#60;/b&#62;",
        "The request itself was not kept",
        "no upstream is set up",
        "webhook attempt 1: connection refused",
    ] {
        assert!(side.contains(words), "{words}: {side}");
    }
    assert!(side.contains(&format!("{URL}/conversations/messages/{id}")) && side.contains("Bearer pit-…"));
    assert!(
        side.contains(&format!("href=\"{path}?tab=recents\"")),
        "closing keeps the filters"
    );
    let part = house.get(&format!("{path}/m/{id}/inspect")).await;
    assert!(part.body.contains("class=\"inspector\"") && !part.body.contains("<html"));
    assert!(!house.get(&path).await.body.contains("class=\"inspector\""));
}

#[tokio::test]
async fn the_request_is_shown_without_what_opens_doors() {
    let (house, path, key) = told();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let kept = KeptRequest {
        key: RequestKey(1),
        endpoint: None,
        location: Some(HERE),
        received_at: at("2026-11-25T11:00:00Z"),
        verdict: RequestVerdict::Accepted,
        reason: String::new(),
        messages: vec![key],
        took: Duration::from_millis(3),
        status: 200,
        raw: RawRequest {
            method: "POST".to_owned(),
            target: "/in/twilio/the-secret-in-the-path".to_owned(),
            headers: vec![
                header("authorization", "Bearer pit-secret"),
                header("user-agent", "Twilio/1.1"),
            ],
            body: b"From=%2B14155550119&Body='quoted'".to_vec(),
        },
    };
    house.stage.requests.lock().unwrap().push(kept);
    let id = house.shared.ids.message(key);
    let part = house.get(&format!("{path}/m/{id}/inspect")).await;
    for words in [
        "POST /in/twilio/…",
        "user-agent: Twilio/1.1",
        "accepted, 200",
        "answered in 3 ms",
    ] {
        assert!(part.body.contains(words), "{words}: {}", part.body);
    }
    assert!(!part.body.contains("pit-secret") && !part.body.contains("the-secret"));
}

#[tokio::test]
async fn a_foreign_message_is_not_inspected() {
    let (house, path, _) = told();
    let stranger = house.person(THERE, Some("Stranger"), None);
    let foreign = house.record(text(stranger, "Foreign", at("2026-11-25T11:00:00Z")));
    let other = house.person(HERE, Some("Other"), None);
    let others = house.record(text(other, "Other's", at("2026-11-25T11:00:00Z")));
    for key in [foreign, others] {
        let id = house.shared.ids.message(key);
        for address in [format!("{path}?m={id}"), format!("{path}/m/{id}/inspect")] {
            assert_eq!(house.get(&address).await.status, StatusCode::NOT_FOUND, "{address}");
        }
    }
    let unknown = house.get(&format!("/l/{HERE_ID}/c/x/m/y/inspect")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
