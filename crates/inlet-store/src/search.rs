//! Full-text search by the engine's own means: FTS5 or `tsvector`. Both are given words that are cut already, so that one
//! rule decides what is found. Ingest does not touch the index: what is new is taken up later, from a cursor that is kept.

use std::time::Duration;

use async_trait::async_trait;
use inlet_core::{
    directory::StoreFault,
    ids::{LocationKey, first_key},
    message::Message,
    search::{Document, Search, SearchQuery},
};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    inbox::as_limit,
    row, setting,
    store::Readers,
    waist::{Value, Waist, args, rows, run},
};

mod engine;

use engine::Engine;

/// What was recorded in a stretch of the order of keys and is not in the index, oldest first. A chore asks, so it names no
/// location.
const NEXT: &str = "
    select m.location_id, m.id, m.contact_id, m.seq, m.before_id, m.provider_id, m.external_id, m.channel, m.direction,
           m.status, m.body, m.occurred_at, m.created_at, m.detail
      from message m
     where m.id > $1 and m.id <= $2
       and not exists (select 1 from search_entry e where e.location_id = m.location_id and e.rowid = m.id)
     order by m.id limit $3";

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
/// How old a message is, on PostgreSQL, when it is taken up: by then those that other transactions recorded under lower keys
/// have come in, but for a few.
const COMMITTED: Duration = Duration::from_secs(1);
/// How old those few are when they are looked for, once in this while: by then no transaction is under way that began so
/// long ago.
const SETTLED: Duration = Duration::from_secs(30);

/// Where in the order of keys is looked for what is not in the index.
#[derive(Clone, Copy, Debug)]
enum Stretch {
    /// After the newest that was taken up.
    New,
    /// Where all is there by now: between what was gone through for good and the newest that was taken up.
    Late { upto: i64 },
}

/// What is to be written: what each message is found by, and how far it was looked.
#[derive(Clone, Debug)]
struct Taken {
    stretch: Stretch,
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

impl Entry {
    fn of(message: &Message, engine: Engine) -> Self {
        Self {
            location: message.location,
            message: message.key.0,
            words: engine.entry(&Document::of(message)),
            body: message.body.clone(),
        }
    }

    fn args(&self) -> [Value<'_>; 3] {
        args![self.location.0, self.message, self.words.as_str()]
    }
}

#[async_trait]
impl Search for Store {
    async fn search(&self, query: &SearchQuery) -> Result<Vec<Message>, StoreFault> {
        let (query, engine) = (query.clone(), self.engine());
        let found = self.read(move |waist| Box::pin(async move { find(waist, &query, engine).await }));
        Ok(found.await?)
    }

    async fn index_on(&self) -> Result<bool, StoreFault> {
        let (engine, now) = (self.engine(), self.inner().clock.now());
        let (stretch, mut found) = self.read(move |waist| Box::pin(next(waist, engine, now))).await?;
        let all = found.len();
        if let (Engine::Postgres, Stretch::New) = (engine, stretch) {
            let committed = key_before(now, COMMITTED);
            found.retain(|message| message.key.0 < committed);
        }
        let more = all >= BATCH || found.len() < all || matches!(stretch, Stretch::Late { .. });
        if found.is_empty() && matches!(stretch, Stretch::New) {
            return Ok(more);
        }
        let taken = Taken {
            stretch,
            entries: found.iter().map(|message| Entry::of(message, engine)).collect(),
        };
        let kept = self.write_with(taken, |desk, taken| {
            Box::pin(async move { keep(&mut *desk.waist, &taken).await })
        });
        kept.await?;
        Ok(more)
    }
}

/// The least key that can be made so long before `now`.
fn key_before(now: Timestamp, long: Duration) -> i64 {
    first_key(now.checked_sub(long).unwrap_or(now))
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
    let list = args![query.location.0, since, before, words.as_str(), as_limit(query.limit)];
    let found = rows(waist, FIND, list).await?;
    found
        .into_iter()
        .map(|mut found| row::message(query.location, &mut found))
        .collect()
}

/// What is taken up next, and where it was looked for.
async fn next(waist: &mut dyn Waist, engine: Engine, now: Timestamp) -> Result<(Stretch, Vec<Message>), StoreError> {
    let (after, settled) = (
        setting::search_cursor(waist).await?,
        setting::search_settled(waist).await?,
    );
    let late = engine == Engine::Postgres && settled < after && settled < key_before(now, SETTLED * 2);
    let (stretch, list) = if late {
        let upto = key_before(now, SETTLED).min(after);
        (Stretch::Late { upto }, args![settled, upto, as_limit(BATCH)])
    } else {
        (Stretch::New, args![after, i64::MAX, as_limit(BATCH)])
    };
    let found = rows(waist, NEXT, list).await?;
    let messages = found.into_iter().map(|mut found| {
        let location = LocationKey(found.int()?);
        row::message(location, &mut found)
    });
    Ok((stretch, messages.collect::<Result<_, _>>()?))
}

/// Has messages that say something else now found by that. Those that are not in the index yet are taken up later.
pub(crate) async fn anew(waist: &mut dyn Waist, messages: &[&Message]) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    let engine = if waist.is_shared() {
        Engine::Postgres
    } else {
        Engine::Sqlite
    };
    // Whoever holds the cursor changes the index: nobody puts the old words back.
    let cursor = setting::search_cursor(waist).await?;
    let known = messages.iter().filter(|message| message.key.0 <= cursor);
    let entries: Vec<_> = known.map(|message| Entry::of(message, engine)).collect();
    let gone: Vec<_> = entries
        .iter()
        .map(|entry| args![entry.location.0, entry.message])
        .collect();
    run(waist, GONE, &gone).await?;
    let lists: Vec<_> = entries.iter().map(Entry::args).collect();
    run(waist, ADD, &lists).await.map(|_| ())
}

async fn keep(waist: &mut dyn Waist, taken: &Taken) -> Result<(), StoreError> {
    setting::search_cursor(waist).await?;
    let asked: Vec<_> = taken
        .entries
        .iter()
        .map(|entry| args![entry.location.0, entry.message])
        .collect();
    let there = run(waist, THERE, &asked).await?;
    let mut lists = Vec::with_capacity(taken.entries.len());
    for (rows, entry) in there.into_iter().zip(&taken.entries) {
        let Some(mut there) = rows.into_iter().next() else {
            continue;
        };
        if there.opt_text()? != entry.body {
            // It was edited meanwhile: the next turn reads all of them again.
            return Ok(());
        }
        lists.push(entry.args());
    }
    run(waist, ADD, &lists).await?;
    match (taken.stretch, taken.entries.last()) {
        (Stretch::New, Some(last)) => setting::set_search_cursor(waist, last.message).await,
        (Stretch::New, None) => Ok(()),
        (Stretch::Late { .. }, Some(last)) if taken.entries.len() >= BATCH => {
            setting::set_search_settled(waist, last.message).await
        }
        (Stretch::Late { upto }, _) => setting::set_search_settled(waist, upto).await,
    }
}
