//! The connection's own manners, on a real server.

use std::{sync::Arc, time::Duration};

use super::{Plans, Postgres, connect::database};
use crate::waist::{Value, Waist};

/// Commands whose answers come in many pieces: a notice between two answers parts them.
const CHATTER: &str = "do $$ begin raise notice 'one'; end $$; do $$ begin raise notice 'two'; end $$;
    do $$ begin raise notice 'three'; end $$; do $$ begin raise notice 'four'; end $$";
const QUESTION: &str = "select count(*) from pg_class where relname::text = $1";

#[tokio::test]
#[ignore = "needs a server: script/with-postgres cargo test -- --ignored"]
#[expect(
    clippy::disallowed_methods,
    reason = "the server of script/with-postgres stands in the environment"
)]
async fn a_statement_new_to_its_connection_waits_for_what_was_sent_before() {
    let server = std::env::var("INLET_POSTGRES").unwrap();
    let pool = database(&server).unwrap().pool;
    let plans = Plans::writing(false);
    let arguments: &[&[Value<'_>]] = &[&[Value::Text("no such table")]];
    let mut other = Postgres::writer(pool.get().await.unwrap(), Arc::clone(&plans));
    other.run(QUESTION, arguments).await.unwrap();

    let mut own = Postgres::writer(pool.get().await.unwrap(), plans);
    own.command(CHATTER).await.unwrap();
    let answered = tokio::time::timeout(Duration::from_secs(20), own.run(QUESTION, arguments)).await;
    assert_eq!(answered.expect("it is answered").unwrap().len(), 1);
}
