//! A node that freezes for longer than its leases: the other one takes its deliveries over, and when it wakes up it changes
//! nothing that is no longer its own. It takes a minute of the wall clock, and so belongs to `script/prove`.

use std::{
    collections::{HashMap, HashSet},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    engine::Engine,
    harness::{Place, Server, cli},
    http::Client,
    kill_deliveries::{in_order, lost_leases, nothing_is_left, repeats},
    receiver::Receiver,
};

const SERVE: [&str; 2] = ["--allow", "127.0.0.1"];
const EVENTS: usize = 640;
const CONVERSATIONS: usize = 64;
/// For how long the node is frozen; its leases last for 30 seconds.
const FROZEN: Duration = Duration::from_mins(1);
/// Within which time what it held is due again.
const RECOVERED: Duration = Duration::from_secs(35);

#[test]
#[ignore = "needs a server and a minute: INLET_STORIES=postgres script/with-postgres cargo test -- --ignored frozen_node"]
fn a_frozen_node_changes_nothing_that_is_no_longer_its_own() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let place = Place::make(here.path());
    let receiver = Receiver::new(|_| {
        thread::sleep(Duration::from_millis(20));
        (200, "")
    });
    let url = receiver.url("/strict");
    let add = ["destination", "add", "--location", &place.location, "--url", &url];
    cli(here.path(), &[&add[..], &["--ordering", "strict"]].concat());
    Engine::share(here.path(), there.path());
    let (one, other) = (Server::start(here.path(), &SERVE), Server::start(there.path(), &SERVE));
    let half: Vec<String> = (0..EVENTS / 2).map(text).collect();
    say(&other, &place.token, &half);
    // Frozen in the middle of its work; what the other one holds comes to its end by itself.
    receiver.until(|seen| seen.len() > EVENTS / 8);
    one.signal("STOP");
    let stopped = Instant::now();
    let rest: Vec<String> = (EVENTS / 2..EVENTS).map(text).collect();
    say(&other, &place.token, &rest);
    let seen = receiver.until(|seen| seen.iter().map(|one| &one.text).collect::<HashSet<_>>().len() == EVENTS);
    nothing_is_left(here.path());
    let took = stopped.elapsed();
    let before = standing(here.path());
    thread::sleep(FROZEN.saturating_sub(stopped.elapsed()));
    one.signal("CONT");
    let lost = wait_for_lost(here.path());
    assert_eq!(
        standing(here.path()),
        before,
        "what it says when it wakes up changes nothing"
    );
    let twice = repeats(&receiver.seen());
    println!(
        "{EVENTS} events, frozen for {:?}: all settled {took:?} after it, {twice} sent twice, {lost} leases lost",
        stopped.elapsed()
    );
    assert!(took < RECOVERED + Duration::from_secs(10), "{took:?}");
    assert!(twice <= i64::try_from(lost).unwrap(), "no more than what it held");
    assert_eq!(lost_leases(there.path()), 0, "the other one lost nothing");
    assert!(seen.len() >= EVENTS);
    in_order(&seen);
}

fn text(number: usize) -> String {
    format!("w{}-{}", number % CONVERSATIONS, number / CONVERSATIONS)
}

fn say(server: &Server, token: &str, texts: &[String]) {
    let mut client = Client::new(server.address, token);
    for text in texts {
        let conversation = text.trim_start_matches('w').split('-').next().unwrap();
        let number: usize = conversation.parse().unwrap();
        let phone = format!("+1415555{:04}", 1000 + number);
        let body = json!({ "type": "SMS", "phone": phone, "message": text, "altId": text });
        let answer = client.post("/conversations/messages/inbound", &body).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Where all deliveries stand: how many in each state, and the tries, ends and leases of all together.
fn standing(data: &std::path::Path) -> HashMap<&'static str, i64> {
    let sums = [
        ("delivered", "select count(*) from delivery where status = 3"),
        ("attempts", "select sum(attempts) from delivery"),
        ("leases", "select sum(lease) from delivery"),
        ("ends", "select sum(finished_at % 1000000007) from delivery"),
    ];
    sums.map(|(name, sql)| (name, Engine::number(data, sql))).into()
}

/// How many leases the woken node counts as lost, once it does.
fn wait_for_lost(data: &std::path::Path) -> u64 {
    for _ in 0..300 {
        let lost = lost_leases(data);
        if lost > 0 {
            return lost;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("it held nothing when it froze");
}
