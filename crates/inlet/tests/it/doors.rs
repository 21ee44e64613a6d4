//! Every vendor's door, from outside: what it sends is taken in once, its repeat changes nothing, and what it did not sign
//! is refused; mails find their thread and keep their files.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    harness::{Server, cli},
    http::Client,
};

/// The key that samples of `SendGrid` are signed with: a private one of P-256, made for tests.
const SENDGRID_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQP3FcLuXr3OJZVlIB2i9fIeV7XD3p0Du1XkH6LjcqI2hRANCAASn/2CVzIgZEXiDqQlwBKelR+NPtMTs0LXx5J+henE5q214u4j4iJbNLyG7gVRzORvQEMkHzatb9WR3RxFfL854";

/// A vendor, its secrets, the number of ours, who writes, the scenario, and the status of what is forged.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u16,
);

const CASES: [Case; 9] = [
    ("twilio", "12345", "+14155550100", "+14155550119", "", 403),
    (
        "meta",
        "12345\ntoken:x",
        "+15550783881",
        "+14155550120",
        "whatsapp",
        403,
    ),
    (
        "meta",
        "12345",
        "messenger:104996122399160",
        "6872939812734",
        "messenger",
        403,
    ),
    (
        "meta",
        "12345",
        "instagram:17841405822304914",
        "6872939812735",
        "instagram",
        403,
    ),
    (
        "mailgun",
        "12345\napi:key",
        "Inbox@Mailgun.example",
        "one@okafor.example",
        "",
        403,
    ),
    (
        "mailgun",
        "12345",
        "whole@mailgun.example",
        "two@okafor.example",
        "mime",
        403,
    ),
    (
        "postmark",
        "inlet:12345",
        "inbox@postmark.example",
        "three@okafor.example",
        "html",
        401,
    ),
    (
        "sendgrid",
        SENDGRID_KEY,
        "inbox@sendgrid.example",
        "four@okafor.example",
        "raw",
        403,
    ),
    ("mime", "12345", "inbox@mime.example", "five@okafor.example", "", 403),
];

struct House<'a> {
    data: &'a Path,
    location: String,
    token: String,
}

impl<'a> House<'a> {
    fn new(data: &'a Path) -> Self {
        let location = text(&cli(data, &["location", "add", "--name", "Studio"]), "id");
        let token = text(&cli(data, &["token", "add", "--location", &location]), "token");
        Self { data, location, token }
    }

    fn provider(&self, adapter: &str, secrets: &str, number: &str) -> Value {
        let file = self.data.join("secret");
        fs::write(&file, secrets).unwrap();
        let file = file.to_str().unwrap();
        let add = [
            "provider",
            "add",
            "--location",
            &self.location,
            "--adapter",
            adapter,
            "--number",
            number,
        ];
        cli(self.data, &[&add[..], &["--secret-file", file]].concat())
    }

    fn simulate(&self, adapter: &str, provider: &str, from: &str, more: &[&str]) -> Value {
        let verb = [
            "simulate",
            adapter,
            "--provider",
            provider,
            "--from",
            from,
            "--body",
            "Hello",
        ];
        cli(self.data, &[&verb[..], more].concat())["answers"].clone()
    }
}

fn text(value: &Value, key: &str) -> String {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

#[test]
fn what_every_vendor_sends_is_taken_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::new(folder.path());
    let server = Server::start(folder.path(), &[]);
    let search = format!("/conversations/search?locationId={}&limit=100", house.location);
    let mut client = Client::new(server.address, &house.token);
    for (number, (adapter, secrets, own, from, scenario, forged)) in (1..).zip(CASES) {
        let provider = text(&house.provider(adapter, secrets, own), "id");
        let what = format!("{adapter} {scenario}");
        let (scenario, repeat) = (["--scenario", scenario], ["--repeat"]);
        let sent = house.simulate(adapter, &provider, from, &[&scenario[..], &repeat].concat());
        assert_eq!(sent, json!({ "200": 2 }), "{what}");
        let sent = house.simulate(adapter, &provider, from, &[&scenario[..], &["--forge"]].concat());
        assert_eq!(sent, json!({ forged.to_string(): 1 }), "{what}");
        let kept = cli(folder.path(), &["request", "list", "--verdict", "refused"]);
        assert_eq!(
            kept["requests"].as_array().map(Vec::len),
            Some(number),
            "{what}: journalled"
        );
        let found = client.get(&search).unwrap().json();
        assert_eq!(found["total"], json!(number), "{what}: {found}");
        assert_eq!(found["conversations"][0]["unreadCount"], json!(1), "{what}: once");
    }
}

#[test]
fn a_mail_finds_its_thread_and_keeps_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::new(folder.path());
    let server = Server::start(folder.path(), &[]);
    let mut client = Client::new(server.address, &house.token);
    let provider = text(&house.provider("mailgun", "12345", "inbox@studio.example"), "id");
    let from = "maya@okafor.example";
    for scenario in ["first", "reply", ""] {
        let more = ["--scenario", scenario, "--media", "https://x.example/plan.pdf"];
        assert_eq!(
            house.simulate("mailgun", &provider, from, &more),
            json!({ "200": 1 }),
            "{scenario}"
        );
    }
    let search = format!("/conversations/search?locationId={}", house.location);
    let conversation = text(&client.get(&search).unwrap().json()["conversations"][0], "id");
    let page = client
        .get(&format!("/conversations/{conversation}/messages"))
        .unwrap()
        .json();
    let messages = page["messages"]["messages"].as_array().unwrap();
    let mails: Vec<_> = messages
        .iter()
        .rev()
        .map(|message| {
            let ids = &message["meta"]["email"]["messageIds"];
            let id = ids[0].as_str().unwrap_or_else(|| panic!("{message}"));
            client
                .get(&format!("/conversations/messages/email/{id}"))
                .unwrap()
                .json()
        })
        .collect();
    let [first, reply, other] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(first["threadId"], reply["threadId"]);
    assert_ne!(first["threadId"], other["threadId"]);
    assert_eq!(reply["replyToMessageId"], first["id"]);
    assert_eq!(reply["to"], json!(["inbox@studio.example"]));
    let link = first["attachments"][0].as_str().unwrap();
    let path = link.split_once("/media/").unwrap().1;
    let file = client.get(&format!("/media/{path}")).unwrap();
    assert_eq!(
        (file.status, file.body.as_str()),
        (200, "a sample of https://x.example/plan.pdf")
    );
}

#[test]
fn one_webhook_brings_the_messages_of_many_pages_to_their_own_locations() {
    let folder = tempfile::tempdir().unwrap();
    let (house, other) = (House::new(folder.path()), House::new(folder.path()));
    let server = Server::start(folder.path(), &[]);
    let first = house.provider("meta", "12345", "messenger:104996122399160");
    let add = [
        "provider",
        "add",
        "--location",
        &other.location,
        "--number",
        "instagram:17841405822304914",
    ];
    let second = cli(folder.path(), &[&add[..], &["--beside", &text(&first, "id")]].concat());
    assert_eq!(first["webhook_url"], second["webhook_url"]);
    for (house, provider, scenario) in [(&house, &first, "messenger"), (&other, &second, "instagram")] {
        let sent = house.simulate(
            "meta",
            &text(provider, "id"),
            "6872939812734",
            &["--scenario", scenario],
        );
        assert_eq!(sent, json!({ "200": 1 }));
        let search = format!("/conversations/search?locationId={}", house.location);
        let found = Client::new(server.address, &house.token).get(&search).unwrap().json();
        assert_eq!(found["total"], json!(1), "{scenario}: {found}");
    }
}

#[test]
fn a_vendors_secret_is_changed_with_both_counting_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::new(folder.path());
    let server = Server::start(folder.path(), &[]);
    let provider = house.provider("mime", "old", "inbox@studio.example");
    let (id, url) = (text(&provider, "id"), text(&provider, "webhook_url"));
    let path = format!("/in/{}", url.split_once("/in/").unwrap().1);
    let mail = b"From: maya@okafor.example\r\nTo: inbox@studio.example\r\n\r\nHello";
    let statuses = || {
        ["old", "new"].map(|secret| {
            let mut sender = Client::new(server.address, secret);
            sender.send("POST", &path, &[], mail).unwrap().status
        })
    };
    let file = folder.path().join("secret");
    fs::write(&file, "new").unwrap();
    let change = ["provider", "secret", &id, "--secret-file", file.to_str().unwrap()];
    assert_eq!(statuses(), [200, 403]);
    let both = cli(folder.path(), &[&change[..], &["--keep-old"]].concat());
    assert_eq!((both["secrets"].as_u64(), statuses()), (Some(2), [200, 200]));
    let one = cli(folder.path(), &change);
    assert_eq!((one["secrets"].as_u64(), statuses()), (Some(1), [403, 200]));
}

#[test]
fn a_mail_may_be_large_and_its_clock_may_be_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::new(folder.path());
    let server = Server::start(folder.path(), &[]);
    let mut client = Client::new(server.address, &house.token);
    let headers =
        "From: maya@okafor.example\r\nTo: inbox@studio.example\r\nDate: Fri, 01 Jan 2100 00:00:00 +0000\r\n\r\n";
    let large = format!("{headers}{}", "long ".repeat(1_200_000));
    let url = text(&house.provider("mime", "12345", "inbox@studio.example"), "webhook_url");
    let path = format!("/in/{}", url.split_once("/in/").unwrap().1);
    let mut sender = Client::new(server.address, "12345");
    let answer = sender.send("POST", &path, &[], large.as_bytes()).unwrap();
    assert_eq!(
        answer.status, 200,
        "beyond what other vendors may send: {}",
        answer.body
    );
    let search = format!("/conversations/search?locationId={}", house.location);
    let found = client.get(&search).unwrap().json();
    let last = found["conversations"][0]["lastMessageDate"].as_i64().unwrap();
    assert!(last < 4_000_000_000_000, "the year 2100 is not believed: {last}");
}

#[test]
fn a_visitor_is_heard_from_pages_of_the_widgets_origins_and_at_a_pace() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::new(folder.path());
    let settings = folder.path().join("widget.toml");
    fs::write(&settings, "origins = [\"https://studio.example\"]").unwrap();
    let add = [
        "provider",
        "add",
        "--location",
        &house.location,
        "--adapter",
        "web-chat",
    ];
    let added = cli(
        folder.path(),
        &[&add[..], &["--template", settings.to_str().unwrap()]].concat(),
    );
    let url = text(&added, "webhook_url");
    let path = format!("/in/{}", url.split_once("/in/").unwrap().1);
    let server = Server::start(folder.path(), &[]);
    let (mut page, mut client) = (
        Client::new(server.address, ""),
        Client::new(server.address, &house.token),
    );
    let mut post = |origin: &str, body: &Value| {
        let headers = [("origin", origin), ("content-type", "text/plain")];
        page.send("POST", &path, &headers, body.to_string().as_bytes()).unwrap()
    };
    let (own, foreign) = ("https://studio.example", "https://evil.example");
    assert_eq!(post(foreign, &json!({})).status, 403);
    let session = text(&post(own, &json!({})).json(), "session");
    let message = |id: usize| json!({ "session": session, "id": id.to_string(), "text": "Hello", "name": "Maya" });
    assert_eq!(post(foreign, &message(0)).status, 403);
    let answers: Vec<u16> = [0, 0]
        .into_iter()
        .chain(1..20)
        .map(|id| post(own, &message(id)).status)
        .collect();
    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        19,
        "20 a minute: {answers:?}"
    );
    assert_eq!(answers.last(), Some(&429));
    let script = client.get(&path).unwrap();
    assert!(script.status == 200 && script.body.contains("Chat with us"));
    let search = format!("/conversations/search?locationId={}", house.location);
    let found = client.get(&search).unwrap().json();
    let conversation = &found["conversations"][0];
    assert_eq!(
        (&found["total"], &conversation["unreadCount"]),
        (&json!(1), &json!(18)),
        "one of them came twice"
    );
    let page = format!("/conversations/{}/messages", text(conversation, "id"));
    let messages = client.get(&page).unwrap().json();
    let message = &messages["messages"]["messages"][0];
    assert_eq!(message["messageType"], "TYPE_LIVE_CHAT");
    assert_eq!(message["chatWidgetId"].as_str().map(str::len), Some(24));
}
