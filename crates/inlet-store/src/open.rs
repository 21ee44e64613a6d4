//! Opening a store, in two steps: what makes announcements needs the installation's id key, and the writer needs what
//! makes announcements.

use std::{fmt, path::PathBuf, sync::Arc};

use inlet_core::{
    announcer::Announcer,
    bell::Bell,
    ids::{IdCodec, KeyMaker, made_at},
    registry::Registry,
    seen::SeenHasher,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    directory::load,
    error::OpenError,
    group::{Desk, Job, Published, Writer},
    options::{Options, StoreUrl},
    outbox::recover_all,
    seal::Sealer,
    setting::{self, Settings},
    sqlite::{Sqlite, finish, lock::Lock, readers::Readers},
    store::{Inner, Store},
    waist::{Waist, row},
};

/// How many jobs may wait for the writer; beyond that, whoever comes waits before the door.
const QUEUE: usize = 4096;

const LAST_KEY: &str = "
    select max(coalesce((select max(id) from message), 0), coalesce((select max(id) from delivery), 0),
               coalesce((select max(id) from contact), 0), coalesce((select max(id) from request), 0))";

/// What the writer needs from outside.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Puts announcements in the subscriber's words.
    pub announcer: Arc<dyn Announcer>,
    /// Is rung after each commit.
    pub bell: Arc<dyn Bell>,
    /// The number of this node, from 0: it is part of every key.
    pub node: u8,
}

/// A store that is open and waits for its [`Parts`].
pub struct Opened {
    ground: Ground,
    parts: oneshot::Sender<(Parts, mpsc::Receiver<Job>)>,
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
    pub(crate) path: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) sealer: Sealer,
    pub(crate) published: Arc<Published>,
    last_key: i64,
}

impl Ground {
    /// A maker of keys that come after all that stand in the store, whatever the clock says.
    pub(crate) fn keys(&self, node: u8) -> KeyMaker {
        let keys = KeyMaker::new(node);
        let last = made_at(self.last_key);
        keys.next(inlet_core::clock::later(last, std::time::Duration::from_millis(1)));
        keys
    }
}

/// Opens the store, makes it where it does not exist, and brings its schema up to date.
pub async fn open(options: Options) -> Result<Opened, OpenError> {
    let (opened, ready) = oneshot::channel();
    let (parts, waiting) = oneshot::channel::<(Parts, mpsc::Receiver<Job>)>();
    let work = move || match lay_ground(options) {
        Err(error) => {
            let _ = opened.send(Err(error));
        }
        Ok((ground, desk, lock)) => {
            let _ = opened.send(Ok(ground.clone()));
            if let Ok((parts, jobs)) = waiting.blocking_recv() {
                Writer::new(ground, parts, jobs, desk).run(lock);
            }
        }
    };
    let failed = |error: std::io::Error| OpenError::Failed(error.to_string());
    std::thread::Builder::new()
        .name("inlet-store".to_owned())
        .spawn(work)
        .map_err(failed)?;
    let ended = |_| OpenError::Failed("the writing thread ended".to_owned());
    let ground = ready.await.map_err(ended)??;
    Ok(Opened { ground, parts })
}

fn lay_ground(options: Options) -> Result<(Ground, Desk, Lock), OpenError> {
    let StoreUrl::Sqlite(path) = options.url.clone();
    let sealer = Sealer::new(options.key.clone(), Arc::clone(&options.chance))?;
    let lock = Lock::take(&path)?;
    let mut waist = Sqlite::writer(&path, options.sabotage())?;
    let failed = |error: crate::error::StoreError| OpenError::Failed(error.to_string());
    let settings = finish(setting::load_or_make(&mut waist, &sealer, &options))
        .map_err(failed)?
        .ok_or(OpenError::WrongKey)?;
    let (registry, last_key) = finish(look_around(&mut waist, &sealer, &settings, &options)).map_err(failed)?;
    let ground = Ground {
        settings,
        published: Arc::new(Published::new(registry)),
        path,
        options,
        last_key,
        sealer: sealer.clone(),
    };
    Ok((ground, Desk::new(Box::new(waist), sealer), lock))
}

/// What was leased when the last process ended is due again; then all there is to know at the start.
async fn look_around(
    waist: &mut dyn Waist,
    sealer: &Sealer,
    settings: &Settings,
    options: &Options,
) -> Result<(Registry, i64), crate::error::StoreError> {
    waist.begin().await?;
    recover_all(waist, options.clock.now()).await?;
    let registry = load::registry(waist, sealer, settings.id_key).await?;
    let last_key = row(waist, LAST_KEY, []).await?.map_or(Ok(0), |mut found| found.int())?;
    waist.commit().await?;
    Ok((registry, last_key))
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
        let inner = Inner {
            queue,
            readers: Readers::new(ground.path.clone()),
            published: Arc::clone(&ground.published),
            hasher: SeenHasher::new(ground.settings.seen_key),
            sealer: ground.sealer.clone(),
            keys: Arc::new(ground.keys(parts.node)),
        };
        // The thread waits for this since it opened the store; if it has ended, every answer will say so.
        let _ = self.parts.send((parts, jobs));
        Store::new(inner)
    }
}
