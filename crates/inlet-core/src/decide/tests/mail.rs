//! Mails: the one they answer, found by the ids they name, the files within them, and what is signed once only.

use super::{MAYA, World, from, inbound, message};
use crate::{
    change::Change,
    channel::Channel,
    decide::Decision,
    ids::MessageKey,
    inbound::{Detail, Email, File, Inbound, MediaState, Who},
    intake::Refusal,
    seen::SeenKey,
};

fn mail(answers: &[&str]) -> Inbound {
    Inbound {
        channel: Channel::Email,
        detail: Detail {
            email: Some(Email::default()),
            ..Detail::default()
        },
        answers: answers.iter().map(|&id| id.to_owned()).collect(),
        ..inbound(Who::Known(MAYA))
    }
}

fn reply_to(record: &crate::decide::Record) -> Option<MessageKey> {
    record.message.detail.email.as_ref().and_then(|email| email.reply_to)
}

#[test]
fn a_mail_finds_the_one_it_answers_by_the_ids_it_names() {
    let mut world = World::new(Vec::new());
    let first = world.record(message(mail(&[]), Some("1@maya"))).message;
    let second = world
        .record(message(mail(&["lost@maya", "1@maya"]), Some("2@maya")))
        .message;
    let elsewhere = Inbound {
        who: from(&["+4930123456"]),
        ..mail(&["1@maya"])
    };
    let text = Inbound {
        channel: Channel::Sms,
        ..mail(&[])
    };
    world.record(message(text, Some("SM1")));
    let named = Email {
        reply_to: Some(first.key),
        ..Email::default()
    };
    let named = Inbound {
        detail: Detail {
            email: Some(named),
            ..Detail::default()
        },
        ..mail(&["2@maya"])
    };
    let cases = [
        ("a later one of the thread", mail(&["2@maya"]), Some(second.key)),
        ("the likeliest first", mail(&["2@maya", "1@maya"]), Some(second.key)),
        ("one that is not here", mail(&["lost@maya"]), None),
        ("one of somebody else", elsewhere, None),
        ("what is no mail", mail(&["SM1"]), None),
        ("one that our own id names", named, Some(first.key)),
    ];
    for (what, mail, answered) in cases {
        let record = world.record(message(mail, None));
        assert_eq!(reply_to(&record), answered, "{what}");
        let root = answered.map_or(record.message.key, |_| first.key);
        assert_eq!(record.message.thread_root(), root, "{what}");
    }
}

#[test]
fn a_mail_of_the_same_batch_can_be_answered() {
    let mut world = World::new(Vec::new());
    let batch = [
        message(mail(&[]), Some("1@maya")),
        message(mail(&["1@maya"]), Some("2@maya")),
    ];
    let decisions = world.decide(&batch);
    let [Decision::Record(first), Decision::Record(second)] = decisions.as_slice() else {
        panic!("{decisions:?}")
    };
    assert_eq!(reply_to(second), Some(first.message.key));
}

#[test]
fn files_within_a_mail_are_kept_with_it_and_are_enough_to_store() {
    let mut world = World::new(Vec::new());
    let empty = Inbound {
        body: None,
        ..mail(&[])
    };
    assert_eq!(world.refuse(message(empty.clone(), None)), Refusal::Nothing);
    let file = File::new("a.txt", "text/plain", b"abc");
    let record = world.record(message(
        Inbound {
            files: vec![file.clone()],
            ..empty
        },
        None,
    ));
    let kept = MediaState::Kept {
        blob: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned(),
        size: 3,
        content_type: "text/plain".to_owned(),
    };
    let attachments = &record.message.detail.attachments;
    assert_eq!((attachments.len(), attachments[0].url.as_str()), (1, "a.txt"));
    assert_eq!(attachments[0].state, kept);
    assert_eq!(record.files, [file]);
}

#[test]
fn what_is_signed_once_only_makes_whatever_comes_with_it_again_a_repeat() {
    let mut world = World::new(Vec::new());
    let signed = |id: &str, token: &str| Change {
        keys: vec![SeenKey::message(id), SeenKey::replay(token)],
        ..message(mail(&[]), None)
    };
    let first = world.record(signed("1@maya", "token"));
    assert_eq!(first.seen.len(), 2);
    for again in [signed("1@maya", "other"), signed("2@maya", "token")] {
        let decisions = world.decide(&[again]);
        assert!(matches!(&decisions[0], Decision::Seen(receipt) if receipt.message == first.message.key));
    }
    world.record(signed("token", "1@maya"));
}
