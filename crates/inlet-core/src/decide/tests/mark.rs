//! Conversations marked by a person.

use super::{ELSEWHERE, HERE, MAYA, World, inbound, message};
use crate::{
    change::{Change, Mark},
    decide::Decision,
    inbound::Who,
    intake::Refusal,
};

fn maya(mark: Mark) -> Change {
    Change::mark(HERE, MAYA, mark)
}

#[test]
fn a_mark_changes_its_conversation_once() {
    let mut world = World::new(Vec::new());
    assert_eq!(
        world.refuse(maya(Mark::Read)),
        Refusal::NoSuchContact,
        "there is nothing to read before the first message"
    );
    for _ in 0..2 {
        world.record(message(inbound(Who::Known(MAYA)), None));
    }
    let steps = [
        (Mark::Unread, None),
        (Mark::Starred, Some((2, true))),
        (Mark::Starred, None),
        (Mark::Read, Some((0, true))),
        (Mark::Read, None),
        (Mark::Unread, Some((1, true))),
        (Mark::Unread, None),
        (Mark::Unstarred, Some((1, false))),
        (Mark::Unstarred, None),
        (Mark::Count(3), Some((3, false))),
        (Mark::Count(3), None),
    ];
    for (mark, expected) in steps {
        let found = match world.decide(&[maya(mark)]).pop() {
            Some(Decision::Mark(marked)) => Some((marked.conversation.unread, marked.conversation.starred)),
            Some(Decision::Seen(receipt)) if receipt.repeated => None,
            other => panic!("{mark:?}: {other:?}"),
        };
        assert_eq!(found, expected, "{mark:?}");
    }
}

#[test]
fn marks_and_messages_of_one_batch_see_one_another() {
    let mut world = World::new(Vec::new());
    let inbound = || message(inbound(Who::Known(MAYA)), None);
    let batch = [inbound(), maya(Mark::Read), inbound(), maya(Mark::Starred), inbound()];
    let unread: Vec<_> = world
        .decide(&batch)
        .iter()
        .map(|decision| match decision {
            Decision::Record(record) => (record.conversation.unread, record.conversation.starred),
            Decision::Mark(marked) => (marked.conversation.unread, marked.conversation.starred),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(unread, [(1, false), (0, false), (1, false), (1, true), (2, true)]);
}

#[test]
fn a_mark_stays_at_its_location() {
    let mut world = World::new(Vec::new());
    world.record(message(inbound(Who::Known(MAYA)), None));
    let elsewhere = Change::mark(ELSEWHERE, MAYA, Mark::Read);
    assert_eq!(world.refuse(elsewhere), Refusal::NoSuchContact);
}
