//! Reading back what was recorded, of one's own location only.

use axum::body::Body;
use inlet_core::ids::MessageKey;

use super::{
    Answer, check_common,
    world::{MINE, THEIRS, World},
};

async fn read(world: &World, path: &str) -> Answer {
    let answer = world.send(World::get(path).body(Body::empty()).unwrap()).await;
    check_common(&answer, path);
    answer
}

#[tokio::test]
async fn a_message_and_a_mail_are_shown() {
    let world = World::new();
    let id = world.state.ids.message(MessageKey(11));
    let answer = read(&world, &format!("/conversations/messages/{id}")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["id"], id);
    assert_eq!(answer.body["message"]["id"], id);
    let id = world.state.ids.email(MessageKey(12));
    let answer = read(&world, &format!("/conversations/messages/email/{id}")).await;
    assert_eq!((answer.status, &answer.body["body"]), (200, &"message 12".into()));
    let request = World::get(&format!("/conversations/messages/email/{id}"));
    let mut request = request.body(Body::empty()).unwrap();
    request.headers_mut().remove("version");
    assert_eq!(
        world.send(request).await.status,
        200,
        "a mail is read without a version"
    );
}

#[tokio::test]
async fn a_conversation_is_read_page_by_page() {
    let world = World::new();
    let id = world.state.ids.conversation(MINE);
    let answer = read(&world, &format!("/conversations/{id}")).await;
    assert_eq!((answer.status, &answer.body["id"]), (200, &id.clone().into()));
    let page = read(&world, &format!("/conversations/{id}/messages?limit=2")).await;
    let bodies = |answer: &Answer| {
        let messages = answer.body["messages"]["messages"].as_array().unwrap();
        messages
            .iter()
            .map(|message| message["body"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(bodies(&page), ["message 13", "message 12"]);
    assert_eq!(page.body["nextPage"], true);
    let last = page.body["lastMessageId"].as_str().unwrap();
    let page = read(
        &world,
        &format!("/conversations/{id}/messages?limit=2&lastMessageId={last}"),
    )
    .await;
    assert_eq!(bodies(&page), ["message 11"]);
    assert_eq!(page.body["messages"]["nextPage"], false);
    let none = read(
        &world,
        &format!("/conversations/{id}/messages?type=TYPE_ACTIVITY_CONTACT"),
    )
    .await;
    assert_eq!(bodies(&none), Vec::<String>::new());
    let wrong = read(&world, &format!("/conversations/{id}/messages?limit=0")).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn a_search_finds_ones_own_conversations() {
    let world = World::new();
    let answer = read(&world, "/conversations/search?locationId=location1").await;
    assert_eq!((answer.status, &answer.body["total"]), (200, &1.into()));
    assert_eq!(
        answer.body["conversations"][0]["id"],
        world.state.ids.conversation(MINE)
    );
    let none = read(&world, "/conversations/search?locationId=location1&status=starred").await;
    assert_eq!(none.body["conversations"].as_array().map(Vec::len), Some(0));
    assert_eq!(read(&world, "/conversations/search").await.status, 422);
}

#[tokio::test]
async fn a_foreign_id_is_answered_exactly_like_an_unknown_one() {
    let world = World::new();
    let ids = &world.state.ids;
    let (own, foreign) = (ids.conversation(MINE), ids.conversation(THEIRS));
    let (foreign_message, foreign_mail) = (ids.message(MessageKey(21)), ids.email(MessageKey(21)));
    let unknown = "ve9EPM428h8vShlRW1KT".to_owned();
    let never_made = ids.conversation(inlet_core::ids::ContactKey(99));
    let not_a_mail = ids.email(MessageKey(11));
    let cases = [
        ("/conversations/$", vec![foreign.clone(), never_made, ids.contact(MINE)]),
        ("/conversations/$/messages", vec![foreign]),
        (
            "/conversations/messages/$",
            vec![foreign_message.clone(), ids.email(MessageKey(11))],
        ),
        (
            "/conversations/messages/email/$",
            vec![foreign_mail, not_a_mail, "%ff".into()],
        ),
    ];
    for (path, foreign_ids) in cases {
        let expected = read(&world, &path.replace('$', &unknown)).await;
        assert_eq!(expected.status, 404, "{path}");
        for id in foreign_ids {
            let answer = read(&world, &path.replace('$', &id)).await;
            assert_eq!(
                (answer.status, answer.untraced()),
                (404, expected.untraced()),
                "{path} {id}"
            );
        }
    }
    let page = format!("/conversations/{own}/messages?lastMessageId={foreign_message}");
    assert_eq!(
        read(&world, &page).await.status,
        404,
        "a page cannot begin in another's conversation"
    );
}
