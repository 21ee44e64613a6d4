//! Later words: calls that end or go on, statuses, files that are fetched, mails that answer.

use std::time::Duration;

use inlet_core::{
    bell::Ring,
    blobs::Blobs,
    change::{Change, What},
    channel::{CallStatus, Channel, MessageStatus},
    clock::Clock,
    ids::MessageKey,
    inbound::{Attachment, Call, Email, File, Inbound, MediaState, Who},
    inbox::Inbox,
    intake::Refusal,
    outbox::{DeliveryQuery, Outbox},
};

use crate::engine::on_both;
use crate::world::{ELSEWHERE, Engine, HERE, SMS, World, change, inbound, phone};

fn word(what: What) -> Change {
    Change {
        location: HERE,
        provider: SMS,
        keys: Vec::new(),
        fingerprint: 0,
        what,
    }
}

fn call(status: CallStatus) -> Inbound {
    let mut call = inbound(phone("+14155550119"), "");
    call.channel = Channel::Call;
    call.detail.call = Some(Call {
        status,
        duration: None,
        announced: false,
    });
    call
}

async fn deliveries(world: &World, message: MessageKey) -> usize {
    let query = DeliveryQuery {
        message: Some(message),
        limit: 10,
        ..DeliveryQuery::default()
    };
    world.store.list(&query).await.unwrap().len()
}

async fn a_call_is_announced_once_at_its_end_or_when_it_goes_on_for_long(engine: Engine) {
    let world = World::new(engine).await;
    world.subscribe(1).await;
    let ends = world
        .submit(change("CA1", call(CallStatus::Pending)))
        .await
        .unwrap()
        .message;
    let goes_on = world
        .submit(change("CA2", call(CallStatus::Pending)))
        .await
        .unwrap()
        .message;
    assert_eq!(deliveries(&world, ends).await, 0);
    let status = |message, status, duration| {
        word(What::Call {
            message,
            status,
            duration,
        })
    };
    world.hands.advance(Duration::from_mins(2));
    world
        .submit(status(ends, CallStatus::Completed, Some(120)))
        .await
        .unwrap();
    assert_eq!(deliveries(&world, ends).await, 1);
    assert_eq!(
        world.submit(status(ends, CallStatus::Pending, None)).await,
        Err(Refusal::Stale)
    );
    assert!(
        world
            .store
            .overdue_calls(world.hands.now(), 9)
            .await
            .unwrap()
            .is_empty()
    );
    world.hands.advance(Duration::from_mins(9));
    let overdue = world.store.overdue_calls(world.hands.now(), 9).await.unwrap();
    assert_eq!(overdue, [(HERE, SMS, goes_on)]);
    world
        .submit(word(What::CallOverdue { message: goes_on }))
        .await
        .unwrap();
    assert_eq!(deliveries(&world, goes_on).await, 1);
    assert!(
        world
            .store
            .overdue_calls(world.hands.now(), 9)
            .await
            .unwrap()
            .is_empty()
    );

    let world = world.reopen().await;
    let kept = world.store.message(HERE, ends).await.unwrap().unwrap();
    let call = kept.detail.call.unwrap();
    assert_eq!((call.status, call.duration), (CallStatus::Completed, Some(120)));
}

async fn a_status_moves_on_but_never_back(engine: Engine) {
    let world = World::new(engine).await;
    let message = world
        .submit(change("SM1", inbound(phone("+14155550119"), "Hello")))
        .await
        .unwrap()
        .message;
    let status = |status| {
        word(What::Status {
            message,
            status,
            error: None,
        })
    };
    world.submit(status(MessageStatus::Read)).await.unwrap();
    assert_eq!(world.submit(status(MessageStatus::Sent)).await, Err(Refusal::Stale));
    let mut foreign = status(MessageStatus::Failed);
    foreign.location = ELSEWHERE;
    assert_eq!(world.submit(foreign).await, Err(Refusal::NoSuchMessage));
    let kept = world.store.message(HERE, message).await.unwrap().unwrap();
    assert_eq!(kept.status, MessageStatus::Read);
}

async fn a_file_waits_until_it_is_kept(engine: Engine) {
    let world = World::new(engine).await;
    let mut picture = inbound(phone("+14155550119"), "look");
    picture.detail.attachments = ["a", "b"]
        .map(|name| Attachment {
            url: format!("https://vendor.example/{name}"),
            content_type: None,
            state: MediaState::Pending,
        })
        .to_vec();
    let message = world.submit(change("MM1", picture)).await.unwrap().message;
    let waiting = world.store.pending(9).await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!((waiting[1].index, waiting[1].tries), (1, 0));
    let later = world.hands.now() + Duration::from_secs(5);
    world.store.postpone(&waiting[0], later).await.unwrap();
    let blob = world.store.put(HERE, b"pixels".to_vec()).await.unwrap();
    assert_eq!(world.store.put(HERE, b"pixels".to_vec()).await.unwrap(), blob);
    assert_eq!(
        world.store.get(HERE, &blob).await.unwrap().as_deref(),
        Some(b"pixels".as_slice())
    );
    assert_eq!(world.store.get(ELSEWHERE, &blob).await.unwrap(), None);
    let state = MediaState::Kept {
        blob,
        size: 6,
        content_type: "image/png".to_owned(),
    };
    let kept = word(What::Media {
        message,
        index: 1,
        state: state.clone(),
    });
    world.submit(kept).await.unwrap();
    // The bell is rung after the answer, but before the next transaction.
    assert!(world.hands.rings.lock().unwrap().contains(&Ring::Media));
    let waiting = world.store.pending(9).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].index, waiting[0].tries, waiting[0].due_at), (0, 1, later));
    let stored = world.store.message(HERE, message).await.unwrap().unwrap();
    assert_eq!(stored.detail.attachments[1].state, state);
}

async fn mails_that_answer_one_another_are_one_thread(engine: Engine) {
    let world = World::new(engine).await;
    let mail = |who: Who, reply_to| {
        let mut mail = inbound(who, "<p>Hello</p>");
        mail.channel = Channel::Email;
        mail.detail.email = Some(Email {
            reply_to,
            ..Email::default()
        });
        mail
    };
    let first = world
        .submit(change("m1", mail(phone("+14155550119"), None)))
        .await
        .unwrap();
    let who = Who::Known(first.contact);
    let second = world
        .submit(change("m2", mail(who.clone(), Some(first.message))))
        .await
        .unwrap();
    let third = world
        .submit(change("m3", mail(who.clone(), Some(second.message))))
        .await
        .unwrap();
    let thread = world.store.thread(HERE, first.message).await.unwrap();
    assert_eq!(thread, [first.message, second.message, third.message]);
    assert!(world.store.thread(ELSEWHERE, first.message).await.unwrap().is_empty());
    let mut by_id = mail(who.clone(), None);
    by_id.answers = vec!["unknown".to_owned(), "m3".to_owned()];
    by_id.files = vec![File::new("a.txt", "text/plain", b"enclosed")];
    let fourth = world.submit(change("m5", by_id)).await.unwrap();
    assert_eq!(world.store.thread(HERE, first.message).await.unwrap().len(), 4);
    let kept = world.store.message(HERE, fourth.message).await.unwrap().unwrap();
    assert_eq!(kept.detail.email.unwrap().reply_to, Some(third.message));
    let MediaState::Kept { blob, .. } = &kept.detail.attachments[0].state else {
        panic!("{:?}", kept.detail.attachments);
    };
    let bytes = world.store.get(HERE, blob).await.unwrap();
    assert_eq!(bytes.as_deref(), Some(b"enclosed".as_slice()));
    let astray = world.submit(change("m4", mail(who, Some(MessageKey(5))))).await;
    assert_eq!(astray, Err(Refusal::NoSuchEmail));
}

on_both! {
    a_call_is_announced_once_at_its_end_or_when_it_goes_on_for_long,
    a_status_moves_on_but_never_back,
    a_file_waits_until_it_is_kept,
    mails_that_answer_one_another_are_one_thread,
}
