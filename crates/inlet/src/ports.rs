//! The real clock and real chance: the only places where the program looks at the time or draws random bytes.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use inlet_core::{Timestamp, chance::Chance, clock::Clock};

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port for time")]
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port for time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// The operating system's random numbers. They are taken from it some at a time, for each call is answered with one.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsChance;

const AT_A_TIME: usize = 1024;

thread_local! {
    /// What was taken and is not given away yet.
    static TAKEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Chance for OsChance {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > AT_A_TIME {
            return take(bytes);
        }
        TAKEN.with_borrow_mut(|taken| {
            if taken.len() < bytes.len() {
                taken.resize(AT_A_TIME, 0);
                take(taken);
            }
            let rest = taken.len() - bytes.len();
            for (byte, given) in bytes.iter_mut().zip(taken.drain(rest..)) {
                *byte = given;
            }
        });
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the port for chance")]
fn take(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        // A key or token that is not random would be worse than no program.
        tracing::error!(%error, "the operating system gives no random numbers");
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_given_twice() {
        let mut seen = HashSet::new();
        for size in [16, 24, 1000, 1024, 1025].into_iter().cycle().take(500) {
            let mut bytes = vec![0; size];
            OsChance.fill(&mut bytes);
            for part in bytes.chunks_exact(8) {
                assert!(seen.insert(<[u8; 8]>::try_from(part).unwrap()));
            }
        }
    }
}
