//! Old messages, some lines at a time, for `inlet import`: they go the one way in, and each bad line is named.

use axum::{Json, Router, extract::State, routing::post};
use inlet_core::{change::Change, inbound::Imported, intake::Refusal};
use inlet_highlevel::{add_inbound::Door, import};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::Input,
};
use crate::state::Shared;

/// Lines that are taken at once: a batch of them is no longer than live messages may wait.
const MOST: usize = 500;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/import", post(take))
}

#[derive(Deserialize)]
struct Stretch {
    location: String,
    /// Whether they count as unread and are announced.
    #[serde(default)]
    announce: bool,
    /// The number of the first line.
    first: u64,
    lines: Vec<String>,
}

#[derive(Serialize, Default)]
struct Taken {
    recorded: u64,
    repeated: u64,
    refused: Vec<Bad>,
}

/// A line that was not recorded.
#[derive(Serialize)]
struct Bad {
    line: u64,
    reason: String,
}

async fn take(State(shared): State<Shared>, Input(some): Input<Stretch>) -> Answer<Taken> {
    if some.lines.len() > MOST {
        return Err(Fault::bad(format!("send at most {MOST} lines at once")));
    }
    let registry = shared.directory.registry();
    let door = Door {
        location: find::location(&registry, &some.location)?,
        registry: &registry,
        ids: &shared.ids,
        idempotency_key: None,
    };
    let imported = if some.announce {
        Imported::Announced
    } else {
        Imported::Silent
    };
    let mut taken = Taken::default();
    let (mut changes, mut numbers): (Vec<Change>, Vec<u64>) = (Vec::new(), Vec::new());
    for (line, number) in some.lines.iter().zip(some.first..) {
        if line.trim().is_empty() {
            continue;
        }
        match import::read(&door, line, imported) {
            Ok(change) => {
                changes.push(change);
                numbers.push(number);
            }
            Err(reason) => taken.refused.push(Bad { line: number, reason }),
        }
    }
    let answers = shared.intake.submit(changes).await;
    for (answer, line) in answers.into_iter().zip(numbers) {
        match answer {
            Ok(receipt) if receipt.repeated => taken.repeated += 1,
            Ok(_) => taken.recorded += 1,
            // The same lines are sent again then: what was recorded of them is recognised.
            Err(Refusal::Unavailable(why)) => return Err(Fault::unavailable(format!("{why}: try again"))),
            Err(refusal) => taken.refused.push(Bad {
                line,
                reason: refusal.to_string(),
            }),
        }
    }
    taken.refused.sort_by_key(|bad| bad.line);
    Ok(Json(taken))
}
