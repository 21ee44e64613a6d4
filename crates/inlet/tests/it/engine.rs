//! The engine that stories are told on: a file in their data folder, or, where `INLET_STORIES=postgres`, a database of their
//! own on the server of `script/with-postgres`. The stories do not know; the harness asks.

use std::{
    env, fs,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use tokio_postgres::{NoTls, SimpleQueryMessage};

/// The store of a data folder.
pub(crate) enum Engine {
    Sqlite,
    Postgres(String),
}

/// In the data folder: where its store is.
const NOTE: &str = "store.url";
static MAKING: Mutex<()> = Mutex::new(());

impl Engine {
    /// The store of a data folder; a database is made when it is first asked for.
    pub(crate) fn of(data: &Path) -> Self {
        if env::var("INLET_STORIES").as_deref() != Ok("postgres") {
            return Self::Sqlite;
        }
        // Whoever asks first makes it, and the others wait.
        let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let note = data.join(NOTE);
        if let Ok(url) = fs::read_to_string(&note) {
            return Self::Postgres(url);
        }
        let url = new_database();
        fs::create_dir_all(data).unwrap();
        fs::write(note, &url).unwrap();
        Self::Postgres(url)
    }

    /// What a command over this data folder has to be told.
    pub(crate) fn flags(data: &Path) -> Vec<String> {
        match Self::of(data) {
            Self::Sqlite => Vec::new(),
            Self::Postgres(url) => vec!["--store".to_owned(), url],
        }
    }

    /// Lets another data folder stand for another node over the same store.
    pub(crate) fn share(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for file in [NOTE, "inlet.key"] {
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }

    /// A number that the store answers, past Inlet.
    pub(crate) fn number(data: &Path, sql: &str) -> i64 {
        match Self::of(data) {
            Self::Sqlite => {
                let store = rusqlite::Connection::open(data.join("inlet.db")).expect("the store opens");
                let found = store.query_row(sql, [], |row| row.get::<_, i64>(0));
                found.unwrap_or_else(|error| panic!("{sql}: {error}"))
            }
            Self::Postgres(url) => said(&url, sql).expect("a value").parse().expect("a number"),
        }
    }
}

/// A database of its own for one story, on the server that the environment names.
fn new_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = env::var("INLET_POSTGRES").expect("run it by script/with-postgres");
    let name = format!("it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    said(&server, &format!("create database {name}"));
    let (host, _) = server.rsplit_once('/').unwrap();
    format!("{host}/{name}")
}

/// The first value that a database answers, on a connection and a thread of its own.
fn said(url: &str, sql: &str) -> Option<String> {
    let talk = async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
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
