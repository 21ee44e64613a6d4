//! `inlet serve` from outside in: takes the data folder, binds the address, opens the store, makes what a first start
//! needs, and runs until it is told to end.

use std::pin::Pin;

use inlet_http::trial::Trial;
use serde_json::{Value, json};
use tokio::net::{TcpListener, UnixListener};

use crate::{
    cli::{Trouble, in_process},
    data::{self, Folder},
    node::{Node, Setup, guard, trial},
};

/// The name of the location that a first start makes.
pub const FIRST_LOCATION: &str = "My location";

/// A server that is ready: connections that come now wait until it runs.
#[derive(Debug)]
pub struct Started {
    /// What its owner needs to know.
    pub welcome: Welcome,
    node: Node,
    listener: TcpListener,
    socket: UnixListener,
}

/// What the owner of a server needs to know to go on.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// The address it listens on.
    pub listening: String,
    /// A link that opens the pages once.
    pub login: String,
    /// A location: the one that was made, or the first one there is.
    pub location: String,
    /// The token that was made, at a first start only.
    pub token: Option<String>,
    /// Webhook addresses to paste at vendors: whose, and what.
    pub webhooks: Vec<(String, String)>,
    /// What may be a mistake.
    pub warnings: Vec<String>,
}

/// Makes a server ready.
pub async fn start(setup: Setup) -> Result<Started, Trouble> {
    let config = &setup.config;
    // Before anything is made or printed: the workers read it again when they start.
    guard(&config.guard.allow)?;
    trial(config)?;
    let held = match data::take(&config.data)? {
        Folder::Ours(held) => held,
        Folder::Theirs => {
            return Err(Trouble::new(format!(
                "another Inlet uses the data folder {}: stop it first, or choose another one with --data",
                config.data.display()
            )));
        }
    };
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        Trouble::new(format!(
            "{} cannot be listened on ({error}): choose another address with --listen",
            config.listen
        ))
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| Trouble::new(format!("the address is not known: {error}")))?;
    let socket = held.listen().map_err(|error| {
        Trouble::new(format!(
            "the socket for commands cannot be opened in {}: {error}",
            config.data.display()
        ))
    })?;
    let node = Node::open(setup, held, Some(address)).await?;
    let welcome = welcome(&node).await?;
    Ok(Started {
        welcome,
        node,
        listener,
        socket,
    })
}

impl Started {
    /// Serves until `shutdown`, then finishes what is under way and closes the store.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), Trouble> {
        self.node.run(self.listener, Some(self.socket), shutdown).await?;
        Ok(())
    }
}

/// Ends when the process is told to: by Ctrl-C, or by whatever runs it.
pub fn signals() -> Result<Pin<Box<dyn Future<Output = ()> + Send>>, Trouble> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error: std::io::Error| Trouble::new(format!("signals cannot be heard: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }))
}

/// Makes what a first start needs, and gathers what its owner needs to know.
async fn welcome(node: &Node) -> Result<Welcome, Trouble> {
    let login = text(&post(node, "/login_links", json!({})).await?, "url");
    let status = get(node, "/status").await?;
    let (location, token) = first_location(node).await?;
    Ok(Welcome {
        listening: text(&status, "listening"),
        warnings: warnings(&status, &node.shared.settings.trial, node.allowed()),
        webhooks: webhooks(node).await?,
        login,
        location,
        token,
    })
}

/// The first location there is; where there is none, a new one and its token.
async fn first_location(node: &Node) -> Result<(String, Option<String>), Trouble> {
    let locations = get(node, "/locations").await?;
    if let Some(first) = list(&locations, "locations").first() {
        return Ok((text(first, "id"), None));
    }
    let location = text(
        &post(node, "/locations", json!({ "name": FIRST_LOCATION })).await?,
        "id",
    );
    let token = post(node, "/tokens", json!({ "location": location })).await?;
    Ok((location, Some(text(&token, "token"))))
}

/// Whose webhooks are taken, and where.
async fn webhooks(node: &Node) -> Result<Vec<(String, String)>, Trouble> {
    let mut found = Vec::new();
    for provider in list(&get(node, "/providers").await?, "providers") {
        let whole = get(node, &format!("/providers/{}", text(provider, "id"))).await?;
        if let Some(url) = whole.get("webhook_url").and_then(Value::as_str) {
            found.push((text(&whole, "adapter"), url.to_owned()));
        }
    }
    Ok(found)
}

async fn get(node: &Node, path: &str) -> Result<Value, Trouble> {
    in_process(node.admin(), "GET", path, None).await
}

async fn post(node: &Node, path: &str, body: Value) -> Result<Value, Trouble> {
    in_process(node.admin(), "POST", path, Some(&body)).await
}

fn warnings(status: &Value, trial: &Trial, allowed: &[String]) -> Vec<String> {
    let mut warnings = Vec::new();
    if status.get("public_url").is_none_or(Value::is_null) {
        warnings.push(
            "no public URL is set, so vendors cannot reach this server yet: open a tunnel, then start with --public-url and its address"
                .to_owned(),
        );
    }
    if !allowed.is_empty() {
        warnings.push(format!(
            "webhooks may be sent to {}, by plain http and on any port too",
            allowed.join(", ")
        ));
    }
    if trial.quirks {
        warnings.push("this server answers as oddly as HighLevel does (--quirks), losing some messages too: use it for tests only".to_owned());
    }
    for fault in trial.faults.iter() {
        warnings.push(format!("something goes wrong on purpose: {fault}"));
    }
    warnings
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}
