//! How fast promises are kept: `script/bench`. A server with full durability, a receiver on loopback in this process, and
//! the time from a message's acknowledgement to its first attempt.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark reads the real clock, prints its table, and stops where it cannot go on"
)]
#![expect(dead_code, reason = "the helpers of the stories are used in part")]

#[path = "../tests/it/engine.rs"]
mod engine;
#[path = "../tests/it/harness.rs"]
mod harness;
#[path = "../tests/it/http.rs"]
mod http;
#[path = "../tests/it/receiver.rs"]
mod receiver;

use std::{
    collections::HashMap,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    harness::{Place, Server, cli},
    http::Client,
    receiver::Receiver,
};

const SENDERS: u32 = 16;
const INBOUND: &str = "/conversations/messages/inbound";
/// Deliveries that wait for one destination while another one is measured.
const WAITING: usize = 200_000;

fn main() {
    println!("                                    messages/s   webhooks/s   p50 ms   p99 ms");
    even("1,000 messages a second", 1_000, 10);
    beside_a_crowd();
}

/// A location, its token, and a running server over it.
struct World {
    folder: tempfile::TempDir,
    place: Place,
    server: Server,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let place = Place::make(folder.path());
        let server = Server::start(folder.path(), &["--allow", "127.0.0.1"]);
        Self { folder, place, server }
    }

    /// A destination for a location's events.
    fn destination(&self, location: &str, url: &str, most: &str) {
        let add = ["destination", "add", "--location", location, "--url", url];
        cli(
            self.folder.path(),
            &[&add[..], &["--max-inflight", "32", "--max-pending", most]].concat(),
        );
    }
}

/// Sends evenly for so many seconds, and prints how long it took until each was on its way.
fn even(name: &str, rate: u32, seconds: u32) {
    let (world, receiver) = (World::new(), Receiver::new(|_| (200, "")));
    world.destination(&world.place.location, &receiver.url("/"), "100000");
    measure(name, (&world.server, &world.place.token), &receiver, (rate, seconds));
}

fn measure(name: &str, (server, token): (&Server, &str), receiver: &Receiver, (rate, seconds): (u32, u32)) {
    let before = receiver.seen().len();
    let begun = Instant::now();
    let accepted = send(server, token, rate, seconds);
    let took = begun.elapsed().as_secs_f64();
    let seen = receiver.until(|seen| seen.len() >= before + accepted.len());
    let last = seen.iter().map(|one| one.at).max().unwrap();
    let mut waits: Vec<f64> = seen[before..]
        .iter()
        .map(|one| one.at.saturating_duration_since(accepted[&one.text]).as_secs_f64() * 1000.0)
        .collect();
    waits.sort_unstable_by(f64::total_cmp);
    let count = f64::from(u32::try_from(accepted.len()).unwrap());
    println!(
        "{name:<34}  {:>10.0}   {:>10.0}   {:>6.1}   {:>6.1}",
        count / took,
        count / (last - begun).as_secs_f64(),
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100],
    );
}

/// Sends messages evenly over all senders; when each was acknowledged.
fn send(server: &Server, token: &str, rate: u32, seconds: u32) -> HashMap<String, Instant> {
    let begun = Instant::now();
    let sender = |sender: u32| {
        let mut client = Client::new(server.address, token);
        let one = |number: u32| {
            let number = number * SENDERS + sender;
            let at = begun + Duration::from_secs(1) / rate * number;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            let text = format!("{number} since {begun:?}");
            let phone = format!("+1415555{:04}", 1000 + number % 1000);
            let body = json!({ "type": "SMS", "phone": phone, "message": text });
            let answer = client.post(INBOUND, &body).unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
            (text, Instant::now())
        };
        (0..rate * seconds / SENDERS).map(one).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS).map(|number| scope.spawn(move || sender(number))).collect();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    })
}

/// One destination takes nothing, and so many deliveries wait for it; another one's events are not slower for it.
fn beside_a_crowd() {
    let (world, quick) = (World::new(), Receiver::new(|_| (200, "")));
    let slow = Receiver::new(|_| {
        thread::sleep(Duration::from_secs(14));
        (200, "")
    });
    let text = |value: serde_json::Value, key: &str| value[key].as_str().unwrap().to_owned();
    let data = world.folder.path();
    let other = text(cli(data, &["location", "add", "--name", "Pine Street Physio"]), "id");
    let token = text(cli(data, &["token", "add", "--location", &other]), "token");
    world.destination(&other, &quick.url("/"), "100000");
    world.destination(&world.place.location, &slow.url("/"), "1000000");
    measure("alone", (&world.server, &token), &quick, (100, 5));
    let rate = 50_000;
    let seconds = u32::try_from(WAITING).unwrap() / rate;
    let begun = Instant::now();
    let crowd = send(&world.server, &world.place.token, rate, seconds).len();
    println!(
        "{crowd} deliveries wait for another destination, taken in within {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    measure("beside 200,000 that wait", (&world.server, &token), &quick, (100, 5));
}
