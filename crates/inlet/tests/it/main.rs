//! Stories from outside: the real binary or the whole server in this process, over a real store and real sockets.
#![expect(
    clippy::disallowed_methods,
    reason = "stories run real processes and read INLET_KILLS and INLET_SEED"
)]

mod harness;
mod http;
mod kill;
mod repeat;
mod tidy;
