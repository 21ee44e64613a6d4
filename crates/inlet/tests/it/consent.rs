//! STOP and START from outside: shown like any message, kept with the contact, and announced once.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Place, Server, cli},
    http::Client,
};

/// A number of Twilio's, and a destination that hears of do-not-disturb; answers the number's provider.
fn prepare(data: &Path, location: &str) -> String {
    let subscribe = [
        "destination",
        "add",
        "--location",
        location,
        "--event",
        "ContactDndUpdate",
    ];
    let url = ["--url", "https://other.example/hook"];
    let destination = cli(data, &[&subscribe[..], &url].concat());
    cli(data, &["destination", "pause", destination["id"].as_str().unwrap()]);
    let secret = data.join("secret");
    std::fs::write(&secret, "12345").unwrap();
    let number = [
        "--adapter",
        "twilio",
        "--number",
        "+14155550100",
        "--secret-file",
        secret.to_str().unwrap(),
    ];
    let provider = cli(
        data,
        &[&["provider", "add", "--location", location][..], &number].concat(),
    );
    provider["id"].as_str().unwrap().to_owned()
}

#[test]
fn who_says_stop_is_left_alone_until_they_say_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let place = Place::make(data);
    let provider = prepare(data, &place.location);
    let server = Server::start(data, &[]);
    let mut client = Client::new(server.address, &place.token);
    let say = |body: &str, more: &[&str]| {
        let verb = [
            "simulate",
            "twilio",
            "--provider",
            &provider,
            "--from",
            "+14155550119",
            "--body",
            body,
        ];
        assert_eq!(cli(data, &[&verb[..], more].concat())["answers"], json!({ "200": 1 }));
    };
    let announced = || Engine::number(data, "select count(*) from delivery where kind = 7");
    let search = format!("/contacts/?locationId={}&limit=1", place.location);
    let mut stands = || -> Value {
        let found = client.ask("GET", &search, None, 200);
        let one = format!("/contacts/{}", found["contacts"][0]["id"].as_str().unwrap());
        let shown = client.ask("GET", &one, None, 200);
        shown["contact"]["dndSettings"]["SMS"]["status"].clone()
    };
    say("Hello", &[]);
    assert_eq!((stands(), announced()), (Value::Null, 0));
    say("", &["--scenario", "stop"]);
    assert_eq!((stands(), announced()), (json!("active"), 1), "Twilio's own word");
    say("Stop!", &[]);
    assert_eq!((stands(), announced()), (json!("active"), 1), "said twice is said once");
    say("Start", &[]);
    assert_eq!((stands(), announced()), (json!("inactive"), 2));
    cli(data, &["location", "edit", &place.location, "--stop-words", "basta"]);
    say("stop", &[]);
    assert_eq!(
        (stands(), announced()),
        (json!("inactive"), 2),
        "a word of another location"
    );
    say("Basta.", &[]);
    assert_eq!((stands(), announced()), (json!("active"), 3));
    let found = client.ask(
        "GET",
        &format!("/conversations/search?locationId={}", place.location),
        None,
        200,
    );
    assert_eq!(found["conversations"][0]["unreadCount"], 6, "each is shown");
}
