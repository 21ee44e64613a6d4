//! Locations that wait together are written in one transaction, unless the database divides them among servers; and what
//! spoils one location's part does not spoil the others'.

use inlet_core::{
    change::Change,
    ids::LocationKey,
    intake::{Intake, Refusal},
};

use crate::world::{ELSEWHERE, Engine, HERE, World, sms};

/// Each row knows the transaction that wrote it.
const TRANSACTIONS: &str = "select count(distinct xmin::text) from message";

fn at(location: LocationKey, external_id: &str) -> Change {
    Change {
        location,
        ..sms(external_id, "+14155550119", "Hi")
    }
}

async fn one_each(world: &World, id: &str) -> Vec<bool> {
    let answers = world.store.submit(vec![at(HERE, id), at(ELSEWHERE, id)]).await;
    answers.iter().map(Result::is_ok).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn locations_that_wait_together_are_written_together() {
    let world = World::new(Engine::postgres()).await;
    assert_eq!(one_each(&world, "SM1").await, [true, true]);
    assert_eq!(world.engine.number("select count(*) from message"), 2);
    assert_eq!(world.engine.number(TRANSACTIONS), 1);
}

/// No Citus is to be had here: this database is made to say that it has it.
const DIVIDED: &str = "
    insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    select 424242, 'citus', extowner, extnamespace, false, '12.1' from pg_extension where extname = 'plpgsql'";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn each_location_is_written_by_itself_where_the_database_is_divided() {
    let world = World::new(Engine::postgres()).await;
    world.engine.say(DIVIDED);
    let world = world.reopen().await;
    assert_eq!(one_each(&world, "SM1").await, [true, true]);
    assert_eq!(world.engine.number("select count(*) from message"), 2);
    assert_eq!(world.engine.number(TRANSACTIONS), 2);
}

/// Undoes every transaction that writes a message at one location, as if others were always faster.
const NEVER_HERE: &str = "
    create function never_here() returns trigger language plpgsql as $$
    begin raise exception 'try again' using errcode = '40001'; end $$;
    create trigger never_here before insert on message for each row when (new.location_id = 101)
      execute function never_here()";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: script/with-postgres cargo test -- --include-ignored"]
async fn what_one_location_loses_every_time_is_written_for_the_others() {
    let world = World::new(Engine::postgres()).await;
    world.engine.say(NEVER_HERE);
    let answers = world.store.submit(vec![at(HERE, "SM1"), at(ELSEWHERE, "SM1")]).await;
    assert!(matches!(answers[0], Err(Refusal::Unavailable(_))), "{:?}", answers[0]);
    assert!(answers[1].is_ok(), "{:?}", answers[1]);
    world.engine.say("drop trigger never_here on message");
    assert_eq!(one_each(&world, "SM1").await, [true, true]);
    assert_eq!(world.engine.number("select count(*) from message"), 2);
}
