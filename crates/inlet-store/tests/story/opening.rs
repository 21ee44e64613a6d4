//! Opening and failing: each way in which a store cannot be opened has its sentence, and a store that failed comes back.

use std::time::Duration;

use inlet_core::{
    directory::{Directory, Entry, StoreFault},
    ids::LocationKey,
    inbox::Inbox,
    intake::{Intake, Refusal},
    secret::Secret,
};
use inlet_store::OpenError;

use crate::engine::on_both;
use crate::world::{Engine, HERE, Hands, START, World, location, open, options, sms, start};

async fn refused(engine: &Engine) -> String {
    open(engine, &Hands::at(START)).await.unwrap_err().to_string()
}

#[tokio::test]
async fn what_cannot_be_opened_is_refused_with_a_sentence() {
    let engine = Engine::sqlite();
    std::fs::write(
        engine.path(),
        "this is a text, long enough not to be taken for an empty file".repeat(99),
    )
    .unwrap();
    assert!(refused(&engine).await.contains("is not a store of Inlet"));

    let engine = Engine::sqlite();
    engine.say("create table song (name text)");
    assert!(refused(&engine).await.contains("is not a store of Inlet"));

    let world = World::new(Engine::sqlite()).await;
    assert!(refused(&world.engine).await.contains("another Inlet has the store"));
    world.store.close().await;
    let mut wrong = options(&world.engine, &world.hands);
    wrong.key = Secret::new([8; 32]);
    assert_eq!(inlet_store::open(wrong).await.unwrap_err(), OpenError::WrongKey);

    world.engine.say("pragma user_version = 999");
    let newer = open(&world.engine, &world.hands).await.unwrap_err();
    let OpenError::Newer { found, known } = newer else {
        panic!("{newer}");
    };
    assert!(found == 999 && known < 999);
}

#[tokio::test]
async fn the_file_is_its_owners_only_and_the_settings_are_the_safe_ones() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new(Engine::sqlite()).await;
    let mode = std::fs::metadata(world.engine.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let wal = "select journal_mode = 'wal' from pragma_journal_mode";
    assert_eq!(world.engine.number(wal), 1);
}

async fn ids_stay_the_same_for_one_installation_and_differ_for_another(engine: Engine) {
    let key = inlet_core::ids::MessageKey(1 << 40);
    let engine = engine;
    let hands = Hands::at(START);
    let mut shown = Vec::new();
    for _ in 0..2 {
        let opened = open(&engine, &hands).await.unwrap();
        shown.push(opened.ids().message(key));
        start(opened, &hands).close().await;
    }
    assert_eq!(shown[0], shown[1]);
    let other = open(&engine.another(), &hands).await.unwrap();
    assert_ne!(shown[0], other.ids().message(key));
}

async fn after_a_failure_nothing_is_acknowledged_until_the_store_is_opened_again(engine: Engine) {
    let world = World::new(engine).await;
    let before = world.submit(sms("SM1", "+14155550119", "before")).await.unwrap();
    world.engine.say("alter table seen rename to gone");
    for _ in 0..3 {
        let refused = world.submit(sms("SM2", "+14155550119", "lost?")).await.unwrap_err();
        assert!(matches!(refused, Refusal::Unavailable(_)), "{refused:?}");
        let read = world.store.message(HERE, before.message).await.unwrap();
        assert!(read.is_some(), "reads go on");
    }
    world.engine.say("alter table gone rename to seen");
    world.hands.advance(Duration::from_secs(10));
    let after = world.submit(sms("SM2", "+14155550119", "lost?")).await.unwrap();
    assert!(!after.repeated);
    let kept = world.store.message(HERE, after.message).await.unwrap().unwrap();
    assert_eq!((kept.seq, kept.before), (2, Some(before.message)));
}

async fn a_closed_store_says_so(engine: Engine) {
    let world = World::new(engine).await;
    let queued = world.store.submit(vec![sms("SM1", "+14155550119", "in time")]);
    let (answers, ()) = tokio::join!(queued, world.store.close());
    assert!(answers[0].is_ok(), "{answers:?}");
    let late = world.submit(sms("SM2", "+14155550119", "late")).await;
    assert!(matches!(late, Err(Refusal::Unavailable(_))), "{late:?}");
    let late = world
        .store
        .write(Entry::Location(location(LocationKey(9), "lateLateLateLateLate")))
        .await;
    assert!(matches!(late, Err(StoreFault::Unavailable(_))), "{late:?}");
}

on_both! {
    ids_stay_the_same_for_one_installation_and_differ_for_another,
    after_a_failure_nothing_is_acknowledged_until_the_store_is_opened_again,
    a_closed_store_says_so,
}
