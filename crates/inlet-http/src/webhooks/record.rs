//! From the items of a verified request to what became of each: the part of the walk that a request kept in the journal
//! takes again when it is processed again.

use inlet_core::{
    adapter::{Item, ItemError, ItemOutcome},
    change::Change,
    ids::{LocationKey, MessageKey},
    intake::{Receipt, Refusal},
    registry::Endpoint,
    route::{self, Reach},
};

use super::Door;

/// What became of a request's items.
#[derive(Debug)]
pub(super) struct Taken {
    /// Of each, in their order.
    pub(super) outcomes: Vec<ItemOutcome>,
    /// The location of all of them, where it is one.
    pub(super) location: Option<LocationKey>,
}

impl Taken {
    /// The messages that are recorded, now or before.
    pub(super) fn messages(&self) -> Vec<MessageKey> {
        let message = |outcome: &ItemOutcome| match outcome {
            ItemOutcome::Stored(receipt) => Some(receipt.message),
            ItemOutcome::Parked | ItemOutcome::Refused(_) | ItemOutcome::Malformed(_) => None,
        };
        self.outcomes.iter().filter_map(message).collect()
    }
}

/// Routes the items and submits what has a provider, all at once.
pub(super) async fn record(
    door: &Door<'_>,
    endpoint: &Endpoint,
    items: Vec<Result<Item, ItemError>>,
    reach: Reach,
) -> Taken {
    let mut changes: Vec<Change> = Vec::with_capacity(items.len());
    let mut decided = Vec::with_capacity(items.len());
    let now = door.state.clock.now();
    for item in items {
        let item = item.map(|item| route::in_time(item, now));
        decided.push(
            match item.map(|item| route::change(door.registry, endpoint, item, reach)) {
                Ok(Some(change)) => {
                    changes.push(change);
                    None
                }
                Ok(None) => Some(ItemOutcome::Parked),
                Err(error) => Some(ItemOutcome::Malformed(error)),
            },
        );
    }
    let location = one_location(&changes);
    let answers = if changes.is_empty() {
        Vec::new()
    } else {
        door.state.intake.submit(changes).await
    };
    let mut answers = answers.into_iter();
    let outcomes = decided
        .into_iter()
        .map(|known| known.unwrap_or_else(|| outcome(answers.next())));
    Taken {
        outcomes: outcomes.collect(),
        location,
    }
}

fn one_location(changes: &[Change]) -> Option<LocationKey> {
    let location = changes.first()?.location;
    changes
        .iter()
        .all(|change| change.location == location)
        .then_some(location)
}

fn outcome(answer: Option<Result<Receipt, Refusal>>) -> ItemOutcome {
    match answer {
        Some(Ok(receipt)) => ItemOutcome::Stored(receipt),
        Some(Err(refusal)) => ItemOutcome::Refused(refusal),
        None => ItemOutcome::Refused(Refusal::Unavailable("it gave no answer".to_owned())),
    }
}
