//! All messages of a location, page by page, over a real store.

use serde_json::{Value, json};

use crate::{
    harness::{Place, Server},
    http::Client,
};

const EXPORT: &str = "/conversations/messages/export";

struct World {
    client: Client,
    location: String,
    conversation: String,
    _server: Server,
    _folder: tempfile::TempDir,
}

/// 23 texts of one contact, a minute apart, and two mails of another.
fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let server = Server::start(folder.path(), &[]);
    let mut client = Client::new(server.address, &place.token);
    let mut conversation = String::new();
    for number in 0..23 {
        let date = format!("2024-07-29T15:{number:02}:00Z");
        let body = json!({"type": "SMS", "phone": "+14155552671", "message": format!("{number}"), "date": date});
        let answer = client.ask("POST", "/conversations/messages/inbound", Some(&body), 200);
        answer["conversationId"].as_str().unwrap().clone_into(&mut conversation);
    }
    for number in 0..2 {
        let body = json!({"type": "Email", "email": "ann@lee.org", "html": format!("<p>{number}</p>")});
        client.ask("POST", "/conversations/messages/inbound", Some(&body), 200);
    }
    World {
        client,
        location: place.location,
        conversation,
        _server: server,
        _folder: folder,
    }
}

impl World {
    fn page(&mut self, query: &str) -> Value {
        let target = format!("{EXPORT}?locationId={}{query}", self.location);
        self.client.ask("GET", &target, None, 200)
    }

    /// The texts of all pages, and how many there were.
    fn all(&mut self, query: &str) -> (Vec<String>, usize) {
        let (mut texts, mut pages, mut cursor) = (Vec::new(), 0, String::new());
        loop {
            let page = self.page(&format!("{query}{cursor}"));
            pages += 1;
            let messages = page["messages"].as_array().unwrap();
            texts.extend(
                messages
                    .iter()
                    .map(|message| message["body"].as_str().unwrap().to_owned()),
            );
            assert!(pages < 10, "it comes to an end");
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return (texts, pages),
            }
        }
    }
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let mut world = world();
    let newest: Vec<String> = (0..23).rev().map(|number| number.to_string()).collect();
    let oldest: Vec<String> = (0..23).map(|number| number.to_string()).collect();
    assert_eq!(world.all("&limit=10"), (newest.clone(), 3));
    assert_eq!(world.all("&limit=10&sortOrder=asc"), (oldest, 3));
    assert_eq!(world.all(""), (newest, 1));
    let first = world.page("&limit=10");
    assert_eq!(first["total"], 23, "mail is left out unless it is asked for");
    let cursor = first["nextCursor"].as_str().unwrap().to_owned();
    let late = json!({"type": "SMS", "phone": "+14155552671", "message": "late"});
    world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&late), 200);
    let second = world.page(&format!("&limit=10&cursor={cursor}"));
    assert_eq!(
        (&second["total"], &second["messages"][0]["body"]),
        (&json!(23), &json!("12"))
    );
}

#[test]
fn what_is_asked_for_is_found() {
    let mut world = world();
    let conversation = world.conversation.clone();
    let cases = [
        ("&channel=SMS".to_owned(), 23),
        ("&channel=Email".to_owned(), 2),
        ("&channel=Call".to_owned(), 0),
        (format!("&conversationId={conversation}"), 23),
        (format!("&conversationId={conversation}&channel=Email"), 0),
        ("&contactId=nobody".to_owned(), 0),
        ("&startDate=2024-07-29T15:20:00Z".to_owned(), 3),
        ("&endDate=2024-07-29T15:20:00Z".to_owned(), 20),
        (
            "&startDate=2024-07-29T15:05:00Z&endDate=2024-07-29T15:07:00Z".to_owned(),
            2,
        ),
        ("&sortBy=updatedAt".to_owned(), 23),
    ];
    for (query, count) in cases {
        let page = world.page(&query);
        assert_eq!(page["total"], count, "{query}");
        assert_eq!(page["messages"].as_array().unwrap().len(), count, "{query}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut world = world();
    let location = world.location.clone();
    let cases = [
        ("limit=9", 422),
        ("limit=1001", 422),
        ("limit=x", 422),
        ("cursor=nonsense", 422),
        ("cursor=00000000BRSjefRb2K66.1", 422),
        ("sortBy=body", 422),
        ("sortOrder=up", 422),
        ("channel=sms", 422),
        ("startDate=yesterday", 422),
        ("startDate=2024-07-30T00:00:00Z&endDate=2024-07-29T00:00:00Z", 422),
    ];
    for (query, status) in cases {
        let target = format!("{EXPORT}?locationId={location}&{query}");
        world.client.ask("GET", &target, None, status);
    }
    world.client.ask("GET", EXPORT, None, 422);
    world
        .client
        .ask("GET", &format!("{EXPORT}?locationId=elsewhere"), None, 403);
}
