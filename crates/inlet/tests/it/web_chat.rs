//! The chat widget from outside: what the team answers, in the inbox or by the API, reaches the visitor's page and nobody
//! else's; live, after a restart, and without a gap.

use std::{collections::BTreeSet, fs, thread};

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Server, cli},
    http::{Answer, Client},
    visitor::Visitor,
};

const PAGE: &str = "https://studio.example";

fn text(value: &Value, key: &str) -> String {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

struct House {
    folder: tempfile::TempDir,
    server: Server,
    location: String,
    token: String,
    provider: String,
    path: String,
}

impl House {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let location = text(&cli(data, &["location", "add", "--name", "Studio"]), "id");
        let token = text(&cli(data, &["token", "add", "--location", &location]), "token");
        let file = data.join("widget.toml");
        fs::write(&file, settings).unwrap();
        let add = [
            "provider",
            "add",
            "--location",
            &location,
            "--adapter",
            "web-chat",
            "--template",
        ];
        let added = cli(data, &[&add[..], &[file.to_str().unwrap()]].concat());
        let (_, path) = text(&added, "webhook_url")
            .split_once("/in/")
            .map(|(a, b)| (a.to_owned(), format!("/in/{b}")))
            .unwrap();
        Self {
            server: Server::start(data, &[]),
            location,
            token,
            provider: text(&added, "id"),
            path,
            folder,
        }
    }

    fn post(&self, origin: &str, body: &Value) -> Answer {
        let headers = [("Origin", origin), ("Content-Type", "text/plain;charset=UTF-8")];
        let mut client = Client::new(self.server.address, "");
        client
            .send("POST", &self.path, &headers, body.to_string().as_bytes())
            .unwrap()
    }

    fn open(&self) -> String {
        text(&self.post(PAGE, &json!({})).json(), "session")
    }

    fn write(&self, session: &str, id: &str, words: &str) {
        let message = json!({ "session": session, "id": id, "text": words, "name": "Maya" });
        assert_eq!(self.post(PAGE, &message).status, 200);
    }

    /// What a page that shows these messages is told.
    fn ask(&self, session: &str, shows: &BTreeSet<String>, waits: bool) -> Vec<Value> {
        let asked = json!({ "session": session, "shows": shows, "waits": waits });
        let answer = self.post(PAGE, &asked);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["messages"].as_array().unwrap().clone()
    }

    /// Asks as long as something is told, as a page does; all texts in their order.
    fn texts(&self, session: &str, shows: &mut BTreeSet<String>) -> Vec<String> {
        let mut texts = Vec::new();
        for _ in 0..10 {
            let told = self.ask(session, shows, false);
            if told.is_empty() {
                return texts;
            }
            texts.extend(told.iter().map(|message| text(message, "text")));
            shows.extend(told.iter().map(|message| text(message, "id")));
        }
        panic!("it comes to no end: {texts:?}");
    }

    fn api(&self) -> Client {
        Client::new(self.server.address, &self.token)
    }

    /// The conversation that was begun last.
    fn conversation(&self) -> Value {
        let path = format!("/conversations/search?locationId={}&limit=1", self.location);
        self.api().ask("GET", &path, None, 200)["conversations"][0].clone()
    }

    /// Answers by the API; what it said.
    fn answer(&self, contact: &str, words: &str, more: &Value) -> Value {
        let mut body = json!({
            "type": "Live_Chat", "contactId": contact, "conversationProviderId": self.provider, "message": words,
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.api().ask("POST", "/conversations/messages", Some(&body), 200)
    }

    /// Answers in the inbox.
    fn reply(&self, conversation: &str, words: &str) {
        let mut visitor = Visitor::log_in(self.folder.path(), &self.server);
        let thread = format!("/l/{}/c/{conversation}", self.location);
        assert!(
            !visitor.page(&thread).contains("Nobody would send it"),
            "the box is open"
        );
        let sent = visitor.send(&format!("{thread}/reply"), &format!("text={words}"));
        assert_eq!(sent.status, 303, "{sent:?}");
    }

    fn count(&self, what: &str) -> i64 {
        Engine::number(
            self.folder.path(),
            &format!("select count(*) from message where {what}"),
        )
    }
}

#[test]
fn what_the_team_answers_reaches_the_visitors_page() {
    for settings in [
        "origins = [\"https://studio.example\"]",
        "origins = [\"https://studio.example\"]\nchannel = \"web_chat\"",
    ] {
        let house = House::new(settings);
        let session = house.open();
        let mut shows = BTreeSet::new();
        assert!(
            house.ask(&session, &shows, true).is_empty(),
            "who has written nothing is told so at once"
        );
        house.write(&session, "1", "Hello");
        let chat = house.conversation();
        house.reply(&text(&chat, "id"), "Inbox");
        let files = json!({ "attachments": ["https://files.example/price list.pdf"] });
        let said = house.answer(&text(&chat, "contactId"), "Interface", &files);
        assert!(!said.to_string().contains("Recorded only"), "{said}");

        let told = house.ask(&session, &shows, true);
        assert_eq!((&told[0]["own"], &told[1]["own"]), (&json!("1"), &Value::Null));
        assert_eq!(told[2]["files"], files["attachments"]);
        assert_eq!(
            house.count("direction = 2 and status < 5"),
            2,
            "not before the page has them"
        );
        assert_eq!(house.texts(&session, &mut shows), ["Hello", "Inbox", "Interface"]);
        assert_eq!(house.count("direction = 2 and status = 5"), 2, "delivered");
        assert_eq!(house.texts(&session, &mut shows), [""; 0]);
        assert_eq!(
            house.texts(&session, &mut BTreeSet::new()).len(),
            3,
            "after a reload all of it"
        );
    }
}

#[test]
fn a_page_that_waits_hears_at_once_and_goes_on_after_a_restart() {
    let mut house = House::new("origins = [\"https://studio.example\"]");
    let session = house.open();
    house.write(&session, "1", "Hello");
    let contact = text(&house.conversation(), "contactId");
    let mut shows = BTreeSet::new();
    house.texts(&session, &mut shows);
    // The answer would wait for 25 seconds; the client's patience ends after 20.
    let told = thread::scope(|scope| {
        let waits = scope.spawn(|| house.ask(&session, &shows, true));
        house.answer(&contact, "One", &json!({}));
        waits.join().unwrap()
    });
    assert_eq!(
        told.iter().map(|message| text(message, "text")).collect::<Vec<_>>(),
        ["One"]
    );

    house.server.end();
    house.server = Server::start(house.folder.path(), &[]);
    house.answer(&contact, "Two", &json!({}));
    assert_eq!(house.texts(&session, &mut shows), ["One", "Two"]);
    // And live again.
    thread::scope(|scope| {
        let waits = scope.spawn(|| house.ask(&session, &shows, true));
        house.answer(&contact, "Three", &json!({}));
        assert_eq!(waits.join().unwrap().len(), 1);
    });
}

#[test]
fn nobody_else_is_told_and_nothing_else() {
    let house = House::new("origins = [\"https://studio.example\"]");
    let (maya, jonas) = (house.open(), house.open());
    house.write(&maya, "1", "I am Maya");
    let contact = text(&house.conversation(), "contactId");
    house.write(&jonas, "1", "I am Jonas");
    house.answer(&contact, "For Maya", &json!({}));
    // What is to go out later is not told before, nor what was taken back from its schedule.
    let later = |words| house.answer(&contact, words, &json!({ "scheduledTimestamp": 4_000_000_000_i64 }));
    later("Much later");
    let cancelled = text(&later("Never"), "messageId");
    let path = format!("/conversations/messages/{cancelled}/schedule");
    house.api().ask("DELETE", &path, None, 200);
    // By another way than this chat; and of somebody who turns out to be the same person.
    let texted = json!({ "type": "SMS", "phone": "+14155550119", "message": "By text" });
    let texted = house
        .api()
        .ask("POST", "/conversations/messages/inbound", Some(&texted), 200);
    let mut visitor = Visitor::log_in(house.folder.path(), &house.server);
    let thread = format!("/l/{}/c/{}", house.location, text(&texted, "conversationId"));
    let merged = visitor.send(&format!("{thread}/person"), &format!("do=merge&what={contact}"));
    assert_eq!(merged.status, 303, "{merged:?}");
    house.answer(&text(&texted, "contactId"), "After the merge", &json!({}));

    assert_eq!(
        house.texts(&maya, &mut BTreeSet::new()),
        ["I am Maya", "For Maya", "After the merge"]
    );
    assert_eq!(house.texts(&jonas, &mut BTreeSet::new()), ["I am Jonas"]);
    let (visitor, _) = maya.split_once('.').unwrap();
    let forged = format!("{visitor}.1800000000.{}", "0".repeat(64));
    for (origin, session, status) in [
        ("https://studio.example.evil.example", &maya, 403),
        (PAGE, &forged, 403),
        (PAGE, &String::new(), 403),
    ] {
        let answer = house.post(origin, &json!({ "session": session, "shows": [] }));
        assert_eq!(answer.status, status, "{origin} {session}: {answer:?}");
        assert!(!answer.body.contains("Maya"), "{answer:?}");
    }
    // Whoever asks too often waits; writing has an allowance of its own.
    let often = (0..60).map(|_| house.post(PAGE, &json!({ "session": maya, "shows": [] })).status);
    assert!(often.collect::<Vec<_>>().contains(&429));
    house.write(&maya, "2", "Still here");
}
