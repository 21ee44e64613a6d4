//! What who wrote a message does to it later: they edit it or take it back, and that may be told in any order.

use super::{World, destination, from, inbound, message};
use crate::{
    change::Change,
    channel::Channel,
    decide::Decision,
    inbound::{Attachment, Detail, Inbound, MediaState, Revised},
    registry::DestinationState,
};

fn said(text: &str, revised: Option<Revised>) -> Change {
    let file = Attachment {
        url: "https://vendor.example/1".to_owned(),
        content_type: None,
        state: MediaState::Pending,
    };
    let word = Inbound {
        channel: Channel::Facebook,
        body: Some(text.to_owned()).filter(|text| !text.is_empty()),
        detail: Detail {
            attachments: vec![file],
            revised,
            ..Detail::default()
        },
        ..inbound(from(&["+14155550119"]))
    };
    message(word, Some("m1"))
}

fn edit(text: &str, version: i64) -> Change {
    let revised = Revised {
        version,
        withdrawn: false,
    };
    said(text, Some(revised))
}

fn withdrawal() -> Change {
    said("", Some(Revised::WITHDRAWN))
}

/// How a batch leaves the message: its text, its files, and how many events it made.
fn after(batch: &[Change]) -> (Option<String>, usize, usize) {
    let mut world = World::new(vec![destination(1, 1, DestinationState::Active)]);
    let decisions = world.decide(batch);
    let events = decisions.iter().map(|decision| match decision {
        Decision::Record(record) => record.events.len(),
        Decision::Amend(amend) => {
            assert!(amend.rewritten);
            amend.events.len()
        }
        Decision::Seen(receipt) => {
            assert!(!receipt.differs, "a later word is no odd repeat");
            0
        }
        Decision::Wait(_) => 0,
        other => panic!("{other:?}"),
    });
    let events = events.sum();
    let messages: Vec<_> = world.known.messages.values().collect();
    let [message] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    (message.body.clone(), message.detail.attachments.len(), events)
}

#[test]
fn the_last_version_counts_whatever_comes_when() {
    let first = || said("one", None);
    let text = |text: &str| Some(text.to_owned());
    let cases = [
        (vec![first(), edit("two", 1)], (text("two"), 1, 1)),
        (vec![first(), edit("three", 2), edit("two", 1)], (text("three"), 1, 1)),
        (vec![first(), edit("two", 1), first()], (text("two"), 1, 1)),
        (vec![edit("two", 1), first()], (text("two"), 1, 1)),
        (vec![first(), withdrawal()], (None, 0, 1)),
        (vec![first(), withdrawal(), edit("two", 1), first()], (None, 0, 1)),
        // What was taken back before it came is told to nobody.
        (vec![withdrawal(), first(), edit("two", 1)], (None, 0, 0)),
        (vec![withdrawal(), withdrawal(), edit("two", 1), first()], (None, 0, 0)),
    ];
    for (number, (batch, expected)) in cases.into_iter().enumerate() {
        assert_eq!(after(&batch), expected, "case {number}");
    }
}

#[test]
fn what_was_taken_back_before_it_came_is_not_unread() {
    let mut world = World::new(Vec::new());
    world.decide(&[withdrawal()]);
    assert_eq!(world.record(said("one", None)).conversation.unread, 0);
    let kept = world.record(message(inbound(from(&["+14155550119"])), Some("m2")));
    assert_eq!((kept.conversation.unread, kept.message.seq), (1, 2));
}
