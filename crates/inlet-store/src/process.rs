//! The one way in, on the writer's side: look, decide, apply, over all that is waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use inlet_core::{
    change::{Change, What},
    decide::{Decision, Rule},
    ids::ContactKey,
    registry::Registry,
};
use jiff::Timestamp;

use crate::{
    apply::{Standing, apply},
    error::StoreError,
    look::look,
    waist::Waist,
};

/// Records a batch. Whoever waits for it hears after the commit. Who has the `turn` decides, so that the keys of a batch
/// follow one another where several transactions are under way. Where the batch changes contacts, one change comes after
/// the other: what one of those writes, the next must find in the store.
pub(crate) async fn process(
    waist: &mut dyn Waist,
    batch: &[Change],
    rule: &Rule<'_>,
    registry: &Arc<Registry>,
    at: (&Mutex<()>, Timestamp),
) -> Result<Vec<Decision>, StoreError> {
    let changes_contacts = batch.iter().any(|change| matches!(change.what, What::Contact(_)));
    if !changes_contacts {
        return together(waist, batch, rule, registry, at).await;
    }
    let mut decisions = Vec::with_capacity(batch.len());
    for change in batch.chunks(1) {
        decisions.append(&mut together(waist, change, rule, registry, at).await?);
    }
    Ok(decisions)
}

async fn together(
    waist: &mut dyn Waist,
    batch: &[Change],
    rule: &Rule<'_>,
    registry: &Arc<Registry>,
    (turn, now): (&Mutex<()>, Timestamp),
) -> Result<Vec<Decision>, StoreError> {
    let mut known = look(waist, batch, rule, registry).await?;
    let before: HashMap<ContactKey, Standing> = known
        .conversations
        .iter()
        .map(|(contact, conversation)| (*contact, Standing::of(conversation)))
        .collect();
    let decisions = {
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        rule.decide_all(batch, &mut known, now)
    };
    apply(waist, &decisions, &before, now).await?;
    Ok(decisions)
}
