//! Apps: OAuth clients, and what they were granted: an agency, or one location.

use jiff::Timestamp;

use crate::ids::{AppKey, GrantKey, LocationKey};

/// An OAuth client; the built-in one owns the private integration tokens.
#[derive(Clone, Debug)]
pub struct App {
    /// Its key.
    pub key: AppKey,
    /// Its id outside: 24 hex characters, the `appId` of its events.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it asks for tokens; the built-in app does not.
    pub client: Option<Client>,
}

/// How an app asks for tokens.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its public name: the app's id, a dash and a few characters.
    pub id: String,
    /// SHA-256 of its secret, which is random enough not to be guessed.
    pub secret: [u8; 32],
    /// Where a browser may be sent back to, exactly.
    pub redirect_uris: Vec<String>,
    /// What it may ask for; empty means everything.
    pub scopes: Vec<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What somebody has allowed an app: everything that follows from one consent stands and falls with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Its key.
    pub key: GrantKey,
    /// The app.
    pub app: AppKey,
    /// Whose things it opens.
    pub subject: Subject,
    /// What the app may do there; empty means everything.
    pub scopes: Vec<String>,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// Whose things a token opens.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Subject {
    /// One location's.
    Location(LocationKey),
    /// An agency's own: the list of its locations, and tokens for these.
    Agency(String),
}

/// Whether a list of scopes, in which empty means everything, has `scope`.
pub fn allows(granted: &[String], scope: &str) -> bool {
    granted.is_empty() || granted.iter().any(|granted| granted == scope)
}
