//! Who owns what: written, read back after a restart, and with no secret in the clear in any file.

use inlet_core::{
    chance::Chance,
    clock::{Clock, later},
    directory::{Directory, Entry, StoreFault},
    ids::{EndpointKey, ProviderKey, TokenKey},
    people::Whose,
    registry::{Endpoint, Provider, ProviderKind, SavedView, Token},
    secret::Secret,
};

use crate::engine::on_both;
use crate::world::{Engine, HERE, World, location};

const PATH_TOKEN: &str = "path-token-in-the-clear";
const VENDOR_SECRET: &str = "vendor-secret-in-the-clear";

fn endpoint(world: &World) -> (Endpoint, Provider) {
    let endpoint = Endpoint {
        key: EndpointKey(7),
        adapter: "twilio".to_owned(),
        token: Secret::new(PATH_TOKEN),
        secrets: vec![Secret::new(VENDOR_SECRET), Secret::new("second")],
        unsigned: false,
        template: Some("id = \"$.id\"".to_owned()),
        created_at: world.hands.now(),
    };
    let provider = Provider {
        key: ProviderKey(700),
        id: "65f0c0ffee65f0c0ffee65f0".to_owned(),
        location: HERE,
        kind: ProviderKind::Sms,
        endpoint: Some(endpoint.key),
        adapter: Some("twilio".to_owned()),
        account: Some("AC1".to_owned()),
        number: None,
        delivery_url: None,
    };
    (endpoint, provider)
}

fn token(world: &World) -> Token {
    Token {
        key: TokenKey(3),
        hash: [5; 32],
        location: HERE,
        app: world.store.registry().builtin_app().unwrap().key,
        scopes: vec!["conversations.readonly".to_owned()],
        hint: "ab12".to_owned(),
        created_at: world.hands.now(),
        revoked_at: None,
    }
}

async fn the_registry_comes_back_and_no_secret_stands_in_a_file(engine: Engine) {
    let world = World::new(engine).await;
    let (endpoint, provider) = endpoint(&world);
    world
        .store
        .write(Entry::Endpoint(endpoint, provider, None))
        .await
        .unwrap();
    world.store.write(Entry::Token(token(&world))).await.unwrap();
    let to = world.subscribe(1).await;
    let number = Some("+14155550100".to_owned());
    world
        .store
        .write(Entry::ProviderNumber(ProviderKey(700), number.clone()))
        .await
        .unwrap();
    let at = world.hands.now();
    world.store.write(Entry::Revoke(TokenKey(3), at)).await.unwrap();
    let view = SavedView {
        name: "Unread texts".to_owned(),
        query: "?tab=unread&channel=sms".to_owned(),
    };
    let views = Entry::LocationViews(HERE, vec![view.clone()]);
    world.store.write(views).await.unwrap();
    let before = world.store.registry();

    let world = world.reopen().await;
    let registry = world.store.registry();
    assert_eq!(registry.version(), before.version());
    assert!(registry.version() >= 7);
    let app = registry.builtin_app().unwrap();
    assert_eq!((app.id.len(), &app.id), (24, &before.builtin_app().unwrap().id));
    assert_eq!(registry.locations().len(), 2);
    assert_eq!(registry.location(HERE).unwrap().views, [view]);
    let found = registry.endpoint_by_token(PATH_TOKEN).unwrap();
    assert_eq!(found.secrets, [Secret::new(VENDOR_SECRET), Secret::new("second")]);
    let provider = registry.provider(HERE, ProviderKey(700)).unwrap();
    assert_eq!((provider.number, provider.kind), (number, ProviderKind::Sms));
    let token = registry.token(&[5; 32]).unwrap();
    assert_eq!((token.revoked_at, token.scopes.len()), (Some(at), 1));
    let destination = registry.destination(to).unwrap();
    assert_eq!(destination.secret, Secret::new(*b"a signing secret in the clear"));
    assert_eq!(destination.events.len(), 1);

    world.store.close().await;
    for secret in [PATH_TOKEN, VENDOR_SECRET, "in the clear"] {
        assert!(!world.engine.holds(secret), "{secret} stands in the store");
    }
}

async fn what_exists_is_not_added_again(engine: Engine) {
    let world = World::new(engine).await;
    let again = world
        .store
        .write(Entry::Location(location(HERE, "hereHereHereHereHere")))
        .await;
    let Err(StoreFault::Exists(thing)) = again else {
        panic!("{again:?}");
    };
    assert_eq!(thing, "a location with this id");
    let (endpoint, mut provider) = endpoint(&world);
    world
        .store
        .write(Entry::Provider(provider.clone(), None))
        .await
        .unwrap();
    provider.key = ProviderKey(701);
    let half = world.store.write(Entry::Endpoint(endpoint, provider, None)).await;
    assert!(matches!(half, Err(StoreFault::Exists(_))), "{half:?}");
    assert_eq!(
        world.engine.number("select count(*) from endpoint"),
        0,
        "nothing half-written"
    );
}

async fn a_login_link_opens_one_session_once(engine: Engine) {
    let world = World::new(engine).await;
    let mut hashes = [[0; 32]; 4];
    for hash in &mut hashes {
        world.hands.fill(hash);
    }
    let [link, session, other, late] = hashes;
    let now = world.hands.now();
    let soon = later(now, std::time::Duration::from_mins(10));
    world.store.add_login(link, Whose::Operator, soon).await.unwrap();
    world.store.add_login(late, Whose::Operator, now).await.unwrap();
    assert!(!world.store.log_in(late, other, now).await.unwrap(), "too old");
    assert_eq!(
        world.store.session(link, now).await.unwrap(),
        None,
        "a link is no session"
    );
    assert!(world.store.log_in(link, session, now).await.unwrap());
    assert!(!world.store.log_in(link, other, now).await.unwrap(), "used up");
    let world = world.reopen().await;
    assert_eq!(world.store.session(session, now).await.unwrap(), Some(Whose::Operator));
    let long_after = later(now, std::time::Duration::from_hours(24 * 40));
    assert_eq!(world.store.session(session, long_after).await.unwrap(), None);
    world.store.log_out(session).await.unwrap();
    assert_eq!(world.store.session(session, now).await.unwrap(), None);
}

on_both! {
    the_registry_comes_back_and_no_secret_stands_in_a_file,
    what_exists_is_not_added_again,
    a_login_link_opens_one_session_once,
}
