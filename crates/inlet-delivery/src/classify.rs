//! What an answer, or its absence, means for a webhook: delivered, to be tried again, or not. A pure function.

use std::time::Duration;

use http::HeaderMap;
use inlet_core::{Timestamp, delivery::Outcome};

use crate::client::{Answer, End, Failure};

#[cfg(test)]
mod tests;

/// At how many attempts to give up on an answer that says the request itself is wrong: a receiver that was deployed
/// badly heals within that time, a body it will never take does not.
pub const REFUSED_CAP: u32 = 7;
/// The reason of what goes to an address that may not be called.
pub const BLOCKED: &str = "blocked_target";
/// The most that a receiver can put a retry off.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// A failure of any kind: the whole schedule.
const AGAIN: Outcome = Outcome::Retry {
    after: None,
    park: false,
    cap: None,
};

/// What a webhook's answer means, and in words what was wrong with it.
pub fn answered(answer: &Answer, now: Timestamp) -> (Outcome, Option<String>) {
    let outcome = outcome(answer, now);
    let words = (outcome != Outcome::Delivered).then(|| words(answer));
    (outcome, words)
}

/// What it means that there was no answer.
pub fn unanswered(failure: &Failure) -> Outcome {
    match failure {
        Failure::Blocked(_) => Outcome::Dead { reason: BLOCKED },
        Failure::Unresolved | Failure::Unreachable | Failure::Tls(_) | Failure::Late | Failure::Lost => AGAIN,
    }
}

fn outcome(answer: &Answer, now: Timestamp) -> Outcome {
    let success = (200..300).contains(&answer.status);
    match wish(&answer.headers) {
        Some(Wish::Disable) => {
            return Outcome::Disable {
                reason: "the receiver asked for no more events (webhook-delivery: disable)",
            };
        }
        Some(Wish::Abort) if !success => {
            return Outcome::Dead {
                reason: "aborted_by_receiver",
            };
        }
        Some(Wish::Abort) | None => {}
    }
    let after = retry_after(&answer.headers, now);
    match answer.status {
        _ if success => match answer.end {
            End::Whole | End::Long => Outcome::Delivered,
            End::Late | End::Broken => AGAIN,
        },
        410 => Outcome::Disable {
            reason: "the receiver is gone for good (410)",
        },
        429 => Outcome::Retry {
            after,
            park: true,
            cap: None,
        },
        503 => Outcome::Retry {
            after,
            park: after.is_some(),
            cap: None,
        },
        408 | 425 | 500.. => Outcome::Retry {
            after,
            park: false,
            cap: None,
        },
        400..500 => Outcome::Retry {
            after,
            park: false,
            cap: Some(REFUSED_CAP),
        },
        _ => AGAIN,
    }
}

fn words(answer: &Answer) -> String {
    let status = answer.status;
    match (status, answer.end) {
        (200..300, End::Late) => format!("answered {status}, but the answer was not over in time"),
        (200..300, End::Broken) => format!("answered {status}, but the connection broke within the answer"),
        (300..400, _) => format!("answered {status}: redirects are not followed, so give the address it leads to"),
        (_, End::Whole | End::Long | End::Late | End::Broken) => format!("answered {status}"),
    }
}

/// What a receiver can say in its `webhook-delivery` header, beside the status.
enum Wish {
    Disable,
    Abort,
}

fn wish(headers: &HeaderMap) -> Option<Wish> {
    match headers.get("webhook-delivery")?.to_str().ok()?.trim() {
        "disable" => Some(Wish::Disable),
        "abort-message" => Some(Wish::Abort),
        _ => None,
    }
}

/// The wait that `Retry-After` asks for (RFC 9110: seconds, or a date), at most 24 hours. What is past, zero or cannot
/// be read asks for nothing.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = seconds(text).or_else(|| until(text, now))?;
    (!wait.is_zero()).then(|| wait.min(LONGEST_WAIT))
}

fn seconds(text: &str) -> Option<Duration> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds: f64 = plain.then(|| text.parse().ok())??;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WAIT))
}

fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Duration::try_from(date.timestamp().duration_since(now)).ok()
}
