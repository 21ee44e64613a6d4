//! Two whole Inlets, one the upstream of the other, and everything that a story asks of them.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    middleware::{Next, from_fn},
};
use inlet::{
    config::{Config, Sources},
    data::{self, Folder},
    node::{Node, Setup, Workers},
};
use inlet_core::{
    Timestamp,
    address::{Identity, Phone},
    chance::Chance,
    change::{Change, What},
    channel::{Channel, Direction},
    clock::{Clock, Millis},
    contact::ContactChange,
    ids::{LocationKey, ProviderKey},
    inbound::{Detail, Inbound, Person, Who},
    inbox::{ConversationQuery, MessageQuery},
    outbox::DeliveryQuery,
    seen::SeenKey,
};
use inlet_http::server::{self, Connections};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::engine::Engine;

/// 2027-01-15 08:00 in UTC.
const START: i64 = 1_800_000_000_000;
/// How often the crank is turned at most, so that a story that does not end fails.
const TURNS: usize = 20_000;

/// One clock for both houses: it goes on only when it is told to.
#[derive(Debug)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Millis(self.0.load(Ordering::SeqCst)).timestamp()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// The same numbers for the same seed.
#[derive(Debug)]
struct Seeded(AtomicU64);

impl Chance for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut drawn = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = drawn.to_be_bytes()[0];
        }
    }
}

/// How badly the upstream behaves.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    faults: Vec<String>,
    seed: u64,
}

impl Trial {
    /// As oddly as HighLevel.
    pub(crate) fn quirks() -> Self {
        Self {
            faults: Vec::new(),
            seed: 7,
        }
    }

    /// As oddly, and with this fault; the relay waits for no answer longer than a second then.
    pub(crate) fn fault(fault: &str, seed: u64) -> Self {
        Self {
            faults: vec![fault.to_owned()],
            seed,
        }
    }

    fn patience(&self) -> &'static str {
        if self.faults.is_empty() { "15000" } else { "1000" }
    }
}

/// Calls at the upstream's door: method and path, and the status they were answered with.
type Calls = Arc<Mutex<Vec<(String, u16)>>>;

pub(crate) struct World {
    upstream: Node,
    relay: Node,
    workers: Workers,
    calls: Calls,
    hand: Arc<Hand>,
    here: LocationKey,
    destination: String,
    _folders: [TempDir; 2],
}

impl World {
    pub(crate) async fn new(trial: &Trial) -> Self {
        let hand = Arc::new(Hand(AtomicI64::new(START)));
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let faults: Vec<String> = trial.faults.iter().map(|fault| format!("{fault:?}")).collect();
        let bad = format!("quirks = true\nfaults = [{}]", faults.join(", "));
        let upstream = open(folders[0].path(), &bad, &hand, trial.seed).await;
        let calls = Calls::default();
        let address = serve(&upstream, &calls).await;
        let there = ask(
            &upstream,
            "POST",
            "/locations",
            json!({ "name": "Upstream", "country": "US" }),
        )
        .await;
        let token = ask(&upstream, "POST", "/tokens", json!({ "location": there["id"] })).await;
        let patience = trial.patience();
        let allow = format!("guard = {{ allow = ['127.0.0.1/32'] }}\nrelay = {{ patience_ms = {patience} }}");
        let relay = open(folders[1].path(), &allow, &hand, trial.seed + 1000).await;
        let here = ask(
            &relay,
            "POST",
            "/locations",
            json!({ "name": "Harbour Dental", "country": "US" }),
        )
        .await;
        let wish = json!({
            "location": here["id"],
            "upstream": { "location": there["id"], "base_url": format!("http://{address}"), "token": token["token"] },
        });
        let added = ask(&relay, "POST", "/destinations", wish).await;
        let registry = relay.shared.directory.registry();
        let here = registry.location_by_id(here["id"].as_str().unwrap()).unwrap().key;
        Self {
            workers: relay.workers().unwrap(),
            upstream,
            relay,
            calls,
            hand,
            here,
            destination: added["id"].as_str().unwrap().to_owned(),
            _folders: folders,
        }
    }

    /// Records messages, numbered, by so many people in turn.
    pub(crate) async fn receive(&self, numbers: Range<usize>, people: usize) {
        let changes: Vec<Change> = numbers.map(|number| self.message(number, number % people)).collect();
        for some in changes.chunks(200) {
            for answer in self.relay.shared.intake.submit(some.to_vec()).await {
                answer.unwrap();
            }
        }
    }

    fn message(&self, number: usize, person: usize) -> Change {
        let phone = Phone::parse(&format!("+1415555{person:04}"), None).unwrap();
        let who = Person {
            identities: vec![Identity::phone(&phone)],
            name: None,
        };
        let inbound = Inbound {
            channel: Channel::Sms,
            direction: Direction::Inbound,
            who: Who::Person(who),
            body: Some(format!("message {number}")),
            occurred_at: None,
            detail: Detail::default(),
            files: Vec::new(),
            answers: Vec::new(),
        };
        Change {
            location: self.here,
            provider: ProviderKey(Channel::Sms.code()),
            keys: vec![SeenKey::message(format!("SM{number}"))],
            fingerprint: 0,
            what: What::Message(Box::new(inbound)),
        }
    }

    /// Turns the relay's crank until nothing is left to do, and the clock whenever there is nothing to do now.
    pub(crate) async fn drain(&self) {
        for _ in 0..TURNS {
            let turn = self.workers.deliveries.turn().await.unwrap();
            if turn.claimed > 0 {
                continue;
            }
            let Some(next) = turn.next else { return };
            let now = self.hand.0.load(Ordering::SeqCst);
            self.hand.0.store(next.as_millisecond().max(now + 1), Ordering::SeqCst);
        }
        panic!("it does not come to an end");
    }

    /// What the upstream was asked, and how often.
    pub(crate) fn calls(&self) -> Vec<(&'static str, usize)> {
        let known = ["POST /contacts/upsert", "POST /conversations/messages/inbound"];
        let calls = self.calls.lock().unwrap();
        let counts: BTreeMap<&str, usize> = calls.iter().fold(BTreeMap::new(), |mut counts, (call, _)| {
            *counts.entry(call.as_str()).or_default() += 1;
            counts
        });
        assert!(counts.keys().all(|call| known.contains(call)), "{counts:?}");
        known
            .into_iter()
            .map(|call| (call, counts.get(call).copied().unwrap_or_default()))
            .collect()
    }

    /// How often the upstream said "too many".
    pub(crate) fn refusals(&self) -> usize {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, status)| *status == 429)
            .count()
    }

    /// Whole days that went by.
    pub(crate) fn days(&self) -> i64 {
        (self.hand.0.load(Ordering::SeqCst) / 86_400_000) - (START / 86_400_000)
    }

    /// Each message is upstream once, in the thread of its person, in order; none is in another.
    pub(crate) async fn check_threads(&self, numbers: Range<usize>, people: usize) {
        let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for number in numbers {
            let phone = format!("+1415555{:04}", number % people);
            expected.entry(phone).or_default().push(format!("message {number}"));
        }
        assert_eq!(self.threads().await, expected);
    }

    async fn threads(&self) -> BTreeMap<String, Vec<String>> {
        let shared = &self.upstream.shared;
        let there = shared.directory.registry().locations()[0].key;
        let query = ConversationQuery::newest(there, 1000);
        let (views, _) = shared.inbox.conversations(&query).await.unwrap();
        let mut threads = BTreeMap::new();
        for view in views {
            let query = MessageQuery {
                location: there,
                contact: view.key,
                before: None,
                channels: Vec::new(),
                limit: 1000,
            };
            let page = shared.inbox.messages(&query).await.unwrap();
            let bodies = page.messages.into_iter().rev().map(|message| message.body.unwrap());
            threads.insert(view.phone.unwrap(), bodies.collect());
        }
        threads
    }

    /// The upstream forgets everybody, as when somebody deletes them there.
    pub(crate) async fn forget_upstream_contacts(&self) {
        let shared = &self.upstream.shared;
        let there = shared.directory.registry().locations()[0].key;
        let (views, _) = shared
            .inbox
            .conversations(&ConversationQuery::newest(there, 1000))
            .await
            .unwrap();
        let changes = views
            .iter()
            .map(|view| Change::contact(there, ContactChange::Delete(view.key)))
            .collect();
        for answer in shared.intake.submit(changes).await {
            answer.unwrap();
        }
    }

    /// What `inlet ledger` shows.
    pub(crate) async fn ledger(&self) -> Value {
        ask(
            &self.relay,
            "GET",
            &format!("/ledger?destination={}", self.destination),
            Value::Null,
        )
        .await
    }

    /// Calls of one kind, on all days.
    pub(crate) async fn ledger_sum(&self, kind: &str) -> u64 {
        let ledger = self.ledger().await;
        let days = ledger["ledger"].as_array().unwrap();
        days.iter().filter_map(|day| day["by_kind"][kind].as_u64()).sum()
    }

    /// The most attempts that any delivery took.
    pub(crate) async fn most_attempts(&self) -> u32 {
        let query = DeliveryQuery {
            limit: 10_000,
            ..DeliveryQuery::default()
        };
        let found = self.relay.shared.outbox.list(&query).await.unwrap();
        found.iter().map(|view| view.attempts).max().unwrap()
    }
}

async fn open(data: &Path, settings: &str, hand: &Arc<Hand>, seed: u64) -> Node {
    let store = match Engine::of(data) {
        Engine::Sqlite => String::new(),
        Engine::Postgres(url) => format!("store = {url:?}\n"),
    };
    let flags = format!("{store}listen = '127.0.0.1:0'\ndata = '{}'\n{settings}", data.display());
    let sources = Sources {
        file: None,
        environment: &|_| None,
        flags: flags.parse().unwrap(),
    };
    let config = Config::load(sources).unwrap();
    let Folder::Ours(held) = data::take(&config.data).unwrap() else {
        panic!("the folder is another's")
    };
    let setup = Setup {
        clock: Arc::<Hand>::clone(hand),
        chance: Arc::new(Seeded(AtomicU64::new(seed.wrapping_mul(0x1000_0001)))),
        ..Setup::of(config)
    };
    Node::open(setup, held, None).await.unwrap()
}

/// Serves a node's doors, each call counted, until the test ends.
async fn serve(node: &Node, calls: &Calls) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let calls = Arc::clone(calls);
    let count = move |request: Request, next: Next| {
        let calls = Arc::clone(&calls);
        async move {
            let call = format!("{} {}", request.method(), request.uri().path());
            let place = {
                let mut calls = calls.lock().unwrap();
                calls.push((call, 0));
                calls.len() - 1
            };
            let answer = next.run(request).await;
            calls.lock().unwrap()[place].1 = answer.status().as_u16();
            answer
        }
    };
    let doors: Router = node.router().layer(from_fn(count));
    tokio::spawn(server::serve(
        listener,
        doors,
        Connections::default(),
        std::future::pending(),
    ));
    address
}

/// Asks the admin API of a node.
async fn ask(node: &Node, method: &str, path: &str, body: Value) -> Value {
    let request = Request::builder()
        .method(method)
        .uri(format!("/admin/v1{path}"))
        .header("content-type", "application/json");
    let body = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string())
    };
    let answer = node.admin().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert!(
        status.is_success(),
        "{method} {path}: {status} {}",
        String::from_utf8_lossy(&body)
    );
    serde_json::from_slice(&body).unwrap()
}
