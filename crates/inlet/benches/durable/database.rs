//! The database under the load, on the server that `script/with-postgres` started. It is dropped with this value.

use tokio_postgres::NoTls;

/// A database of its own.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    pub(crate) fn new() -> Self {
        let server = std::env::var("INLET_POSTGRES").expect("run it by script/bench --store postgres");
        let name = format!("bench_{}", std::process::id());
        say(&server, &format!("drop database if exists {name} with (force)"));
        say(&server, &format!("create database {name}"));
        Self { server, name }
    }

    /// Its URL. Nothing is encrypted, as through a socket of one machine: the echo beside it is not either.
    pub(crate) fn url(&self) -> String {
        let (host, _) = self.server.rsplit_once('/').unwrap();
        format!("{host}/{}?sslmode=disable", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        say(&self.server, &format!("drop database {} with (force)", self.name));
    }
}

fn say(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let driven = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        driven.await.unwrap().unwrap();
    });
}
