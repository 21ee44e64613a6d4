//! Reading: pages of a conversation, lists of conversations, and what is found by an id or a number.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    bell::Ring,
    change::{Change, Mark},
    channel::{Channel, Direction},
    ids::ContactKey,
    inbox::{ConversationQuery, Inbox, MessageQuery, Tallies},
    intake::{Intake, Refusal},
};

use crate::engine::on_both;
use crate::world::{ELSEWHERE, Engine, HERE, START, World, change, inbound, phone, sms};

/// Three people write; the second last, half an hour after the others, by WhatsApp.
async fn three_people(engine: Engine) -> (World, [ContactKey; 3]) {
    let world = World::new(engine).await;
    let mut people = [ContactKey(0); 3];
    for (place, number) in ["+14155550101", "+14155550102", "+14155550103"].into_iter().enumerate() {
        world.hands.advance(Duration::from_secs(1));
        people[place] = world
            .submit(sms(&format!("SM{place}"), number, "Hi"))
            .await
            .unwrap()
            .contact;
    }
    world.hands.advance(Duration::from_mins(30));
    let mut last = inbound(phone("+14155550102"), "again");
    last.channel = Channel::WhatsApp;
    last.direction = Direction::Outbound;
    world.submit(change("WA1", last)).await.unwrap();
    (world, people)
}

async fn keys(world: &World, query: &ConversationQuery) -> (Vec<ContactKey>, u64) {
    let (page, total) = world.store.conversations(query).await.unwrap();
    (page.iter().map(|view| view.key).collect(), total)
}

async fn conversations_are_listed_by_activity_and_paged(engine: Engine) {
    let (world, [first, second, third]) = three_people(engine).await;
    let mut query = ConversationQuery::newest(HERE, 2);
    assert_eq!(keys(&world, &query).await, (vec![second, third], 3));
    let (page, _) = world.store.conversations(&query).await.unwrap();
    query.after = Some((page[1].last_at, Some(page[1].key)));
    assert_eq!(keys(&world, &query).await, (vec![first], 3));
    query.after = Some((page[1].last_at, None));
    assert_eq!(keys(&world, &query).await, (vec![first], 3));
    query = ConversationQuery {
        oldest_first: true,
        after: None,
        ..query
    };
    assert_eq!(keys(&world, &query).await, (vec![first, third], 3));
    query.after = Some((page[1].last_at, Some(page[1].key)));
    assert_eq!(keys(&world, &query).await, (vec![second], 3));
    assert_eq!(
        keys(&world, &ConversationQuery::newest(ELSEWHERE, 9)).await,
        (vec![], 0)
    );
}

type Filter = fn(&mut ConversationQuery);

async fn conversations_are_filtered(engine: Engine) {
    let (world, [first, second, third]) = three_people(engine).await;
    let cases: [(Filter, Vec<ContactKey>); 7] = [
        (|query| query.unread = Some(true), vec![second, third, first]),
        (|query| query.unread = Some(false), vec![]),
        (
            |query| query.last_channels = vec![Channel::WhatsApp, Channel::Email],
            vec![second],
        ),
        (
            |query| query.last_direction = Some(Direction::Inbound),
            vec![third, first],
        ),
        (|query| query.text = Some("5550101".to_owned()), vec![first]),
        (|query| query.text = Some("MAYA".to_owned()), vec![second, third, first]),
        (|query| query.text = Some("%".to_owned()), vec![]),
    ];
    for (filter, expected) in cases {
        let mut query = ConversationQuery::newest(HERE, 9);
        filter(&mut query);
        let count = u64::try_from(expected.len()).unwrap();
        assert_eq!(keys(&world, &query).await, (expected, count), "{query:?}");
    }
    let mut one = ConversationQuery::newest(HERE, 9);
    one.contact = Some(third);
    assert_eq!(keys(&world, &one).await, (vec![third], 1));
}

async fn marks_last_and_lists_and_tallies_tell_them(engine: Engine) {
    let (world, [first, second, third]) = three_people(engine).await;
    let steps = [
        (first, Mark::Read),
        (second, Mark::Starred),
        (third, Mark::Read),
        (third, Mark::Unread),
        (third, Mark::Starred),
        (third, Mark::Unstarred),
    ];
    for (contact, mark) in steps {
        assert!(
            !world.submit(Change::mark(HERE, contact, mark)).await.unwrap().repeated,
            "{mark:?}"
        );
    }
    assert!(
        world
            .submit(Change::mark(HERE, first, Mark::Read))
            .await
            .unwrap()
            .repeated
    );
    let nobody = Change::mark(ELSEWHERE, first, Mark::Unread);
    assert_eq!(world.submit(nobody).await, Err(Refusal::NoSuchContact));

    // A message after the mark, in one batch with it, is unread again; the star stays.
    let together = vec![
        Change::mark(HERE, second, Mark::Read),
        sms("SM9", "+14155550102", "More"),
    ];
    assert!(world.store.submit(together).await.iter().all(Result::is_ok));
    let world = world.reopen().await;
    let cases: [(Filter, Vec<ContactKey>); 6] = [
        (|query| query.unread = Some(true), vec![second, third]),
        (|query| query.unread = Some(false), vec![first]),
        (|query| query.starred = Some(true), vec![second]),
        (|query| query.starred = Some(false), vec![third, first]),
        (|query| query.since = Some(late()), vec![second]),
        (|query| query.until = Some(late()), vec![third, first]),
    ];
    for (filter, expected) in cases {
        let mut query = ConversationQuery::newest(HERE, 9);
        filter(&mut query);
        let count = u64::try_from(expected.len()).unwrap();
        assert_eq!(keys(&world, &query).await, (expected, count), "{query:?}");
    }
    let tallies = world.store.tallies(HERE).await.unwrap();
    assert_eq!(tallies, Tallies { unread: 2, starred: 1 });
    assert_eq!(world.store.tallies(ELSEWHERE).await.unwrap(), Tallies::default());
    let rings = world.hands.rings.lock().unwrap();
    let marked = Ring::Mark {
        location: HERE,
        contact: third,
    };
    assert_eq!(rings.iter().filter(|ring| **ring == marked).count(), 4);
}

/// A quarter of an hour after the first ones wrote.
fn late() -> Timestamp {
    Timestamp::from_millisecond(START + 900_000).unwrap()
}

async fn a_conversation_is_paged_back_and_filtered_by_channel(engine: Engine) {
    let world = World::new(engine).await;
    let mut contact = ContactKey(0);
    for number in 0..450 {
        let mut one = inbound(phone("+14155550119"), "Hi");
        if number % 200 == 0 {
            one.channel = Channel::WhatsApp;
        }
        contact = world.submit(change(&format!("SM{number}"), one)).await.unwrap().contact;
    }
    let all = MessageQuery {
        location: HERE,
        contact,
        before: None,
        channels: Vec::new(),
        limit: 20,
    };
    let page = world.store.messages(&all).await.unwrap();
    assert_eq!((page.messages.len(), page.messages[0].seq, page.more), (20, 450, true));
    let older = MessageQuery {
        before: Some(page.messages[19].key),
        limit: 430,
        ..all.clone()
    };
    let rest = world.store.messages(&older).await.unwrap();
    assert_eq!(
        (rest.messages.len(), rest.messages[0].seq, rest.more),
        (430, 430, false)
    );
    let rare = MessageQuery {
        channels: vec![Channel::WhatsApp],
        ..all.clone()
    };
    let page = world.store.messages(&rare).await.unwrap();
    let found: Vec<i64> = page.messages.iter().map(|message| message.seq).collect();
    assert_eq!((found, page.more), (vec![401, 201, 1], false));
    let foreign = MessageQuery {
        location: ELSEWHERE,
        ..all
    };
    assert!(world.store.messages(&foreign).await.unwrap().messages.is_empty());
}

async fn a_message_is_found_by_the_vendors_id_and_a_contact_by_its_number(engine: Engine) {
    let (world, [first, second, _]) = three_people(engine).await;
    let found = world.store.by_external_id(HERE, "SM0").await.unwrap();
    assert_eq!(found.iter().map(|message| message.contact).collect::<Vec<_>>(), [first]);
    assert!(world.store.by_external_id(ELSEWHERE, "SM0").await.unwrap().is_empty());
    assert!(world.store.by_external_id(HERE, "SM9").await.unwrap().is_empty());
    assert_eq!(
        world.store.by_identity(HERE, "+1 415 555 0102").await.unwrap(),
        [second]
    );
    assert!(world.store.by_identity(HERE, "nobody").await.unwrap().is_empty());
    assert!(
        world
            .store
            .by_identity(ELSEWHERE, "+14155550102")
            .await
            .unwrap()
            .is_empty()
    );
}

on_both! {
    conversations_are_listed_by_activity_and_paged,
    conversations_are_filtered,
    marks_last_and_lists_and_tallies_tell_them,
    a_conversation_is_paged_back_and_filtered_by_channel,
    a_message_is_found_by_the_vendors_id_and_a_contact_by_its_number,
}
