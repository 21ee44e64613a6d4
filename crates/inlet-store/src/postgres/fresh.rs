//! The registry, not behind: another node may have changed who owns what. The version row tells, polled each second and
//! asked on every miss; a hint only makes it sooner.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use deadpool_postgres::Pool;
use inlet_core::bell::Ring;
use tokio::sync::Mutex;

use super::{Plans, Postgres, failure::unreachable};
use crate::{error::StoreError, group::Scribe, setting::directory_version, waist::Waist};

/// Compares the registry with the store's.
pub(crate) struct Fresh {
    pool: Pool,
    plans: Arc<Plans>,
    scribe: Arc<Scribe>,
    begun: AtomicU64,
    gate: Mutex<()>,
}

impl Fresh {
    pub(crate) fn new((pool, plans): (Pool, Arc<Plans>), scribe: Arc<Scribe>) -> Self {
        Self {
            pool,
            plans,
            scribe,
            begun: AtomicU64::new(0),
            gate: Mutex::new(()),
        }
    }

    /// Reads the registry again if it is behind. Many who ask at once share one look, if that began after they asked.
    pub(crate) async fn look(&self) -> Result<(), StoreError> {
        let before = self.begun.load(Ordering::Acquire);
        let _gate = self.gate.lock().await;
        if self.begun.load(Ordering::Acquire) > before {
            return Ok(());
        }
        self.begun.fetch_add(1, Ordering::AcqRel);
        let client = self.pool.get().await.map_err(|error| unreachable(&error))?;
        let mut waist = Postgres::reader(client, Arc::clone(&self.plans));
        waist.begin().await?;
        let held = self.scribe.published().get().version();
        let behind = directory_version(&mut waist).await? != held;
        let registry = if behind {
            Some(self.scribe.read_registry(&mut waist).await?)
        } else {
            None
        };
        waist.commit().await?;
        if let Some(registry) = registry {
            self.scribe.published().set(registry);
            self.scribe.ring(&[Ring::Directory]);
        }
        Ok(())
    }
}
