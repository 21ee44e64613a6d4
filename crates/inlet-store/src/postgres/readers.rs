//! Reading beside the writers: a few connections of the pool, each of which sees one moment.

use std::sync::Arc;

use deadpool_postgres::Pool;
use tokio::sync::Semaphore;

use super::{Plans, Postgres, failure::unreachable, fresh::Fresh};
use crate::{
    error::StoreError,
    group::Scribe,
    waist::{Answer, Waist},
};

/// Lends connections that read.
pub(crate) struct Readers {
    pool: Pool,
    plans: Arc<Plans>,
    permits: Semaphore,
    fresh: Arc<Fresh>,
    owner: i64,
}

impl Readers {
    /// Readers that leave half of the pool to the writers.
    pub(crate) fn new(pool: Pool, scribe: Arc<Scribe>, owner: i64) -> Self {
        let permits = Semaphore::new((pool.status().max_size / 2).max(1));
        let plans = Plans::reading();
        Self {
            fresh: Arc::new(Fresh::new((pool.clone(), Arc::clone(&plans)), scribe)),
            pool,
            plans,
            permits,
            owner,
        }
    }

    /// Who sees to it that the registry is not behind.
    pub(crate) fn fresh(&self) -> Arc<Fresh> {
        Arc::clone(&self.fresh)
    }

    /// The name under which this node holds leases.
    pub(crate) fn owner(&self) -> i64 {
        self.owner
    }

    /// Reads: all that `job` sees is of one moment.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        F: for<'a> FnOnce(&'a mut dyn Waist) -> Answer<'a, T> + Send,
    {
        let gone = |_| StoreError::Broken("the store is closed".to_owned());
        let _permit = self.permits.acquire().await.map_err(gone)?;
        let client = self.pool.get().await.map_err(|error| unreachable(&error))?;
        let mut waist = Postgres::reader(client, Arc::clone(&self.plans));
        waist.begin().await?;
        let answer = job(&mut waist).await?;
        waist.commit().await?;
        Ok(answer)
    }

    /// Ends all connections that nobody uses, and gives out no more.
    pub(crate) fn close(&self) {
        self.permits.close();
    }
}
