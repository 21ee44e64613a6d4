//! News while a page is open.

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use http::{Request, StatusCode};
use inlet_core::{
    bell::Ring,
    ids::{ContactKey, LocationKey, MessageKey},
};
use inlet_http::live::Live;

use crate::house::{HERE, HERE_ID, House, THERE};

async fn open(house: &House) -> (StatusCode, BodyDataStream) {
    let request = Request::get(format!("/l/{HERE_ID}/events")).body(Body::empty());
    let response = house.send(request.unwrap()).await;
    (response.status(), response.into_body().into_data_stream())
}

async fn next(stream: &mut BodyDataStream) -> String {
    let bytes = stream.next().await.unwrap().unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn ring(location: LocationKey, message: i64, new: bool) -> Ring {
    Ring::Message {
        location,
        contact: ContactKey(5),
        message: MessageKey(message),
        new,
    }
}

#[tokio::test]
async fn an_open_page_hears_of_its_own_location_only() {
    let house = House::open();
    let (status, mut stream) = open(&house).await;
    assert_eq!(status, StatusCode::OK);
    assert!(next(&mut stream).await.contains("event: hello"));

    house
        .shared
        .live
        .tell(&[ring(THERE, 1, true), Ring::Media, ring(HERE, 2, true)]);
    house.shared.live.tell(&[ring(HERE, 3, false)]);
    let ids = &house.shared.ids;
    for (message, new) in [(2, true), (3, false)] {
        let event = next(&mut stream).await;
        let id = ids.message(MessageKey(message));
        let conversation = ids.conversation(ContactKey(5));
        assert!(event.contains(&format!("id: {id}\n")), "{event}");
        let data = format!(r#"{{"conversation":"{conversation}","message":"{id}","new":{new}}}"#);
        let said = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parse(said), parse(&data));
    }
}

#[tokio::test]
async fn an_open_page_hears_that_a_conversation_was_marked() {
    let house = House::open();
    let (_, mut stream) = open(&house).await;
    next(&mut stream).await;
    let contact = ContactKey(5);
    house.shared.live.tell(&[Ring::Mark {
        location: HERE,
        contact,
    }]);
    let event = next(&mut stream).await;
    assert!(
        event.contains("\"message\":null") && event.contains(&house.shared.ids.conversation(contact)),
        "{event}"
    );
    assert!(!event.contains("id: "), "it names no message from which to go on");
}

#[tokio::test]
async fn a_page_that_was_too_slow_is_told_to_look_for_itself() {
    let house = House::open();
    let (_, mut stream) = open(&house).await;
    next(&mut stream).await;
    for message in 0..2000 {
        house.shared.live.tell(&[ring(HERE, message, true)]);
    }
    assert!(next(&mut stream).await.contains("event: gap"));
    assert!(next(&mut stream).await.contains("event: message"));
}

#[tokio::test]
async fn places_are_few_and_free_again_when_a_page_goes() {
    let house = House::new(true, Live::with_places(1), inlet_core::Timestamp::UNIX_EPOCH);
    let (first, stream) = open(&house).await;
    assert_eq!(first, StatusCode::OK);
    assert_eq!(open(&house).await.0, StatusCode::SERVICE_UNAVAILABLE);
    drop(stream);
    assert_eq!(open(&house).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_open_page_does_not_hold_a_server_that_ends() {
    let house = House::open();
    let (_, mut stream) = open(&house).await;
    next(&mut stream).await;
    house.shared.live.close();
    assert!(stream.next().await.is_none());
}
