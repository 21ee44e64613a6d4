//! What the stories are played with: receivers, a clock, a directory, an outbox, and a client for them.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    clock::{Clock, later},
    directory::{Directory, Entry, StoreFault},
    ids::{AppKey, DestinationKey, IdCodec, LocationKey},
    registry::{Destination, Endpoint, Entries, Provider, Registry},
    secret::Secret,
    signature::BodySigner,
};
use inlet_delivery::{
    client::{Client, Limits, Names},
    guard::Guard,
    webhook::{self, Webhooks},
};

pub(crate) mod media;
pub(crate) mod outbox;
pub(crate) mod receiver;

/// Far beyond what any answer here takes, and what a story waits at most.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
pub(crate) const SECRET: &[u8; 24] = b"a secret of twenty-four!";

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct StillClock(Mutex<Timestamp>);

impl StillClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap())))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = later(*now, by);
    }

    pub(crate) fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap() = at;
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// A directory that holds what it was given.
#[derive(Debug, Default)]
pub(crate) struct FixedDirectory(RwLock<Arc<Registry>>);

impl FixedDirectory {
    pub(crate) fn new(entries: Entries) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(Registry::new(entries)))))
    }

    pub(crate) fn with_destinations(destinations: Vec<Destination>) -> Arc<Self> {
        Self::new(Entries {
            destinations,
            ..Entries::default()
        })
    }

    pub(crate) fn with_provider(endpoint: Endpoint, provider: Provider) -> Arc<Self> {
        Self::new(Entries {
            endpoints: vec![endpoint],
            providers: vec![provider],
            ..Entries::default()
        })
    }
}

#[async_trait]
impl Directory for FixedDirectory {
    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.0.read().unwrap())
    }

    async fn write(&self, _: Entry) -> Result<(), StoreFault> {
        panic!("nothing is written here")
    }

    async fn add_login(&self, _: [u8; 32], _: inlet_core::people::Whose, _: Timestamp) -> Result<(), StoreFault> {
        panic!("nobody logs in here")
    }

    async fn log_in(&self, _: [u8; 32], _: [u8; 32], _: Timestamp) -> Result<bool, StoreFault> {
        panic!("nobody logs in here")
    }

    async fn open_session(&self, _: [u8; 32], _: inlet_core::ids::UserKey, _: Timestamp) -> Result<(), StoreFault> {
        panic!("nobody logs in here")
    }

    async fn session(&self, _: [u8; 32], _: Timestamp) -> Result<Option<inlet_core::people::Whose>, StoreFault> {
        Ok(None)
    }

    async fn log_out(&self, _: [u8; 32]) -> Result<(), StoreFault> {
        panic!("nobody logs in here")
    }
}

pub(crate) fn destination(key: i64, url: &str) -> Destination {
    Destination {
        key: DestinationKey(key),
        id: format!("{key:024x}"),
        location: LocationKey(1),
        app: AppKey(1),
        secret: Secret::new(*SECRET),
        ..Destination::to(url)
    }
}

/// Names that answer what they are told to, one answer a look-up, the last for ever; and remember what was asked.
#[derive(Debug, Default)]
pub(crate) struct ToldNames {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl ToldNames {
    pub(crate) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(parse).collect()),
            asked: Mutex::default(),
        })
    }
}

#[async_trait]
impl Names for ToldNames {
    async fn lookup(&self, host: &str) -> Vec<IpAddr> {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut answers = self.answers.lock().unwrap();
        if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers.first().cloned().unwrap_or_default()
        }
    }
}

/// A client that may call 127.0.0.1 and knows no name.
pub(crate) fn loopback_client() -> Client {
    let names: Arc<dyn Names> = ToldNames::new(&[]);
    Client::guarded(Guard::allowing(vec!["127.0.0.1/32".parse().unwrap()]), &names).unwrap()
}

pub(crate) fn webhooks(directory: &Arc<FixedDirectory>, clock: &Arc<StillClock>, total: Duration) -> Webhooks {
    Webhooks::new(webhook::Parts {
        directory: Arc::<FixedDirectory>::clone(directory),
        clock: Arc::<StillClock>::clone(clock),
        ids: IdCodec::new([4; 16]),
        signer: BodySigner::new(&[5; 32]),
        client: loopback_client(),
        limits: Limits {
            total,
            ..Limits::WEBHOOK
        },
    })
}
