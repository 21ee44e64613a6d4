//! The admin API as the verbs reach it: over the socket of a server that holds the data folder, or by the same router in
//! this process, which then holds the folder itself.

use std::{path::PathBuf, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use inlet_delivery::loopback;
use serde_json::Value;
use tokio::{net::UnixStream, time::interval};
use tower::ServiceExt;

use super::Trouble;
use crate::{
    config::Config,
    data::{self, Folder},
    node::{Node, Setup},
};

/// The longest answer that is read.
const LONGEST: usize = 64 << 20;
/// How often to look whether the folder is free or its server answers, and how many times.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 100;
/// Where the admin API's paths begin.
const ROOT: &str = "/admin/v1";

/// See the module.
#[derive(Debug)]
pub(crate) enum Admin {
    /// A server holds the folder and listens here.
    Socket(PathBuf),
    /// This process holds it.
    Here(Box<Node>),
}

impl Admin {
    /// Takes the data folder if it is free, else finds its server. Another command that has the folder is waited for, and
    /// so is a server that is starting. Where there is no folder, it is made only if `makes` says so: whoever mistypes its
    /// name should not be told that nothing is in it.
    pub(crate) async fn find(config: &Config, makes: bool) -> Result<Self, Trouble> {
        if !makes && !data::is_there(&config.data) {
            return Err(Trouble::new(format!(
                "no Inlet store in {}: run it where `inlet serve` runs, or name it with --data DIR",
                config.data.display()
            )));
        }
        let socket = data::socket(&config.data);
        let mut again = interval(LOOK);
        for _ in 0..LOOKS {
            again.tick().await;
            match data::take(&config.data)? {
                Folder::Ours(held) => {
                    let node = Node::open(Setup::of(config.clone()), held, None).await?;
                    return Ok(Self::Here(Box::new(node)));
                }
                Folder::Theirs if UnixStream::connect(&socket).await.is_ok() => return Ok(Self::Socket(socket)),
                Folder::Theirs => {}
            }
        }
        Err(Trouble::new(format!(
            "another command uses the data folder {}: try again when it has ended",
            config.data.display()
        )))
    }

    /// Asks, and answers what was said, or why not.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Trouble> {
        match self {
            Self::Here(node) => here(node.admin(), method, path, body).await,
            Self::Socket(socket) => {
                let headers = [("content-type".to_owned(), "application/json".to_owned())];
                let bytes = body.map(Value::to_string).unwrap_or_default().into_bytes();
                let reply = loopback::unix(socket, method, &format!("{ROOT}{path}"), &headers, bytes).await;
                let reply = reply.map_err(|error| Trouble::new(format!("the server did not answer: {error}")))?;
                judged(reply.status, &reply.body)
            }
        }
    }

    /// Closes the store, where this process opened it.
    pub(crate) async fn close(self) -> Result<(), Trouble> {
        match self {
            Self::Here(node) => Ok(node.close().await?),
            Self::Socket(_) => Ok(()),
        }
    }
}

/// Calls the admin router in this process.
pub(crate) async fn here(admin: Router, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Trouble> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{ROOT}{path}"))
        .header("content-type", "application/json")
        .body(Body::from(body.map(Value::to_string).unwrap_or_default()))
        .map_err(|error| Trouble::new(format!("what was typed cannot be asked: {error}")))?;
    let Ok(response) = admin.oneshot(request).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), LONGEST).await;
    let body = body.map_err(|error| Trouble::new(format!("the answer broke off: {error}")))?;
    judged(status, &body)
}

/// The answer, or the sentence of a fault.
fn judged(status: u16, body: &[u8]) -> Result<Value, Trouble> {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    if (200..300).contains(&status) {
        return Ok(value);
    }
    let sentence = value.get("error").and_then(Value::as_str);
    Err(Trouble::new(
        sentence.map_or_else(|| format!("the server answered {status}"), str::to_owned),
    ))
}
