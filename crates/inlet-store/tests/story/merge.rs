//! Two contacts are one person, and then two after all: whatever is asked by the old id, and wherever a message goes.

use std::time::Duration;

use inlet_core::{
    address::EmailAddress,
    change::{Change, Mark},
    contact::{Contact, ContactChange, Fields},
    contacts::Contacts,
    ids::{ContactKey, MessageKey},
    inbound::Who,
    inbox::{ConversationQuery, ExportQuery, Inbox, MessageQuery, Tallies},
    intake::Refusal,
};

use crate::engine::on_both;
use crate::world::{ELSEWHERE, Engine, HERE, World, change, inbound, sms};

const MAYA: &str = "+14155550101";
const OTHER: &str = "+14155550102";

/// One person with two numbers, who wrote from each in turn: five messages, the last from the second number.
async fn two_numbers(engine: Engine) -> (World, ContactKey, ContactKey, Vec<MessageKey>) {
    let world = World::new(engine).await;
    let mut keys = Vec::new();
    let (mut first, mut second) = (ContactKey(0), ContactKey(0));
    for (place, number) in [MAYA, OTHER, MAYA, MAYA, OTHER].into_iter().enumerate() {
        world.hands.advance(Duration::from_mins(20));
        let receipt = world.submit(sms(&format!("SM{place}"), number, "Hi")).await.unwrap();
        keys.push(receipt.message);
        if number == MAYA {
            first = receipt.contact;
        } else {
            second = receipt.contact;
        }
    }
    (world, first, second, keys)
}

async fn merge(world: &World, contact: ContactKey, into: ContactKey) {
    let change = Change::contact(HERE, ContactChange::Merge { contact, into });
    assert_eq!(world.submit(change).await.unwrap().contact, into);
}

async fn unmerge(world: &World, contact: ContactKey) -> Result<ContactKey, Refusal> {
    let change = Change::contact(HERE, ContactChange::Unmerge(contact));
    world.submit(change).await.map(|receipt| receipt.contact)
}

/// The whole thread, read in pages of two, oldest first; each message as one of whoever answers.
async fn thread(world: &World, contact: ContactKey) -> (ContactKey, Vec<MessageKey>) {
    let mut query = MessageQuery {
        location: HERE,
        contact,
        before: None,
        channels: Vec::new(),
        limit: 2,
    };
    let (mut keys, mut owners) = (Vec::new(), Vec::new());
    loop {
        let page = world.store.messages(&query).await.unwrap();
        keys.extend(page.messages.iter().map(|message| message.key));
        owners.extend(page.messages.iter().map(|message| message.contact));
        if !page.more {
            break;
        }
        query.before = keys.last().copied();
    }
    keys.reverse();
    owners.dedup();
    assert_eq!(owners.len(), 1, "{owners:?}");
    (owners[0], keys)
}

/// All that is shown of a location.
async fn shown(world: &World) -> (Vec<(ContactKey, i64, i64)>, u64, Tallies, Vec<Contact>) {
    let query = ConversationQuery::newest(HERE, 9);
    let (views, total) = world.store.conversations(&query).await.unwrap();
    let rows = views.iter().map(|view| (view.key, view.count, view.unread)).collect();
    let tallies = world.store.tallies(HERE).await.unwrap();
    let mut contacts = Vec::new();
    for view in &views {
        let mut contact = world.store.contact(HERE, view.key).await.unwrap().unwrap();
        contact.updated_at = contact.created_at;
        contacts.push(contact);
    }
    (rows, total, tallies, contacts)
}

async fn an_old_id_answers_as_the_other_and_the_thread_is_the_union(engine: Engine) {
    let (world, maya, other, keys) = two_numbers(engine).await;
    merge(&world, other, maya).await;
    let world = world.reopen().await;
    for id in [maya, other] {
        assert_eq!(thread(&world, id).await, (maya, keys.clone()));
        let view = world.store.conversation(HERE, id).await.unwrap().unwrap();
        assert_eq!((view.key, view.count, view.unread), (maya, 5, 5));
        assert_eq!(view.last.unwrap().key, keys[4], "it came to the other number");
        assert_eq!(world.store.contact(HERE, id).await.unwrap().unwrap().key, maya);
        let mut one = ConversationQuery::newest(HERE, 9);
        one.contact = Some(id);
        assert_eq!(world.store.conversations(&one).await.unwrap().1, 1);
        assert_eq!(exported(&world, id).await, keys);
        let merged = world.store.merged(HERE, id).await.unwrap();
        let merged: Vec<_> = merged.iter().map(|alias| (alias.contact.key, alias.into)).collect();
        assert_eq!(merged, [(other, maya)]);
    }
    assert_eq!(world.store.message(HERE, keys[1]).await.unwrap().unwrap().contact, maya);
    for number in [MAYA, OTHER] {
        assert_eq!(world.store.by_identity(HERE, number).await.unwrap(), [maya]);
    }
    let mut by_number = ConversationQuery::newest(HERE, 9);
    by_number.text = Some("5550102".to_owned());
    let (found, total) = world.store.conversations(&by_number).await.unwrap();
    assert_eq!((found[0].key, total), (maya, 1), "found by the number that it lost");
    let (rows, total, tallies, _) = shown(&world).await;
    assert_eq!((rows, total), (vec![(maya, 5, 5)], 1));
    assert_eq!((tallies.unread, tallies.starred), (1, 0));
    assert_eq!(world.store.conversation(ELSEWHERE, other).await.unwrap(), None);
}

async fn exported(world: &World, contact: ContactKey) -> Vec<MessageKey> {
    let query = ExportQuery {
        location: HERE,
        contact: Some(contact),
        channels: vec![inlet_core::channel::Channel::Sms],
        since: None,
        until: None,
        after: None,
        oldest_first: true,
        limit: 9,
        count: true,
    };
    let page = world.store.export(&query).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.messages.len()).ok());
    page.messages.iter().map(|message| message.key).collect()
}

async fn what_comes_to_either_goes_to_the_one_that_answers(engine: Engine) {
    let (world, maya, other, mut keys) = two_numbers(engine).await;
    merge(&world, other, maya).await;
    world.hands.advance(Duration::from_mins(20));
    for (id, who) in [
        ("SM10", sms("SM10", OTHER, "To the old number")),
        ("SM11", change("SM11", inbound(Who::Known(other), "To the old id"))),
    ] {
        let receipt = world.submit(who).await.unwrap();
        assert_eq!(receipt.contact, maya, "{id}");
        keys.push(receipt.message);
    }
    let again = world.submit(sms("SM1", OTHER, "Hi")).await.unwrap();
    assert_eq!(
        (again.repeated, again.contact),
        (true, other),
        "a repeat is answered as it was"
    );
    let read = world.submit(Change::mark(HERE, other, Mark::Read)).await.unwrap();
    assert_eq!(read.contact, maya);
    assert_eq!(thread(&world, other).await, (maya, keys.clone()));
    assert_eq!(shown(&world).await.0, [(maya, 7, 0)]);

    assert_eq!(unmerge(&world, other).await.unwrap(), other);
    let own = [keys[1], keys[4]];
    assert_eq!(thread(&world, other).await, (other, own.to_vec()));
    keys.retain(|key| !own.contains(key));
    assert_eq!(thread(&world, maya).await, (maya, keys), "what came since stays");
    assert_eq!(shown(&world).await.0, [(maya, 5, 0), (other, 2, 0)], "all was read");
}

async fn undoing_is_exact(engine: Engine) {
    let (world, maya, other, _) = two_numbers(engine).await;
    world.submit(Change::mark(HERE, other, Mark::Starred)).await.unwrap();
    let third = world.submit(sms("SM9", "+14155550103", "Hi")).await.unwrap().contact;
    let mail = Fields {
        email: Some(Some(EmailAddress::parse("maya@okafor.example").unwrap())),
        ..Fields::default()
    };
    let silent = ContactChange::Create(Box::new(mail));
    let silent = world.submit(Change::contact(HERE, silent)).await.unwrap().contact;
    let before = shown(&world).await;
    // Others into the silent one, which has no message of its own; then all of that into Maya.
    merge(&world, third, other).await;
    merge(&world, other, silent).await;
    assert_eq!(shown(&world).await.0, [(silent, 3, 3), (maya, 3, 3)]);
    merge(&world, silent, maya).await;
    assert_eq!(shown(&world).await.0, [(maya, 6, 6)]);
    assert_eq!(
        world
            .store
            .contact(HERE, third)
            .await
            .unwrap()
            .unwrap()
            .email
            .as_deref(),
        Some("maya@okafor.example"),
        "what was not known of Maya is known now"
    );
    assert!(
        matches!(unmerge(&world, other).await, Err(Refusal::NotApart(_))),
        "not out of their order"
    );
    let world = world.reopen().await;
    for contact in [silent, other, third] {
        assert_eq!(unmerge(&world, contact).await.unwrap(), contact);
    }
    assert_eq!(shown(&world).await, before);
    assert!(
        matches!(unmerge(&world, third).await, Err(Refusal::NotApart(_))),
        "once"
    );
    assert_eq!(world.store.conversation(HERE, silent).await.unwrap().unwrap().count, 0);
}

async fn who_is_forgotten_takes_along_whom_they_were_merged_with(engine: Engine) {
    let (world, maya, other, keys) = two_numbers(engine).await;
    merge(&world, other, maya).await;
    let gone = Change::contact(HERE, ContactChange::Delete(other));
    assert_eq!(world.submit(gone).await.unwrap().contact, maya);
    for id in [maya, other] {
        assert_eq!(world.store.contact(HERE, id).await.unwrap(), None);
        assert_eq!(world.store.conversation(HERE, id).await.unwrap(), None);
    }
    for key in keys {
        assert_eq!(world.store.message(HERE, key).await.unwrap(), None);
    }
    for number in [MAYA, OTHER] {
        assert_eq!(world.store.by_identity(HERE, number).await.unwrap(), []);
        let new = world.submit(sms(number, number, "Hi")).await.unwrap().contact;
        assert!(new != maya && new != other, "the number is nobody's again");
    }
}

on_both! {
    an_old_id_answers_as_the_other_and_the_thread_is_the_union,
    what_comes_to_either_goes_to_the_one_that_answers,
    undoing_is_exact,
    who_is_forgotten_takes_along_whom_they_were_merged_with,
}
