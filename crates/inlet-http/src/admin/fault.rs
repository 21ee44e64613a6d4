//! Why the admin API did not do what was asked: a status, and a sentence that says what to change.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use inlet_core::{directory::StoreFault, intake::Refusal};
use serde_json::json;

/// What an admin handler answers.
pub(super) type Answer<T> = Result<Json<T>, Fault>;

/// A status and a sentence.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    sentence: String,
}

impl Fault {
    /// Something in the request must be changed.
    pub(super) fn bad(sentence: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            sentence: sentence.into(),
        }
    }

    /// What was named is not there.
    pub(super) fn missing(sentence: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            sentence: sentence.into(),
        }
    }

    /// What was asked does not fit what is there.
    pub(super) fn conflict(sentence: impl Into<String>) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            sentence: sentence.into(),
        }
    }

    /// It cannot be done now.
    pub(super) fn unavailable(sentence: impl Into<String>) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            sentence: sentence.into(),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.sentence }))).into_response()
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Exists(_) => Self::conflict(fault.to_string()),
            StoreFault::Unavailable(_) => Self::unavailable(fault.to_string()),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchContact
            | Refusal::NoSuchEmail
            | Refusal::NoSuchMessage
            | Refusal::Early
            | Refusal::NoSuchNote => Self::missing(refusal.to_string()),
            Refusal::Nothing => Self::bad(refusal.to_string()),
            Refusal::Stale
            | Refusal::KeyReused
            | Refusal::Duplicate { .. }
            | Refusal::NotApart(_)
            | Refusal::Full(_) => Self::conflict(refusal.to_string()),
            Refusal::Unavailable(_) => Self::unavailable(refusal.to_string()),
        }
    }
}

/// What a path that is none is answered with.
pub(super) async fn no_such_route() -> Fault {
    Fault::missing("the admin API has no such path: the command and the server may be of different versions")
}
