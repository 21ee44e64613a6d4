//! Codes and refresh tokens: exchanged once, each by its own app; one that comes again takes the grant back.

use std::time::Duration;

use inlet_core::{
    chance::Chance,
    clock::{Clock, later},
    directory::{Directory, Entry},
    ids::{AppKey, GrantKey},
    registry::{App, Client, Grant, Subject},
    vouchers::{Exchange, Exchanged, Voucher, VoucherKind, Vouchers},
};

use crate::engine::on_both;
use crate::world::{Engine, HERE, World};

const APP: AppKey = AppKey(77);
const GRANT: GrantKey = GrantKey(88);

async fn world(engine: Engine) -> World {
    let world = World::new(engine).await;
    let now = world.hands.now();
    let app = App {
        key: APP,
        id: "6578278e879ad2646715ba9c".to_owned(),
        name: "Harbour Sync".to_owned(),
        client: Some(Client {
            id: "6578278e879ad2646715ba9c-abc".to_owned(),
            secret: [9; 32],
            redirect_uris: vec!["https://app.example/back".to_owned()],
            scopes: vec!["contacts.readonly".to_owned()],
            created_at: now,
        }),
    };
    world.store.write(Entry::App(app)).await.unwrap();
    let grant = Grant {
        key: GRANT,
        app: APP,
        subject: Subject::Agency("agency".to_owned()),
        scopes: vec!["contacts.readonly".to_owned()],
        created_at: now,
        revoked_at: None,
    };
    world.store.write(Entry::Grant(grant)).await.unwrap();
    world
}

fn code(world: &World, hash: [u8; 32]) -> Voucher {
    Voucher {
        kind: VoucherKind::Code,
        hash,
        app: APP,
        grant: GRANT,
        location: Some(HERE),
        redirect_uri: Some("https://app.example/back".to_owned()),
        valid_until: later(world.hands.now(), Duration::from_mins(10)),
    }
}

async fn exchange(world: &World, kind: VoucherKind, hash: [u8; 32], next: [u8; 32], app: AppKey) -> Exchanged {
    let now = world.hands.now();
    let exchange = Exchange {
        kind,
        hash,
        app,
        next,
        next_until: later(now, Duration::from_hours(1)),
    };
    world.store.exchange(exchange, now).await.unwrap()
}

async fn a_chain_of_exchanges_outlives_a_restart_and_ends_with_a_repeat(engine: Engine) {
    let world = world(engine).await;
    let mut hashes = [[0; 32]; 5];
    for hash in &mut hashes {
        world.hands.fill(hash);
    }
    let [first, second, third, fourth, fifth] = hashes;
    let issued = code(&world, first);
    world.store.issue(issued.clone(), world.hands.now()).await.unwrap();
    let other = exchange(&world, VoucherKind::Code, first, fifth, AppKey(1)).await;
    assert_eq!(other, Exchanged::Unknown, "another app's");
    let wrong = exchange(&world, VoucherKind::Refresh, first, fifth, APP).await;
    assert_eq!(wrong, Exchanged::Unknown, "a code is no refresh token");
    let good = exchange(&world, VoucherKind::Code, first, second, APP).await;
    assert_eq!(good, Exchanged::Good(issued.clone()));

    let world = world.reopen().await;
    let registry = world.store.registry();
    let app = registry.app(APP).unwrap();
    let client = app.client.as_ref().unwrap();
    assert_eq!((client.secret, client.redirect_uris.len()), ([9; 32], 1));
    assert_eq!(registry.builtin_app().map(|app| app.client.is_none()), Some(true));
    let Exchanged::Good(next) = exchange(&world, VoucherKind::Refresh, second, third, APP).await else {
        panic!("the refresh token that followed is good");
    };
    assert_eq!(
        (next.grant, next.location, next.redirect_uri),
        (GRANT, Some(HERE), None)
    );
    assert!(world.store.registry().grant(GRANT).is_some());

    let again = exchange(&world, VoucherKind::Refresh, second, fourth, APP).await;
    assert_eq!(again, Exchanged::Again);
    assert_eq!(world.store.registry().grant(GRANT), None, "taken back");
    let unborn = exchange(&world, VoucherKind::Refresh, fourth, fifth, APP).await;
    assert_eq!(unborn, Exchanged::Unknown, "a repeat gives nothing");
}

async fn a_voucher_is_good_until_its_time_is_over(engine: Engine) {
    let world = world(engine).await;
    let (late, next) = ([3; 32], [4; 32]);
    let now = world.hands.now();
    let voucher = Voucher {
        valid_until: now,
        ..code(&world, late)
    };
    world.store.issue(voucher, now).await.unwrap();
    let over = exchange(&world, VoucherKind::Code, late, next, APP).await;
    assert_eq!(over, Exchanged::Unknown);
    let fresh = code(&world, [5; 32]);
    world.store.issue(fresh, now).await.unwrap();
    assert_eq!(
        world.engine.number("select count(*) from voucher"),
        1,
        "the old one is swept"
    );
}

async fn of_two_that_exchange_at_once_one_is_served(engine: Engine) {
    let world = world(engine).await;
    world
        .store
        .issue(code(&world, [1; 32]), world.hands.now())
        .await
        .unwrap();
    let (one, other) = tokio::join!(
        exchange(&world, VoucherKind::Code, [1; 32], [2; 32], APP),
        exchange(&world, VoucherKind::Code, [1; 32], [3; 32], APP),
    );
    let good = [&one, &other]
        .iter()
        .filter(|outcome| matches!(outcome, Exchanged::Good(_)))
        .count();
    assert_eq!(good, 1, "{one:?} {other:?}");
    assert!([one, other].contains(&Exchanged::Again));
}

on_both! {
    a_chain_of_exchanges_outlives_a_restart_and_ends_with_a_repeat,
    a_voucher_is_good_until_its_time_is_over,
    of_two_that_exchange_at_once_one_is_served,
}
