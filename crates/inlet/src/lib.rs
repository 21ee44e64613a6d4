//! The program: configuration, command line and wiring. It knows all rooms, and nothing knows it; as a library, so that
//! a test starts everything in its own process.
//!
//! # The map
//!
//! | to read about | open |
//! |---|---|
//! | the command line, a verb a file | [`cli`] |
//! | settings | [`config`], `inlet.default.toml` |
//! | how the rooms are joined, and run together | [`node`] |
//! | the server as its owner starts it | [`serve`] |
//! | the demo: its stage, script and receiver | [`demo`] |
//! | the data folder and its lock; the key file | [`data`], [`keys`] |
//! | the real clock and real chance | [`ports`] |
//! | logging | [`telemetry`] |

pub mod cli;
pub mod config;
pub mod data;
pub mod demo;
pub mod keys;
pub mod node;
pub mod ports;
pub mod serve;
#[cfg(test)]
mod stories;
pub mod telemetry;
