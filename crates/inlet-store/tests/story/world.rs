//! A store with everything around it held in a test's hand: engine, clock, chance, bell, and a plain announcer.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use inlet_core::{
    address::{Identity, Phone},
    announcer::{Announcement, Announcer, ContactAnnouncement},
    bell::{Bell, Ring},
    chance::Chance,
    change::{Change, What},
    channel::{Channel, Direction},
    clock::{Clock, Millis},
    directory::{Directory, Entry},
    ids::{DestinationKey, LocationKey, ProviderKey},
    inbound::{Detail, Inbound, Person, Who},
    intake::{Intake, Receipt, Refusal},
    registry::{Destination, Location},
    secret::Secret,
    seen::SeenKey,
};
use inlet_store::{OpenError, Opened, Options, Parts, Store};
use jiff::Timestamp;

pub(crate) use crate::engine::Engine;

#[derive(Debug)]
pub(crate) struct Hands {
    now: AtomicI64,
    drawn: AtomicU64,
    pub(crate) rings: Mutex<Vec<Ring>>,
}

impl Hands {
    pub(crate) fn at(millis: i64) -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(millis),
            drawn: AtomicU64::new(0),
            rings: Mutex::new(Vec::new()),
        })
    }

    pub(crate) fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Millis(self.now.load(Ordering::SeqCst)).timestamp()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.now.load(Ordering::SeqCst).unsigned_abs())
    }
}

impl Chance for Hands {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let drawn = self.drawn.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            let mixed = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_be_bytes()[0];
        }
    }
}

impl Bell for Hands {
    fn ring(&self, rings: &[Ring]) {
        self.rings.lock().unwrap().extend_from_slice(rings);
    }
}

impl Announcer for Hands {
    fn render(&self, announcement: &Announcement<'_>) -> String {
        let Announcement { kind, app, message, .. } = announcement;
        format!("{} for {} of {}", kind.name(), app.id, message.key)
    }

    fn render_contact(&self, announcement: &ContactAnnouncement<'_>) -> String {
        format!("{} for {}", announcement.kind.name(), announcement.app.id)
    }
}

/// 2027-01-15, and a first location.
pub(crate) const START: i64 = 1_800_000_000_000;
pub(crate) const HERE: LocationKey = LocationKey(101);
pub(crate) const ELSEWHERE: LocationKey = LocationKey(102);
pub(crate) const SMS: ProviderKey = ProviderKey(1);

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) hands: Arc<Hands>,
    pub(crate) store: Store,
}

pub(crate) fn options(engine: &Engine, hands: &Arc<Hands>) -> Options {
    Options {
        url: engine.url(),
        key: Secret::new([9; 32]),
        chance: Arc::<Hands>::clone(hands),
        clock: Arc::<Hands>::clone(hands),
        #[cfg(feature = "sabotage")]
        sabotage: inlet_store::Sabotage::default(),
    }
}

pub(crate) async fn open(engine: &Engine, hands: &Arc<Hands>) -> Result<Opened, OpenError> {
    inlet_store::open(options(engine, hands)).await
}

pub(crate) fn start(opened: Opened, hands: &Arc<Hands>) -> Store {
    opened.start(Parts {
        announcer: Arc::<Hands>::clone(hands),
        bell: Arc::<Hands>::clone(hands),
    })
}

impl World {
    /// A new store with two locations.
    pub(crate) async fn new(engine: Engine) -> Self {
        let hands = Hands::at(START);
        let store = start(open(&engine, &hands).await.unwrap(), &hands);
        for (key, id) in [(HERE, "hereHereHereHereHere"), (ELSEWHERE, "elseElseElseElseElse")] {
            store.write(Entry::Location(location(key, id))).await.unwrap();
        }
        Self { engine, hands, store }
    }

    /// Closes the store and opens it again, as a new process would.
    pub(crate) async fn reopen(mut self) -> Self {
        self.store.close().await;
        self.store = start(open(&self.engine, &self.hands).await.unwrap(), &self.hands);
        self
    }

    pub(crate) async fn subscribe(&self, key: i64) -> DestinationKey {
        self.store
            .write(Entry::Destination(self.destination(key)))
            .await
            .unwrap();
        DestinationKey(key)
    }

    pub(crate) fn destination(&self, key: i64) -> Destination {
        Destination {
            key: DestinationKey(key),
            id: format!("{key:024x}"),
            location: HERE,
            app: self.store.registry().builtin_app().unwrap().key,
            secret: Secret::new(*b"a signing secret in the clear"),
            created_at: self.hands.now(),
            ..Destination::to(format!("https://receiver{key}.example.com/hook"))
        }
    }

    pub(crate) async fn submit(&self, change: Change) -> Result<Receipt, Refusal> {
        let mut answers = self.store.submit(vec![change]).await;
        assert_eq!(answers.len(), 1);
        answers.pop().unwrap()
    }
}

pub(crate) fn location(key: LocationKey, id: &str) -> Location {
    Location {
        key,
        id: id.to_owned(),
        name: "Okafor Studio".to_owned(),
        country: Some("US".to_owned()),
        agency: None,
        created_at: Millis(START).timestamp(),
        words: inlet_core::consent::ConsentWords::default(),
        views: Vec::new(),
    }
}

pub(crate) fn phone(number: &str) -> Who {
    let phone = Phone::parse(number, None).unwrap();
    Who::Person(Person {
        identities: vec![Identity::phone(&phone)],
        name: Some("Maya Okafor".to_owned()),
    })
}

pub(crate) fn inbound(who: Who, body: &str) -> Inbound {
    Inbound {
        channel: Channel::Sms,
        direction: Direction::Inbound,
        who,
        body: Some(body.to_owned()),
        occurred_at: None,
        detail: Detail::default(),
        files: Vec::new(),
        answers: Vec::new(),
    }
}

pub(crate) fn change(external_id: &str, inbound: Inbound) -> Change {
    Change {
        location: HERE,
        provider: SMS,
        keys: vec![SeenKey::message(external_id)],
        fingerprint: inlet_core::seen::fingerprint(inbound.body.as_deref().unwrap_or_default().as_bytes()),
        what: What::Message(Box::new(inbound)),
    }
}

pub(crate) fn sms(external_id: &str, number: &str, body: &str) -> Change {
    change(external_id, inbound(phone(number), body))
}
