//! Answers that fit more than one vendor.

use inlet_core::{
    adapter::{ItemOutcome, Reply},
    intake::Refusal,
};

/// Whether something could not be stored, so that the vendor should come again.
pub(crate) fn store_is_down(outcomes: &[ItemOutcome]) -> bool {
    let down = |outcome: &ItemOutcome| matches!(outcome, ItemOutcome::Refused(Refusal::Unavailable(_)));
    outcomes.iter().any(down)
}

/// What makes a vendor come again that comes again on a 5xx.
pub(crate) fn again() -> Reply {
    Reply::sentence(503, "the message could not be stored: send it again")
}

/// What a vendor hears that wants a 200 and reads no more.
pub(crate) fn ok() -> Reply {
    Reply {
        status: 200,
        content_type: None,
        body: String::new(),
    }
}

/// What is heard by who wants to know that nothing was recorded: to come again while the store is down, `stop` with the
/// reason for what will never be taken, else 200.
pub(crate) fn or_stop(outcomes: &[ItemOutcome], stop: u16) -> Reply {
    if store_is_down(outcomes) {
        return again();
    }
    let refused = outcomes.iter().find_map(|outcome| match outcome {
        ItemOutcome::Refused(refusal) => Some(refusal.to_string()),
        ItemOutcome::Malformed(error) => Some(error.to_string()),
        ItemOutcome::Stored(_) | ItemOutcome::Parked => None,
    });
    refused.map_or_else(ok, |reason| Reply::sentence(stop, &reason))
}
