//! Two nodes on one database, in one process: their keys, what one learns of the other, and claims that are made once.

use std::{collections::HashSet, time::Duration};

use inlet_core::{
    Timestamp,
    backlog::Backlog,
    clock::Clock,
    delivery::{Fate, Settlement},
    directory::{Directory, Entry},
    ids::{DeliveryKey, DestinationKey, LocationKey},
    intake::Intake,
    outbox::Outbox,
};
use inlet_store::Store;

use crate::engine::on_both;
use crate::outbox::{room, settlement};
use crate::search::{found, index};
use crate::world::{Engine, Hands, START, World, location, open, sms, start};

/// Another node over the same store, under the same clock.
pub(crate) async fn another(world: &World) -> Store {
    start(open(&world.engine, &world.hands).await.unwrap(), &world.hands)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn nodes_have_numbers_of_their_own_and_learn_what_the_other_wrote() {
    let world = World::new(Engine::postgres()).await;
    let other = another(&world).await;
    let node = |store: &Store| (store.keys().next(world.hands.now()) >> 16) & 63;
    assert_ne!(node(&world.store), node(&other));
    let new = location(LocationKey(900), "newNewNewNewNewNewNe");
    world.store.write(Entry::Location(new)).await.unwrap();
    other.refresh().await;
    assert!(other.registry().location(LocationKey(900)).is_some());
    let version = world.store.registry().version();
    let both = (0..20).map(|number| {
        let store = if number % 2 == 0 { &world.store } else { &other };
        let id = format!("{number:020}");
        store.write(Entry::Location(location(LocationKey(1000 + number), &id)))
    });
    for written in futures_util::future::join_all(both).await {
        written.unwrap();
    }
    world.store.refresh().await;
    assert_eq!(world.store.registry().version(), version + 20, "no change is lost");
    other.close().await;
    let third = another(&world).await;
    assert_eq!(
        world.engine.number("select count(*) from lease"),
        2,
        "a number that was given back is taken again"
    );
    third.close().await;
}

/// The other node's clock is behind, so that its keys are below those that are in the index already.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn what_comes_in_below_the_newest_is_found_by_search_within_a_minute() {
    let world = World::new(Engine::postgres()).await;
    let behind = Hands::at(START - 20_000);
    let other = start(open(&world.engine, &behind).await.unwrap(), &behind);
    world.submit(sms("SM1", "+14155550101", "first")).await.unwrap();
    index(&world).await;
    let late = other.submit(vec![sms("SM2", "+14155550102", "late")]).await;
    assert!(late.iter().all(Result::is_ok));
    index(&world).await;
    assert_eq!(found(&world, "late").await, Vec::<String>::new());
    assert_eq!(found(&world, "first").await, ["first"]);
    world.hands.advance(Duration::from_mins(1));
    index(&world).await;
    assert_eq!(found(&world, "late").await, ["late"]);
    other.close().await;
}

/// On PostgreSQL half of them are another node's.
async fn eight_claimers_claim_each_delivery_once(engine: Engine) {
    let wanted = claims();
    let world = World::new(engine).await;
    let to = world.subscribe(1).await;
    let other = if world.engine.is_postgres() {
        another(&world).await
    } else {
        world.store.clone()
    };
    for batch in 0..wanted / 500 {
        let changes = (0..500).map(|number| {
            sms(
                &format!("SM{batch}-{number}"),
                &format!("+1415555{:04}", 1000 + number),
                "Hi",
            )
        });
        assert!(world.store.submit(changes.collect()).await.iter().all(Result::is_ok));
    }
    let times = (world.hands.now(), world.hands.now() + Duration::from_secs(30));
    let claimers: Vec<_> = (0..8)
        .map(|number| {
            let store = if number % 2 == 0 { &world.store } else { &other };
            tokio::spawn(claim_all(store.clone(), to, times))
        })
        .collect();
    let mut claimed = Vec::new();
    for claimer in claimers {
        claimed.append(&mut claimer.await.unwrap());
    }
    let distinct: HashSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (wanted, wanted));
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn a_node_that_stood_still_past_its_lease_changes_nothing_that_is_no_longer_its_own() {
    let world = World::new(Engine::postgres()).await;
    let to = world.subscribe(1).await;
    world.submit(sms("SM1", "+14155550119", "Hi")).await.unwrap();
    let other = another(&world).await;
    let room = room(to, 1);
    let lease = || world.hands.now() + Duration::from_secs(30);
    let late = world
        .store
        .claim(world.hands.now(), lease(), &[room])
        .await
        .unwrap()
        .remove(0);
    assert!(
        other
            .claim(world.hands.now(), lease(), &[room])
            .await
            .unwrap()
            .is_empty()
    );
    world.hands.advance(Duration::from_secs(31));
    assert_eq!(other.recover(world.hands.now()).await, Ok(1));
    let current = other
        .claim(world.hands.now(), lease(), &[room])
        .await
        .unwrap()
        .remove(0);
    let settled = |lease| Settlement {
        lease,
        ..settlement(&world, &late, Fate::Delivered)
    };
    assert_eq!(world.store.settle(vec![settled(late.lease)]).await, Ok(1), "lost");
    assert_eq!(world.engine.number("select status from delivery"), 1, "still leased");
    assert_eq!(other.settle(vec![settled(current.lease)]).await, Ok(0));
    assert_eq!(world.engine.number("select status from delivery"), 3, "delivered");
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn what_only_one_may_do_is_one_nodes_until_it_stands_still_or_ends() {
    let world = World::new(Engine::postgres()).await;
    let other = another(&world).await;
    for _ in 0..3 {
        assert_eq!(world.store.leads().await, Ok(true));
        assert_eq!(other.leads().await, Ok(false));
        world.hands.advance(Duration::from_secs(9));
    }
    world.hands.advance(Duration::from_secs(2));
    assert_eq!(other.leads().await, Ok(true), "the first one stood still");
    assert_eq!(world.store.leads().await, Ok(false));
    let epoch = "select epoch from lease where name = 'chores'";
    assert_eq!(world.engine.number(epoch), 2, "each change of hands is counted");
    other.close().await;
    assert_eq!(world.store.leads().await, Ok(true), "it was given back");
}

async fn claim_all(store: Store, to: DestinationKey, (now, until): (Timestamp, Timestamp)) -> Vec<DeliveryKey> {
    let room = room(to, 50);
    let mut claimed = Vec::new();
    loop {
        let found = store.claim(now, until, &[room]).await.unwrap();
        if found.is_empty() {
            return claimed;
        }
        claimed.extend(found.iter().map(|delivery| delivery.key));
    }
}

on_both! {
    eight_claimers_claim_each_delivery_once,
}

/// More in `script/prove`.
#[expect(clippy::disallowed_methods, reason = "the large number comes from outside")]
fn claims() -> usize {
    let given = std::env::var("INLET_CLAIMS").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(20_000)
}
