//! A message is found by its label, else by what it says and when, and never mistaken for another.

use serde_json::json;

use super::*;
use crate::sample::at;

fn sought() -> Sought<'static> {
    Sought {
        label: "SM1",
        text: "hi",
        date: at("2024-07-29T15:51:28.071Z"),
        direction: Direction::Inbound,
    }
}

fn found(messages: &Value) -> Vec<(String, bool)> {
    let body = json!({ "messages": { "messages": messages, "nextPage": false } }).to_string();
    let page = page(body.as_bytes(), &sought()).unwrap();
    page.candidates
        .into_iter()
        .map(|one| (one.message, one.labelled))
        .collect()
}

#[test]
fn the_label_settles_it_and_without_one_text_and_time_must_agree() {
    let message = |id: &str, alt: Option<&str>, body: &str, date: &str, direction: &str| json!({ "id": id, "altId": alt, "body": body, "dateAdded": date, "direction": direction });
    let (same, later) = ("2024-07-29T15:51:28.071Z", "2024-07-29T15:51:30.071Z");
    let cases = [
        (message("m", Some("SM1"), "other", later, "inbound"), Some(true)),
        (message("m", Some("SM2"), "hi", same, "inbound"), None),
        (message("m", None, "hi", same, "inbound"), Some(false)),
        (message("m", None, "hi", later, "inbound"), None),
        (message("m", None, "ho", same, "inbound"), None),
        (message("m", None, "hi", same, "outbound"), None),
    ];
    for (one, expected) in cases {
        let expected: Vec<_> = expected
            .map(|labelled| ("m".to_owned(), labelled))
            .into_iter()
            .collect();
        assert_eq!(found(&json!([one])), expected, "{one}");
    }
    let both = json!([
        message("a", None, "hi", same, "inbound"),
        message("b", Some("SM1"), "hi", same, "inbound")
    ]);
    assert_eq!(found(&both), [("b".to_owned(), true), ("a".to_owned(), false)]);
}

#[test]
fn a_page_says_where_the_next_begins() {
    let list = json!([{ "id": "m9" }, { "id": "m8" }]);
    let nested = json!({ "messages": { "messages": list, "nextPage": true } }).to_string();
    let flat = json!({ "messages": list, "nextPage": true }).to_string();
    for body in [nested, flat] {
        assert_eq!(page(body.as_bytes(), &sought()).unwrap().next.as_deref(), Some("m8"));
    }
    assert_eq!(page(b"<html>", &sought()), None);
}

#[test]
fn a_conversation_is_there_or_not_or_nobody_knows() {
    assert_eq!(
        conversation(br#"{"conversations":[{"id":"v1"}]}"#),
        Some(Some("v1".to_owned()))
    );
    assert_eq!(conversation(br#"{"conversations":[]}"#), Some(None));
    assert_eq!(conversation(b"nonsense"), None);
}
