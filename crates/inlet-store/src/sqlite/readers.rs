//! A few connections that read, on threads that may block, so that no reader waits for the writer.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use super::{Sqlite, finish};
use crate::{
    error::StoreError,
    waist::{Answer, Waist},
};

/// How many read at once.
const AT_ONCE: usize = 4;

/// Lends connections that read.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Sqlite>>,
    permits: Semaphore,
}

impl Readers {
    /// Readers of that file; connections are made when they are first needed.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(AT_ONCE),
        }
    }

    /// Reads: all that `job` sees is of one moment.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut dyn Waist) -> Answer<'a, T> + Send + 'static,
    {
        let gone = |_| StoreError::Broken("the store is closed".to_owned());
        let _permit = self.permits.acquire().await.map_err(gone)?;
        let idle = self.lock().pop();
        let path = self.path.clone();
        let work = move || {
            let mut waist = match idle {
                Some(waist) => waist,
                None => Sqlite::reader(&path)?,
            };
            let answer = finish(at_one_moment(&mut waist, job))?;
            Ok((waist, answer))
        };
        let ended = |_| StoreError::Broken("a reading thread ended".to_owned());
        let (waist, answer) = tokio::task::spawn_blocking(work).await.map_err(ended)??;
        self.lock().push(waist);
        Ok(answer)
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the connections that nobody uses.
    pub(crate) fn close_idle(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Sqlite>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// After a failure the connection is dropped, and its transaction with it.
async fn at_one_moment<T, F>(waist: &mut Sqlite, job: F) -> Result<T, StoreError>
where
    F: for<'a> FnOnce(&'a mut dyn Waist) -> Answer<'a, T>,
{
    waist.begin().await?;
    let answer = job(waist).await?;
    waist.commit().await?;
    Ok(answer)
}
