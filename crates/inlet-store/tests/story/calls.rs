//! Calls that only the vendor's id names: words in any order, in one batch or many, make one message with its recording.

use inlet_core::{
    bell::Ring,
    blobs::Blobs,
    change::Change,
    channel::{CallStatus, Channel},
    inbound::{Attachment, Call, MediaState, Person, Who},
    inbox::Inbox,
    intake::Intake,
    seen::SeenKey,
};

use crate::engine::on_both;
use crate::world::{Engine, HERE, World, change, inbound, phone};

pub(crate) fn word(who: Who, status: CallStatus, recording: bool) -> Change {
    let mut call = inbound(who, "");
    (call.channel, call.body) = (Channel::Call, None);
    call.detail.call = Some(Call {
        status,
        duration: None,
        announced: false,
    });
    if recording {
        call.detail.attachments.push(Attachment {
            url: "https://api.twilio.com/RE1.mp3".to_owned(),
            content_type: Some("audio/mpeg".to_owned()),
            state: MediaState::Pending,
        });
    }
    Change {
        keys: vec![SeenKey::call("CA1")],
        ..change("", call)
    }
}

pub(crate) fn caller() -> Who {
    phone("+14155550119")
}

pub(crate) fn nobody() -> Who {
    Who::Person(Person::default())
}

async fn words_of_many_batches_make_one_message_and_its_recording_waits_to_be_fetched(engine: Engine) {
    let world = World::new(engine).await;
    let first = world.submit(word(caller(), CallStatus::Pending, false)).await.unwrap();
    let world = world.reopen().await;
    for (change, repeated) in [
        (word(caller(), CallStatus::Completed, false), false),
        (word(caller(), CallStatus::Pending, false), true),
        (word(nobody(), CallStatus::Voicemail, true), false),
        (word(nobody(), CallStatus::Voicemail, true), true),
    ] {
        let receipt = world.submit(change).await.unwrap();
        assert_eq!(
            (receipt.message, receipt.repeated, receipt.differs),
            (first.message, repeated, false)
        );
    }
    let kept = world.store.message(HERE, first.message).await.unwrap().unwrap();
    assert_eq!(kept.detail.call.map(|call| call.status), Some(CallStatus::Voicemail));
    assert_eq!(kept.detail.attachments.len(), 1);
    let waiting = world.store.pending(9).await.unwrap();
    assert_eq!(
        waiting.iter().map(|file| file.message).collect::<Vec<_>>(),
        [first.message]
    );
    let rings = world.hands.rings.lock().unwrap();
    assert_eq!(
        rings.iter().filter(|ring| **ring == Ring::Media).count(),
        1,
        "whoever fetches it is called"
    );
}

async fn words_of_one_batch_make_one_message(engine: Engine) {
    let world = World::new(engine).await;
    let batch = vec![
        word(caller(), CallStatus::Voicemail, true),
        word(caller(), CallStatus::Pending, false),
        word(nobody(), CallStatus::Voicemail, true),
    ];
    let receipts: Vec<_> = world
        .store
        .submit(batch)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert!(receipts.iter().all(|receipt| receipt.message == receipts[0].message));
    let page = world.store.message(HERE, receipts[0].message).await.unwrap().unwrap();
    assert_eq!((page.seq, page.detail.attachments.len()), (1, 1));
    assert_eq!(world.store.pending(9).await.unwrap().len(), 1);
}

on_both! {
    words_of_many_batches_make_one_message_and_its_recording_waits_to_be_fetched,
    words_of_one_batch_make_one_message,
}
