//! Fairness: one destination that hangs keeps nobody else waiting. How long the others wait at most is held against its mark
//! in `script/prove` only: it is a matter of the wall clock.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    harness::{Place, Server, cli},
    http::Client,
    receiver::Receiver,
};

/// How long the one hangs in each call, at most.
const HANG: Duration = Duration::from_secs(30);
/// Within which time the others' first attempts begin, but for one in a hundred.
const MARK: Duration = Duration::from_secs(2);
/// Events in a second.
const RATE: u32 = 10;

/// How many destinations there are, and for how many seconds events come; and whether the clock is looked at.
fn sizes() -> (usize, u32, bool) {
    let seconds = std::env::var("INLET_FAIRNESS_SECONDS")
        .ok()
        .map(|text| text.parse().unwrap());
    seconds.map_or((10, 2, false), |seconds| (100, seconds, true))
}

#[test]
fn one_that_hangs_keeps_nobody_waiting() {
    let (destinations, seconds, timed) = sizes();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let place = Place::make(data);
    let quick = Receiver::new(|_| (200, ""));
    let over = Arc::new((Mutex::new(false), Condvar::new()));
    let until = Arc::clone(&over);
    let slow = Receiver::new(move |_| {
        let (over, changed) = &*until;
        drop(
            changed
                .wait_timeout_while(over.lock().unwrap(), HANG, |over| !*over)
                .unwrap(),
        );
        (200, "")
    });
    let server = Server::start(data, &["--allow", "127.0.0.1"]);
    let paths = (1..destinations).map(|number| quick.url(&format!("/{number}")));
    for url in paths.chain([slow.url("/")]) {
        cli(
            data,
            &["destination", "add", "--location", &place.location, "--url", &url],
        );
    }
    let accepted = send(&server, &place.token, seconds);
    let expected = accepted.len() * (destinations - 1);
    let seen = quick.until(|seen| seen.len() >= expected);
    assert_eq!(seen.len(), expected, "each was sent once");
    let mut waits: Vec<Duration> = seen
        .iter()
        .map(|one| one.at.saturating_duration_since(accepted[&one.text]))
        .collect();
    waits.sort_unstable();
    let (half, most) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    println!(
        "{destinations} destinations, one hangs: {expected} first attempts of the others, p50 {half:?}, p99 {most:?}"
    );
    assert!(!timed || most < MARK, "{most:?}");
    *over.0.lock().unwrap() = true;
    over.1.notify_all();
}

/// Sends messages evenly, from a conversation each; when each was acknowledged.
fn send(server: &Server, token: &str, seconds: u32) -> HashMap<String, Instant> {
    let mut client = Client::new(server.address, token);
    let begun = Instant::now();
    let one = |number: u32| {
        thread::sleep((begun + Duration::from_secs(1) / RATE * number).saturating_duration_since(Instant::now()));
        let text = format!("event {number}");
        let phone = format!("+1415555{:04}", 1000 + number);
        let body = json!({ "type": "SMS", "phone": phone, "message": text });
        let answer = client.post("/conversations/messages/inbound", &body).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        (text, Instant::now())
    };
    (0..RATE * seconds).map(one).collect()
}
