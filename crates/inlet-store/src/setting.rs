//! What belongs to the installation and is made at the first opening: its keys, and the built-in app.

use inlet_core::{
    chance::object_id,
    ids::{AppKey, KeyMaker},
};

use crate::{
    error::StoreError,
    options::Options,
    seal::{Sealed, Sealer},
    waist::{Waist, args, row},
};

/// The installation's keys.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Under which ids are made.
    pub(crate) id_key: [u8; 16],
    /// Under which repeats are recognised.
    pub(crate) seen_key: [u8; 16],
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settings(..)")
    }
}

const READ: &str = "
    select value from setting where name = $1";

const WRITE: &str = "
    insert into setting (name, value) values ($1, $2)
    on conflict (name) do update set value = excluded.value";

const BEGIN: &str = "
    insert into setting (name, value) values ($1, $2) on conflict do nothing returning name";

const ADD_APP: &str = "
    insert into app (id, public_id, name) values ($1, $2, $3)";

const ID_KEY: &str = "id_key";
const SEEN_KEY: &str = "seen_key";
const DIRECTORY_VERSION: &str = "directory_version";
const SEARCH_CURSOR: &str = "search_cursor";
const SEARCH_SETTLED: &str = "search_settled";

/// The settings; `None` if they are sealed under another master key.
pub(crate) async fn load_or_make(
    waist: &mut dyn Waist,
    sealer: &Sealer,
    options: &Options,
) -> Result<Option<Settings>, StoreError> {
    waist.begin().await?;
    if read(waist, ID_KEY).await?.is_none() {
        make(waist, sealer, options).await?;
    }
    let settings = match (key(waist, sealer, ID_KEY).await?, key(waist, sealer, SEEN_KEY).await?) {
        (Some(id_key), Some(seen_key)) => Some(Settings { id_key, seen_key }),
        _ => None,
    };
    waist.commit().await?;
    Ok(settings)
}

/// Nodes that start together meet at the first key: one makes them all, the others find them made.
async fn make(waist: &mut dyn Waist, sealer: &Sealer, options: &Options) -> Result<(), StoreError> {
    for name in [ID_KEY, SEEN_KEY] {
        let mut key = [0; 16];
        options.chance.fill(&mut key);
        let hidden = sealer.seal(Sealed::Setting, &key)?;
        if row(waist, BEGIN, args![name, hidden.as_slice()]).await?.is_none() {
            return Ok(());
        }
    }
    // Whoever counts it up holds this row: it has to be there.
    row(waist, BEGIN, args![DIRECTORY_VERSION, 0_i64.to_be_bytes().as_slice()]).await?;
    let app = AppKey(KeyMaker::new(0).next(options.clock.now()));
    let id = object_id(&*options.chance);
    row(waist, ADD_APP, args![app.0, id.as_str(), "built-in"]).await?;
    Ok(())
}

async fn key(waist: &mut dyn Waist, sealer: &Sealer, name: &str) -> Result<Option<[u8; 16]>, StoreError> {
    let Some(hidden) = read(waist, name).await? else {
        return Ok(None);
    };
    let opened = sealer.open(Sealed::Setting, &hidden).ok();
    Ok(opened.and_then(|bytes| bytes.try_into().ok()))
}

async fn read(waist: &mut dyn Waist, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    match row(waist, READ, args![name]).await? {
        Some(mut found) => found.blob().map(Some),
        None => Ok(None),
    }
}

/// The newest message that was taken up for search.
pub(crate) async fn search_cursor(waist: &mut dyn Waist) -> Result<i64, StoreError> {
    number(waist, SEARCH_CURSOR).await
}

/// Moves it on.
pub(crate) async fn set_search_cursor(waist: &mut dyn Waist, message: i64) -> Result<(), StoreError> {
    set_number(waist, SEARCH_CURSOR, message).await
}

/// The key up to which all that will ever come was taken up for search.
pub(crate) async fn search_settled(waist: &mut dyn Waist) -> Result<i64, StoreError> {
    number(waist, SEARCH_SETTLED).await
}

/// Moves it on.
pub(crate) async fn set_search_settled(waist: &mut dyn Waist, message: i64) -> Result<(), StoreError> {
    set_number(waist, SEARCH_SETTLED, message).await
}

/// A number that is kept in the open; 0 where none is yet.
async fn number(waist: &mut dyn Waist, name: &str) -> Result<i64, StoreError> {
    let bytes = read(waist, name).await?;
    Ok(bytes
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, i64::from_be_bytes))
}

async fn set_number(waist: &mut dyn Waist, name: &str, number: i64) -> Result<(), StoreError> {
    row(waist, WRITE, args![name, number.to_be_bytes().as_slice()]).await?;
    Ok(())
}

/// Counts the changes of the directory.
pub(crate) async fn directory_version(waist: &mut dyn Waist) -> Result<i64, StoreError> {
    number(waist, DIRECTORY_VERSION).await
}

/// Counts one more.
pub(crate) async fn next_directory_version(waist: &mut dyn Waist) -> Result<(), StoreError> {
    let next = directory_version(waist).await? + 1;
    set_number(waist, DIRECTORY_VERSION, next).await
}
