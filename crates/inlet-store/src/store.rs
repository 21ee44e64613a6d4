//! The store as the rest of Inlet holds it: a queue to the writer, a few readers, and the registry.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicUsize},
};

use async_trait::async_trait;
use inlet_core::{
    change::{Change, What},
    clock::Clock,
    ids::KeyMaker,
    intake::{Intake, Receipt, Refusal},
    seen::SeenHasher,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    error::StoreError,
    group::{Desk, Job, Published, Waiting},
    postgres,
    seal::Sealer,
    sqlite,
    waist::{Answer, Waist},
};

/// The store. Cheap to clone; the writer ends when the last clone is gone, after all that is queued.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) queue: mpsc::Sender<Job>,
    pub(crate) readers: Readers,
    pub(crate) published: Arc<Published>,
    pub(crate) hasher: SeenHasher,
    pub(crate) sealer: Sealer,
    pub(crate) keys: Arc<KeyMaker>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Deliveries that wait to be sent, as they were last counted, and how many may.
    pub(crate) waiting: AtomicUsize,
    pub(crate) most_waiting: AtomicUsize,
}

/// Who reads beside the writer.
pub(crate) enum Readers {
    Sqlite(sqlite::readers::Readers),
    Postgres(postgres::readers::Readers),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(..)")
    }
}

impl Store {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Makes keys for what is written beside messages: locations, tokens, requests. They come after all that is stored.
    pub fn keys(&self) -> Arc<KeyMaker> {
        Arc::clone(&self.0.keys)
    }

    /// Finishes everything that is queued, and closes the store. What is submitted afterwards is refused as unavailable.
    pub async fn close(&self) {
        match &self.0.readers {
            Readers::Sqlite(readers) => readers.close_idle(),
            Readers::Postgres(readers) => readers.close(),
        }
        let (done, closed) = oneshot::channel();
        if self.0.queue.send(Job::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }

    /// Reads, beside the writer.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut dyn Waist) -> Answer<'a, T> + Send + 'static,
    {
        let answer = match &self.0.readers {
            Readers::Sqlite(readers) => readers.read(job).await,
            Readers::Postgres(readers) => readers.read(job).await,
        };
        if let Err(error) = &answer {
            tracing::error!(%error, "the store could not be read");
        }
        answer
    }

    /// Writes, in the next transaction, and again where the engine undid that; when this answers, it is on disk.
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + Sync + 'static,
        F: for<'a> Fn(&'a mut Desk) -> Answer<'a, T> + Send + Sync + 'static,
    {
        let _waits = self.0.published.pulse.wait();
        let (waiting, answer) = Waiting::queue(job);
        self.0.queue.send(Job::Write(waiting)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Writes with something of the caller's, which is handed over anew each time the job runs.
    pub(crate) async fn write_with<V, T>(
        &self,
        value: V,
        job: for<'a> fn(&'a mut Desk, V) -> Answer<'a, T>,
    ) -> Result<T, StoreError>
    where
        V: Clone + Send + Sync + 'static,
        T: Send + Sync + 'static,
    {
        self.write(move |desk| job(desk, value.clone())).await
    }
}

fn closed() -> StoreError {
    StoreError::Broken("it is closed".to_owned())
}

#[async_trait]
impl Intake for Store {
    async fn submit(&self, changes: Vec<Change>) -> Vec<Result<Receipt, Refusal>> {
        let count = changes.len();
        if count == 0 {
            return Vec::new();
        }
        let new = |change: &Change| matches!(change.what, What::Message(_));
        if self.is_full() && changes.iter().any(new) {
            let words = "too many deliveries wait to be sent";
            return vec![Err(Refusal::Unavailable(words.to_owned())); count];
        }
        let _waits = self.0.published.pulse.wait();
        let (done, answers) = oneshot::channel();
        let queued = self.0.queue.send(Job::Changes(changes, done)).await.is_ok();
        match answers.await {
            Ok(answers) if queued => answers,
            _ => vec![Err(Refusal::Unavailable(closed().to_string())); count],
        }
    }
}
