//! The port for who owns what: a registry to read from memory, and a few writes.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    ids::{DestinationKey, EndpointKey, GrantKey, LocationKey, ProviderKey, TokenKey, UserKey},
    people::{Role, User, Whose},
    registry::{
        App, Destination, DestinationState, Endpoint, Grant, Location, OldSecret, Provider, Registry, SavedView, Token,
    },
    secret::Secret,
};

/// Why the store could not answer. It is logged where it is made; whoever gets it says "come again".
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreFault {
    /// What was to be added is there already.
    #[error("{0} exists already")]
    Exists(String),
    /// The store is not to be had now: closed, busy, full or broken.
    #[error("the store cannot answer: {0}")]
    Unavailable(String),
}

/// Reads and writes who owns what.
#[async_trait]
pub trait Directory: fmt::Debug + Send + Sync {
    /// All there is, as of the last change.
    fn registry(&self) -> Arc<Registry>;
    /// Sees to it that the registry is not behind another node's: for whoever does not find what was asked for.
    async fn refresh(&self) {}
    /// Adds or changes one thing, and answers when it is on disk and in the registry.
    async fn write(&self, entry: Entry) -> Result<(), StoreFault>;
    /// Makes a login link's secret known, by its SHA-256, until a moment.
    async fn add_login(&self, hash: [u8; 32], whose: Whose, until: Timestamp) -> Result<(), StoreFault>;
    /// Uses a login link up and opens a session under another hash; false if the link is unknown, used or too old.
    async fn log_in(&self, link: [u8; 32], session: [u8; 32], now: Timestamp) -> Result<bool, StoreFault>;
    /// Opens a session for a user whose password was right.
    async fn open_session(&self, session: [u8; 32], user: UserKey, now: Timestamp) -> Result<(), StoreFault>;
    /// Whose a session is, if it is open.
    async fn session(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Whose>, StoreFault>;
    /// Ends a session.
    async fn log_out(&self, hash: [u8; 32]) -> Result<(), StoreFault>;
}

/// One thing to write down.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A new location.
    Location(Location),
    /// A location that got another name, country or words: all of them are written.
    LocationEdit(Location),
    /// The cuts of its list that a location's people keep, in place of those there were.
    LocationViews(LocationKey, Vec<SavedView>),
    /// A new token.
    Token(Token),
    /// A token that is no longer valid.
    Revoke(TokenKey, Timestamp),
    /// A new app.
    App(App),
    /// A new grant.
    Grant(Grant),
    /// A grant that is taken back.
    GrantRevoked(GrantKey, Timestamp),
    /// A new user.
    User(User),
    /// What a user may do, where: all of it.
    UserRoles(UserKey, BTreeMap<LocationKey, Role>),
    /// A user's password as argon2 keeps it; their sessions end.
    UserPassword(UserKey, Secret),
    /// A user who is none any more; their sessions and links end.
    UserRemoved(UserKey),
    /// A new endpoint with the provider it serves first, and where that one is handed what it is to send.
    Endpoint(Endpoint, Provider, Option<Box<Destination>>),
    /// The secrets of an endpoint, in place of those it had; from now on it is verified.
    EndpointSecrets(EndpointKey, Vec<Secret>),
    /// A new provider without a webhook, or at an endpoint that exists, and where it is handed what it is to send.
    Provider(Provider, Option<Box<Destination>>),
    /// A provider that was given another number.
    ProviderNumber(ProviderKey, Option<String>),
    /// A new destination.
    Destination(Destination),
    /// A destination that is sent to, or no longer, and why.
    DestinationState(DestinationKey, DestinationState, Option<String>),
    /// A destination with a new secret, and those before it that still sign.
    DestinationSecret(DestinationKey, Secret, Vec<OldSecret>),
}
