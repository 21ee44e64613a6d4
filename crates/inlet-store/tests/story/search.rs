//! Full-text search: what is recorded is found by its words on either engine alike, later and without ingest, also after a
//! kill, and never at another location.

use std::time::Duration;

use inlet_core::{
    change::Change,
    contact::ContactChange,
    inbound::{Detail, Email},
    intake::Intake,
    search::{Mark, Search, SearchQuery, Term},
};

use crate::engine::on_both;
use crate::world::{ELSEWHERE, Engine, HERE, World, change, inbound, phone, sms};

fn asked(terms: Vec<Term>) -> SearchQuery {
    SearchQuery {
        location: HERE,
        terms,
        before: None,
        since: None,
        until: None,
        limit: 10,
    }
}

/// The texts that are found by what is typed: pieces between `+`, turned around by `-`.
pub(crate) async fn found(world: &World, typed: &str) -> Vec<String> {
    let term = |piece: &str| {
        let (not, bare) = piece.strip_prefix('-').map_or((false, piece), |rest| (true, rest));
        Term::typed(bare, !bare.ends_with('*')).map(|term| Term { not, ..term })
    };
    let query = asked(typed.split('+').filter_map(term).collect());
    let messages = world.store.search(&query).await.unwrap();
    messages.into_iter().filter_map(|message| message.body).collect()
}

/// Turns the chore until there is no more, once all transactions have surely come in.
pub(crate) async fn index(world: &World) {
    world.hands.advance(Duration::from_secs(2));
    for _ in 0..100 {
        if !world.store.index_on().await.unwrap() {
            return;
        }
    }
    panic!("the chore comes to no end");
}

async fn what_is_recorded_is_found_by_its_words(engine: Engine) {
    let world = World::new(engine).await;
    world
        .submit(sms("SM1", "+14155550101", "Is Thursday free?"))
        .await
        .unwrap();
    world
        .submit(sms("SM2", "+14155550102", "Café at (415) 555-0199, Thursday morning"))
        .await
        .unwrap();
    let mut mail = inbound(phone("+14155550103"), "<p>The <b>invoice</b> is attached</p>");
    mail.detail = Detail {
        email: Some(Email {
            subject: Some("Réf. 2031".to_owned()),
            html: true,
            ..Email::default()
        }),
        ..Detail::default()
    };
    world.submit(change("SM3", mail)).await.unwrap();
    assert_eq!(
        found(&world, "thursday").await,
        Vec::<String>::new(),
        "ingest does not touch the index"
    );
    index(&world).await;
    let (one, two, three) = (
        "Is Thursday free?",
        "Café at (415) 555-0199, Thursday morning",
        "<p>The <b>invoice</b> is attached</p>",
    );
    let cases: [(&str, &[&str]); 12] = [
        ("thursday", &[two, one]),
        ("THURSDAY+free", &[one]),
        ("thurs", &[]),
        ("thurs*", &[two, one]),
        ("cafe", &[two]),
        ("thursday morning", &[two]),
        ("morning thursday", &[]),
        ("thursday+-free", &[two]),
        ("-thursday", &[three]),
        ("+1 415 555 0199".trim_start_matches('+'), &[two]),
        ("ref+invoice", &[three]),
        ("b", &[]),
    ];
    for (typed, expected) in cases {
        assert_eq!(found(&world, typed).await, expected, "{typed}");
    }
    for (mark, count) in [(Mark::Subject("2031".to_owned()), 1), (Mark::Any, 3), (Mark::File, 0)] {
        let query = asked(vec![Term::marked(&mark)]);
        assert_eq!(world.store.search(&query).await.unwrap().len(), count, "{mark:?}");
    }
    let elsewhere = SearchQuery {
        location: ELSEWHERE,
        ..asked(Term::typed("thursday", true).into_iter().collect())
    };
    assert!(world.store.search(&elsewhere).await.unwrap().is_empty());
}

async fn hits_are_paged_and_bounded_by_time(engine: Engine) {
    let world = World::new(engine).await;
    for place in 0..5 {
        world.hands.advance(Duration::from_mins(1));
        world
            .submit(sms(&format!("SM{place}"), "+14155550101", &format!("hello {place}")))
            .await
            .unwrap();
    }
    index(&world).await;
    let mut query = asked(Term::typed("hello", true).into_iter().collect());
    query.limit = 2;
    let first = world.store.search(&query).await.unwrap();
    query.before = first.last().map(|message| message.key);
    let second = world.store.search(&query).await.unwrap();
    let bodies: Vec<_> = first
        .iter()
        .chain(&second)
        .filter_map(|message| message.body.as_deref())
        .collect();
    assert_eq!(bodies, ["hello 4", "hello 3", "hello 2", "hello 1"]);
    query.before = None;
    query.since = Some(first[1].created_at);
    query.until = Some(first[0].created_at);
    let bounded = world.store.search(&query).await.unwrap();
    assert_eq!(
        bounded.iter().map(|message| message.key).collect::<Vec<_>>(),
        [first[1].key]
    );
}

async fn the_index_catches_up_after_a_restart_and_takes_nothing_up_twice(engine: Engine) {
    let world = World::new(engine).await;
    let batch = (0..450).map(|place| sms(&format!("SM{place}"), "+14155550101", "again and again"));
    world.store.submit(batch.collect()).await;
    world.hands.advance(Duration::from_secs(2));
    assert!(world.store.index_on().await.unwrap(), "one batch is not all");
    let world = world.reopen().await;
    index(&world).await;
    world.submit(sms("last", "+14155550101", "again")).await.unwrap();
    index(&world).await;
    index(&world).await;
    let mut query = asked(Term::typed("again", true).into_iter().collect());
    query.limit = 1_000;
    assert_eq!(world.store.search(&query).await.unwrap().len(), 451);
}

async fn what_is_erased_is_not_found(engine: Engine) {
    let world = World::new(engine).await;
    let receipt = world.submit(sms("SM1", "+14155550101", "a secret")).await.unwrap();
    world.submit(sms("SM2", "+14155550102", "no secret")).await.unwrap();
    index(&world).await;
    let gone = Change::contact(HERE, ContactChange::Delete(receipt.contact));
    world.submit(gone).await.unwrap();
    assert_eq!(found(&world, "secret").await, ["no secret"]);
    index(&world).await;
    assert_eq!(found(&world, "secret").await, ["no secret"]);
}

on_both! {
    what_is_recorded_is_found_by_its_words,
    hits_are_paged_and_bounded_by_time,
    the_index_catches_up_after_a_restart_and_takes_nothing_up_twice,
    what_is_erased_is_not_found,
}
