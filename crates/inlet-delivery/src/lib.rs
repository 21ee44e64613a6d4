//! Everything that goes out: webhooks from the outbox, and files fetched in. Only this crate has an HTTP client, and
//! whatever address somebody typed passes its guard before a connection is made.
//!
//! # The map
//!
//! | to read about | open |
//! |---|---|
//! | which addresses may be called at all | [`guard`] |
//! | the HTTP client: one look-up, vetted; one deadline; a bounded answer | [`client`] |
//! | which kind of destination a delivery goes to | [`sender`] |
//! | what an answer means for a webhook | [`classify`] |
//! | how a webhook is signed and sent | [`webhook`] |
//! | the relay to the real HighLevel: one call a message, never twice, never too often | [`upstream`] |
//! | a vendor's own API, which sends a message once | [`vendor`] |
//! | what a try does to its delivery: schedule, expiry, parking | [`fate`] |
//! | how many may be under way at once | [`pace`] |
//! | the loop: claim, send, settle | [`worker`] |
//! | whether half of the last minute's tries failed | [`window`] |
//! | replays of many, limits, lanes and retention | [`backlog`] |
//! | the index of search | [`index`] |
//! | what wakes the loops between polls | [`hints`] |
//! | files of messages, fetched and kept | [`media`] |
//! | what was missed, read from vendors' own lists; credentials for what adapters want fetched | [`gaps`], `fetch` |
//! | calls that went on for so long that they are announced | [`calls`] |
//! | requests to this machine: the simulator, and the command line's to a running server | [`loopback`] |

pub mod backlog;
pub mod calls;
pub mod classify;
pub mod client;
pub mod fate;
mod fetch;
pub mod gaps;
pub mod guard;
pub mod hints;
pub mod index;
pub mod loopback;
pub mod media;
pub mod pace;
pub mod sender;
pub mod upstream;
pub mod vendor;
pub mod webhook;
pub mod window;
pub mod worker;
