//! What a try does to its delivery: done, due again, given up or held. A pure function of the outcome, the schedule and
//! the time.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    clock::later,
    delivery::{Attempt, Delivery, Fate, Outcome, Settlement},
    health::Verdict,
    schedule::Schedule,
};

use crate::classify::BLOCKED;

#[cfg(test)]
mod tests;

/// For how long a destination is left alone that said "too many" without saying for how long.
const UNASKED_PARK: Duration = Duration::from_secs(10);
/// The reason of a delivery whose time was over.
const EXPIRED: &str = "expired";

/// The last word on a try that ended at `now`.
pub fn settle(
    delivery: &Delivery,
    (attempt, outcome): (Attempt, Outcome),
    schedule: &Schedule,
    now: Timestamp,
) -> Settlement {
    let verdict = verdict(&attempt, &outcome);
    let fate = fate(delivery, (&attempt, &outcome), schedule, now);
    let (park, disable) = match outcome {
        Outcome::Delivered
        | Outcome::Dead { .. }
        | Outcome::Retry { park: false, .. }
        | Outcome::Later { park: false, .. } => (None, None),
        Outcome::Later { park: true, at } => (Some(at), None),
        Outcome::Retry { park: true, after, .. } => (Some(later(now, after.unwrap_or(UNASKED_PARK))), None),
        Outcome::Disable { reason } => (None, Some(reason.to_owned())),
    };
    Settlement {
        park,
        disable,
        verdict,
        ..settlement(delivery, attempt, fate)
    }
}

/// What a try says of its destination: what it refuses it answers, and what asks for patience says nothing.
fn verdict(attempt: &Attempt, outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Delivered => Verdict::Well,
        Outcome::Dead { reason } if *reason == BLOCKED => Verdict::Blocked,
        Outcome::Retry { park: true, .. } | Outcome::Later { .. } | Outcome::Disable { .. } => Verdict::Silent,
        Outcome::Dead { .. } | Outcome::Retry { .. } => match attempt.status {
            Some(300..500) => Verdict::Answers,
            Some(_) | None => Verdict::Ill,
        },
    }
}

/// Whether a claimed delivery is past its time. One that was never tried still gets its try: no promise is given up
/// untried, however long its destination was paused or this server down.
pub fn is_over(delivery: &Delivery, now: Timestamp) -> bool {
    delivery.attempt > 1 && now > delivery.expires_at
}

/// The last word on a delivery whose time was over before it could be tried once more.
pub fn expire(delivery: &Delivery, now: Timestamp) -> Settlement {
    let attempt = Attempt {
        error: Some("not sent: its time was over".to_owned()),
        ..Attempt::begun(now)
    };
    settlement(delivery, attempt, dead(EXPIRED))
}

fn fate(delivery: &Delivery, (attempt, outcome): (&Attempt, &Outcome), schedule: &Schedule, now: Timestamp) -> Fate {
    match *outcome {
        Outcome::Delivered => Fate::Delivered,
        Outcome::Dead { reason } => dead(reason),
        Outcome::Disable { .. } => Fate::Held,
        // What is left alone for the day is not given up for that.
        Outcome::Later { at, park: false } if at > delivery.expires_at => dead(EXPIRED),
        Outcome::Later { at, .. } => Fate::Again {
            due_at: at,
            counted: false,
        },
        Outcome::Retry { after, park, cap } => {
            let last = u32::try_from(schedule.delays().len()).unwrap_or(u32::MAX);
            // A try that does not count is never the last one.
            let number = if park {
                delivery.attempt.min(last)
            } else {
                delivery.attempt
            };
            let capped = !park && cap.is_some_and(|cap| number >= cap);
            match schedule.next(delivery.key, number, now, after) {
                Some(due_at) if due_at > delivery.expires_at => dead(EXPIRED),
                Some(due_at) if !capped => Fate::Again { due_at, counted: !park },
                Some(_) | None => dead(&reason(attempt)),
            }
        }
    }
}

/// Why the last try failed, as a word for lists and metrics.
fn reason(attempt: &Attempt) -> String {
    attempt
        .status
        .map_or_else(|| "no_answer".to_owned(), |status| format!("http_{status}"))
}

fn dead(reason: &str) -> Fate {
    Fate::Dead {
        reason: reason.to_owned(),
    }
}

fn settlement(delivery: &Delivery, attempt: Attempt, fate: Fate) -> Settlement {
    Settlement {
        delivery: delivery.key,
        location: delivery.location,
        destination: delivery.destination,
        lane: delivery.lane,
        lease: delivery.lease,
        number: delivery.attempt,
        attempt,
        fate,
        verdict: Verdict::Silent,
        trip: false,
        park: None,
        disable: None,
    }
}
