//! Promises with the clock in hand: a whole node in this process over a real store, its worker turned by hand, and a receiver
//! on loopback. Days pass in seconds.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{body::Body, http::Request};
use inlet::node::{Node, Workers};
use inlet_core::{
    Timestamp,
    backlog::{Order, Told},
    clock::{Clock, later},
    delivery::DeliveryStatus,
    outbox::{DeliveryQuery, DeliveryView},
};
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    hand::{Hand, open},
    harness::cli,
    receiver::{Answer, Receiver, Seen},
};

const DAY: Duration = Duration::from_hours(24);
/// How often the chore turns: each time it looks at all that waits, which in these stories is much for long.
const CHORE: Duration = Duration::from_mins(30);

/// A node with one destination, nothing of it turning by itself.
struct World {
    _folder: TempDir,
    clock: Arc<Hand>,
    node: Node,
    workers: Workers,
    token: String,
    start: Timestamp,
    next_chore: Timestamp,
}

impl World {
    async fn new(receiver: &Receiver, destination: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let text = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap().to_owned();
        let location = text(&cli(path, &["location", "add", "--name", "Harbour Dental"]), "id");
        let token = text(&cli(path, &["token", "add", "--location", &location]), "token");
        let url = receiver.url("/");
        let add = ["destination", "add", "--location", &location, "--url", &url];
        cli(path, &[&add[..], destination].concat());
        let start = Timestamp::now();
        let clock = Hand::at(start);
        let node = open(path, "", &clock).await;
        Self {
            workers: node.workers(),
            _folder: folder,
            clock,
            node,
            token,
            start,
            next_chore: start,
        }
    }

    fn passed(&self) -> Duration {
        self.clock.now().duration_since(self.start).unsigned_abs()
    }

    /// Records messages, all at once; each is `(conversation, text)`.
    async fn say(&self, messages: Vec<(usize, String)>) {
        let router = self.node.router();
        let sent = messages.into_iter().map(|(conversation, text)| {
            let phone = format!("+1415555{:04}", 1000 + conversation);
            let body = json!({ "type": "SMS", "phone": phone, "message": text, "altId": text });
            let request = Request::post("/conversations/messages/inbound")
                .header("authorization", format!("Bearer {}", self.token))
                .header("version", "2021-04-15")
                .header("content-type", "application/json")
                .body(Body::from(body.to_string()))
                .unwrap();
            tokio::spawn(router.clone().oneshot(request))
        });
        // The list is what starts them all before any is waited for.
        for sent in sent.collect::<Vec<_>>() {
            assert_eq!(sent.await.unwrap().unwrap().status(), 200);
        }
    }

    /// Turns the crank until nothing more is due now; answers when something will be.
    async fn settle_down(&mut self) -> Option<Timestamp> {
        for _ in 0..1_000_000 {
            let turn = self.workers.deliveries.turn().await.unwrap();
            assert_eq!(turn.lost, 0);
            if turn.claimed == 0 {
                if self.clock.now() >= self.next_chore {
                    self.next_chore = later(self.clock.now(), CHORE);
                    self.workers.chore.turn().await.unwrap();
                }
                return turn.next;
            }
        }
        panic!("it never came to an end");
    }

    /// Lets time pass to whatever is due next, at most so often; answers whether all has come to its end.
    async fn go_on(&mut self, most: usize) -> bool {
        for _ in 0..most {
            match self.settle_down().await {
                Some(next) => self.clock.set(next),
                None => return true,
            }
        }
        false
    }

    /// Lets that much time pass, doing what is due when it is.
    async fn pass(&mut self, time: Duration) {
        let end = later(self.clock.now(), time);
        loop {
            let next = self.settle_down().await.unwrap_or(end).min(end);
            self.clock.set(next);
            if next == end {
                return;
            }
        }
    }

    async fn of(&self, status: DeliveryStatus) -> Vec<DeliveryView> {
        let query = DeliveryQuery {
            status: Some(status),
            limit: 1000,
            ..DeliveryQuery::default()
        };
        self.node.shared.outbox.list(&query).await.unwrap()
    }
}

/// How many events come in while the subscriber is down: more in `script/prove`.
fn events() -> usize {
    let text = std::env::var("INLET_EVENTS").ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

const CONVERSATIONS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_subscriber_that_was_down_for_a_day_gets_every_event_in_order() {
    let (events, up) = (events(), Arc::new(AtomicBool::new(false)));
    let answers = Arc::clone(&up);
    let receiver = Receiver::new(move |_| {
        if answers.load(Ordering::SeqCst) {
            (200, "")
        } else {
            (503, "")
        }
    });
    let most = [
        "--ordering",
        "strict",
        "--max-inflight",
        "32",
        "--max-pending",
        "200000",
    ];
    let mut world = World::new(&receiver, &most).await;
    let steps = events.div_ceil(CONVERSATIONS);
    let step = DAY / u32::try_from(steps).unwrap();
    for number in 0..steps {
        let messages = (0..CONVERSATIONS).map(|conversation| (conversation, format!("{conversation} {number}")));
        world.say(messages.collect()).await;
        world.pass(step).await;
    }
    let tries = receiver.seen().len();
    up.store(true, Ordering::SeqCst);
    assert!(world.go_on(2_000).await, "something never came to its end");
    let seen = receiver.seen();
    let delivered = each_in_order(&seen);
    assert_eq!(delivered, steps * CONVERSATIONS);
    assert_eq!(
        world.node.shared.backlog.unstick().await,
        Ok(0),
        "no lane had to be helped"
    );
    println!(
        "{delivered} events over a day of {tries} tries in vain, all delivered {:?} after it",
        world.passed().saturating_sub(DAY)
    );
}

/// How many events were delivered; each once, under one id and as the same bytes on every attempt, and each conversation in
/// order.
fn each_in_order(seen: &[Seen]) -> usize {
    let mut bodies = HashMap::new();
    let mut next: HashMap<&str, usize> = HashMap::new();
    for one in seen {
        let first = bodies.entry(&one.text).or_insert((&one.id, &one.body));
        assert_eq!(*first, (&one.id, &one.body), "one event, one id, the same bytes");
        let (_, number) = one.text.split_once(' ').unwrap();
        let next = next.entry(&one.conversation).or_default();
        assert_eq!(
            number.parse(),
            Ok(*next),
            "attempts of a conversation are in order: {one:?}"
        );
        *next += usize::from(one.status == 200);
    }
    let ids: BTreeSet<_> = bodies.values().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), bodies.len(), "an id is one event's only");
    next.values().sum()
}

/// What a receiver answers for ever, after how many attempts that is given up, why, and how long that takes at least.
const NEVER: [(Answer, u32, &str, Duration); 3] = [
    (
        (500, ""),
        12,
        "http_500: answered 500",
        Duration::from_mins(75 * 60 + 42),
    ),
    ((404, ""), 7, "http_404: answered 404", Duration::from_mins(2 * 60 + 42)),
    (
        (500, "retry-after: 86400\r\n"),
        4,
        "expired: answered 500",
        Duration::from_hours(72),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_reaches_its_end_and_what_is_given_up_can_be_replayed() {
    for (answer, attempts, reason, least) in NEVER {
        let up = Arc::new(AtomicBool::new(false));
        let answers = Arc::clone(&up);
        let receiver = Receiver::new(move |_| {
            if answers.load(Ordering::SeqCst) {
                (200, "")
            } else {
                answer
            }
        });
        let mut world = World::new(&receiver, &["--ordering", "strict"]).await;
        world.say(vec![(0, "0 0".to_owned())]).await;
        assert!(world.go_on(100).await);
        let dead = world.of(DeliveryStatus::Dead).await;
        assert_eq!(
            (dead.len(), dead[0].attempts, dead[0].last.as_deref()),
            (1, attempts, Some(reason))
        );
        assert!(world.passed() >= least, "{:?}", world.passed());
        up.store(true, Ordering::SeqCst);
        let told = world.node.shared.backlog.order(dead[0].key, Order::Replay).await;
        assert_eq!(told, Ok(Told::Done));
        assert!(world.go_on(100).await);
        assert_eq!(world.of(DeliveryStatus::Delivered).await.len(), 1);
        let seen = receiver.seen();
        assert_eq!(each_in_order(&seen), 1);
        let count: Vec<u32> = seen.iter().map(|one| one.attempt).collect();
        let expected: Vec<u32> = (1..=attempts).chain([1]).collect();
        assert_eq!(count, expected, "a replay counts from 1 again, under the same id");
        println!("answered {}, given up as {reason} after {:?}", answer.0, world.passed());
    }
}

/// Two workers over one store, as two nodes have them. The first one freezes within its attempt; when it wakes up, its
/// delivery is long another's, and its last word, which would stop the whole destination, changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_frozen_changes_nothing_that_is_no_longer_its_own() {
    let (thawed, tries) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let thaw = Arc::clone(&thawed);
    let receiver = Receiver::new(move |_| {
        if tries.fetch_add(1, Ordering::SeqCst) > 0 {
            return (200, "");
        }
        // For as long as a story waits at most, were it never told.
        for _ in (0..20_000).take_while(|_| !thaw.load(Ordering::SeqCst)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        (410, "")
    });
    let mut world = World::new(&receiver, &["--ordering", "strict"]).await;
    world.say(vec![(0, "0 0".to_owned()), (1, "1 0".to_owned())]).await;
    let frozen = world.node.workers().deliveries;
    let turn = tokio::spawn(async move { frozen.turn().await.unwrap() });
    wait_for(|| receiver.seen().len() == 1).await;
    assert_eq!(world.workers.deliveries.recover().await, Ok(0), "its lease is not over");
    assert_eq!(world.workers.deliveries.turn().await.unwrap().claimed, 0);
    world.clock.advance(Duration::from_secs(31));
    let recovered = world.workers.deliveries.recover().await;
    assert_eq!(
        recovered,
        Ok(2),
        "due again within 35 seconds, though nothing was heard"
    );
    world.settle_down().await;
    let before = world.of(DeliveryStatus::Delivered).await;
    assert_eq!(before.len(), 2);
    thawed.store(true, Ordering::SeqCst);
    assert_eq!(turn.await.unwrap().lost, 2, "its words are known to be late");
    assert_eq!(world.of(DeliveryStatus::Delivered).await, before, "and change nothing");
    let registry = world.node.shared.directory.registry();
    assert!(
        registry.destinations()[0].state_reason.is_none(),
        "the destination is not stopped"
    );
    assert_eq!(receiver.seen().len(), 4, "each was sent once more, under its id");
}

/// Until it is so: at most for twenty seconds.
async fn wait_for(so: impl Fn() -> bool) {
    let mut again = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..4_000 {
        again.tick().await;
        if so() {
            return;
        }
    }
    panic!("it never was so");
}
