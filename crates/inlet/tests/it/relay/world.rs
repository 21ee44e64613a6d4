//! Two whole Inlets, one the upstream of the other, and everything that a story asks of them.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use inlet::node::{Node, Workers};
use inlet_core::{
    address::{Identity, Phone},
    change::{Change, What},
    channel::{Channel, Direction},
    contact::ContactChange,
    ids::{LocationKey, ProviderKey},
    inbound::{Detail, Inbound, Person, Who},
    inbox::{ConversationQuery, MessageQuery},
    outbox::{DeliveryQuery, DeliveryView},
    seen::SeenKey,
};
use serde_json::{Value, json};
use tempfile::TempDir;

mod agency;
mod app;
mod clinic;
mod house;
mod news;
mod owner;
mod trial;

use app::App;
pub(crate) use clinic::Found;
pub(crate) use house::Asked;
use house::{Hand, ask, open, serve};
pub(crate) use trial::Trial;

/// 2027-01-15 08:00 in UTC.
const START: i64 = 1_800_000_000_000;
/// How often the crank is turned at most, so that a story that does not end fails.
const TURNS: usize = 20_000;

/// Calls at the upstream's door.
type Calls = Arc<Mutex<Vec<Asked>>>;

pub(crate) struct World {
    upstream: Node,
    relay: Node,
    workers: Workers,
    calls: Calls,
    app: Arc<App>,
    base: String,
    hand: Arc<Hand>,
    joined: Joined,
    _folders: [TempDir; 2],
}

/// A location here that is written to one of its own upstream.
struct Joined {
    here: LocationKey,
    destination: String,
    /// The upstream's id of its location, and the token that opens it.
    there: String,
    token: String,
}

impl World {
    /// The upstream is opened with a private integration token.
    pub(crate) async fn new(trial: &Trial) -> Self {
        Self::build(trial, false).await
    }

    /// The upstream is opened with an app's refresh token.
    pub(crate) async fn with_app(trial: &Trial) -> Self {
        Self::build(trial, true).await
    }

    async fn build(trial: &Trial, by_app: bool) -> Self {
        let hand = Arc::new(Hand(AtomicI64::new(START)));
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let faults: Vec<String> = trial.faults.iter().map(|fault| format!("{fault:?}")).collect();
        let allow = "guard = { allow = ['127.0.0.1/32'] }";
        let bad = format!("quirks = true\nfaults = [{}]\n{allow}", faults.join(", "));
        let upstream = open(folders[0].path(), &bad, &hand, trial.seed).await;
        let patience = trial.patience();
        let good = format!("{allow}\nrelay = {{ patience_ms = {patience} }}");
        let relay = open(folders[1].path(), &good, &hand, trial.seed + 1000).await;
        let (calls, app) = (Calls::default(), Arc::<App>::default());
        let address = serve(&upstream, &calls, &app).await;
        let base = format!("http://{address}");
        let joined = join((&upstream, &base), &relay, by_app.then_some(&app)).await;
        Self {
            workers: relay.workers(),
            upstream,
            relay,
            calls,
            app,
            base,
            hand,
            joined,
            _folders: folders,
        }
    }

    pub(crate) async fn another_location(&self) -> LocationKey {
        join((&self.upstream, &self.base), &self.relay, None).await.here
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Records messages, numbered, by so many people in turn.
    pub(crate) async fn receive(&self, numbers: Range<usize>, people: usize) {
        self.receive_at(self.joined.here, numbers, people).await;
    }

    pub(crate) async fn receive_at(&self, location: LocationKey, numbers: Range<usize>, people: usize) {
        let message = |number| message(location, number, number % people);
        let changes: Vec<Change> = numbers.map(message).collect();
        for some in changes.chunks(200) {
            for answer in self.relay.shared.intake.submit(some.to_vec()).await {
                answer.unwrap();
            }
        }
    }

    /// Turns the relay's crank until nothing is left to do, and the clock whenever there is nothing to do now.
    pub(crate) async fn drain(&self) {
        self.drain_until(async || false).await;
    }

    /// The same until something is so.
    pub(crate) async fn drain_until(&self, so: impl AsyncFn() -> bool) {
        for _ in 0..TURNS {
            if !self.step().await || so().await {
                return;
            }
        }
        panic!("it does not come to an end");
    }

    /// Turns the crank so often.
    pub(crate) async fn turn(&self, times: usize) {
        for _ in 0..times {
            self.workers.deliveries.turn().await.unwrap();
        }
    }

    /// Whether there was or will be something to do.
    async fn step(&self) -> bool {
        let turn = self.workers.deliveries.turn().await.unwrap();
        if turn.claimed == 0 {
            let Some(next) = turn.next else { return false };
            let now = self.millis();
            self.hand.0.store(next.as_millisecond().max(now + 1), Ordering::SeqCst);
        }
        true
    }

    /// The clock in hand.
    pub(crate) fn millis(&self) -> i64 {
        self.hand.0.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.hand
            .0
            .fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Calls that were made upstream.
    pub(crate) fn made(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    /// What the upstream was asked, and how often.
    pub(crate) fn calls(&self) -> Vec<(&'static str, usize)> {
        let known = ["POST /contacts/upsert", "POST /conversations/messages/inbound"];
        let calls = self.calls.lock().unwrap();
        let counts: BTreeMap<&str, usize> = calls.iter().fold(BTreeMap::new(), |mut counts, asked| {
            *counts.entry(asked.call.as_str()).or_default() += 1;
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
            .filter(|asked| asked.status == 429)
            .count()
    }

    /// Whole days that went by.
    pub(crate) fn days(&self) -> i64 {
        (self.millis() / 86_400_000) - (START / 86_400_000)
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

    pub(crate) async fn threads(&self) -> BTreeMap<String, Vec<String>> {
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
            &format!("/ledger?destination={}", self.joined.destination),
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
        self.deliveries(None)
            .await
            .iter()
            .map(|view| view.attempts)
            .max()
            .unwrap()
    }

    /// Where the deliveries stand, each.
    pub(crate) async fn statuses(&self) -> Vec<&'static str> {
        self.deliveries(None)
            .await
            .iter()
            .map(|view| view.status.name())
            .collect()
    }

    /// Whether all of a location's messages are upstream.
    pub(crate) async fn is_delivered(&self, location: LocationKey) -> bool {
        let found = self.deliveries(Some(location)).await;
        found.iter().all(|view| view.status.name() == "delivered")
    }

    async fn deliveries(&self, location: Option<LocationKey>) -> Vec<DeliveryView> {
        let query = DeliveryQuery {
            location,
            limit: 10_000,
            ..DeliveryQuery::default()
        };
        self.relay.shared.outbox.list(&query).await.unwrap()
    }
}

/// A location here that is written to a new one upstream, which an app opens or a token.
async fn join((upstream, base): (&Node, &str), relay: &Node, app: Option<&Arc<App>>) -> Joined {
    let there = json!({ "name": "Upstream", "country": "US" });
    let there = text(&ask(upstream, "POST", "/locations", there).await, "id");
    let token = ask(upstream, "POST", "/tokens", json!({ "location": there })).await;
    let token = text(&token, "token");
    let here = json!({ "name": "Harbour Dental", "country": "US" });
    let here = text(&ask(relay, "POST", "/locations", here).await, "id");
    let mut opened = json!({ "location": there, "base_url": base, "webhook_key": upstream.shared.signer.public_pem() });
    if let Some(app) = app {
        app.stand_for(&token);
        opened["client_id"] = "app".into();
        opened["client_secret"] = "secret".into();
        opened["refresh_token"] = app.refresh().into();
    } else {
        opened["token"] = token.clone().into();
    }
    let wish = json!({ "location": here, "upstream": opened, "max_inflight": 50 });
    let added = ask(relay, "POST", "/destinations", wish).await;
    let registry = relay.shared.directory.registry();
    Joined {
        here: registry.location_by_id(&here).unwrap().key,
        destination: text(&added, "id"),
        there,
        token,
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

/// A text, numbered, by a person.
fn message(location: LocationKey, number: usize, person: usize) -> Change {
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
        location,
        provider: ProviderKey(Channel::Sms.code()),
        keys: vec![SeenKey::message(format!("SM{number}"))],
        fingerprint: 0,
        what: What::Message(Box::new(inbound)),
    }
}
