//! `kill -9` of either Inlet at any moment: each message that was acknowledged is upstream once, or in a list with its
//! reason.

use std::{fs, net::SocketAddr, path::Path, thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Server, cli, cli_with},
    http::Client,
    kill::Chance,
};

/// How often one of the two is killed: more in `script/prove`.
fn kills() -> usize {
    let told = std::env::var("INLET_RELAY_KILLS")
        .ok()
        .and_then(|text| text.parse().ok());
    told.unwrap_or(5)
}

/// Messages between two kills.
const BATCH: usize = 40;
const PEOPLE: usize = 10;
/// How often the end of the queue is asked for, a tenth of a second apart: what a killed node had under way is free again
/// after 35 seconds.
const PATIENCE: usize = 1_200;

pub(super) struct Pair<'a> {
    upstream: &'a Path,
    pub(super) relay: &'a Path,
    address: SocketAddr,
    token: String,
}

impl Pair<'_> {
    pub(super) fn start_upstream(&self) -> Server {
        let settings = self.upstream.join("limits.toml");
        Server::start_at(
            self.upstream,
            &self.address.to_string(),
            &["--quirks", "--config", settings.to_str().unwrap()],
        )
    }

    pub(super) fn start_relay(&self) -> Server {
        Server::start(self.relay, &["--allow", "127.0.0.1/32"])
    }

    /// Sends until each is acknowledged; an answer that was lost is asked for again.
    pub(super) fn send(&self, relay: &Server, (numbers, people): (std::ops::Range<usize>, usize)) {
        let mut client = Client::new(relay.address, &self.token);
        for number in numbers {
            let phone = format!("+1415555{:04}", number % people);
            let body = json!({ "type": "SMS", "phone": phone, "message": format!("message {number}"), "altId": format!("k{number}") });
            let answer = client.post("/conversations/messages/inbound", &body).unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value}"))
        .to_owned()
}

/// Two houses in folders of their own, the relay's written to the upstream's, which takes so many calls in ten seconds.
pub(super) fn furnish<'a>(upstream: &'a Path, relay: &'a Path, burst: u32) -> Pair<'a> {
    fs::write(upstream.join("limits.toml"), format!("[limits]\nburst = {burst}\n")).unwrap();
    let there = text(&cli(upstream, &["location", "add", "--name", "Upstream"]), "id");
    let opens = text(&cli(upstream, &["token", "add", "--location", &there]), "token");
    let here = text(&cli(relay, &["location", "add", "--name", "Harbour Dental"]), "id");
    let token = text(&cli(relay, &["token", "add", "--location", &here]), "token");
    // Where it listened once, it listens each time.
    let first = Server::start(upstream, &[]);
    let address = first.address;
    first.kill();
    let base = format!("http://{address}");
    let add = [
        "destination",
        "add",
        "--location",
        &here,
        "--upstream",
        "--upstream-location",
        &there,
    ];
    let more = ["--base-url", &base, "--token-env", "UPSTREAM_TOKEN"];
    cli_with(relay, &[&add[..], &more[..]].concat(), &[("UPSTREAM_TOKEN", &opens)]);
    Pair {
        upstream,
        relay,
        address,
        token,
    }
}

/// Kills either in turn in the middle of its work; answers how many messages were acknowledged, and the two as they run.
fn under_fire(pair: &Pair<'_>, kills: usize) -> (usize, [Server; 2]) {
    let (mut chance, mut sent) = (Chance::new(), 0);
    let (mut above, mut below) = (pair.start_upstream(), pair.start_relay());
    for round in 0..kills {
        pair.send(&below, (sent..sent + BATCH, PEOPLE));
        sent += BATCH;
        let mut client = Client::new(below.address, &pair.token);
        for _ in 0..chance.between(1, 60) {
            client.get("/health").unwrap();
        }
        if round % 2 == 0 {
            below.kill();
            below = pair.start_relay();
        } else {
            above.kill();
            above = pair.start_upstream();
        }
    }
    pair.send(&below, (sent..sent + BATCH, PEOPLE));
    (sent + BATCH, [above, below])
}

#[test]
fn what_was_acknowledged_is_upstream_once_after_kills_of_either() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let pair = furnish(folders[0].path(), folders[1].path(), 100_000);
    let (sent, _running) = under_fire(&pair, kills());
    let count = |statuses: &str| {
        let sql = format!("select count(*) from delivery where status in ({statuses})");
        usize::try_from(Engine::number(pair.relay, &sql)).unwrap()
    };
    let ended = (0..PATIENCE).any(|_| {
        thread::sleep(Duration::from_millis(100));
        count("0, 1, 2") == 0
    });
    assert!(ended, "the queue comes to its end");
    let dead = count("4");
    let upstream = |what: &str| {
        let found = Engine::number(pair.upstream, &format!("select count({what}) from message"));
        usize::try_from(found).unwrap()
    };
    let (all, distinct) = (upstream("*"), upstream("distinct body"));
    let twice = all - distinct;
    let kills = kills();
    println!(
        "relay: {kills} kills, {sent} messages acknowledged, {distinct} upstream, {twice} twice, {dead} in the list"
    );
    assert_eq!(twice, 0, "none is there twice");
    assert_eq!(distinct + dead, sent, "none is lost");
}
