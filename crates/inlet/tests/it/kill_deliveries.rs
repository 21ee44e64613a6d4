//! The promise of each delivery under `kill -9`: whatever was acknowledged is delivered, at least once and twice only where
//! it was in flight, each conversation in order where that was asked for, and no lane is stuck.

use std::{
    collections::{HashMap, HashSet},
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    thread,
    time::Duration,
};

use crate::{
    engine::Engine,
    harness::{Place, Server, cli},
    kill::{kills_or, under_fire},
    receiver::{Receiver, Seen},
};

const SERVE: [&str; 2] = ["--allow", "127.0.0.1"];
/// What the two destinations are called by, and how they want their events.
const DESTINATIONS: [(&str, &str); 2] = [("/any", "none"), ("/strict", "strict")];

#[test]
fn every_delivery_survives_every_kill() {
    let kills = kills_or(5);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let place = Place::make(data);
    // So slow that something is always in flight.
    let receiver = Receiver::new(|_| {
        thread::sleep(Duration::from_millis(2));
        (200, "")
    });
    for (path, ordering) in DESTINATIONS {
        let url = receiver.url(path);
        let add = ["destination", "add", "--location", &place.location, "--url", &url];
        cli(data, &[&add[..], &["--ordering", ordering]].concat());
    }
    let mut in_flight = 0;
    let mut count = || in_flight += Engine::number(data, "select count(*) from delivery where status = 1");
    let answered = under_fire(data, &place.token, (kills, &SERVE), &mut count);
    let server = Server::start(data, &SERVE);
    let wanted: HashSet<&String> = answered.keys().collect();
    let seen = receiver.until(|seen| {
        seen.len() >= 2 * wanted.len() && DESTINATIONS.iter().all(|(path, _)| has_all(seen, path, &wanted))
    });
    nothing_is_left(data);
    let twice = repeats(&seen);
    println!(
        "{kills} kills, {} events to two destinations, {in_flight} in flight, {twice} sent twice",
        wanted.len()
    );
    assert!(
        twice <= in_flight,
        "{twice} were sent twice, and {in_flight} were in flight"
    );
    in_order(&receiver.seen());
    assert_eq!(lost_leases(data), 0, "only a worker that froze loses a lease");
    drop(server);
}

fn has_all(seen: &[Seen], path: &str, wanted: &HashSet<&String>) -> bool {
    let come: HashSet<&String> = seen
        .iter()
        .filter(|one| one.path == path)
        .map(|one| &one.text)
        .collect();
    wanted.is_subset(&come)
}

/// Waits until all that the two were promised has its last word.
pub(crate) fn nothing_is_left(data: &Path) {
    let open = "select count(*) from delivery d join destination t on t.id = d.destination_id \
                where t.state = 0 and d.status in (0, 1, 2)";
    for _ in 0..600 {
        if Engine::number(data, open) == 0 {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{} deliveries are left over", Engine::number(data, open));
}

/// How often something was sent that had been sent before. Each time it has the same id and the same bytes.
pub(crate) fn repeats(seen: &[Seen]) -> i64 {
    let mut before = HashMap::new();
    let mut repeats = 0;
    for one in seen {
        match before.insert((&one.path, &one.text), (&one.id, &one.body)) {
            None => {}
            Some(first) => {
                assert_eq!(first, (&one.id, &one.body));
                repeats += 1;
            }
        }
    }
    repeats
}

/// In a strict lane each is the one before it once more, or the next one: nothing is left out and nothing overtakes.
pub(crate) fn in_order(seen: &[Seen]) {
    let mut last: HashMap<&str, usize> = HashMap::new();
    for one in seen.iter().filter(|one| one.path == "/strict") {
        let (_, number) = one.text.split_once('-').unwrap();
        let number = number.parse().unwrap();
        match last.insert(&one.conversation, number) {
            None => assert_eq!(number, 0, "{one:?}"),
            Some(before) => assert!(number == before || number == before + 1, "{before}, then {one:?}"),
        }
    }
}

/// What the server counts as claims that were no longer its own.
pub(crate) fn lost_leases(data: &Path) -> u64 {
    let mut stream = UnixStream::connect(data.join("admin.sock")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: inlet\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let of_webhooks = "inlet_delivery_attempts_total{kind=\"webhook\",outcome=\"delivered\"}";
    assert!(text.contains(of_webhooks), "{text}");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("inlet_leases_lost_total "));
    line.map_or(0, |count| count.parse().unwrap())
}
