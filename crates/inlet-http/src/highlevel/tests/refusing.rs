//! Who is refused, and what is: tokens, versions, bodies, and what the rule refuses.

use axum::{body::Body, http::Request};
use inlet_core::intake::Refusal;
use serde_json::json;

use super::{
    super::visit::MAX_TARGET,
    INBOUND, V1, check_common,
    world::{FULL, MOST, READER, REVOKED, UNKNOWN, World},
};

#[tokio::test]
async fn callers_are_refused_in_highlevels_exact_words() {
    let bearer = |token: &str| format!("Bearer {token}");
    let v = ("version", "v3");
    let (full, reader, revoked, unknown) = (bearer(FULL), bearer(READER), bearer(REVOKED), bearer(UNKNOWN));
    let no_token = "Invalid token: access token is invalid";
    let cases: [(&[(&str, &str)], &str); 11] = [
        (&[v], no_token),
        (&[v, ("authorization", "")], no_token),
        (&[v, ("authorization", "Bearer ")], no_token),
        (&[v, ("authorization", "Basic Zm9vOmJhcg==")], no_token),
        (&[v, ("authorization", "Bearer garbage")], "Invalid JWT"),
        (&[v, ("authorization", "Bearer \u{e9}")], "Invalid JWT"),
        (&[v, ("authorization", &unknown)], "Invalid Private Integration token"),
        (&[v, ("authorization", &revoked)], "Invalid Private Integration token"),
        (
            &[v, ("authorization", &reader)],
            "The token is not authorized for this scope.",
        ),
        (&[("authorization", &full)], "version header was not found."),
        (
            &[("authorization", &full), ("version", "2019-01-01")],
            "version header is invalid",
        ),
    ];
    let world = World::new();
    for (headers, sentence) in cases {
        let answer = world.hello_with(INBOUND, headers).await;
        assert_eq!(answer.status, 401, "{headers:?}");
        assert_eq!(answer.body["message"], sentence, "{headers:?}");
        assert_eq!(answer.body["statusCode"], 401);
        assert_eq!(answer.body["error"], "Unauthorized");
        assert!(
            answer.body["hint"].as_str().is_some_and(|hint| hint.ends_with('.')),
            "{headers:?}"
        );
        assert!(!answer.body.to_string().contains("pit-0"), "the token is not repeated");
        check_common(&answer, sentence);
    }
    assert!(world.intake.changes.lock().unwrap().is_empty());
    assert!(
        world.journal.0.lock().unwrap().is_empty(),
        "who is not known leaves nothing behind"
    );
}

#[tokio::test]
async fn tokens_and_versions_are_taken_as_highlevel_and_its_sdks_write_them() {
    let world = World::new();
    for version in ["2021-04-15", "2021-07-28", "2023-02-21", "v3", "legacy"] {
        for token in [
            format!("Bearer {FULL}"),
            format!("bearer  {FULL} "),
            FULL.to_owned(),
            format!(" {FULL} "),
        ] {
            let answer = world
                .hello_with(INBOUND, &[("authorization", &token), ("version", version)])
                .await;
            assert_eq!(answer.status, 200, "{version} {token}");
        }
    }
}

/// Each of HighLevel's looks at it by itself, so each is asked; with a body that it could read.
#[tokio::test]
async fn no_route_takes_an_address_that_is_too_long() {
    let world = World::new();
    for (method, path) in crate::router::ROUTES {
        let path = path.replace(['{', '}'], "");
        let target = format!("{path}?{}", "x".repeat(MAX_TARGET - path.len()));
        let request = World::post(&target).method(method);
        let answer = world.send(request.body(world.hello()).unwrap()).await;
        assert_eq!((target.len(), answer.status), (MAX_TARGET + 1, 414), "{method} {path}");
    }
}

#[tokio::test]
async fn an_address_that_is_too_long_is_refused_in_words() {
    let world = World::new();
    let cases = [
        ("/nowhere?", MAX_TARGET, 404),
        ("/nowhere?", MAX_TARGET + 1, 414),
        ("/conversations/search?", MAX_TARGET, 422),
        ("/conversations/search?", MAX_TARGET + 1, 414),
        ("/health?", MAX_TARGET + 1, 414),
        ("/oauth/installedLocations?", MAX_TARGET + 1, 414),
        ("/login?", MAX_TARGET + 1, 414),
        ("/in/twilio/token?", MAX_TARGET + 1, 414),
    ];
    for (path, size, status) in cases {
        let target = format!("{path}{}", "x".repeat(size - path.len()));
        let answer = world.send(World::get(&target).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{path} {size} bytes");
        assert_eq!(answer.body["statusCode"], status, "{path} {size} bytes");
    }
}

#[tokio::test]
async fn bodies_that_are_too_large_or_not_json_are_refused() {
    let world = World::new();
    let full = World::post(INBOUND).body(world.hello()).unwrap();
    assert_eq!(world.send(full).await.status, 200);
    let sized = |size: usize| {
        let start = r#"{"type":"SMS","contactId":"x","message":""#;
        let text = "x".repeat(size - start.len() - 2);
        format!("{start}{text}\"}}")
    };
    for (size, status) in [(MOST - 1, 404), (MOST, 404), (MOST + 1, 413), (10 * MOST, 413)] {
        let body = sized(size);
        assert_eq!(body.len(), size);
        let answer = world
            .send(World::post(INBOUND).body(body.clone().into()).unwrap())
            .await;
        assert_eq!(answer.status, status, "{size} bytes");
        // The same in pieces, without a length announced.
        let pieces = body
            .into_bytes()
            .chunks(700)
            .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
            .collect::<Vec<_>>();
        let stream = Body::from_stream(futures_util::stream::iter(pieces));
        let answer = world.send(World::post(INBOUND).body(stream).unwrap()).await;
        assert_eq!(answer.status, status, "{size} bytes in pieces");
    }
    let kinds = [
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/vnd.api+json", 200),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("", 415),
    ];
    for (kind, status) in kinds {
        let request = World::get(INBOUND).method("POST").header("content-type", kind);
        let answer = world.send(request.body(world.hello()).unwrap()).await;
        assert_eq!(answer.status, status, "{kind}");
        check_common(&answer, kind);
    }
    let bare = World::get(INBOUND).method("POST").body(world.hello()).unwrap();
    assert_eq!(world.send(bare).await.status, 200, "no type at all");
}

#[tokio::test]
async fn what_the_rule_refuses_has_its_status() {
    let cases = [
        (Refusal::NoSuchContact, 404, None),
        (Refusal::Nothing, 422, None),
        (Refusal::KeyReused, 422, None),
        (Refusal::Unavailable("the disk is full".into()), 429, Some("1")),
    ];
    let world = World::new();
    for (refusal, status, retry_after) in cases {
        *world.intake.refuse.lock().unwrap() = Some(refusal.clone());
        for path in [INBOUND, V1] {
            let body = if path == INBOUND {
                world.hello()
            } else {
                let contact = world.state.ids.contact(super::world::MINE);
                json!({"contactId": contact, "body": "hi", "messageType": "sms"})
                    .to_string()
                    .into()
            };
            let answer = world.send(World::post(path).body(body).unwrap()).await;
            assert_eq!(answer.status, status, "{refusal:?} at {path}: {answer:?}");
            assert_eq!(answer.header("retry-after"), retry_after, "{refusal:?}");
            check_common(&answer, path);
        }
    }
}

#[tokio::test]
async fn another_locations_id_in_the_query_is_403() {
    let world = World::new();
    for (id, status) in [("location1", 200), ("location2", 403), ("nowhere", 403)] {
        let request = World::get(&format!("/conversations/search?locationId={id}"));
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{id}");
        if status == 403 {
            assert_eq!(
                answer.body["message"],
                "The token does not have access to this location."
            );
        }
    }
}

#[tokio::test]
async fn a_key_that_is_not_plain_text_is_refused() {
    let world = World::new();
    let request: Request<_> = World::post(INBOUND)
        .header("idempotency-key", "\u{e9}")
        .body(world.hello())
        .unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.body["message"],
        json!(["Idempotency-Key must be plain ASCII text"])
    );
}
