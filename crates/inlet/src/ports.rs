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

/// The operating system's random numbers.
///
/// Each call is answered with a UUID of its own, so what one takes is drawn some at a time. Keys, secrets and what they are
/// sealed with are longer, and come straight from the system: none of them waits in memory to be given away.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsChance;

/// What a UUID takes.
const UUID: usize = 16;
const AT_A_TIME: usize = 64 * UUID;

thread_local! {
    /// What was drawn and is not given away yet.
    static DRAWN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Chance for OsChance {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > UUID {
            return draw(bytes);
        }
        DRAWN.with_borrow_mut(|drawn| {
            if drawn.len() < bytes.len() {
                drawn.resize(AT_A_TIME, 0);
                draw(drawn);
            }
            let rest = drawn.len() - bytes.len();
            let (_, given) = drawn.split_at_mut(rest);
            for (byte, given) in bytes.iter_mut().zip(given) {
                *byte = std::mem::take(given);
            }
            drawn.truncate(rest);
        });
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the port for chance")]
fn draw(bytes: &mut [u8]) {
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
        for size in [8, 16, 24, 1024].into_iter().cycle().take(500) {
            let mut bytes = vec![0; size];
            OsChance.fill(&mut bytes);
            for part in bytes.chunks_exact(8) {
                assert!(seen.insert(<[u8; 8]>::try_from(part).unwrap()));
            }
        }
    }
}
