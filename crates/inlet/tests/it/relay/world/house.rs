//! One whole Inlet in this process, with the clock and the chance in hand.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::HeaderMap,
    middleware::{Next, from_fn},
};
use inlet::{
    config::{Config, Sources},
    data::{self, Folder},
    node::{Node, Setup},
};
use inlet_core::{
    Timestamp,
    chance::Chance,
    clock::{Clock, Millis},
};
use inlet_http::server::{self, Connections};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::{Calls, app::App};
use crate::engine::Engine;

/// One clock for both houses: it goes on only when it is told to.
#[derive(Debug)]
pub(super) struct Hand(pub(super) AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Millis(self.0.load(Ordering::SeqCst)).timestamp()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// The same numbers for the same seed.
#[derive(Debug)]
struct Seeded(AtomicU64);

impl Chance for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut drawn = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = drawn.to_be_bytes()[0];
        }
    }
}

pub(super) async fn open(data: &Path, settings: &str, hand: &Arc<Hand>, seed: u64) -> Node {
    let store = match Engine::of(data) {
        Engine::Sqlite => String::new(),
        Engine::Postgres(url) => format!("store = {url:?}\n"),
    };
    let flags = format!("{store}listen = '127.0.0.1:0'\ndata = '{}'\n{settings}", data.display());
    let sources = Sources {
        file: None,
        environment: &|_| None,
        flags: flags.parse().unwrap(),
    };
    let config = Config::load(sources).unwrap();
    let Folder::Ours(held) = data::take(&config.data).unwrap() else {
        panic!("the folder is another's")
    };
    let setup = Setup {
        clock: Arc::<Hand>::clone(hand),
        chance: Arc::new(Seeded(AtomicU64::new(seed.wrapping_mul(0x1000_0001)))),
        ..Setup::of(config)
    };
    Node::open(setup, held, None).await.unwrap()
}

/// A call at the upstream's door.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) call: String,
    /// With its query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// What it was answered with; 0 before.
    pub(crate) status: u16,
}

impl Asked {
    async fn read(request: Request) -> (Self, Request) {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let asked = Self {
            call: format!("{} {}", head.method, head.uri.path()),
            target: head.uri.to_string(),
            headers: head.headers.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
            status: 0,
        };
        (asked, Request::from_parts(head, Body::from(body)))
    }
}

/// Serves a node's doors behind an app's tokens, each call counted, until the test ends.
pub(super) async fn serve(node: &Node, calls: &Calls, app: &Arc<App>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (calls, app) = (Arc::clone(calls), Arc::clone(app));
    let count = move |request: Request, next: Next| {
        let (calls, app) = (Arc::clone(&calls), Arc::clone(&app));
        async move {
            let (asked, request) = Asked::read(request).await;
            let place = {
                let mut calls = calls.lock().unwrap();
                calls.push(asked);
                calls.len() - 1
            };
            let answer = app.admit(request, next).await;
            calls.lock().unwrap()[place].status = answer.status().as_u16();
            answer
        }
    };
    let doors: Router = node.router().layer(from_fn(count));
    let endless = std::future::pending();
    tokio::spawn(server::serve(listener, doors, Connections::default(), endless));
    address
}

/// Asks the admin API of a node.
pub(super) async fn ask(node: &Node, method: &str, path: &str, body: Value) -> Value {
    let (status, said) = try_ask(node, method, path, body).await;
    assert!((200..300).contains(&status), "{method} {path}: {status} {said}");
    serde_json::from_str(&said).unwrap()
}

/// The same where it may refuse.
pub(super) async fn try_ask(node: &Node, method: &str, path: &str, body: Value) -> (u16, String) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/admin/v1{path}"))
        .header("content-type", "application/json");
    let body = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string())
    };
    let answer = node.admin().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}
