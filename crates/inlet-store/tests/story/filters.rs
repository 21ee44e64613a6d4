//! A destination that asks for the tags of contacts: what they are when a message is recorded decides whether it hears.

use std::time::Duration;

use inlet_core::{
    backlog::Backlog,
    change::{Change, What},
    channel::{CallStatus, Channel},
    contact::{ContactChange, Edit},
    directory::{Directory, Entry},
    event::EventKind,
    ids::ContactKey,
    inbound::{Call, Who},
    outbox::{DeliveryQuery, Outbox},
    registry::Destination,
};

use crate::engine::on_both;
use crate::world::{Engine, HERE, SMS, World, change, inbound, sms};

async fn world(engine: Engine) -> World {
    let world = World::new(engine).await;
    let vip = Destination {
        filters: vec!["tag = vip".parse().unwrap()],
        events: vec![EventKind::InboundMessage],
        ..world.destination(1)
    };
    world.store.write(Entry::Destination(vip)).await.unwrap();
    world
}

async fn tag(world: &World, contact: ContactKey, edit: fn(Vec<String>) -> Edit) {
    let change = ContactChange::Edit(contact, edit(vec!["vip".to_owned()]));
    world.submit(Change::contact(HERE, change)).await.unwrap();
}

async fn heard(world: &World) -> usize {
    let query = DeliveryQuery {
        limit: 99,
        ..DeliveryQuery::default()
    };
    world.store.list(&query).await.unwrap().len()
}

async fn the_tags_of_its_contact_decide_who_hears_of_a_message(engine: Engine) {
    let world = world(engine).await;
    let maya = world.submit(sms("SM1", "+14155550101", "Hi")).await.unwrap().contact;
    assert_eq!(heard(&world).await, 0, "someone new has no tags");
    tag(&world, maya, Edit::AddTags).await;
    let both = vec![
        sms("SM2", "+14155550101", "by number"),
        sms("SM3", "+14155550102", "from another"),
        change("SM4", inbound(Who::Known(maya), "by id")),
    ];
    assert!(
        inlet_core::intake::Intake::submit(&world.store, both)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(heard(&world).await, 2);
    let world = world.reopen().await;
    world
        .submit(sms("SM5", "+14155550101", "after a restart"))
        .await
        .unwrap();
    assert_eq!(heard(&world).await, 3);
    tag(&world, maya, Edit::RemoveTags).await;
    world.submit(sms("SM6", "+14155550101", "no more")).await.unwrap();
    assert_eq!(heard(&world).await, 3);
    let counts = world.store.counts(None, 9).await.unwrap();
    assert_eq!((counts[0].pending, counts[0].held, counts[0].dead), (3, 0, 0));
    assert_eq!(world.store.measure().await.unwrap()[0].ready, 3);
}

async fn a_call_is_announced_by_the_tags_of_when_it_was_over(engine: Engine) {
    let world = world(engine).await;
    let mut call = inbound(crate::world::phone("+14155550101"), "");
    call.channel = Channel::Call;
    call.detail.call = Some(Call {
        status: CallStatus::Pending,
        duration: None,
        announced: false,
    });
    let begun = world.submit(change("CA1", call)).await.unwrap();
    tag(&world, begun.contact, Edit::AddTags).await;
    world.hands.advance(Duration::from_mins(1));
    let over = What::Call {
        message: begun.message,
        status: CallStatus::Completed,
        duration: Some(60),
    };
    world.submit(Change::later((HERE, SMS), over)).await.unwrap();
    assert_eq!(heard(&world).await, 1);
}

on_both! {
    the_tags_of_its_contact_decide_who_hears_of_a_message,
    a_call_is_announced_by_the_tags_of_when_it_was_over,
}
