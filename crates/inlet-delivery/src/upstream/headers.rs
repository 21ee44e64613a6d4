//! What an answer's headers say of the limit: `X-RateLimit-*` and `Retry-After`.

use std::time::Duration;

use http::HeaderMap;
use inlet_core::Timestamp;

use super::governor::Heard;
use crate::classify::retry_after;

/// Reads them.
pub(super) fn heard(status: u16, headers: &HeaderMap, now: Timestamp) -> Heard {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
    Heard {
        burst: number("x-ratelimit-max"),
        remaining: number("x-ratelimit-remaining"),
        interval_ms: number("x-ratelimit-interval-milliseconds"),
        daily_remaining: number("x-ratelimit-daily-remaining"),
        daily_reset: number("x-ratelimit-daily-reset").map(|seconds| Duration::from_secs(seconds.into())),
        retry_after: retry_after(headers, now),
        limited: status == 429,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_heard_and_nonsense_is_not() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-ratelimit-max", "100"),
            ("x-ratelimit-remaining", " 7 "),
            ("x-ratelimit-interval-milliseconds", "10000"),
            ("x-ratelimit-daily-remaining", "many"),
            ("retry-after", "3"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let expected = Heard {
            burst: Some(100),
            remaining: Some(7),
            interval_ms: Some(10_000),
            retry_after: Some(Duration::from_secs(3)),
            limited: true,
            ..Heard::default()
        };
        assert_eq!(heard(429, &headers, Timestamp::UNIX_EPOCH), expected);
        assert_eq!(heard(200, &HeaderMap::new(), Timestamp::UNIX_EPOCH), Heard::default());
    }
}
