//! How often a password was tried: after a few wrong ones for a name it is not tried again for a while. A link opens the
//! pages meanwhile, so nobody can be locked out by others.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Wrong passwords for one name in a [`WINDOW`].
const MOST: u32 = 5;
/// For how long they count.
const WINDOW: Duration = Duration::from_mins(15);
/// Names that are counted at once: names that nobody has count too, so that nobody learns which there are.
const NAMES: usize = 10_000;

/// See the module. Each node counts by itself.
#[derive(Debug, Default)]
pub struct Attempts {
    names: Mutex<HashMap<String, (Duration, u32)>>,
}

impl Attempts {
    /// Counts a try for a name, on the monotonic clock; false where there were too many, or too many names are tried.
    pub(super) fn may_try(&self, name: &str, now: Duration) -> bool {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |since: Duration| now.saturating_sub(since) >= WINDOW;
        if names.len() >= NAMES && !names.contains_key(name) {
            names.retain(|_, (since, _)| !over(*since));
            if names.len() >= NAMES {
                return false;
            }
        }
        let (since, count) = names.entry(name.to_owned()).or_insert((now, 0));
        if over(*since) {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= MOST
    }

    /// Forgets the tries for a name: its password was right.
    pub(super) fn forget(&self, name: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_tried_a_few_times_in_a_quarter_of_an_hour() {
        let attempts = Attempts::default();
        let at = Duration::from_secs;
        for second in 0..5 {
            assert!(attempts.may_try("maya", at(second)));
        }
        assert!(!attempts.may_try("maya", at(6)));
        assert!(attempts.may_try("jonas", at(6)), "another name");
        assert!(!attempts.may_try("maya", at(899)));
        assert!(attempts.may_try("maya", at(900)), "the quarter of an hour is over");
        for second in 901..905 {
            attempts.forget("maya");
            assert!(attempts.may_try("maya", at(second)));
        }
    }

    #[test]
    fn many_names_do_not_fill_the_memory() {
        let attempts = Attempts::default();
        for number in 0..NAMES {
            assert!(attempts.may_try(&number.to_string(), Duration::ZERO));
        }
        assert!(!attempts.may_try("one more", Duration::ZERO));
        assert!(attempts.may_try("one more", WINDOW), "those are over");
    }
}
