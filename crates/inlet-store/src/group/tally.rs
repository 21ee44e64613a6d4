//! What was recorded, in numbers, for whoever watches: counted after the commit, so that nothing counts that was undone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use inlet_core::{
    channel::Direction,
    event::Event,
    ids::{LocationKey, ProviderKey},
    intake::{Receipt, Refusal},
    message::Message,
    registry::Registry,
};
use metrics::{counter, histogram};

/// Counts within one transaction.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    events: BTreeMap<&'static str, u64>,
    promises: BTreeMap<&'static str, u64>,
    heard: BTreeSet<(LocationKey, ProviderKey)>,
}

impl Tally {
    /// Notes events that are announced.
    pub(super) fn note(&mut self, events: &[Event], registry: &Registry) {
        for event in events {
            *self.events.entry(event.kind.name()).or_default() += 1;
            for promise in &event.promises {
                *self.promises.entry(registry.kind_of(promise.destination)).or_default() += 1;
            }
        }
    }

    /// Notes by which provider a new message came.
    pub(super) fn hear(&mut self, message: &Message) {
        match message.direction {
            Direction::Inbound => {
                self.heard.insert((message.location, message.provider));
            }
            Direction::Outbound => {}
        }
    }

    /// The providers that messages came by.
    pub(super) fn heard(&self) -> impl Iterator<Item = (LocationKey, ProviderKey)> {
        self.heard.iter().copied()
    }

    /// Counts all that was noted, now that it is on disk, with the answers to who submitted it.
    pub(super) fn count(&self, answers: &[Result<Receipt, Refusal>]) {
        for (kind, count) in &self.events {
            counter!("inlet_events_ingested_total", "type" => *kind).increment(*count);
        }
        for (kind, count) in &self.promises {
            counter!("inlet_deliveries_created_total", "kind" => *kind).increment(*count);
        }
        let repeats = answers.iter().flatten().filter(|receipt| receipt.repeated).count();
        if repeats > 0 {
            counter!("inlet_events_deduplicated_total").increment(wide(repeats));
        }
    }
}

/// Counts a commit of so many changes and pieces of writing.
pub(super) fn commit(took: Duration, rows: usize) {
    histogram!("inlet_db_commit_duration_seconds").record(took.as_secs_f64());
    histogram!("inlet_db_commit_batch_rows").record(f64::from(u32::try_from(rows).unwrap_or(u32::MAX)));
}

fn wide(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}
