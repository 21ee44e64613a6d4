//! How often a transaction is tried. A race is lost to somebody who got on, so it is run again until it is won; a connection
//! may be lost a few times. In between there is a pause by chance, so that nodes do not meet in step.

use std::time::Duration;

use inlet_core::chance::Chance;

use crate::error::StoreError;

/// Races that one batch may lose. A race costs milliseconds, and each is won by somebody, so this is not met by bad luck.
const RACES: u32 = 64;
/// Connections that may be lost, one after the other.
const LOSSES: u32 = 4;
/// The shortest pause, which doubles, and the longest: after a race, and after a loss.
const AFTER_RACE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(32));
const AFTER_LOSS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(800));

/// What one batch has gone through.
#[derive(Default, Debug)]
pub(super) struct Tries {
    races: u32,
    losses: u32,
}

impl Tries {
    /// How long to rest before the next try; nothing where it is given up.
    pub(super) fn rest(&mut self, failure: &StoreError, chance: &dyn Chance) -> Option<Duration> {
        let (so_far, most, (shortest, longest)) = match failure {
            StoreError::Raced | StoreError::Conflict => (&mut self.races, RACES, AFTER_RACE),
            StoreError::Undone(_) | StoreError::Unknown(_) => (&mut self.losses, LOSSES, AFTER_LOSS),
            StoreError::Unreadable(_) | StoreError::Missing | StoreError::Broken(_) => return None,
        };
        let doubled = shortest.saturating_mul(2_u32.saturating_pow(*so_far)).min(longest);
        *so_far += 1;
        (*so_far <= most).then(|| half_to_whole(doubled, chance))
    }
}

fn half_to_whole(time: Duration, chance: &dyn Chance) -> Duration {
    let mut drawn = [0];
    chance.fill(&mut drawn);
    let [drawn] = drawn;
    time / 2 + time / 2 * u32::from(drawn) / 255
}

#[expect(
    clippy::disallowed_methods,
    reason = "this file is the port for waiting on other transactions"
)]
pub(super) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Always(u8);

    impl Chance for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn rests(failure: &StoreError, chance: u8) -> Vec<u128> {
        let mut tries = Tries::default();
        let rests = std::iter::from_fn(|| tries.rest(failure, &Always(chance)));
        rests.map(|rest| rest.as_micros()).collect()
    }

    #[test]
    fn races_are_run_until_they_are_won_and_lost_connections_a_few_times() {
        let lost = StoreError::Undone(String::new());
        assert_eq!(rests(&lost, 255), [50_000, 100_000, 200_000, 400_000]);
        assert_eq!(rests(&lost, 0), [25_000, 50_000, 100_000, 200_000]);
        let raced = rests(&StoreError::Raced, 255);
        assert_eq!(raced.len(), 64);
        assert_eq!(raced[..7], [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000]);
        assert_eq!(rests(&StoreError::Broken(String::new()), 0), [0_u128; 0]);
    }

    #[test]
    fn a_race_does_not_use_up_what_losses_have() {
        let mut tries = Tries::default();
        for _ in 0..10 {
            assert!(tries.rest(&StoreError::Raced, &Always(0)).is_some());
        }
        let unknown = StoreError::Unknown(String::new());
        assert_eq!(tries.rest(&unknown, &Always(255)), Some(Duration::from_millis(50)));
    }
}
