//! Opening a file: its lock, its schema, its keys; then the thread that writes waits for what it is to announce with.

use std::{path::PathBuf, sync::Arc};

use inlet_core::{ids::made_at, registry::Registry};
use tokio::sync::{mpsc, oneshot};

use super::{Sqlite, finish, lock::Lock, readers::Readers};
use crate::{
    directory::load,
    error::{OpenError, StoreError},
    group::{Desk, Job, Published, Scribe, Writer},
    open::Ground,
    options::Options,
    outbox::recover_all,
    seal::Sealer,
    setting::{self, Settings},
    waist::{Waist, row},
};

const LAST_KEY: &str = "
    select max(coalesce((select max(id) from message), 0), coalesce((select max(id) from delivery), 0),
               coalesce((select max(id) from contact), 0), coalesce((select max(id) from request), 0))";

/// The one node that has a file.
const NODE: u8 = 0;

/// The thread that has the file open.
pub(crate) struct Waiting {
    path: PathBuf,
    start: oneshot::Sender<(Scribe, mpsc::Receiver<Job>)>,
}

impl Waiting {
    /// Lets the thread write; answers who reads beside it.
    pub(crate) fn start(self, scribe: Scribe, jobs: mpsc::Receiver<Job>) -> Readers {
        // The thread waits for this since it opened the store; if it has ended, every answer will say so.
        let _ = self.start.send((scribe, jobs));
        Readers::new(self.path)
    }
}

/// Opens a file, on the thread that will write it.
pub(crate) async fn open(options: Options, path: PathBuf) -> Result<(Ground, Waiting), OpenError> {
    let (opened, ready) = oneshot::channel();
    let (start, waiting) = oneshot::channel::<(Scribe, mpsc::Receiver<Job>)>();
    let own = path.clone();
    let work = move || match lay_ground(options, &own) {
        Err(error) => {
            let _ = opened.send(Err(error));
        }
        Ok((ground, desk, lock)) => {
            let sabotage = ground.options.sabotage();
            let _ = opened.send(Ok(ground));
            if let Ok((scribe, jobs)) = waiting.blocking_recv() {
                Writer::new(scribe, (own, sabotage), jobs, desk).run(lock);
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
    Ok((ground, Waiting { path, start }))
}

fn lay_ground(options: Options, path: &std::path::Path) -> Result<(Ground, Desk, Lock), OpenError> {
    let sealer = Sealer::new(options.key.clone(), Arc::clone(&options.chance))?;
    let lock = Lock::take(path)?;
    let mut waist = Sqlite::writer(path, options.sabotage())?;
    let failed = |error: StoreError| OpenError::Failed(error.to_string());
    let settings = finish(setting::load_or_make(&mut waist, &sealer, &options))
        .map_err(failed)?
        .ok_or(OpenError::WrongKey)?;
    let (registry, last_key) = finish(look_around(&mut waist, &sealer, &settings, &options)).map_err(failed)?;
    let ground = Ground {
        settings,
        published: Arc::new(Published::new(registry)),
        options,
        node: NODE,
        last_made: made_at(last_key),
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
) -> Result<(Registry, i64), StoreError> {
    waist.begin().await?;
    recover_all(waist, options.clock.now()).await?;
    let registry = load::registry(waist, sealer, settings.id_key).await?;
    let last_key = row(waist, LAST_KEY, []).await?.map_or(Ok(0), |mut found| found.int())?;
    waist.commit().await?;
    Ok((registry, last_key))
}
