//! Stories from outside: the real binary or the whole server in this process, over a real store and real sockets.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests: a story that cannot go on should stop, and says on its output what it counted"
)]

mod bad_input;
mod browser;
mod consent;
mod contacts;
mod conversations;
mod crash;
mod documents;
mod doors;
mod drain;
mod engine;
mod every_door;
mod export;
mod fairness;
mod files;
mod frozen;
mod gaps;
mod hand;
mod harness;
mod health;
mod http;
mod import;
mod kill;
mod kill_deliveries;
mod matrix;
mod nodes;
mod oauth;
mod page;
mod pages;
mod people;
mod promises;
mod receiver;
mod relay;
mod repeat;
mod samples;
mod sending;
mod vendor_sends;
mod visitor;
mod web_chat;
