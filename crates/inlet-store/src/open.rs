//! Opening a store, in two steps: what makes announcements needs the installation's id key, and the writer needs what
//! makes announcements.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicUsize},
};

use inlet_core::{
    announcer::Announcer,
    bell::Bell,
    ids::{IdCodec, KeyMaker},
    seen::SeenHasher,
};
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::{
    error::OpenError,
    group::{Published, Scribe},
    options::{Options, StoreUrl},
    postgres::ground as postgres,
    seal::Sealer,
    setting::Settings,
    sqlite::ground as sqlite,
    store::{Inner, Readers, Store},
};

/// How many jobs may wait for the writer; beyond that, whoever comes waits before the door.
const QUEUE: usize = 4096;

/// What the writer needs from outside.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Puts announcements in the subscriber's words.
    pub announcer: Arc<dyn Announcer>,
    /// Is rung after each commit.
    pub bell: Arc<dyn Bell>,
}

/// A store that is open and waits for its [`Parts`].
pub struct Opened {
    ground: Ground,
    engine: Engine,
}

enum Engine {
    Sqlite(sqlite::Waiting),
    Postgres(Box<postgres::Base>),
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(..)")
    }
}

/// What both the writer and its customers stand on.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) options: Options,
    pub(crate) settings: Settings,
    pub(crate) sealer: Sealer,
    pub(crate) published: Arc<Published>,
    /// The number of this node: it is part of every key.
    pub(crate) node: u8,
    /// No key was made after this.
    pub(crate) last_made: Timestamp,
}

impl Ground {
    /// A maker of keys that come after all that stand in the store, whatever the clock says.
    pub(crate) fn keys(&self) -> Arc<KeyMaker> {
        let keys = KeyMaker::new(self.node);
        keys.next(inlet_core::clock::later(
            self.last_made,
            std::time::Duration::from_millis(1),
        ));
        Arc::new(keys)
    }
}

/// Whether there is a store at this place, so that its key must be there too.
pub async fn exists(url: &StoreUrl) -> Result<bool, OpenError> {
    match url {
        StoreUrl::Sqlite(path) => Ok(path.exists()),
        StoreUrl::Postgres(url) => postgres::exists(url).await,
    }
}

/// Opens the store, makes it where it does not exist, and brings its schema up to date.
pub async fn open(options: Options) -> Result<Opened, OpenError> {
    let url = options.url.clone();
    let (ground, engine) = match url {
        StoreUrl::Sqlite(path) => {
            let (ground, waiting) = sqlite::open(options, path).await?;
            (ground, Engine::Sqlite(waiting))
        }
        StoreUrl::Postgres(url) => {
            let (ground, base) = postgres::open(options, &url).await?;
            (ground, Engine::Postgres(Box::new(base)))
        }
    };
    Ok(Opened { ground, engine })
}

impl Opened {
    /// Turns keys into this installation's ids and back.
    pub fn ids(&self) -> IdCodec {
        IdCodec::new(self.ground.settings.id_key)
    }

    /// Starts the writer.
    pub fn start(self, parts: Parts) -> Store {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let ground = self.ground;
        let keys = ground.keys();
        let (readers, keys) = match self.engine {
            Engine::Sqlite(waiting) => {
                let scribe = Scribe::new(&ground, parts, ground.keys());
                (Readers::Sqlite(waiting.start(scribe, jobs)), keys)
            }
            Engine::Postgres(base) => {
                // One maker for all: it moves on together where the node has to take another number.
                let scribe = Scribe::new(&ground, parts, Arc::clone(&keys));
                (Readers::Postgres(base.start(scribe, jobs)), keys)
            }
        };
        Store::new(Inner {
            queue,
            readers,
            published: ground.published,
            hasher: SeenHasher::new(ground.settings.seen_key),
            sealer: ground.sealer,
            keys,
            clock: ground.options.clock,
            waiting: AtomicUsize::new(0),
            most_waiting: AtomicUsize::new(usize::MAX),
        })
    }
}
