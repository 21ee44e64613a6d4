//! The port for vendors whose pages show what is answered: who asks for it, and in what form they are told. Pure, as an adapter
//! is; whoever has the store looks.

use std::{collections::HashSet, fmt};

use jiff::Timestamp;

use crate::{
    adapter::{Rejection, Reply, WebhookRequest},
    address::Identity,
    registry::Endpoint,
};

/// Understands pages that listen.
pub trait Listening: fmt::Debug + Send + Sync {
    /// Who asks, where a request does; or why they are told nothing.
    fn asked(
        &self,
        request: &WebhookRequest,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Option<Result<Listener, Rejection>>;
    /// The answer with what they do not know yet, oldest first.
    fn tell(&self, said: &[Said]) -> Reply;
}

/// Somebody at a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listener {
    /// Who they are.
    pub identity: Identity,
    /// How the ids of their own messages begin, as they stand in the store: they see no others that came in.
    pub own: String,
    /// The messages that their page shows already.
    pub known: HashSet<String>,
    /// Whether they wait a while for what is new, where there is nothing.
    pub waits: bool,
}

/// A message as the page is told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Its id outside.
    pub id: String,
    /// The page's own id of it, where they wrote it themselves.
    pub own: Option<String>,
    /// Its text.
    pub text: String,
    /// Links to its files.
    pub files: Vec<String>,
    /// When it was written.
    pub at: Timestamp,
}
