//! What can be wrong with a server: each has its sentence, whoever waits is told to come again, and it goes on by itself.

use inlet_core::{inbox::Inbox, intake::Refusal};
use inlet_store::{OpenError, StoreUrl};

use crate::world::{Engine, HERE, Hands, START, World, open, options, sms, start};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn a_server_that_cannot_be_used_is_refused_with_a_sentence() {
    let engine = Engine::postgres();
    engine.say("create role guest nologin");
    let good = engine.address();
    let (place, _) = good.rsplit_once('/').unwrap();
    let database = good.rsplit('/').next().unwrap();
    let cases = [
        (
            place.replace("inlet@", "guest@") + "/" + database,
            "correct the user or the password",
        ),
        (
            place.replace("inlet@", "nobody@") + "/" + database,
            "correct the user or the password",
        ),
        (format!("{place}/nowhere"), "has no such database"),
        (format!("postgres://inlet@127.0.0.1:1/{database}"), "does not answer"),
        (
            format!("postgres://inlet@no-such-host.invalid/{database}"),
            "does not answer",
        ),
        (
            format!("{good}?sslmode=verify-full&sslrootcert=/no/such"),
            "sslrootcert=/no/such",
        ),
        (format!("{good}?sslmode=verify-full"), "does not answer"),
        (
            format!("{good}?connect_timeout=soon"),
            "postgres://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
    ];
    let hands = Hands::at(START);
    for (url, expected) in cases {
        let mut wrong = options(&engine, &hands);
        wrong.url = StoreUrl::Postgres(url.clone());
        let refused = inlet_store::open(wrong).await.unwrap_err().to_string();
        assert!(refused.contains(expected), "{url}: {refused}");
    }
    engine.say("drop role guest");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn a_database_that_is_not_ours_is_refused_with_a_sentence() {
    let engine = Engine::postgres();
    engine.say("create table message (words text)");
    let refused = open(&engine, &Hands::at(START)).await.unwrap_err();
    assert!(matches!(refused, OpenError::NotAStore(_)), "{refused}");
    assert_eq!(
        engine.number("select count(*) from pg_tables where tablename = 'setting'"),
        0,
        "nothing was written"
    );

    let engine = Engine::postgres();
    let read_only = "set default_transaction_read_only = on";
    engine.say(&format!("alter database {} {read_only}", engine.database()));
    let refused = open(&engine, &Hands::at(START)).await.unwrap_err().to_string();
    assert!(refused.contains("only reads there"), "{refused}");

    let world = World::new(Engine::postgres()).await;
    world.store.close().await;
    let mut wrong = options(&world.engine, &world.hands);
    wrong.key = inlet_core::secret::Secret::new([8; 32]);
    assert_eq!(inlet_store::open(wrong).await.unwrap_err(), OpenError::WrongKey);
    world.engine.say("update inlet_schema set version = 999");
    let newer = open(&world.engine, &world.hands).await.unwrap_err();
    assert!(matches!(newer, OpenError::Newer { found: 999, .. }), "{newer}");
}

/// An old server is not to be had here: this one is made to say that it is one.
const OLD: &str = "
    create function public.current_setting(text) returns text language sql as $$ select '140011' $$";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn a_server_that_is_too_old_or_lost_its_tables_is_refused_with_a_sentence() {
    let engine = Engine::postgres();
    engine.say(OLD);
    let search = "set search_path = public, pg_catalog";
    engine.say(&format!("alter database {} {search}", engine.database()));
    let refused = open(&engine, &Hands::at(START)).await.unwrap_err().to_string();
    assert!(refused.contains("PostgreSQL 14 is too old"), "{refused}");

    let world = World::new(Engine::postgres()).await;
    world.store.close().await;
    world.engine.say("drop table setting");
    let refused = open(&world.engine, &world.hands).await.unwrap_err().to_string();
    assert!(refused.contains("the store's tables are gone"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn what_is_said_to_the_server_is_encrypted_and_its_certificate_counts_where_that_is_asked_for() {
    let engine = Engine::postgres();
    let certificate = certificate();
    for how in [
        "sslmode=require".to_owned(),
        format!("sslmode=verify-full&sslrootcert={certificate}"),
    ] {
        let hands = Hands::at(START);
        let mut safe = options(&engine, &hands);
        safe.url = StoreUrl::Postgres(format!("{}?{how}", engine.address()));
        let store = start(inlet_store::open(safe).await.unwrap(), &hands);
        let open = "select count(*) from pg_stat_ssl s join pg_stat_activity a on a.pid = s.pid
                     where a.application_name = 'inlet' and a.datname = current_database() and not s.ssl";
        assert_eq!(engine.number(open), 0, "{how}");
        assert!(engine.number(&open.replace("not s.ssl", "s.ssl")) > 0, "{how}");
        store.close().await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's environment names its server's certificate"
)]
fn certificate() -> String {
    std::env::var("INLET_POSTGRES_CERTIFICATE").expect("run it by script/with-postgres")
}

/// A full disk, as far as Inlet sees it.
const FULL: &str = "
    create function full_disk() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file' using errcode = '53100'; end $$;
    create trigger full_disk before insert on message for each row execute function full_disk()";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn a_full_disk_is_told_reads_go_on_and_so_does_the_store_once_there_is_room() {
    let world = World::new(Engine::postgres()).await;
    let before = world.submit(sms("SM1", "+14155550119", "Hi")).await.unwrap();
    world.engine.say(FULL);
    let refused = world.submit(sms("SM2", "+14155550119", "Hi")).await.unwrap_err();
    let Refusal::Unavailable(words) = &refused else {
        panic!("{refused:?}");
    };
    assert!(words.contains("disk is full"), "{words}");
    let read = world.store.message(HERE, before.message).await.unwrap();
    assert!(read.is_some(), "reads go on");
    world.engine.say("drop trigger full_disk on message");
    let sent = world.submit(sms("SM2", "+14155550119", "Hi")).await.unwrap();
    assert!(!sent.repeated);
    assert_eq!(world.engine.number("select max(seq) from message"), 2);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn connections_that_end_in_the_middle_are_made_anew() {
    let world = World::new(Engine::postgres()).await;
    let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
               where application_name = 'inlet' and datname = current_database()";
    let mut ended_in_all = 0;
    for number in 0..20 {
        let id = format!("SM{number}");
        let (sent, ended) = tokio::join!(world.submit(sms(&id, "+14155550119", "Hi")), async {
            world.engine.number(end)
        });
        ended_in_all += ended;
        let sent = match sent {
            Err(Refusal::Unavailable(_)) => world.submit(sms(&id, "+14155550119", "Hi")).await,
            sent => sent,
        };
        assert!(sent.is_ok(), "{sent:?}");
    }
    assert!(ended_in_all > 5, "there were connections to end: {ended_in_all}");
    assert_eq!(world.engine.number("select count(*) from message"), 20);
    assert_eq!(world.engine.number("select max(seq) from message"), 20);
}

/// The engine undoes the first ones, as it does when transactions wait for one another. A sequence remembers how many:
/// unlike a row, it is not undone with the transaction.
const UNDO: &str = "
    create sequence undone;
    create function undo() returns trigger language plpgsql as $$
    begin
      if nextval('undone') <= 20 then raise exception 'try again' using errcode = '40P01'; end if;
      return new;
    end $$;
    create trigger undo before insert on message for each row execute function undo()";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn what_is_undone_in_favour_of_others_is_run_again_until_it_is_won() {
    let world = World::new(Engine::postgres()).await;
    world.engine.say(UNDO);
    let sent = world.submit(sms("SM1", "+14155550119", "Hi")).await.unwrap();
    assert!(!sent.repeated);
    assert_eq!(world.engine.number("select last_value from undone"), 21);
    assert_eq!(world.engine.number("select count(*) from message"), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn a_server_that_turns_read_only_is_waited_for() {
    let world = World::new(Engine::postgres()).await;
    let database = world.engine.database();
    world.engine.say(&format!(
        "alter database {database} set default_transaction_read_only = on"
    ));
    world.engine.number(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'inlet' \
                         and datname = current_database()",
    );
    let refused = world.submit(sms("SM1", "+14155550119", "Hi")).await;
    assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
    world.engine.say_beside(&format!(
        "alter database {database} reset default_transaction_read_only"
    ));
    let sent = world.submit(sms("SM1", "+14155550119", "Hi")).await.unwrap();
    assert!(!sent.repeated);
}
