//! The promise under `kill -9`: what was answered is there, once, with the id that was answered, in a sequence without
//! a gap, and with its delivery. The same test over a binary that answers before it commits must fail.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Condvar, Mutex},
    thread,
};

use serde_json::json;

use crate::{
    engine::Engine,
    harness::{Place, Server},
    http::Client,
};

pub(crate) const WRITERS: usize = 64;

/// How often the server is killed: as often as this, but more often in `script/prove`.
pub(crate) fn kills_or(usual: usize) -> usize {
    let text = std::env::var("INLET_KILLS").ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// What the writers and the killer share.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Where the server is; nowhere between a kill and the next start.
    address: Option<SocketAddr>,
    /// The message id that was answered for each `altId`.
    answered: HashMap<String, String>,
    over: bool,
}

impl Shared {
    fn address(&self) -> Option<SocketAddr> {
        let state = self.state.lock().unwrap();
        let state = self
            .changed
            .wait_while(state, |state| state.address.is_none() && !state.over)
            .unwrap();
        if state.over { None } else { state.address }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    fn wait_for_answers(&self, count: usize) {
        let state = self.state.lock().unwrap();
        drop(
            self.changed
                .wait_while(state, |state| state.answered.len() < count)
                .unwrap(),
        );
    }
}

/// Writes until it is over; a message whose answer was lost is written again under the same `altId`.
fn write(shared: &Shared, token: &str, writer: usize) {
    for number in 0.. {
        let alt_id = format!("w{writer}-{number}");
        let body = json!({
            "type": "SMS", "phone": format!("+1415555{:04}", 1000 + writer), "message": alt_id, "altId": alt_id,
        });
        let answered = loop {
            let Some(address) = shared.address() else { return };
            let answer = Client::new(address, token).post("/conversations/messages/inbound", &body);
            match answer {
                Ok(answer) if answer.status == 200 => break answer.json()["messageId"].as_str().unwrap().to_owned(),
                Ok(answer) => assert!(answer.status >= 429, "{answer:?}"),
                // The server was killed: come again when it is back.
                Err(_) => shared.set(|state| {
                    if state.address == Some(address) {
                        state.address = None;
                    }
                }),
            }
        };
        shared.set(|state| {
            state.answered.insert(alt_id, answered);
        });
    }
}

/// Kills a server `kills` times at random moments under 64 writers, and once more at the end, and looks each time at what it
/// left; answers what was answered.
pub(crate) fn under_fire(
    data: &Path,
    token: &str,
    (kills, serve): (usize, &[&str]),
    look: &mut dyn FnMut(),
) -> HashMap<String, String> {
    let shared = Arc::new(Shared::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (shared, token) = (Arc::clone(&shared), token.to_owned());
            thread::spawn(move || write(&shared, &token, writer))
        })
        .collect();
    let mut chance = Chance::new();
    for _ in 0..kills {
        let server = Server::start(data, serve);
        shared.set(|state| state.address = Some(server.address));
        let already = shared.state.lock().unwrap().answered.len();
        shared.wait_for_answers(already + chance.between(1, 600));
        server.kill();
        look();
        shared.set(|state| state.address = None);
    }
    let server = Server::start(data, serve);
    shared.set(|state| state.address = Some(server.address));
    let already = shared.state.lock().unwrap().answered.len();
    shared.wait_for_answers(already + WRITERS);
    shared.set(|state| state.over = true);
    for writer in writers {
        writer.join().expect("a writer that saw only what it may see");
    }
    server.kill();
    look();
    let state = shared.state.lock().unwrap();
    state.answered.clone()
}

/// What is wrong with the store, held against what was answered; nothing, if the promise was kept.
pub(crate) fn broken_promises(
    data: &Path,
    server: &Server,
    token: &str,
    answered: &HashMap<String, String>,
) -> Vec<String> {
    let mut broken = Vec::new();
    let mut client = Client::new(server.address, token);
    for (alt_id, message) in answered {
        let found = client
            .get(&format!("/conversations/messages/{message}"))
            .expect("the server answers");
        if found.status != 200 || found.json()["altId"] != json!(alt_id) {
            broken.push(format!("{alt_id} was answered as {message}, which is {}", found.status));
        }
    }
    let mut zero = |what: &str, sql: &str| {
        let found = Engine::number(data, sql);
        if found != 0 {
            broken.push(format!("{found} {what}"));
        }
    };
    zero(
        "messages stored twice",
        "select count(*) - count(distinct external_id) from message",
    );
    zero(
        "conversations with a gap",
        "select count(*) from (select 1 from message group by contact_id having count(*) <> max(seq) or min(seq) <> 1) x",
    );
    zero(
        "messages without their delivery",
        "select count(*) from message where id not in (select message_id from delivery)",
    );
    zero(
        "contacts too many",
        &format!("select case when count(*) > {WRITERS} then count(*) - {WRITERS} else 0 end from contact"),
    );
    broken
}

fn story(kills: usize, serve: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let answered = under_fire(folder.path(), &place.token, (kills, serve), &mut || {});
    let server = Server::start(folder.path(), &[]);
    let broken = broken_promises(folder.path(), &server, &place.token, &answered);
    println!(
        "{kills} kills, {} messages answered, {} promises broken",
        answered.len(),
        broken.len()
    );
    broken
}

#[cfg(not(feature = "sabotage"))]
#[test]
fn what_was_answered_survives_every_kill() {
    assert_eq!(story(kills_or(10), &[]), Vec::<String>::new());
}

#[cfg(feature = "sabotage")]
#[test]
fn sabotage_a_reply_before_the_commit_is_noticed() {
    assert_ne!(story(40, &["--reply-before-commit"]), Vec::<String>::new());
}

/// Chance with a seed that a failing test prints.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new() -> Self {
        use std::hash::{BuildHasher, Hasher};
        let drawn = std::hash::RandomState::new().build_hasher().finish();
        let seed = std::env::var("INLET_SEED")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(drawn)
            | 1;
        println!("INLET_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + usize::try_from(self.0 >> 33).unwrap() % (high - low)
    }
}
