//! Answers that fit more than one vendor.

use inlet_core::{
    adapter::{ItemOutcome, Rejection, Reply},
    intake::Refusal,
};

/// Whether something could not be stored, so that the vendor should come again.
pub(crate) fn store_is_down(outcomes: &[ItemOutcome]) -> bool {
    let down = |outcome: &ItemOutcome| matches!(outcome, ItemOutcome::Refused(Refusal::Unavailable(_)));
    outcomes.iter().any(down)
}

/// What makes a vendor come again that comes again on a 5xx.
pub(crate) fn again() -> Reply {
    sentence(503, "the message could not be stored: send it again")
}

/// What a vendor hears whose request is not believed. Never a 5xx: it would come again with the same.
pub(crate) fn refusal(rejection: &Rejection) -> Reply {
    let status = match rejection {
        Rejection::Missing(_) | Rejection::NotOurs(_) => 400,
        Rejection::Forged(_) => 403,
    };
    sentence(status, &rejection.to_string())
}

/// What a vendor hears that wants a 200 and reads no more.
pub(crate) fn ok() -> Reply {
    Reply {
        status: 200,
        content_type: None,
        body: String::new(),
    }
}

/// An answer with a sentence.
pub(crate) fn sentence(status: u16, text: &str) -> Reply {
    Reply {
        status,
        content_type: Some("text/plain; charset=utf-8"),
        body: text.to_owned(),
    }
}
