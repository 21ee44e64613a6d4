//! Contacts who opt out and in by a word: kept with the message that says so, on both engines and after a restart.

use inlet_core::{
    channel::Channel,
    contacts::Contacts,
    directory::{Directory, Entry},
    intake::Intake,
};

use crate::engine::on_both;
use crate::world::{Engine, HERE, World, change, inbound, phone};

async fn status(world: &World, contact: inlet_core::ids::ContactKey) -> Option<String> {
    let found = world.store.contact(HERE, contact).await.unwrap().unwrap();
    let setting = found.profile.dnd_settings.get("SMS")?;
    Some(setting.status.clone())
}

async fn a_word_is_kept_with_its_message(engine: Engine) {
    let world = World::new(engine).await;
    let text = |id: &str, body: &str| change(id, inbound(phone("+14155550119"), body));
    let first = world.submit(text("SM1", "Hello")).await.unwrap();
    assert_eq!(status(&world, first.contact).await, None);
    let steps = [
        ("SM2", "Stop.", Some("active")),
        ("SM3", "yes", Some("inactive")),
        ("SM2", "Stop.", Some("inactive")),
    ];
    for (id, body, expected) in steps {
        let receipt = world.submit(text(id, body)).await.unwrap();
        assert_eq!(receipt.contact, first.contact);
        assert_eq!(status(&world, first.contact).await.as_deref(), expected, "{id}");
    }
    let batch = vec![
        change("SM4", inbound(phone("+14155550120"), "Hello")),
        change("SM5", inbound(phone("+14155550120"), "stop")),
        change("SM6", inbound(phone("+14155550120"), "start")),
        change("SM7", inbound(phone("+14155550120"), "stop")),
    ];
    let receipts = world.store.submit(batch).await;
    let contact = receipts[0].as_ref().unwrap().contact;
    assert_eq!(status(&world, contact).await.as_deref(), Some("active"), "one batch");
    let world = world.reopen().await;
    assert_eq!(status(&world, contact).await.as_deref(), Some("active"));
    assert_eq!(status(&world, first.contact).await.as_deref(), Some("inactive"));
}

async fn a_location_has_words_of_its_own(engine: Engine) {
    let world = World::new(engine).await;
    let mut location = world.store.registry().location(HERE).unwrap().clone();
    location.words.stop = vec!["basta".to_owned()];
    location.words.channels = vec![Channel::WhatsApp, Channel::Sms];
    let words = location.words.clone();
    world.store.write(Entry::LocationEdit(location)).await.unwrap();
    let world = world.reopen().await;
    assert_eq!(world.store.registry().location(HERE).unwrap().words, words);
    for (id, body, expected) in [("SM1", "stop", None), ("SM2", "Basta!", Some("active"))] {
        let receipt = world
            .submit(change(id, inbound(phone("+14155550119"), body)))
            .await
            .unwrap();
        assert_eq!(status(&world, receipt.contact).await.as_deref(), expected, "{body}");
    }
}

on_both! {
    a_word_is_kept_with_its_message,
    a_location_has_words_of_its_own,
}
