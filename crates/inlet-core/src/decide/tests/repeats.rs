//! How a repeat is recognised, within a batch and after it.

use super::{HERE, MAYA, World, destination, inbound, message};
use crate::{
    change::Change,
    decide::Decision,
    ids::ProviderKey,
    inbound::Who,
    intake::Refusal,
    registry::DestinationState,
    seen::{SeenHash, SeenKey, SeenKind},
};

#[test]
fn a_repeat_is_answered_as_it_was_within_a_batch_and_after() {
    let mut world = World::new(vec![destination(1, 1, DestinationState::Active)]);
    let change = message(inbound(Who::Known(MAYA)), Some("SM1"));
    let decisions = world.decide(&[change.clone(), change.clone()]);
    let [Decision::Record(record), Decision::Seen(seen)] = decisions.as_slice() else {
        panic!("{decisions:?}")
    };
    assert_eq!(
        (seen.message, seen.contact, seen.occurred_at),
        (record.message.key, MAYA, record.message.occurred_at)
    );
    assert!(seen.repeated && !seen.differs);

    let other = Change {
        fingerprint: 8,
        ..change.clone()
    };
    let Some(Decision::Seen(seen)) = world.decide(&[other]).pop() else {
        panic!()
    };
    assert!(
        seen.differs,
        "another body under the same id is flagged, and answered the same"
    );

    let elsewhere = Change {
        provider: ProviderKey(2),
        ..change
    };
    assert!(
        matches!(world.decide(&[elsewhere]).pop(), Some(Decision::Record(_))),
        "another provider's SM1 is another message"
    );
}

#[test]
fn an_idempotency_key_is_one_for_the_location_and_refuses_another_body() {
    let mut world = World::new(Vec::new());
    let key = SeenKey {
        kind: SeenKind::Idempotency,
        id: "k".to_owned(),
    };
    let change = Change {
        keys: vec![SeenKey::message("a"), key.clone()],
        ..message(inbound(Who::Known(MAYA)), None)
    };
    let first = world.record(change.clone());
    assert_eq!(first.seen.len(), 2);
    assert_eq!(first.message.external_id.as_deref(), Some("a"));

    let repeat = Change {
        keys: vec![key.clone()],
        provider: ProviderKey(9),
        ..change.clone()
    };
    let Some(Decision::Seen(seen)) = world.decide(&[repeat]).pop() else {
        panic!()
    };
    assert_eq!(seen.message, first.message.key);
    assert_eq!(
        world.refuse(Change {
            keys: vec![key],
            fingerprint: 8,
            ..change
        }),
        Refusal::KeyReused
    );
}

#[test]
fn a_collision_of_rows_takes_the_next_row_and_swallows_nothing() {
    let mut world = World::new(Vec::new());
    let change = message(inbound(Who::Known(MAYA)), Some("SM1"));
    let hash = world.hasher.hash(HERE, ProviderKey(1), &change.keys[0]);
    world.known.taken.insert(hash.row);
    let record = world.record(change);
    assert_eq!(
        record.seen[0].0,
        SeenHash {
            row: hash.row.wrapping_add(1) & i64::MAX,
            check: hash.check
        }
    );
}
