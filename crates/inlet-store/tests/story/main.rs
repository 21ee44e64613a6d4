//! The store from outside, as one story that any engine can be handed: what is recorded, promised and kept, and what is
//! still there after a restart.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop and says what it counted, and clippy knows only test functions as tests"
)]

mod calls;
mod consent;
mod directory;
mod early;
mod engine;
mod filters;
mod journal;
mod lanes;
mod later;
mod merge;
mod model;
mod nodes;
mod opening;
mod outbox;
mod postgres;
mod promises;
mod reading;
mod record;
mod relay;
mod search;
mod together;
mod usage;
mod vouchers;
mod world;
