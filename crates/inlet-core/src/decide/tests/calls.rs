//! Words on a call that only the vendor's id names: the first makes the message, each later one only adds.

use super::{ELSEWHERE, HERE, MAYA, World, destination, from, inbound, message};
use crate::{
    change::Change,
    channel::{CallStatus, Channel},
    decide::{Amend, Decision},
    ids::ProviderKey,
    inbound::{Attachment, Call, Detail, Inbound, MediaState, Person, Who},
    registry::DestinationState,
    seen::SeenKey,
};

fn said(who: Who, status: CallStatus, duration: Option<u32>, recording: Option<&str>) -> Change {
    let file = |url: &str| Attachment {
        url: url.to_owned(),
        content_type: None,
        state: MediaState::Pending,
    };
    let call = Call {
        status,
        duration,
        announced: false,
    };
    let word = Inbound {
        channel: Channel::Call,
        detail: Detail {
            call: Some(call),
            attachments: recording.map(file).into_iter().collect(),
            ..Detail::default()
        },
        ..inbound(who)
    };
    Change {
        keys: vec![SeenKey::call("CA1")],
        ..message(word, None)
    }
}

fn word(status: CallStatus, duration: Option<u32>, recording: Option<&str>) -> Change {
    said(from(&["+14155550119"]), status, duration, recording)
}

fn nobody() -> Who {
    Who::Person(Person::default())
}

fn amend(world: &mut World, change: Change) -> Option<Amend> {
    match world.decide(&[change]).pop() {
        Some(Decision::Amend(amend)) => Some(*amend),
        Some(Decision::Seen(receipt)) => {
            assert!(receipt.repeated && !receipt.differs);
            None
        }
        other => panic!("neither amended nor seen: {other:?}"),
    }
}

#[test]
fn a_calls_words_make_one_message_that_only_gains() {
    let mut world = World::new(vec![destination(1, 1, DestinationState::Active)]);
    let first = world.record(word(CallStatus::Pending, None, None));
    assert_eq!(
        (first.message.contact, first.message.external_id.as_deref()),
        (MAYA, Some("CA1"))
    );
    assert_eq!((first.events.len(), first.call_deadline.is_some()), (0, true));

    // The word; how it stands then: status, duration, files, events, first new file. None: nothing new.
    let steps = [
        (word(CallStatus::Pending, None, None), None),
        (
            word(CallStatus::Answered, None, None),
            Some((CallStatus::Answered, None, 0, 0, 0)),
        ),
        (word(CallStatus::Pending, None, None), None),
        (
            word(CallStatus::Answered, None, Some("r1")),
            Some((CallStatus::Answered, None, 1, 0, 0)),
        ),
        (
            word(CallStatus::Completed, Some(9), None),
            Some((CallStatus::Completed, Some(9), 1, 1, 1)),
        ),
        (word(CallStatus::Completed, Some(9), None), None),
        (word(CallStatus::Busy, None, None), None),
        (
            said(nobody(), CallStatus::Voicemail, None, Some("r2")),
            Some((CallStatus::Voicemail, Some(9), 2, 0, 1)),
        ),
        (said(nobody(), CallStatus::Voicemail, None, Some("r1")), None),
        (word(CallStatus::Completed, Some(9), None), None),
    ];
    for (step, (change, expected)) in steps.into_iter().enumerate() {
        let amended = amend(&mut world, change);
        let stands = amended.map(|amend| {
            let call = amend.message.detail.call.clone().expect("it is a call");
            let files = amend.message.detail.attachments.len();
            assert_eq!((amend.message.key, amend.message.seq), (first.message.key, 1));
            assert_eq!(amend.call_done, !amend.events.is_empty());
            (call.status, call.duration, files, amend.events.len(), amend.new_files)
        });
        assert_eq!(stands, expected, "step {step}");
    }
}

#[test]
fn their_order_does_not_matter_even_where_the_recording_names_nobody() {
    let words = [
        word(CallStatus::Pending, None, None),
        word(CallStatus::Completed, Some(9), None),
        word(CallStatus::Voicemail, None, Some("r1")),
    ];
    let nobodys = said(nobody(), CallStatus::Voicemail, None, Some("r1"));
    let [first, second, _] = words.clone();
    for (words, order) in [words, [first, second, nobodys]].iter().flat_map(|words| {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        orders.map(|order| (words, order))
    }) {
        let mut world = World::new(vec![destination(1, 1, DestinationState::Active)]);
        let batch = order.map(|index: usize| words[index].clone());
        let decisions = world.decide(&batch);
        let announced: usize = decisions
            .iter()
            .map(|decision| match decision {
                Decision::Record(record) => record.events.len(),
                Decision::Amend(amend) => amend.events.len(),
                Decision::Seen(_)
                | Decision::Wait(_)
                | Decision::Mark(_)
                | Decision::Contact(_)
                | Decision::Forget(_)
                | Decision::Join(_)
                | Decision::Refused(_) => 0,
            })
            .sum();
        let messages: Vec<_> = world.known.messages.values().collect();
        let [message] = messages.as_slice() else {
            panic!("{order:?}: {messages:?}")
        };
        let call = message.detail.call.clone().expect("it is a call");
        assert_eq!(
            (call.status, call.duration),
            (CallStatus::Voicemail, Some(9)),
            "{order:?}"
        );
        assert_eq!((message.detail.attachments.len(), announced), (1, 1), "{order:?}");
    }
}

#[test]
fn a_word_that_names_nobody_waits_for_its_call_and_goes_into_it_once() {
    let mut world = World::new(vec![destination(1, 1, DestinationState::Active)]);
    for recording in ["r1", "r2", "r1"] {
        let nobodys = said(nobody(), CallStatus::Voicemail, None, Some(recording));
        assert!(matches!(world.decide(&[nobodys]).as_slice(), [Decision::Wait(_)]));
    }
    let call = world.record(word(CallStatus::Pending, None, None));
    assert_eq!(call.message.detail.attachments.len(), 2);
    let stands = call.message.detail.call.map(|call| (call.status, call.announced));
    assert_eq!(stands, Some((CallStatus::Voicemail, true)), "it is over when it comes");
    assert_eq!((call.events.len(), call.call_deadline), (1, None));
    let again = said(nobody(), CallStatus::Voicemail, None, Some("r1"));
    assert_eq!(amend(&mut world, again), None);
}

#[test]
fn a_word_is_on_the_call_of_its_provider_and_location() {
    let mut world = World::new(Vec::new());
    let first = world.record(word(CallStatus::Pending, None, None));
    let other = Change {
        provider: ProviderKey(9),
        ..word(CallStatus::Completed, None, None)
    };
    assert_ne!(world.record(other).message.key, first.message.key);
    let elsewhere = Change {
        location: ELSEWHERE,
        ..said(nobody(), CallStatus::Completed, None, None)
    };
    assert!(matches!(world.decide(&[elsewhere]).as_slice(), [Decision::Wait(_)]));
    assert_eq!(first.message.location, HERE);
}
