//! Opening a database: its schema, its keys, and a number for this node.

use std::sync::Arc;

use inlet_core::{chance::Chance, registry::Registry};
use tokio::sync::mpsc;

use super::{
    Plans, Postgres,
    connect::{self, Database},
    lease::{self, Number},
    migrate,
    news::News,
    readers::Readers,
    writer::{Office, Writer},
};
use crate::{
    directory::load,
    error::{OpenError, StoreError},
    group::{Job, Published, Scribe},
    open::Ground,
    options::Options,
    seal::Sealer,
    setting,
    waist::Waist,
};

/// A database that is open.
pub(crate) struct Base {
    database: Database,
    plans: Arc<Plans>,
    number: Number,
    chance: Arc<dyn Chance>,
    apart: bool,
}

impl Base {
    /// Lets this node write; answers who reads beside it.
    pub(crate) fn start(self, scribe: Scribe, jobs: mpsc::Receiver<Job>) -> Readers {
        let scribe = Arc::new(scribe);
        let readers = Readers::new(self.database.pool.clone(), Arc::clone(&scribe), self.number.owner);
        let office = Office {
            fresh: readers.fresh(),
            news: News::new(self.number.owner),
            plans: self.plans,
            database: self.database,
            chance: self.chance,
            apart: self.apart,
            scribe,
        };
        tokio::spawn(Writer::new(office, self.number).run(jobs));
        readers
    }
}

/// Whether a store was begun in a database.
pub(crate) async fn exists(url: &str) -> Result<bool, OpenError> {
    let database = connect::database(url)?;
    migrate::is_begun(&connect::first(&database.pool).await?).await
}

/// Opens a database.
pub(crate) async fn open(options: Options, url: &str) -> Result<(Ground, Base), OpenError> {
    let sealer = Sealer::new(options.key.clone(), Arc::clone(&options.chance))?;
    let database = connect::database(url)?;
    let client = connect::first(&database.pool).await?;
    migrate::bring_up(&client).await?;
    let apart = migrate::is_divided(&client).await?;
    let plans = Plans::writing(apart);
    let mut waist = Postgres::writer(client, Arc::clone(&plans));
    let failed = |error: StoreError| OpenError::Failed(error.to_string());
    let settings = setting::load_or_make(&mut waist, &sealer, &options)
        .await
        .map_err(failed)?
        .ok_or(OpenError::WrongKey)?;
    let registry = read_registry(&mut waist, &sealer, settings.id_key)
        .await
        .map_err(failed)?;
    let mut owner = [0; 8];
    options.chance.fill(&mut owner);
    let taken = lease::take_number(&mut waist, i64::from_be_bytes(owner), options.clock.now()).await;
    let too_many = || OpenError::Failed("64 nodes run on this database already: stop one first".to_owned());
    let number = taken.map_err(failed)?.ok_or_else(too_many)?;
    let chance = Arc::clone(&options.chance);
    let ground = Ground {
        settings,
        published: Arc::new(Published::new(registry)),
        node: number.node,
        last_made: lease::last_mark(&mut waist).await.map_err(failed)?,
        sealer,
        options,
    };
    Ok((
        ground,
        Base {
            database,
            plans,
            number,
            chance,
            apart,
        },
    ))
}

async fn read_registry(waist: &mut dyn Waist, sealer: &Sealer, id_key: [u8; 16]) -> Result<Registry, StoreError> {
    waist.begin().await?;
    let registry = load::registry(waist, sealer, id_key).await?;
    waist.commit().await?;
    Ok(registry)
}
