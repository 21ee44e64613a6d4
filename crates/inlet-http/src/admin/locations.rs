//! Locations: add one, list them, and give one another name, country or words by which contacts opt out and in.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use inlet_core::{
    chance,
    channel::Channel,
    consent::{ConsentWords, dnd_channel},
    directory::Entry,
    ids::LocationKey,
    registry::Location,
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::{Input, stamp},
};
use crate::state::Shared;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/locations", get(list).post(add))
        .route("/locations/{id}", post(edit))
}

#[derive(Deserialize)]
struct New {
    name: String,
    id: Option<String>,
    country: Option<String>,
    agency: Option<String>,
}

#[derive(Serialize)]
struct Added {
    id: String,
}

async fn add(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<Added> {
    let now = shared.clock.now();
    let location = Location {
        key: LocationKey(shared.keys.next(now)),
        id: match new.id {
            Some(id) => checked_id(id)?,
            None => chance::location_id(&*shared.chance),
        },
        name: checked_name(&new.name)?,
        country: new.country.as_deref().map(checked_country).transpose()?,
        agency: new.agency.map(checked_id).transpose()?,
        created_at: now,
        words: ConsentWords::default(),
        views: Vec::new(),
    };
    if shared.directory.registry().location_by_id(&location.id).is_some() {
        return Err(Fault::conflict(format!(
            "location {} exists already: choose another --id, or leave it out to get a fresh one",
            location.id
        )));
    }
    let id = location.id.clone();
    shared.directory.write(Entry::Location(location)).await?;
    Ok(Json(Added { id }))
}

#[derive(Deserialize)]
struct Edit {
    name: Option<String>,
    country: Option<String>,
    stop_words: Option<Vec<String>>,
    start_words: Option<Vec<String>>,
    help_words: Option<Vec<String>>,
    words_on: Option<Vec<Channel>>,
}

impl Edit {
    /// The words as they stand after it.
    fn words(&self, mut words: ConsentWords) -> Result<ConsentWords, Fault> {
        let lists = [
            (&self.stop_words, &mut words.stop),
            (&self.start_words, &mut words.start),
            (&self.help_words, &mut words.help),
        ];
        for (given, list) in lists {
            if let Some(given) = given {
                list.clone_from(given);
            }
        }
        if let Some(channels) = &self.words_on {
            if channels.iter().any(|&channel| dnd_channel(channel).is_none()) {
                return Err(Fault::bad(
                    "words of consent count on sms, rcs, custom_sms, whatsapp and facebook only: name some of these with \
                     --words-on",
                ));
            }
            words.channels.clone_from(channels);
        }
        Ok(words.cleaned())
    }

    fn words_given(&self) -> bool {
        let words = [&self.stop_words, &self.start_words, &self.help_words];
        words.into_iter().any(Option::is_some) || self.words_on.is_some()
    }
}

async fn edit(State(shared): State<Shared>, Path(id): Path<String>, Input(edit): Input<Edit>) -> Answer<View> {
    if edit.name.is_none() && edit.country.is_none() && !edit.words_given() {
        return Err(Fault::bad(
            "say what is to change with --name, --country, --stop-words, --start-words, --help-words or --words-on",
        ));
    }
    let registry = shared.directory.registry();
    let mut location = find::location(&registry, &id)?.clone();
    if let Some(name) = &edit.name {
        location.name = checked_name(name)?;
    }
    if let Some(country) = &edit.country {
        location.country = Some(checked_country(country)?);
    }
    if edit.words_given() {
        location.words = edit.words(location.words)?;
    }
    let edited = view(&location);
    shared.directory.write(Entry::LocationEdit(location)).await?;
    Ok(Json(edited))
}

fn checked_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Fault::bad(
            "give the location a name of 1 to 200 characters with --name",
        ));
    }
    Ok(name.to_owned())
}

fn checked_id(id: String) -> Result<String, Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=64).contains(&id.len()) && id.bytes().all(fits) {
        return Ok(id);
    }
    Err(Fault::bad("write an id with 1 to 64 of A-Z, a-z, 0-9, - and _"))
}

fn checked_country(code: &str) -> Result<String, Fault> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(code.to_ascii_uppercase());
    }
    Err(Fault::bad("write the country as its two letters, such as --country US"))
}

#[derive(Serialize)]
struct List {
    locations: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    country: Option<String>,
    agency: Option<String>,
    stop_words: Vec<String>,
    start_words: Vec<String>,
    help_words: Vec<String>,
    words_on: Vec<Channel>,
    created_at: String,
}

async fn list(State(shared): State<Shared>) -> Json<List> {
    let registry = shared.directory.registry();
    Json(List {
        locations: registry.locations().iter().map(view).collect(),
    })
}

fn view(location: &Location) -> View {
    View {
        id: location.id.clone(),
        name: location.name.clone(),
        country: location.country.clone(),
        agency: location.agency.clone(),
        stop_words: location.words.stop.clone(),
        start_words: location.words.start.clone(),
        help_words: location.words.help.clone(),
        words_on: location.words.channels.clone(),
        created_at: stamp(location.created_at),
    }
}
