//! Recording: once, in order, one contact a number, and still there after a restart.

use std::sync::Arc;

use inlet_core::{
    channel::MessageStatus,
    ids::ContactKey,
    inbound::Who,
    inbox::{Inbox, MessageQuery},
    intake::{Intake, Receipt, Refusal},
    message::Message,
    seen::{SeenKey, SeenKind},
};

use crate::engine::on_both;
use crate::world::{ELSEWHERE, Engine, HERE, SMS, World, change, inbound, sms};

const MAYA: &str = "+14155550119";

async fn a_message_is_recorded_once_and_survives_a_restart(engine: Engine) {
    let world = World::new(engine).await;
    let first = world.submit(sms("SM1", MAYA, "Hello")).await.unwrap();
    let repeat = world.submit(sms("SM1", MAYA, "Hello")).await.unwrap();
    assert_eq!(
        repeat,
        Receipt {
            repeated: true,
            ..first.clone()
        }
    );
    let other = world.submit(sms("SM1", MAYA, "Hello?")).await.unwrap();
    assert!(other.repeated && other.differs && other.message == first.message);
    let second = world.submit(sms("SM2", MAYA, "Are you there?")).await.unwrap();
    assert_eq!(second.contact, first.contact);

    let world = world.reopen().await;
    assert!(world.submit(sms("SM1", MAYA, "Hello")).await.unwrap().repeated);
    let message: Message = world.store.message(HERE, second.message).await.unwrap().unwrap();
    assert_eq!(message.body.as_deref(), Some("Are you there?"));
    assert_eq!((message.seq, message.before), (2, Some(first.message)));
    assert_eq!(message.external_id.as_deref(), Some("SM2"));
    assert_eq!((message.provider, message.status), (SMS, MessageStatus::Delivered));
    assert_eq!(
        world.store.message(ELSEWHERE, second.message).await.unwrap(),
        None,
        "a foreign id is an unknown one"
    );
    let conversation = world.store.conversation(HERE, first.contact).await.unwrap().unwrap();
    assert_eq!((conversation.count, conversation.unread), (2, 2));
    assert_eq!(conversation.name.as_deref(), Some("Maya Okafor"));
    assert_eq!(conversation.phone.as_deref(), Some(MAYA));
    assert_eq!(conversation.last.unwrap().key, second.message);
    assert_eq!(world.store.conversation(ELSEWHERE, first.contact).await.unwrap(), None);
}

async fn many_at_once_leave_one_contact_and_no_gap(engine: Engine) {
    const SENDERS: usize = 64;
    const EACH: usize = 5;
    let world = Arc::new(World::new(engine).await);
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                for number in 0..EACH {
                    let change = sms(&format!("SM{sender}-{number}"), MAYA, "me too");
                    world.submit(change.clone()).await.unwrap();
                    assert!(world.submit(change).await.unwrap().repeated);
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let owners = world.store.by_identity(HERE, "(415) 555-0119").await.unwrap();
    let [contact] = owners[..] else {
        panic!("one number, one contact: {owners:?}");
    };
    assert_eq!(sequences(&world, contact).await, (1..=320).rev().collect::<Vec<_>>());
    assert_eq!(world.engine.number("select count(*) from contact"), 1);
}

async fn sequences(world: &World, contact: ContactKey) -> Vec<i64> {
    let mut query = MessageQuery {
        location: HERE,
        contact,
        before: None,
        channels: Vec::new(),
        limit: 100,
    };
    let mut found = Vec::new();
    for _ in 0..10 {
        let page = world.store.messages(&query).await.unwrap();
        query.before = page.messages.last().map(|message| message.key);
        found.extend(page.messages.iter().map(|message| message.seq));
        if !page.more {
            return found;
        }
    }
    panic!("the pages come to an end");
}

async fn a_refused_change_spoils_no_neighbour(engine: Engine) {
    let world = World::new(engine).await;
    let known = world.submit(sms("SM1", MAYA, "first")).await.unwrap().contact;
    let mut foreign = change("SM2", inbound(Who::Known(known), "not yours"));
    foreign.location = ELSEWHERE;
    let answers = world
        .store
        .submit(vec![
            change("SM3", inbound(Who::Known(known), "before")),
            foreign,
            change("SM4", inbound(Who::Known(ContactKey(1)), "nobody's")),
            change("SM5", inbound(Who::Known(known), "  ")),
            change("SM6", inbound(Who::Known(known), "after")),
        ])
        .await;
    assert!(answers[0].is_ok() && answers[4].is_ok());
    assert_eq!(answers[1], Err(Refusal::NoSuchContact));
    assert_eq!(answers[2], Err(Refusal::NoSuchContact));
    assert_eq!(answers[3], Err(Refusal::Nothing));
    // What SQLite holds in memory is in its place after this.
    let world = world.reopen().await;
    assert_eq!(world.engine.number("select max(seq) from message"), 3);
    assert_eq!(world.engine.number("select count(*) from seen"), 3);
}

async fn an_idempotency_key_with_another_body_is_refused(engine: Engine) {
    let world = World::new(engine).await;
    let keyed = |body: &str| {
        let mut keyed = sms("SM1", MAYA, body);
        keyed.keys = vec![SeenKey {
            kind: SeenKind::Idempotency,
            id: "once".to_owned(),
        }];
        keyed
    };
    let first = world.submit(keyed("Hello")).await.unwrap();
    assert_eq!(world.submit(keyed("Hello")).await.unwrap().message, first.message);
    assert_eq!(world.submit(keyed("Bye")).await, Err(Refusal::KeyReused));
}

/// A row of the hash table that another hash has must never swallow a message, whoever's that hash is.
async fn a_collision_of_hashes_swallows_nothing(engine: Engine) {
    for taken_by in [
        "update seen set check_hash = check_hash + 1",
        "update seen set check_hash = check_hash + 1, location_id = 102",
    ] {
        let world = World::new(engine.another()).await;
        let first = world.submit(sms("SM1", MAYA, "Hello")).await.unwrap();
        let world = world.reopen().await;
        world.engine.say(taken_by);
        let second = world.submit(sms("SM1", MAYA, "Hello")).await.unwrap();
        assert!(!second.repeated && second.message != first.message, "{taken_by}");
        let third = world.submit(sms("SM1", MAYA, "Hello")).await.unwrap();
        assert!(third.repeated && third.message == second.message, "{taken_by}");
        let found = world.store.by_external_id(HERE, "SM1").await.unwrap();
        assert!(found.iter().any(|message| message.key == second.message), "{taken_by}");
    }
}

async fn keys_go_on_when_the_clock_went_back(engine: Engine) {
    let world = World::new(engine).await;
    world.hands.advance(std::time::Duration::from_hours(1));
    let first = world.submit(sms("SM1", MAYA, "late")).await.unwrap();
    world.store.close().await;
    let back = crate::world::Hands::at(crate::world::START);
    let store = crate::world::start(crate::world::open(&world.engine, &back).await.unwrap(), &back);
    let second = store
        .submit(vec![sms("SM2", MAYA, "early")])
        .await
        .pop()
        .unwrap()
        .unwrap();
    assert!(second.message > first.message);
    assert!(store.keys().next(inlet_core::clock::Clock::now(&*back)) > first.message.0);
    assert_eq!(second.contact, first.contact);
}

on_both! {
    a_message_is_recorded_once_and_survives_a_restart,
    many_at_once_leave_one_contact_and_no_gap,
    a_refused_change_spoils_no_neighbour,
    an_idempotency_key_with_another_body_is_refused,
    a_collision_of_hashes_swallows_nothing,
    keys_go_on_when_the_clock_went_back,
}
