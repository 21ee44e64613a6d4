//! How the store itself is doing: its size and the room on its disk, how the writing goes, whether the clock was set back,
//! and on PostgreSQL the nodes' leases.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use inlet_core::{
    directory::StoreFault,
    gauges::{Disk, Gauge, Gauges},
    ids::made_at,
};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    store::Readers,
    waist::{Row, args, row, rows},
};

const LEASES: &str = "
    select name, until, mark from lease where until > $1 order by name";

const SIZE: &str = "
    select pg_database_size(current_database())";

#[async_trait]
impl Gauges for Store {
    async fn gauge(&self, now: Timestamp) -> Result<Gauge, StoreFault> {
        let inner = self.inner();
        let (gauge, marked) = match &inner.readers {
            Readers::Sqlite(readers) => {
                let path = readers.path().to_owned();
                let measured = tokio::task::spawn_blocking(move || file(&path)).await;
                let ended = |_| StoreError::Broken("a measuring thread ended".to_owned());
                (measured.map_err(ended)?, Timestamp::MIN)
            }
            Readers::Postgres(_) => self.database(now).await?,
        };
        let pulse = &inner.published.pulse;
        let last_commit = pulse.committed();
        let newest = made_at(inner.keys.last())
            .max(marked)
            .max(last_commit.unwrap_or(Timestamp::MIN));
        Ok(Gauge {
            last_commit,
            waiting: pulse.waiting(),
            ahead: Duration::try_from(newest.duration_since(now)).unwrap_or_default(),
            ..gauge
        })
    }
}

impl Store {
    /// A database's size and leases, and when the last key was made on any node.
    async fn database(&self, now: Timestamp) -> Result<(Gauge, Timestamp), StoreError> {
        let read = self.read(move |waist| {
            Box::pin(async move {
                let size = row(waist, SIZE, args![]).await?;
                Ok((size, rows(waist, LEASES, args![now]).await?))
            })
        });
        let (size, found) = read.await?;
        let mut marked = Timestamp::MIN;
        let mut leases = Vec::with_capacity(found.len());
        for mut row in found {
            leases.push((row.text()?, row.at()?));
            marked = marked.max(row.at()?);
        }
        let bytes = |mut row: Row| row.count();
        let gauge = Gauge {
            engine: "PostgreSQL",
            bytes: size.map(bytes).transpose()?,
            leases,
            ..Gauge::default()
        };
        Ok((gauge, marked))
    }
}

/// A file with what is written ahead beside it. What cannot be measured is left out: it is only shown.
fn file(path: &Path) -> Gauge {
    let mut ahead = path.as_os_str().to_owned();
    ahead.push("-wal");
    let size = |path: &Path| path.metadata().ok().map(|found| found.len());
    let ahead = size(&PathBuf::from(ahead)).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let disk = rustix::fs::statvfs(folder.unwrap_or(Path::new(".")))
        .ok()
        .map(|found| Disk {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        });
    Gauge {
        engine: "SQLite",
        bytes: size(path).map(|bytes| bytes.saturating_add(ahead)),
        disk,
        ..Gauge::default()
    }
}
