//! The one store: everything that Inlet keeps, behind the core's ports, on SQLite or on PostgreSQL.
//!
//! # The map
//!
//! | to read about | open |
//! |---|---|
//! | opening, and what can be wrong with it | [`open`], `options`, `error`, `sqlite/migrate`, `sqlite/lock` |
//! | the way in: queue, batch, transaction, answer | `group`, `group/batch`, `group/scribe`, `process`, `look`, `apply` |
//! | what the pages and the API read | `inbox`, `inbox/list` |
//! | full-text search | `search`, `search/engine` |
//! | promises: claim, settle, recover, list | `outbox`, `outbox/claim`, `outbox/settle` |
//! | orders, replays, lanes, limits, retention | `backlog`, `outbox/order`, `outbox/replay`, `outbox/lane`, `outbox/keep` |
//! | who owns what; what apps exchange for tokens | `directory`, `directory/load`; `vouchers` |
//! | up to when vendors' lists were compared; when tokens and providers were last used | `gaps`; `usage` |
//! | what was learned of upstreams | `relay`, `relay/note` |
//! | requests and files; how the store is doing | `journal`, `blob`; `gauges`, `group/pulse` |
//! | who may see the pages, and what they did | `directory/people`, `directory/session`, `deeds` |
//! | secrets at rest | `seal`, `setting` |
//! | statements and the engines below them | `waist`, `sqlite`, `postgres`; where these differ: `difference`; the rule they obey: `rule` |
//! | several nodes on one database | `postgres/writer`, `postgres/lease`, `postgres/news` |
//!
//! Invariants: an answer means that it is on disk; reads never wait for who writes; each statement on a
//! location's table names the location first.

mod apply;
mod backlog;
mod blob;
mod contacts;
mod deeds;
mod difference;
mod directory;
mod error;
mod gaps;
mod gauges;
mod group;
mod inbox;
mod journal;
mod look;
mod open;
mod options;
mod outbox;
mod postgres;
mod process;
mod relay;
mod row;
#[cfg(test)]
mod rule;
mod sabotage;
mod seal;
mod search;
mod setting;
mod sqlite;
mod store;
mod usage;
mod vouchers;
mod waist;

pub use error::OpenError;
pub use open::{Opened, Parts, exists, open};
pub use options::{Options, StoreUrl};
pub use sabotage::Sabotage;
pub use store::Store;
