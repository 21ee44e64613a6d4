//! `inlet demo`: everything at once on a throw-away store. A receiver of its own checks each webhook with the public key;
//! each step says what arrived, how soon it was on disk, where it stands, and how soon its webhook was delivered.

use std::net::SocketAddr;

use inlet_http::state::Shared;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

mod receiver;
mod relay;
mod script;
mod stage;
mod table;

pub use stage::Line;
pub use table::{HEAD, line};

use crate::{
    cli::Trouble,
    config::Config,
    data::{self, Folder},
    node::{Node, Setup},
};
use stage::Stage;

/// A demo that has played its script and still runs.
#[derive(Debug)]
pub struct Demo {
    /// Where it listens.
    pub listening: String,
    /// What happened, step by step.
    pub lines: Vec<Line>,
    end: CancellationToken,
    running: tokio::task::JoinHandle<Result<(), Trouble>>,
    upstream: relay::Upstream,
    _data: tempfile::TempDir,
}

/// Starts everything and plays the script; `tell` hears each step as it ends.
pub async fn play(mut config: Config, tell: &mut dyn FnMut(&Line) -> Result<(), Trouble>) -> Result<Demo, Trouble> {
    let data = tempfile::Builder::new().prefix("inlet-demo").tempdir();
    let data = data.map_err(|error| Trouble::new(format!("there is no room for a throw-away store: {error}")))?;
    config.data = data.path().to_owned();
    config.store = String::new();
    // The receiver is on this machine: the guard lets webhooks go there in the demo only.
    config.guard.allow = vec!["127.0.0.0/8".to_owned()];
    let (listener, address) = listen(config.listen).await?;
    let node = open(config.clone(), address).await?;
    let receiver = receiver::Receiver::start(node.shared.signer.clone()).await?;
    let mut stage = Stage::set(&node, address, receiver).await?;
    let end = CancellationToken::new();
    let upstream = relay::Upstream::start(config, &node, stage.location(), &end).await?;
    let (shared, admin) = (Shared::clone(&node.shared), node.admin());
    let over = end.clone().cancelled_owned();
    let running = tokio::spawn(async move { Ok(node.run(listener, None, over).await?) });
    script::act(&mut stage, tell).await?;
    let relayed = upstream.tell(&shared, stage.location(), admin).await?;
    stage.say(relayed, tell)?;
    Ok(Demo {
        listening: format!("http://{address}"),
        lines: stage.lines,
        end,
        running,
        upstream,
        _data: data,
    })
}

impl Demo {
    /// What did not go as it should.
    pub fn failures(&self) -> Vec<String> {
        self.lines
            .iter()
            .filter_map(|line| Some(format!("{}: {}", line.what, line.failure.as_ref()?)))
            .collect()
    }

    /// The demo as one JSON object.
    pub fn json(&self) -> Value {
        let steps: Vec<Value> = self.lines.iter().map(Line::json).collect();
        json!({ "listening": self.listening, "login": self.listening, "steps": steps })
    }

    /// Ends the server and takes the store away.
    pub async fn end(self) -> Result<(), Trouble> {
        self.end.cancel();
        let ended = self.running.await;
        ended.map_err(|error| Trouble::new(format!("the demo's server broke: {error}")))??;
        self.upstream.end().await
    }
}

async fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), Trouble> {
    let failed = |error| {
        Trouble::new(format!(
            "{wanted} cannot be listened on ({error}): choose another address with --listen"
        ))
    };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn open(mut config: Config, address: SocketAddr) -> Result<Node, Trouble> {
    // Its vendors are nobody's accounts: there is nothing to ask for.
    config.reconcile.every_minutes = 0;
    match data::take(&config.data)? {
        Folder::Ours(held) => {
            let setup = Setup {
                open_pages: true,
                ..Setup::of(config)
            };
            Ok(Node::open(setup, held, Some(address)).await?)
        }
        Folder::Theirs => Err(Trouble::new(
            "the throw-away folder is in use already: try again".to_owned(),
        )),
    }
}
