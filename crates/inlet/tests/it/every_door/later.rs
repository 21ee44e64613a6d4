//! Later words of vendors on what came before, or has yet to come: recordings of calls, and messages that are edited or taken
//! back. What the thread shows follows them.

use serde_json::{Value, json};

use super::{
    house::{DOORS, Door, House, text},
    signed,
};
use crate::{engine::Engine, harness::cli, visitor::Visitor};

fn door(adapter: &str) -> &'static Door {
    DOORS.iter().find(|door| door.adapter == adapter).unwrap()
}

fn number(house: &House, sql: &str) -> i64 {
    Engine::number(house.folder.path(), sql)
}

/// The thread of the only conversation, with its last message inspected.
fn thread(house: &House) -> String {
    let mut visitor = Visitor::log_in(house.folder.path(), &house.server);
    let inbox = visitor.page(&format!("/l/{}", house.location));
    let (_, rest) = inbox.split_once("/c/").expect("a conversation in the list");
    let id: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let thread = visitor.page(&format!("/l/{}/c/{id}", house.location));
    let (_, rest) = thread.rsplit_once("id=\"m-").expect("a message in the thread");
    let message: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    visitor.page(&format!("/l/{}/c/{id}?m={message}", house.location))
}

#[test]
fn a_recording_is_shown_with_its_call_whichever_comes_first() {
    let house = House::new();
    let door = door("twilio-voice");
    let own = house.add(door, door.secret, door.numbers[0], None);
    let orders = [
        ["unnamed", "ringing", ""],
        ["ringing", "unnamed", ""],
        ["ringing", "", "unnamed"],
    ];
    for (calls, order) in (1..).zip(orders) {
        let id = format!("CA{calls:032}");
        for scenario in order {
            let request = own.request((scenario, &id, ""), door.from, 0);
            assert_eq!(house.send(&request), 200, "{order:?}: {scenario}");
            assert_eq!(house.send(&request), 200, "{order:?}: {scenario} once more");
        }
        let calls_with = |what| {
            let sql = format!("select count(*) from message where external_id = '{id}' and detail like '%{what}%'");
            number(&house, &sql)
        };
        assert_eq!((house.stored(), calls_with("voicemail")), (calls, 1), "{order:?}");
        assert_eq!(calls_with("Recordings/RE%Recordings/RE"), 0, "{order:?}: one recording");
        assert_eq!(number(&house, "select count(*) from early_word"), 0, "{order:?}");
    }
    let kept = cli(house.folder.path(), &["request", "list"]);
    let early = kept["requests"].as_array().unwrap();
    assert_eq!(early.len(), 2, "the first order's recording came twice: {kept}");
    for request in early {
        assert_eq!(text(request, "verdict"), "accepted");
        assert!(
            text(request, "reason").contains("came before what it speaks of"),
            "{request}"
        );
    }
    assert!(thread(&house).contains("Voicemail"));
}

#[test]
fn who_wrote_a_message_may_edit_it_and_take_it_back() {
    let house = House::new();
    let door = door("meta");
    let (page, person) = ("104996122399160", "6872939812734");
    let own = house.add(door, door.secret, &format!("messenger:{page}"), None);
    let send = |event: &Value| {
        let mut whole = json!({
            "sender": { "id": person }, "recipient": { "id": page }, "timestamp": 1_800_000_000_000_i64,
        });
        let fields = event.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(fields);
        let body = json!({ "object": "page", "entry": [{ "id": page, "messaging": [whole] }] });
        let mut request = own.request(("messenger", "", "Hello"), person, 0);
        request.raw.body = body.to_string().into_bytes();
        signed(&mut request, door.secret);
        assert_eq!(house.send(&request), 200, "{event}");
    };
    let message = |mid: &str, text: &str| json!({ "message": { "mid": mid, "text": text } });
    let deleted = |mid: &str| json!({ "message": { "mid": mid, "is_deleted": true } });
    let edit = |text: &str, count: u32| json!({ "message_edit": { "mid": "m1", "text": text, "num_edit": count } });
    let says = |event: &Value, text: Option<&str>, messages: i64| {
        let sql = format!(
            "select count(*) from message where body = '{}'",
            text.unwrap_or_default()
        );
        let expected = (i64::from(text.is_some()), messages);
        assert_eq!((number(&house, &sql), house.stored()), expected, "{event}");
    };
    let steps = [
        (message("m1", "one"), Some("one")),
        (edit("two", 1), Some("two")),
        (edit("four", 3), Some("four")),
        // Late, and once more.
        (edit("three", 2), Some("four")),
        (message("m1", "one"), Some("four")),
    ];
    for (event, text) in &steps {
        send(event);
        says(event, *text, 1);
    }
    let shown = thread(&house);
    assert!(
        shown.contains("four") && shown.contains("Edited by who wrote it"),
        "{shown}"
    );
    assert!(shown.contains("edited by who wrote it"), "the inspector tells it too");
    for event in [deleted("m1"), edit("five", 4), deleted("m1")] {
        send(&event);
        says(&event, None, 1);
    }
    let shown = thread(&house);
    assert!(
        !shown.contains("four") && shown.contains("Taken back by who wrote it"),
        "{shown}"
    );
    // Of what was never here nothing is made, and what comes after its deletion stays deleted.
    for (event, messages) in [(deleted("m2"), 1), (message("m2", "six"), 2)] {
        send(&event);
        says(&event, None, messages);
    }
}
