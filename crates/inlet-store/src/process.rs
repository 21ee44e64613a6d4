//! The one way in, on the writer's side: look, decide, apply, over all that is waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use inlet_core::{
    change::Change,
    decide::{Decision, Rule},
    ids::ContactKey,
    registry::Registry,
};
use jiff::Timestamp;

use crate::{apply::apply, error::StoreError, look::look, waist::Waist};

/// Records a batch. Whoever waits for it hears after the commit. Who has the `turn` decides, so that the keys of a batch
/// follow one another where several transactions are under way.
pub(crate) async fn process(
    waist: &mut dyn Waist,
    batch: &[Change],
    rule: &Rule<'_>,
    registry: &Arc<Registry>,
    (turn, now): (&Mutex<()>, Timestamp),
) -> Result<Vec<Decision>, StoreError> {
    let mut known = look(waist, batch, rule).await?;
    known.registry = Arc::clone(registry);
    let before: HashMap<ContactKey, Timestamp> = known
        .conversations
        .iter()
        .map(|(contact, conversation)| (*contact, conversation.last_at))
        .collect();
    let decisions = {
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        rule.decide_all(batch, &mut known, now)
    };
    apply(waist, &decisions, &before).await?;
    Ok(decisions)
}
