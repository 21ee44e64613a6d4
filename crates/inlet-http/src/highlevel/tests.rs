//! Stories at HighLevel's door, from outside, over fakes of the ports.

use axum::{body::Body, http::Request};

use self::world::{Answer, World};

mod fakes;
mod limits;
mod reading;
mod recording;
mod refusing;
mod trial;
mod world;

const INBOUND: &str = "/conversations/messages/inbound";
const V1: &str = "/v1/conversations/messages";

fn is_uuid_v4(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.as_bytes()[14] == b'4'
}

/// What every answer carries, whatever it says.
fn check_common(answer: &Answer, what: &str) {
    let trace = answer.body["traceId"]
        .as_str()
        .unwrap_or_else(|| panic!("{what}: {answer:?}"));
    assert!(is_uuid_v4(trace), "{what}: {trace}");
    assert_eq!(answer.header("traceid"), Some(trace), "{what}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/json; charset=utf-8"),
        "{what}"
    );
    let limits = [
        ("x-ratelimit-limit-daily", "200000"),
        ("x-ratelimit-interval-milliseconds", "10000"),
        ("x-ratelimit-max", "100"),
    ];
    for (name, value) in limits {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    for name in ["x-ratelimit-remaining", "x-ratelimit-daily-remaining"] {
        assert!(answer.header(name).is_some(), "{what}: {name}");
    }
}

#[tokio::test]
async fn every_route_is_there_with_and_without_a_slash_at_its_end() {
    let world = World::new();
    for (method, path) in crate::router::ROUTES {
        let own =
            path.starts_with("/conversations/providers") || path.starts_with("/appengine") || path.starts_with("/in/");
        for path in [path.to_owned(), format!("{path}/")] {
            if own && path.ends_with('/') {
                continue;
            }
            let request = Request::builder().method(method).uri(path.replace(['{', '}'], ""));
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            let said = answer.body["message"].as_str().unwrap_or_default();
            assert!(!said.starts_with("Cannot"), "{method} {path}: {answer:?}");
            if !own {
                check_common(&answer, &path);
            }
        }
    }
}

#[tokio::test]
async fn what_nobody_serves_is_404_in_highlevels_words() {
    let world = World::new();
    let cases = [
        ("GET", "/nowhere?phone=%2B14155550119", "Cannot GET /nowhere"),
        ("DELETE", "/conversations/search", "Cannot DELETE /conversations/search"),
        ("GET", INBOUND, "Cannot GET /conversations/messages/inbound"),
        ("PUT", "/health", "Cannot PUT /health"),
        ("GET", "/conversations/a/b/c", "Cannot GET /conversations/a/b/c"),
    ];
    for (method, path, sentence) in cases {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.body["message"].as_str()), (404, Some(sentence)));
        assert_eq!(answer.body["error"], "Not Found");
        check_common(&answer, path);
    }
}

#[tokio::test]
async fn health_needs_no_token() {
    let world = World::new();
    let answer = world.send(Request::get("/health").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(answer.untraced(), @r#"{"status":"ok","version":"0.0.0"}"#);
}
