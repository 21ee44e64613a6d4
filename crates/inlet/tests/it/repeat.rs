//! The repeat drills: the same message many times at once is one message, and every sender hears the same; and among a
//! vendor's thousand, what came twice and what was forged is told apart to the last one.

use std::{io, sync::Barrier, thread};

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Place, Server, cli},
    http::{Answer, Client, accepted},
};

const IDS: usize = 1000;
const REPEATS: usize = 50;

#[test]
fn fifty_senders_of_one_message_hear_one_answer() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let server = Server::start(folder.path(), &[]);
    let together = Barrier::new(REPEATS);
    let answers: Vec<Vec<Value>> = thread::scope(|scope| {
        let senders: Vec<_> = (0..REPEATS)
            .map(|_| scope.spawn(|| send_all(&server, &place.token, &together)))
            .collect();
        let joined = senders.into_iter().map(|sender| sender.join().unwrap());
        joined.map(accepted).collect()
    });
    let (first, others) = answers.split_first().unwrap();
    for other in others {
        assert_eq!(other, first);
    }
    let mut ids: Vec<_> = first
        .iter()
        .map(|answer| answer["messageId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), IDS);

    let conversation = first[0]["conversationId"].as_str().unwrap();
    let stored = count_messages(&mut Client::new(server.address, &place.token), conversation);
    assert_eq!(stored, IDS);
}

#[test]
fn of_a_thousand_messages_at_full_speed_each_is_stored_known_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let place = Place::make(data);
    let secret = data.join("secret");
    std::fs::write(&secret, "12345").unwrap();
    let add = [
        "provider",
        "add",
        "--location",
        &place.location,
        "--adapter",
        "twilio",
        "--number",
        "+14155550100",
    ];
    let provider = cli(data, &[&add[..], &["--secret-file", secret.to_str().unwrap()]].concat());
    let server = Server::start(data, &[]);
    let sender = [
        "--provider",
        provider["id"].as_str().unwrap(),
        "--from",
        "+14155550119",
        "--body",
        "Hello",
    ];
    let drill = ["--count", "1000", "--at-once", "32", "--repeat=5", "--forge=1"];
    let done = cli(data, &[&["simulate", "twilio"][..], &sender, &drill].concat());
    assert_eq!(
        (&done["sent"], &done["answers"]),
        (&json!(1050), &json!({ "200": 1040, "403": 10 }))
    );

    let mut client = Client::new(server.address, &place.token);
    let search = format!("/conversations/search?locationId={}", place.location);
    let found = client.ask("GET", &search, None, 200);
    let conversation = found["conversations"][0]["id"].as_str().unwrap().to_owned();
    let stored = count_messages(&mut client, &conversation);
    let kept = cli(data, &["request", "list", "--verdict", "refused", "--limit", "1000"]);
    let refused = kept["requests"].as_array().unwrap().len();
    let announced = Engine::number(data, "select count(*) from delivery where kind = 1");
    let repeated = 1040 - stored;
    println!(
        "1,000 messages of Twilio, 50 of them twice, 10 forged: {stored} stored, {repeated} repeated, {refused} refused"
    );
    assert_eq!((stored, repeated, refused, announced), (990, 50, 10, 990));
}

#[test]
#[ignore = "it measures: script/bench runs it"]
fn five_hundred_webhooks_a_second_are_acknowledged_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let place = Place::make(data);
    let secret = data.join("secret");
    std::fs::write(&secret, "12345").unwrap();
    let add = ["provider", "add", "--location", &place.location, "--adapter", "twilio"];
    let provider = cli(data, &[&add[..], &["--secret-file", secret.to_str().unwrap()]].concat());
    let _server = Server::start(data, &[]);
    let sender = [
        "--provider",
        provider["id"].as_str().unwrap(),
        "--from",
        "+14155550119",
        "--body",
        "Hello",
    ];
    let speed = ["--count", "10000", "--rate", "500", "--at-once", "128"];
    let done = cli(data, &[&["simulate", "twilio"][..], &sender, &speed].concat());
    let within = |percent: &str| done["answered_ms"][percent].as_f64().unwrap();
    let (half, most) = (within("p50"), within("p99"));
    println!("acknowledgement at 500 webhooks/s: p50 {half} ms, p99 {most} ms (to be under 250 ms)");
    assert_eq!(done["answers"], json!({ "200": 10_000 }));
    assert!(most < 250.0, "p99 {most} ms");
}

fn send_all(server: &Server, token: &str, together: &Barrier) -> Vec<io::Result<Answer>> {
    let mut client = Client::new(server.address, token);
    let send = |number| {
        together.wait();
        let body =
            json!({ "type": "SMS", "phone": "+14155550119", "message": "again", "altId": format!("SM{number}") });
        client.post("/conversations/messages/inbound", &body)
    };
    (0..IDS).map(send).collect()
}

fn count_messages(client: &mut Client, conversation: &str) -> usize {
    let (mut count, mut target) = (0, format!("/conversations/{conversation}/messages?limit=100"));
    loop {
        let page = client.get(&target).unwrap().json();
        count += page["messages"]["messages"].as_array().unwrap().len();
        if page["messages"]["nextPage"] != json!(true) {
            return count;
        }
        let last = page["messages"]["lastMessageId"].as_str().unwrap();
        target = format!("/conversations/{conversation}/messages?limit=100&lastMessageId={last}");
    }
}
