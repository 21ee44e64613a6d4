//! The engines that a story is told on: a file of its own, or a database of its own on the server that
//! `script/with-postgres` started.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use inlet_store::StoreUrl;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// An engine that a story is handed, with a place of its own.
#[derive(Debug)]
pub(crate) enum Engine {
    Sqlite(tempfile::TempDir),
    Postgres { server: String, database: String },
}

impl Engine {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = server();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let database = format!("story_{}_{number}", std::process::id());
        said(&server, &format!("create database {database}"));
        Self::Postgres { server, database }
    }

    /// Another one of the same kind.
    pub(crate) fn another(&self) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite(),
            Self::Postgres { .. } => Self::postgres(),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    pub(crate) fn url(&self) -> StoreUrl {
        match self {
            Self::Sqlite(_) => StoreUrl::Sqlite(self.path()),
            Self::Postgres { .. } => StoreUrl::Postgres(self.address()),
        }
    }

    /// Its name.
    pub(crate) fn database(&self) -> &str {
        let Self::Postgres { database, .. } = self else {
            panic!("a file is no database");
        };
        database
    }

    /// The URL of the database.
    pub(crate) fn address(&self) -> String {
        let Self::Postgres { server, database } = self else {
            panic!("a file has no address");
        };
        let (host, _) = server.rsplit_once('/').unwrap();
        format!("{host}/{database}")
    }

    pub(crate) fn path(&self) -> PathBuf {
        let Self::Sqlite(folder) = self else {
            panic!("a database has no path");
        };
        folder.path().join("inlet.db")
    }

    /// Says something to the engine past the store, to see and to break what stands in it.
    pub(crate) fn say(&self, sql: &str) {
        match self {
            Self::Sqlite(_) => rusqlite::Connection::open(self.path())
                .unwrap()
                .execute_batch(sql)
                .unwrap(),
            Self::Postgres { .. } => drop(said(&self.address(), sql)),
        }
    }

    /// Says something to the server, from another database than the store's.
    pub(crate) fn say_beside(&self, sql: &str) {
        let Self::Postgres { server, .. } = self else {
            panic!("a file has no server");
        };
        said(server, sql);
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        match self {
            Self::Sqlite(_) => {
                let file = rusqlite::Connection::open(self.path()).unwrap();
                file.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            Self::Postgres { .. } => said(&self.address(), sql).unwrap().parse().unwrap(),
        }
    }
}

impl Engine {
    /// Whether a text stands in the clear anywhere in the store.
    pub(crate) fn holds(&self, clear: &str) -> bool {
        if self.is_postgres() {
            let hex = hex::encode(clear);
            let tables = [
                "setting",
                "token",
                "endpoint",
                "provider",
                "destination",
                "session",
                "request",
            ];
            return tables.iter().any(|table| {
                let rows =
                    format!("select count(*) from {table} x where x::text like '%{clear}%' or x::text like '%{hex}%'");
                self.number(&rows) > 0
            });
        }
        std::fs::read_dir(self.path().parent().unwrap()).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(clear.len()).any(|window| window == clear.as_bytes())
        })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Self::Postgres { server, database } = self {
            said(server, &format!("drop database {database} with (force)"));
        }
    }
}

/// The server for stories.
#[expect(clippy::disallowed_methods, reason = "the test's environment names its server")]
fn server() -> String {
    std::env::var("INLET_POSTGRES").expect("run it by script/with-postgres")
}

/// The first value that the server answers, on a connection and a thread of its own.
fn said(address: &str, sql: &str) -> Option<String> {
    let talk = async {
        let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
        let driven = tokio::spawn(connection);
        let answers = client
            .simple_query(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        drop(client);
        driven.await.unwrap().unwrap();
        answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
    };
    thread::scope(|scope| {
        let runtime = || tokio::runtime::Runtime::new().unwrap().block_on(talk);
        scope.spawn(runtime).join().unwrap()
    })
}

/// Stories that are told on each engine.
macro_rules! on_both {
    ($($story:ident),* $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    Box::pin(super::$story(crate::engine::Engine::sqlite())).await;
                }
            )*
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                #[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
                async fn $story() {
                    Box::pin(super::$story(crate::engine::Engine::postgres())).await;
                }
            )*
        }
    };
}
pub(crate) use on_both;
