//! Messages that go out, from outside: recorded, promised to the provider's delivery URL, moved on by its words, taken back.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Place, Server, cli},
    http::Client,
};

/// `OutboundMessage` and `ProviderOutboundMessage` in the store.
const ANNOUNCED: i64 = 2;
const HANDED: i64 = 9;

struct World {
    client: Client,
    contact: String,
    provider: String,
    folder: tempfile::TempDir,
    _server: Server,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let place = Place::make(data);
        let add = ["provider", "add", "--location", &place.location, "--type", "SMS"];
        let url = [
            "--delivery-url",
            "https://provider.example/send",
            "--number",
            "+14155550100",
        ];
        let provider = cli(data, &[&add[..], &url[..]].concat());
        for key in ["secret", "public_key"] {
            assert!(provider[key].is_string(), "{provider}");
        }
        cli(
            data,
            &["destination", "pause", provider["destination"].as_str().unwrap()],
        );
        let listen = [
            "destination",
            "add",
            "--location",
            &place.location,
            "--event",
            "OutboundMessage",
        ];
        let listener = cli(data, &[&listen[..], &["--url", "https://other.example/hook"]].concat());
        cli(data, &["destination", "pause", listener["id"].as_str().unwrap()]);
        let server = Server::start(data, &[]);
        let mut client = Client::new(server.address, &place.token);
        let body = json!({"locationId": place.location, "phone": "+14155552671"});
        let made = client.ask("POST", "/contacts/", Some(&body), 201);
        Self {
            client,
            contact: made["contact"]["id"].as_str().unwrap().to_owned(),
            provider: provider["id"].as_str().unwrap().to_owned(),
            folder,
            _server: server,
        }
    }

    fn send(&mut self, mut body: Value) -> Value {
        body["contactId"] = self.contact.clone().into();
        body["type"] = "SMS".into();
        self.client.ask("POST", "/conversations/messages", Some(&body), 200)
    }

    fn promised(&self, kind: i64, status: i64) -> i64 {
        let sql = format!("select count(*) from delivery where kind = {kind} and status = {status}");
        Engine::number(self.folder.path(), &sql)
    }
}

fn data(world: &World) -> &Path {
    world.folder.path()
}

#[test]
fn a_message_is_handed_to_its_provider_and_moved_on_by_its_words() {
    let mut world = World::new();
    let provider = world.provider.clone();
    let sent = world.send(json!({"message": "See you at ten", "conversationProviderId": provider}));
    assert_eq!((&sent["status"], &sent["msg"]), (&json!("pending"), &Value::Null));
    let id = sent["messageId"].as_str().unwrap().to_owned();
    assert_eq!((world.promised(ANNOUNCED, 0), world.promised(HANDED, 0)), (1, 1));
    let listed = cli(data(&world), &["delivery", "list"]);
    let handed = listed["deliveries"].as_array().unwrap().iter();
    let handed = handed
        .filter(|one| one["event"] == "ProviderOutboundMessage")
        .collect::<Vec<_>>();
    let shown = cli(data(&world), &["delivery", "show", handed[0]["id"].as_str().unwrap()]);
    let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    let told = [
        ("type", json!("SMS")),
        ("message", json!("See you at ten")),
        ("phone", json!("+14155552671")),
        ("from", json!("+14155550100")),
        ("messageId", json!(id)),
        ("contactId", json!(world.contact)),
        ("webhookId", shown["webhook_id"].clone()),
    ];
    for (key, value) in told {
        assert_eq!(body[key], value, "{key} in {body}");
    }
    let status = format!("/conversations/messages/{id}/status");
    let message = format!("/conversations/messages/{id}");
    for (word, then) in [("delivered", "delivered"), ("pending", "delivered"), ("read", "read")] {
        let answer = world.client.ask("PUT", &status, Some(&json!({"status": word})), 200);
        assert_eq!(answer["status"], then, "{word}");
        assert_eq!(world.client.ask("GET", &message, None, 200)["status"], then, "{word}");
    }
    let schedule = format!("{message}/schedule");
    world.client.ask("DELETE", &schedule, None, 400);
    let alone = world.send(json!({"message": "by nobody"}));
    assert!(
        alone["msg"]
            .as_str()
            .is_some_and(|msg| msg.starts_with("Recorded only")),
        "{alone}"
    );
    assert_eq!((world.promised(ANNOUNCED, 0), world.promised(HANDED, 0)), (2, 1));
}

#[test]
fn a_message_for_later_waits_and_can_be_taken_back() {
    let mut world = World::new();
    let later = 4_000_000_000_i64;
    let body = json!({"message": "later", "conversationProviderId": world.provider, "scheduledTimestamp": later});
    let sent = world.send(body);
    assert_eq!(sent["status"], "scheduled");
    let due = format!("select min(due_at) from delivery where kind in ({ANNOUNCED}, {HANDED})");
    assert_eq!(Engine::number(data(&world), &due), later * 1000);
    let message = format!("/conversations/messages/{}", sent["messageId"].as_str().unwrap());
    let schedule = format!("{message}/schedule");
    let cancelled = world.client.ask("DELETE", &schedule, None, 200);
    assert_eq!(cancelled["status"], 200);
    assert_eq!((world.promised(ANNOUNCED, 5), world.promised(HANDED, 5)), (1, 1));
    let shown = world.client.ask("GET", &message, None, 200);
    assert_eq!(
        (&shown["status"], &shown["error"]),
        (&json!("failed"), &json!("cancelled before it was sent"))
    );
    world.client.ask("DELETE", &schedule, None, 400);
    for nobody in [
        "/conversations/messages/x/schedule",
        "/conversations/messages/email/x/schedule",
    ] {
        world.client.ask("DELETE", nobody, None, 404);
    }
}

#[test]
fn what_cannot_be_sent_leaves_nothing_behind() {
    let mut world = World::new();
    let cases = [
        (json!({"type": "SMS", "message": "hi", "contactId": "nobody"}), 404),
        (json!({"type": "SMS", "message": "hi"}), 422),
        (json!({"type": "SMS", "contactId": world.contact}), 422),
        (
            json!({"type": "Email", "message": "hi", "contactId": world.contact}),
            400,
        ),
    ];
    for (body, status) in cases {
        world.client.ask("POST", "/conversations/messages", Some(&body), status);
    }
    assert_eq!(Engine::number(data(&world), "select count(*) from message"), 0);
    assert_eq!((world.promised(ANNOUNCED, 0), world.promised(HANDED, 0)), (0, 0));
}
