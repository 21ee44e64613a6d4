//! Later words on a message, calls, files and mail threads.

use super::{ELSEWHERE, HERE, MAYA, World, destination, from, inbound, message, now};
use crate::{
    change::{Change, What},
    channel::{CallStatus, Channel, MessageStatus},
    decide::Decision,
    ids::{MessageKey, ProviderKey},
    inbound::{Attachment, Call, Detail, Email, Inbound, MediaState, Who},
    intake::Refusal,
    registry::DestinationState,
    seen::Seen,
};

fn about(what: What) -> Change {
    Change {
        location: HERE,
        provider: ProviderKey(1),
        keys: Vec::new(),
        fingerprint: 0,
        what,
    }
}

fn call(status: CallStatus) -> Inbound {
    let call = Call {
        status,
        duration: None,
        announced: false,
    };
    Inbound {
        channel: Channel::Call,
        detail: Detail {
            call: Some(call),
            ..Detail::default()
        },
        ..inbound(Who::Known(MAYA))
    }
}

#[test]
fn a_call_is_announced_once_when_it_is_over_or_overdue() {
    let mut world = World::new(vec![destination(1, 1, DestinationState::Active)]);
    let over = world.record(message(call(CallStatus::Voicemail), None));
    assert_eq!((over.events.len(), over.call_deadline), (1, None));

    let record = world.record(message(call(CallStatus::Pending), None));
    assert_eq!((record.events.len(), record.call_deadline.is_some()), (0, true));
    let key = record.message.key;
    world.known.messages.insert(key, record.message);
    let later = |status| {
        about(What::Call {
            message: key,
            status,
            duration: Some(9),
        })
    };
    let steps = [
        (later(CallStatus::Answered), Ok(0)),
        (about(What::CallOverdue { message: key }), Ok(1)),
        (about(What::CallOverdue { message: key }), Err(Refusal::Stale)),
        (later(CallStatus::Completed), Ok(0)),
        (later(CallStatus::Busy), Err(Refusal::Stale)),
        (later(CallStatus::Voicemail), Ok(0)),
    ];
    for (change, expected) in steps {
        let events = match world.decide(&[change]).pop() {
            Some(Decision::Amend(amend)) => Ok(amend.events.len()),
            Some(Decision::Refused(refusal)) => Err(refusal),
            other => panic!("{other:?}"),
        };
        assert_eq!(events, expected);
    }
}

#[test]
fn later_words_win_by_rank_and_stay_at_their_location() {
    let mut world = World::new(Vec::new());
    let mut stored = world.record(message(inbound(Who::Known(MAYA)), None)).message;
    stored.status = MessageStatus::Queued;
    let key = stored.key;
    world.known.messages.insert(key, stored);
    let later = |status| {
        about(What::Status {
            message: key,
            status,
            error: None,
        })
    };
    for (status, fine) in [
        (MessageStatus::Pending, false),
        (MessageStatus::Sent, true),
        (MessageStatus::Queued, false),
        (MessageStatus::Read, true),
        (MessageStatus::Delivered, false),
        (MessageStatus::Failed, false),
    ] {
        let decision = world.decide(&[later(status)]).pop();
        assert_eq!(matches!(decision, Some(Decision::Amend(_))), fine, "{status:?}");
    }
    let elsewhere = Change {
        location: ELSEWHERE,
        ..later(MessageStatus::Read)
    };
    assert_eq!(world.refuse(elsewhere), Refusal::NoSuchMessage);
}

#[test]
fn a_file_arrives_once() {
    let mut world = World::new(Vec::new());
    let file = Attachment {
        url: "https://x/1".to_owned(),
        content_type: None,
        state: MediaState::Pending,
    };
    let detail = Detail {
        attachments: vec![file],
        ..Detail::default()
    };
    let stored = world
        .record(message(
            Inbound {
                detail,
                ..inbound(Who::Known(MAYA))
            },
            None,
        ))
        .message;
    let key = stored.key;
    world.known.messages.insert(key, stored);
    let failed = |index| {
        about(What::Media {
            message: key,
            index,
            state: MediaState::Failed {
                reason: "404".to_owned(),
            },
        })
    };
    assert_eq!(world.refuse(failed(1)), Refusal::NoSuchMessage);
    assert!(matches!(world.decide(&[failed(0)]).pop(), Some(Decision::Amend(amend)) if amend.media_done == Some(0)));
    assert_eq!(world.refuse(failed(0)), Refusal::Stale);
}

#[test]
fn a_mail_joins_the_thread_of_the_mail_it_answers() {
    let mut world = World::new(Vec::new());
    let mail = |reply_to: Option<MessageKey>| Inbound {
        channel: Channel::Email,
        detail: Detail {
            email: Some(Email {
                reply_to,
                ..Email::default()
            }),
            ..Detail::default()
        },
        ..inbound(Who::Known(MAYA))
    };
    let first = world.record(message(mail(None), None)).message;
    let second = world.record(message(mail(Some(first.key)), None)).message;
    let third = world.record(message(mail(Some(second.key)), None)).message;
    assert_eq!(first.thread_root(), first.key);
    assert_eq!(third.thread_root(), first.key);

    let foreign = Inbound {
        who: from(&["+4930123456"]),
        ..mail(Some(first.key))
    };
    assert_eq!(world.refuse(message(foreign, None)), Refusal::NoSuchEmail);
    assert_eq!(
        world.refuse(message(mail(Some(MessageKey(1))), None)),
        Refusal::NoSuchEmail
    );
}

#[test]
fn what_is_seen_answers_with_its_own_time() {
    let seen = Seen {
        message: MessageKey(1),
        contact: MAYA,
        occurred_at: now(),
        email: true,
        fingerprint: 1,
    };
    let receipt = seen.receipt(1);
    assert!(receipt.email && receipt.repeated && !receipt.differs);
}
