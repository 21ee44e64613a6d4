//! The rate limit: told on every answer, and kept to where the set-up says so.

use super::{INBOUND, world::World};
use crate::state::Limits;

#[tokio::test]
async fn an_enforced_limit_answers_429_until_the_interval_is_over() {
    let world = World::with_limits(Limits {
        enforced: true,
        burst: 2,
        interval_ms: 10_000,
        daily: 100,
    });
    // Seconds that pass before the request, its status, and what is left after it.
    let steps = [
        (0, 200, "1", None),
        (3, 200, "0", None),
        (0, 429, "0", Some("7")),
        (6, 429, "0", Some("1")),
        (1, 200, "1", None),
    ];
    for (seconds, status, remaining, retry_after) in steps {
        world.clock.pass(seconds);
        let answer = world.send(World::post(INBOUND).body(world.hello()).unwrap()).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(remaining));
        assert_eq!(answer.header("x-ratelimit-max"), Some("2"));
        assert_eq!(answer.header("retry-after"), retry_after);
    }
    assert_eq!(world.intake.changes.lock().unwrap().len(), 3);
    assert_eq!(world.journal.0.lock().unwrap().len(), 0, "429 means: come again");
}
