//! What Inlet is, without saying how: its words as types, its one rule as a pure function, and the ports through which
//! the rule's neighbours are asked for what it needs. No runtime, no SQL, no HTTP, no clock and no random number lives here.
//!
//! # The map
//!
//! | to read about | open |
//! |---|---|
//! | keys inside and ids outside | [`ids`] |
//! | phone numbers, e-mail addresses, identities | [`address`] |
//! | channels and directions | [`channel`] |
//! | what arrived, not yet recorded | [`inbound`] |
//! | to whose provider it belongs | [`route`] |
//! | one thing to record, and how a repeat of it is recognised | [`change`], [`seen`] |
//! | what is recorded | [`message`], [`contact`] |
//! | the rule in the middle | [`known`], [`decide`] |
//! | what is announced, and to whom it is promised | [`event`], [`delivery`], [`schedule`], [`signature`] |
//! | which events a destination wants; how it is doing | [`filter`], [`health`] |
//! | STOP, START and HELP | [`consent`] |
//! | who owns what: locations, apps, tokens, endpoints, providers, destinations | [`registry`] |
//! | who may see the pages, and what they may do | [`people`] |
//! | the relay: how an upstream is spoken to, and what is remembered of it | [`relay`] |
//! | links to kept files; secrets in memory | [`links`], [`secret`] |
//! | the ports | [`adapter`], [`listing`], [`listening`], [`courier`], [`gaps`], [`announcer`], [`intake`], [`inbox`], [`search`], [`contacts`], [`outbox`], [`backlog`], [`directory`], [`vouchers`], [`deeds`], [`usage`], [`journal`], [`blobs`], [`gauges`], [`bell`], [`targets`], [`clock`], [`chance`] |

pub mod adapter;
pub mod address;
pub mod announcer;
pub mod backlog;
pub mod bell;
pub mod blobs;
pub mod chance;
pub mod change;
pub mod channel;
pub mod clock;
pub mod consent;
pub mod contact;
pub mod contacts;
pub mod courier;
pub mod decide;
pub mod deeds;
pub mod delivery;
pub mod directory;
pub mod event;
pub mod filter;
pub mod gaps;
pub mod gauges;
pub mod health;
pub mod ids;
pub mod inbound;
pub mod inbox;
pub mod intake;
pub mod journal;
pub mod known;
pub mod links;
pub mod listening;
pub mod listing;
pub mod message;
pub mod outbox;
pub mod people;
pub mod registry;
pub mod relay;
pub mod route;
pub mod schedule;
pub mod search;
pub mod secret;
pub mod seen;
pub mod signature;
pub mod targets;
pub mod usage;
pub mod vouchers;

pub use jiff::Timestamp;
