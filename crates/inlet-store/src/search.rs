//! Full-text search by the engine's own means: FTS5 or `tsvector`. Both are given words that are cut already, so that one
//! rule decides what is found. Ingest does not touch the index: what is new is taken up later, from a cursor that is kept.

use async_trait::async_trait;
use inlet_core::{
    directory::StoreFault,
    ids::{LocationKey, first_key},
    message::Message,
    search::{Document, Search, SearchQuery},
};

use crate::{
    Store,
    error::StoreError,
    row, setting,
    store::Readers,
    waist::{Waist, args, row as one, rows, run},
};

mod engine;

use engine::Engine;

/// What was recorded after the cursor and is not in the index, oldest first. A chore asks, so it names no location.
const NEXT: &str = "
    select m.location_id, m.id, m.contact_id, m.seq, m.before_id, m.provider_id, m.external_id, m.channel, m.direction,
           m.status, m.body, m.occurred_at, m.created_at, m.detail
      from message m
     where m.id > $1
       and not exists (select 1 from search_entry e where e.location_id = m.location_id and e.rowid = m.id)
     order by m.id limit $2";

/// What a message says now: it may have been erased or edited since it was read.
const THERE: &str = "
    select body from message where location_id = $1 and id = $2";

/// Takes a message out.
pub(crate) const GONE: &str = "
    delete from search_entry where location_id = $1 and rowid = $2";

const ADD: &str = "
    insert into search_entry (location_id, rowid, words) values ($1, $2, $3)";

const FIND: &str = "
    select m.id, m.contact_id, m.seq, m.before_id, m.provider_id, m.external_id, m.channel, m.direction, m.status,
           m.body, m.occurred_at, m.created_at, m.detail
      from search_entry e join message m on m.location_id = e.location_id and m.id = e.rowid
     where e.location_id = $1 and e.rowid >= $2 and e.rowid < $3
       and e.words match $4 order by e.rowid desc limit $5";

/// Messages that are taken up in one go: some milliseconds of the writer's time.
const BATCH: usize = 200;
/// For how long, on PostgreSQL, a transaction may have been under way whose messages come in below the newest.
const SETTLED: std::time::Duration = std::time::Duration::from_secs(30);

/// What is to be written: the cursor, and what each message is found by.
#[derive(Clone, Debug)]
struct Taken {
    cursor: i64,
    entries: Vec<Entry>,
}

/// What a message is found by, and the text it was made of.
#[derive(Clone, Debug)]
struct Entry {
    location: LocationKey,
    message: i64,
    body: Option<String>,
    words: String,
}

#[async_trait]
impl Search for Store {
    async fn search(&self, query: &SearchQuery) -> Result<Vec<Message>, StoreFault> {
        let (query, engine) = (query.clone(), self.engine());
        let found = self.read(move |waist| Box::pin(async move { find(waist, &query, engine).await }));
        Ok(found.await?)
    }

    async fn index_on(&self) -> Result<bool, StoreFault> {
        let engine = self.engine();
        let (cursor, found) = self.read(|waist| Box::pin(next(waist))).await?;
        let more = found.len() >= BATCH;
        let newest = found.last().map_or(cursor, |message| message.key.0);
        let now = self.inner().clock.now();
        let settled = first_key(now.checked_sub(SETTLED).unwrap_or(now));
        let next = match engine {
            Engine::Sqlite => newest,
            Engine::Postgres => newest.min(settled).max(cursor),
        };
        if found.is_empty() && next == cursor {
            return Ok(false);
        }
        let entry = |message: Message| Entry {
            location: message.location,
            message: message.key.0,
            words: engine.entry(&Document::of(&message)),
            body: message.body,
        };
        let taken = Taken {
            cursor: next,
            entries: found.into_iter().map(entry).collect(),
        };
        let kept = self.write_with(taken, |desk, taken| {
            Box::pin(async move { keep(&mut *desk.waist, &taken).await })
        });
        kept.await?;
        Ok(more)
    }
}

impl Store {
    fn engine(&self) -> Engine {
        match self.inner().readers {
            Readers::Sqlite(_) => Engine::Sqlite,
            Readers::Postgres(_) => Engine::Postgres,
        }
    }
}

async fn find(waist: &mut dyn Waist, query: &SearchQuery, engine: Engine) -> Result<Vec<Message>, StoreError> {
    let since = query.since.map_or(0, first_key);
    let until = query.until.map_or(i64::MAX, first_key);
    let before = query.before.map_or(until, |before| before.0.min(until));
    let words = engine.question(&query.terms);
    let list = args![query.location.0, since, before, words.as_str(), limit(query.limit)];
    let found = rows(waist, FIND, list).await?;
    found
        .into_iter()
        .map(|mut found| row::message(query.location, &mut found))
        .collect()
}

async fn next(waist: &mut dyn Waist) -> Result<(i64, Vec<Message>), StoreError> {
    let cursor = setting::search_cursor(waist).await?;
    let found = rows(waist, NEXT, args![cursor, limit(BATCH)]).await?;
    let messages = found.into_iter().map(|mut found| {
        let location = LocationKey(found.int()?);
        row::message(location, &mut found)
    });
    Ok((cursor, messages.collect::<Result<_, _>>()?))
}

/// Takes messages out that say something else now, and has them taken up again.
pub(crate) async fn anew(waist: &mut dyn Waist, messages: &[&Message]) -> Result<(), StoreError> {
    let Some(first) = messages.iter().map(|message| message.key.0).min() else {
        return Ok(());
    };
    let lists: Vec<_> = messages
        .iter()
        .map(|message| args![message.location.0, message.key.0])
        .collect();
    // Whoever holds the cursor changes the index: nobody puts the old words back.
    let cursor = setting::search_cursor(waist).await?;
    run(waist, GONE, &lists).await?;
    setting::set_search_cursor(waist, cursor.min(first - 1)).await
}

async fn keep(waist: &mut dyn Waist, taken: &Taken) -> Result<(), StoreError> {
    setting::search_cursor(waist).await?;
    let mut lists = Vec::with_capacity(taken.entries.len());
    for entry in &taken.entries {
        let list = args![entry.location.0, entry.message];
        let Some(mut there) = one(waist, THERE, list).await? else {
            continue;
        };
        if there.opt_text()? != entry.body {
            // It was edited meanwhile: the next turn reads all of them again.
            return Ok(());
        }
        lists.push(args![entry.location.0, entry.message, entry.words.as_str()]);
    }
    run(waist, ADD, &lists).await?;
    setting::set_search_cursor(waist, taken.cursor).await
}

fn limit(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}
