//! The schema of a database: whether it is one of ours, and the numbered steps that bring it up to date. The row that says
//! the version is the lock, so that nodes that start together take turns.

use deadpool_postgres::Object;

use crate::error::OpenError;

/// In order; a file is never changed once it is released.
const STEPS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_base.sql"),
    include_str!("../../migrations/postgres/0002_template.sql"),
    include_str!("../../migrations/postgres/0003_marks.sql"),
    include_str!("../../migrations/postgres/0004_contact.sql"),
    include_str!("../../migrations/postgres/0005_promises.sql"),
    include_str!("../../migrations/postgres/0006_words.sql"),
    include_str!("../../migrations/postgres/0007_relay.sql"),
    include_str!("../../migrations/postgres/0008_apps.sql"),
    include_str!("../../migrations/postgres/0009_request_rest.sql"),
    include_str!("../../migrations/postgres/0010_alias.sql"),
    include_str!("../../migrations/postgres/0011_gaps.sql"),
    include_str!("../../migrations/postgres/0012_search.sql"),
    include_str!("../../migrations/postgres/0013_people.sql"),
    include_str!("../../migrations/postgres/0014_early.sql"),
    include_str!("../../migrations/postgres/0015_usage.sql"),
    include_str!("../../migrations/postgres/0016_vendor.sql"),
    include_str!("../../migrations/postgres/0017_views.sql"),
    include_str!("../../migrations/postgres/0018_unread.sql"),
];

const MARK: &str = "inlet_schema";

/// Refuses what belongs to something else or to a newer Inlet, and takes the steps that are missing.
pub(super) async fn bring_up(client: &Object) -> Result<(), OpenError> {
    if !exists(client, MARK).await? {
        if exists(client, "setting").await? || exists(client, "message").await? {
            return Err(OpenError::NotAStore("the database that --store names".to_owned()));
        }
        make_mark(client).await?;
    }
    run(client, "begin; set local lock_timeout = '30s'").await?;
    let step = steps(client).await;
    run(client, if step.is_ok() { "commit" } else { "rollback" }).await?;
    step
}

/// Whether a store was begun there.
pub(super) async fn is_begun(client: &Object) -> Result<bool, OpenError> {
    exists(client, MARK).await
}

async fn steps(client: &Object) -> Result<(), OpenError> {
    let row = client
        .query_one("select version from inlet_schema where id = 1 for update", &[])
        .await;
    let found: i64 = row.and_then(|row| row.try_get(0)).map_err(|error| failed(&error))?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        run(client, step).await?;
    }
    let set = client
        .execute("update inlet_schema set version = $1 where id = 1", &[&known])
        .await;
    set.map(|_| ()).map_err(|error| failed(&error))
}

/// Two nodes may make it at once; then one of them is told so, and finds it made.
async fn make_mark(client: &Object) -> Result<(), OpenError> {
    let table = "create table if not exists inlet_schema (id bigint not null primary key, version bigint not null)";
    if run(client, table).await.is_err() && !exists(client, MARK).await? {
        run(client, table).await?;
    }
    run(
        client,
        "insert into inlet_schema (id, version) values (1, 0) on conflict do nothing",
    )
    .await
}

async fn exists(client: &Object, table: &str) -> Result<bool, OpenError> {
    let row = client
        .query_one("select to_regclass($1::text) is not null", &[&table])
        .await;
    row.and_then(|row| row.try_get(0)).map_err(|error| failed(&error))
}

async fn run(client: &Object, sql: &str) -> Result<(), OpenError> {
    client.batch_execute(sql).await.map_err(|error| failed(&error))
}

/// Whether the database divides its tables among servers, as Citus does: a transaction over several locations would be one
/// over several servers.
pub(super) async fn is_divided(client: &Object) -> Result<bool, OpenError> {
    let asked = client
        .query("select 1 from pg_extension where extname = 'citus'", &[])
        .await;
    asked.map(|found| !found.is_empty()).map_err(|error| failed(&error))
}

fn failed(error: &tokio_postgres::Error) -> OpenError {
    OpenError::Failed(format!("schema: {}", super::failure::failed(error)))
}
