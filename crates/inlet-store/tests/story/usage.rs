//! When tokens were last used and providers last heard of, and how the store says that it is doing.

use std::time::Duration;

use inlet_core::{
    clock::Clock,
    directory::{Directory, Entry},
    gauges::Gauges,
    ids::{ProviderKey, TokenKey},
    registry::{Provider, ProviderKind, Token},
    usage::{LastUse, Usage, Used},
};

use crate::engine::on_both;
use crate::world::{ELSEWHERE, Engine, HERE, World, change, inbound, phone};

const TOKEN: Used = Used::Token(TokenKey(3));
const PROVIDER: Used = Used::Provider(ProviderKey(700));

async fn furnish(world: &World) {
    let token = Token {
        key: TokenKey(3),
        hash: [5; 32],
        location: HERE,
        app: world.store.registry().builtin_app().unwrap().key,
        scopes: Vec::new(),
        hint: "ab12".to_owned(),
        created_at: world.hands.now(),
        revoked_at: None,
    };
    let provider = Provider {
        key: ProviderKey(700),
        id: "65f0c0ffee65f0c0ffee65f0".to_owned(),
        location: HERE,
        kind: ProviderKind::Sms,
        endpoint: None,
        adapter: None,
        account: None,
        number: None,
        delivery_url: None,
    };
    world.store.write(Entry::Token(token)).await.unwrap();
    world.store.write(Entry::Provider(provider, None)).await.unwrap();
}

async fn last_use(world: &World) -> LastUse {
    world.store.last_use(HERE).await.unwrap()
}

async fn what_is_used_is_known_at_once_and_after_a_restart(engine: Engine) {
    let world = World::new(engine).await;
    furnish(&world).await;
    assert_eq!(last_use(&world).await, LastUse::new());
    let first = world.hands.now();
    world.store.note(HERE, TOKEN, first);
    world.hands.advance(Duration::from_secs(7));
    let heard = world.hands.now();
    let mut message = change("SM1", inbound(phone("+14155550119"), "Hi"));
    message.provider = ProviderKey(700);
    world.submit(message).await.unwrap();
    let expected = LastUse::from([(TOKEN, first), (PROVIDER, heard)]);
    assert_eq!(last_use(&world).await, expected);
    assert_eq!(world.store.last_use(ELSEWHERE).await.unwrap(), LastUse::new());

    world.store.keep().await.unwrap();
    let version = world.store.registry().version();
    world.store.note(HERE, TOKEN, first);
    world.store.keep().await.unwrap();
    assert_eq!(
        world.store.registry().version(),
        version,
        "the registry is not read again for it"
    );
    let world = world.reopen().await;
    assert_eq!(last_use(&world).await, expected);

    let later = heard + Duration::from_mins(1);
    world.store.note(HERE, TOKEN, later);
    world.store.note(HERE, TOKEN, first);
    world.store.keep().await.unwrap();
    world.store.note(HERE, TOKEN, first);
    world.store.keep().await.unwrap();
    assert_eq!(last_use(&world).await[&TOKEN], later, "it never goes back");
}

async fn what_cannot_be_written_is_noted_still(engine: Engine) {
    let world = World::new(engine).await;
    furnish(&world).await;
    world.store.note(HERE, TOKEN, world.hands.now());
    world.store.close().await;
    assert!(world.store.keep().await.is_err());
    let again = world.store.keep().await;
    assert!(again.is_err(), "what could not be written is tried again: {again:?}");
}

async fn the_store_says_how_it_is_doing(engine: Engine) {
    let world = World::new(engine).await;
    furnish(&world).await;
    let wrote = world.hands.now();
    world.hands.advance(Duration::from_secs(30));
    let gauge = world.store.gauge(world.hands.now()).await.unwrap();
    assert_eq!(gauge.engine, world.engine.name());
    assert!(gauge.bytes.is_some_and(|bytes| bytes > 10_000), "{gauge:?}");
    assert_eq!(
        (gauge.last_commit, gauge.waiting, gauge.ahead),
        (Some(wrote), 0, Duration::ZERO)
    );
    assert_eq!(gauge.disk.is_some(), !world.engine.is_postgres(), "{gauge:?}");
    assert!(gauge.disk.is_none_or(|disk| disk.free <= disk.total && disk.total > 0));
    let nodes = gauge.leases.iter().filter(|(name, _)| name == "node/0").count();
    assert_eq!(nodes, usize::from(world.engine.is_postgres()), "{gauge:?}");

    let set_back = wrote - Duration::from_mins(10);
    let ahead = world.store.gauge(set_back).await.unwrap().ahead;
    assert!(ahead >= Duration::from_mins(10), "{ahead:?}");
}

on_both! {
    what_is_used_is_known_at_once_and_after_a_restart,
    what_cannot_be_written_is_noted_still,
    the_store_says_how_it_is_doing,
}
