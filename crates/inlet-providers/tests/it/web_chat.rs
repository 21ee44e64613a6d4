//! The chat widget: its script, the sessions it is given, and who may send what.

use inlet_core::{
    adapter::{Adapter, Rejection, Scenario, WebhookRequest},
    clock::later,
    registry::Endpoint,
};
use inlet_providers::web_chat::WebChat;
use serde_json::{Value, json};
use std::time::Duration;

use crate::support::{MOMENT, WIDGET, endpoint_of, now, post, provider, target};

const URL: &str = "https://inbox.example.com/in/web-chat/a-token";
const PAGE: &str = "https://studio.example";

fn widget(template: &str) -> Endpoint {
    Endpoint {
        template: Some(template.to_owned()),
        ..endpoint_of(&WebChat)
    }
}

fn asked(origin: &str, body: &Value) -> WebhookRequest {
    post(URL, &[("origin", origin)], &body.to_string())
}

/// The session that a page of an origin is given, or the status of the refusal.
fn open(endpoint: &Endpoint, origin: &str) -> Result<String, u16> {
    let reply = WebChat.handshake(&asked(origin, &json!({})), endpoint, &MOMENT);
    let (status, body) = reply.map(|reply| (reply.status, reply.body)).unwrap_or_default();
    let opened: Value = serde_json::from_str(&body).unwrap_or_default();
    let session = opened.get("session").and_then(Value::as_str);
    session.map(str::to_owned).ok_or(status)
}

#[test]
fn a_page_of_an_allowed_origin_is_given_a_session_and_no_other() {
    let endpoint = widget(WIDGET);
    let session = open(&endpoint, PAGE).unwrap();
    let message = json!({ "session": session, "id": "1", "text": "Hello", "name": "Maya" });
    let request = asked(PAGE, &message);
    assert!(
        WebChat.handshake(&request, &endpoint, &MOMENT).is_none(),
        "it is a message"
    );
    let verified = WebChat.verify(&request, &endpoint, now()).unwrap();
    let items = WebChat.parse(&verified, &endpoint);
    assert_eq!(items[0].as_ref().unwrap().inbound.body.as_deref(), Some("Hello"));
    for origin in [
        "https://studio.example.evil.example",
        "http://studio.example",
        "null",
        "*",
    ] {
        assert_eq!(open(&endpoint, origin), Err(403), "{origin}");
        let foreign = asked(origin, &message);
        let verdict = WebChat.verify(&foreign, &endpoint, now());
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{origin}: {verdict:?}");
    }
    let month = later(now(), Duration::from_hours(30 * 24));
    assert!(WebChat.verify(&request, &endpoint, month).is_err(), "too old");
    let touched = session.replacen("07", "08", 1);
    let touched = asked(PAGE, &json!({ "session": touched, "id": "1", "text": "Hello" }));
    assert!(WebChat.verify(&touched, &endpoint, now()).is_err(), "another visitor's");
}

#[test]
fn each_visitor_has_a_pace_and_so_has_what_opens_sessions() {
    let endpoint = widget(WIDGET);
    let message = |from: &str| {
        let scenario = Scenario {
            from: from.to_owned(),
            body: "Hello".to_owned(),
            ..Scenario::default()
        };
        WebChat.sample(&scenario, &target(&endpoint, &provider()), now())
    };
    let sender = |request: &WebhookRequest| WebChat.pace(request, &endpoint).unwrap().sender;
    assert_eq!(sender(&message("Maya")), sender(&message("Maya")));
    assert_ne!(sender(&message("Maya")), sender(&message("Jonas")));
    assert_eq!(sender(&asked(PAGE, &json!({}))), "open");
    let forged = asked(
        PAGE,
        &json!({ "session": "07070707070707070707070707070707.1800000000.00" }),
    );
    assert_eq!(
        sender(&forged),
        "stray",
        "who made a session up has no pace of their own"
    );
    assert_eq!(sender(&post(URL, &[], "?")), "stray");
}

#[test]
fn a_page_asks_for_answers_with_its_session_and_at_a_pace_of_its_own() {
    let endpoint = widget(WIDGET);
    let session = open(&endpoint, PAGE).unwrap();
    let listening = WebChat.listening().unwrap();
    let asks = |origin: &str, session: &str| {
        let request = asked(origin, &json!({ "session": session, "shows": ["a"], "waits": true }));
        assert_ne!(
            WebChat.pace(&request, &endpoint),
            WebChat.pace(&asked(origin, &json!({ "session": session })), &endpoint)
        );
        listening.asked(&request, &endpoint, now()).unwrap()
    };
    let listener = asks(PAGE, &session).unwrap();
    assert_eq!(listener.own, format!("{}:", "07".repeat(16)));
    assert!(listener.waits && listener.known.contains("a"));
    assert!(matches!(
        asks("https://other.example", &session),
        Err(Rejection::Forged(_))
    ));
    let message = asked(PAGE, &json!({ "session": session, "id": "1", "text": "Hello" }));
    assert!(
        listening.asked(&message, &endpoint, now()).is_none(),
        "a message asks nothing"
    );
    let month = later(now(), Duration::from_hours(30 * 24));
    let old = asked(PAGE, &json!({ "session": session, "shows": [] }));
    assert!(matches!(
        listening.asked(&old, &endpoint, month),
        Some(Err(Rejection::Forged(_)))
    ));
}

#[test]
fn the_script_is_told_how_it_looks_and_cannot_be_broken_out_of() {
    let endpoint = widget("origins = [\"https://studio.example\"]\ntitle = \"</script><b>\"\ncolor = \"#0b6e4f\"");
    let mut request = post(URL, &[], "");
    "GET".clone_into(&mut request.raw.method);
    let reply = WebChat.handshake(&request, &endpoint, &MOMENT).unwrap();
    assert_eq!(
        (reply.status, reply.content_type),
        (200, Some("text/javascript; charset=utf-8"))
    );
    assert!(reply.body.contains("#0b6e4f") && !reply.body.contains("__SETTINGS__"));
    assert!(!reply.body.contains("</script>"));
}

#[test]
fn settings_that_cannot_be_meant_are_refused() {
    let cases = [
        ("origins = []", "at least one"),
        ("origins = [\"studio.example\"]", "not an origin"),
        ("origins = [\"https://studio.example/\"]", "not an origin"),
        ("origins = [\"*\"]", "not an origin"),
        ("origins = [\"https://a.example\"]\ncolor = \"red\"", "six hex digits"),
        ("origins = [\"https://a.example\"]\nchannel = \"fax\"", "channel"),
        ("origin = \"https://a.example\"", "origin"),
    ];
    for (template, said) in cases {
        let refused = WebChat.check(&widget(template)).unwrap_err();
        assert!(refused.contains(said), "{template}: {refused}");
    }
    let bare = Endpoint {
        template: None,
        ..widget(WIDGET)
    };
    assert!(WebChat.check(&bare).unwrap_err().contains("--template"));
}
