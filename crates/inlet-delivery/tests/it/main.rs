//! Stories from outside: real connections to loopback, a store in memory, and a clock that the test holds.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests, and clippy only knows functions marked as such"
)]

mod answers;
mod bad;
mod calls;
mod dialling;
mod loopback;
mod media;
mod running;
mod support;
mod turning;
