//! The port for the question whether an address that somebody typed may be called at all. Whoever sends judges again
//! before each call; asked when the address is typed, the answer comes while a person can still mend it.

use std::fmt;

/// Judges addresses.
pub trait Targets: fmt::Debug + Send + Sync {
    /// What to change about a URL before it can be called, in a sentence; nothing, where it can be. What stands behind a
    /// name is not looked up.
    fn objection(&self, url: &str) -> Option<String>;
}

/// Lets nothing be called: for whatever never asks.
#[derive(Clone, Copy, Debug)]
pub struct NoTargets;

impl Targets for NoTargets {
    fn objection(&self, _: &str) -> Option<String> {
        Some("nothing is called here".to_owned())
    }
}
