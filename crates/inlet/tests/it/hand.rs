//! A whole node in this process over a real store, with the clock in hand and nothing of it turning by itself.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use inlet::{
    config::{Config, Sources},
    data::{self, Folder},
    node::{Node, Setup},
};
use inlet_core::{
    Timestamp,
    clock::{Clock, Millis, later},
};

use crate::engine::Engine;

/// A clock that only the story moves.
#[derive(Debug)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn at(at: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(at.as_millisecond())))
    }

    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.as_millisecond(), Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.set(later(self.now(), by));
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Millis(self.0.load(Ordering::SeqCst)).timestamp()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// A node over the store in `data`, which may call this machine; `settings` are lines of a configuration file.
pub(crate) async fn open(data: &Path, settings: &str, clock: &Arc<Hand>) -> Node {
    let store = Engine::flags(data).pop().unwrap_or_default();
    let flags = format!(
        "data = '{}'\nstore = '{store}'\nguard.allow = ['127.0.0.1']\n{settings}",
        data.display()
    );
    let sources = Sources {
        file: None,
        environment: &|_| None,
        flags: flags.parse().unwrap(),
    };
    let setup = Setup {
        clock: Arc::<Hand>::clone(clock),
        ..Setup::of(Config::load(sources).unwrap())
    };
    let Folder::Ours(held) = data::take(data).unwrap() else {
        panic!("somebody holds it");
    };
    Node::open(setup, held, None).await.unwrap()
}
