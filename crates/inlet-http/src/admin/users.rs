//! Users of the pages: add one, list them, give and take roles, set a password, remove one; and the log of what was done.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use inlet_core::{
    deeds::{Deed, DeedQuery},
    directory::Entry,
    ids::{IdKind, UserKey},
    people::{Role, User},
    registry::Registry,
    secret::Secret,
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::{Asked, Input, stamp},
};
use crate::{
    password,
    state::{Shared, State as Ports},
};

/// Letters of a password, at least and at most.
const PASSWORD: std::ops::RangeInclusive<usize> = 10..=200;
/// Rows of the log, unless asked otherwise, and at most.
const LIMIT: usize = 50;
const MOST: usize = 1_000;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/users", get(list).post(add))
        .route("/users/{who}/role", post(give_role))
        .route("/users/{who}/password", post(set_password))
        .route("/users/{who}/remove", post(remove))
        .route("/deeds", get(deeds))
}

#[derive(Deserialize)]
struct New {
    name: String,
    location: String,
    role: String,
    password: Option<String>,
}

async fn add(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<View> {
    let registry = shared.directory.registry();
    let location = find::location(&registry, &new.location)?;
    let role = checked_role(&new.role)?;
    let name = checked_name(&new.name)?;
    if registry.user_by_name(&name).is_some() {
        return Err(Fault::conflict(format!(
            "there is a user {name} already: `inlet user role {name} --location ID --role ROLE` gives a role at another location"
        )));
    }
    let user = User {
        key: UserKey(shared.keys.next(shared.clock.now())),
        name,
        password: match new.password {
            Some(password) => Some(hashed(&shared, password).await?),
            None => None,
        },
        roles: BTreeMap::from([(location.key, role)]),
        created_at: shared.clock.now(),
    };
    let added = view(&shared, &registry, &user);
    shared.directory.write(Entry::User(user)).await?;
    Ok(Json(added))
}

fn checked_role(name: &str) -> Result<Role, Fault> {
    Role::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
        Fault::bad(format!("there is no role {name}: choose from {}", known.join(", ")))
    })
}

fn checked_name(name: &str) -> Result<String, Fault> {
    let name = name.trim().to_lowercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@+".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(name);
    }
    Err(Fault::bad(
        "write a user's name with 1 to 64 of a-z, 0-9 and . _ - @ +, such as maya or maya@example.com",
    ))
}

async fn hashed(shared: &Shared, password: String) -> Result<Secret, Fault> {
    if !PASSWORD.contains(&password.chars().count()) {
        return Err(Fault::bad(format!(
            "a password has {} to {} letters",
            PASSWORD.start(),
            PASSWORD.end()
        )));
    }
    let hash = password::hash(password, &*shared.chance).await;
    let hash = hash.ok_or_else(|| Fault::unavailable("the password could not be hashed: try again"))?;
    Ok(Secret::new(hash))
}

#[derive(Deserialize)]
struct Which {
    location: Option<String>,
}

#[derive(Serialize)]
struct List {
    users: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    has_password: bool,
    /// By the location's id.
    roles: BTreeMap<String, &'static str>,
    created_at: String,
}

async fn list(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<List> {
    let registry = shared.directory.registry();
    let only = find::only(&registry, which.location.as_deref())?;
    let own = |user: &&User| only.is_none_or(|location| user.roles.contains_key(&location));
    let users = registry.users().iter().filter(own);
    Ok(Json(List {
        users: users.map(|user| view(&shared, &registry, user)).collect(),
    }))
}

fn view(shared: &Ports, registry: &Registry, user: &User) -> View {
    let role = |(location, role): (&inlet_core::ids::LocationKey, &Role)| {
        let location = registry.location(*location)?;
        Some((location.id.clone(), role.name()))
    };
    View {
        id: shared.ids.encode(IdKind::User, user.key.0),
        name: user.name.clone(),
        has_password: user.password.is_some(),
        roles: user.roles.iter().filter_map(role).collect(),
        created_at: stamp(user.created_at),
    }
}

/// A user by id or name.
pub(super) fn named(shared: &Ports, who: &str) -> Result<User, Fault> {
    let registry = shared.directory.registry();
    let by_id = shared.ids.decode(IdKind::User, who).map(UserKey);
    let found = by_id.and_then(|key| registry.user(key));
    let found = found.or_else(|| registry.user_by_name(&who.to_lowercase()));
    found.cloned().ok_or_else(|| {
        Fault::missing(format!(
            "there is no user {who}: `inlet user list` shows those there are"
        ))
    })
}

#[derive(Deserialize)]
struct RoleAt {
    location: String,
    /// None takes it away.
    role: Option<String>,
}

async fn give_role(State(shared): State<Shared>, Path(who): Path<String>, Input(wish): Input<RoleAt>) -> Answer<View> {
    let registry = shared.directory.registry();
    let location = find::location(&registry, &wish.location)?.key;
    let mut user = named(&shared, &who)?;
    match wish.role.as_deref() {
        Some(role) => {
            user.roles.insert(location, checked_role(role)?);
        }
        None if user.roles.remove(&location).is_none() => {
            return Err(Fault::conflict(format!("{} has no role at this location", user.name)));
        }
        None => {}
    }
    let entry = Entry::UserRoles(user.key, user.roles.clone());
    shared.directory.write(entry).await?;
    Ok(Json(view(&shared, &registry, &user)))
}

#[derive(Deserialize)]
struct NewPassword {
    password: String,
}

async fn set_password(
    State(shared): State<Shared>,
    Path(who): Path<String>,
    Input(new): Input<NewPassword>,
) -> Answer<View> {
    let mut user = named(&shared, &who)?;
    let password = hashed(&shared, new.password).await?;
    user.password = Some(password.clone());
    shared.directory.write(Entry::UserPassword(user.key, password)).await?;
    Ok(Json(view(&shared, &shared.directory.registry(), &user)))
}

#[derive(Serialize)]
struct Removed {
    id: String,
    name: String,
}

async fn remove(State(shared): State<Shared>, Path(who): Path<String>) -> Answer<Removed> {
    let user = named(&shared, &who)?;
    shared.directory.write(Entry::UserRemoved(user.key)).await?;
    Ok(Json(Removed {
        id: shared.ids.encode(IdKind::User, user.key.0),
        name: user.name,
    }))
}

#[derive(Deserialize)]
struct WhichDeeds {
    location: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Log {
    deeds: Vec<DeedView>,
}

#[derive(Serialize)]
struct DeedView {
    id: String,
    at: String,
    location: Option<String>,
    who: String,
    what: String,
}

async fn deeds(State(shared): State<Shared>, Asked(which): Asked<WhichDeeds>) -> Answer<Log> {
    let registry = shared.directory.registry();
    let location = which
        .location
        .as_deref()
        .map(|id| find::location(&registry, id))
        .transpose()?;
    let before = which.before.as_deref().map(|id| {
        let key = shared.ids.decode(IdKind::Deed, id);
        key.ok_or_else(|| Fault::missing("there is no such deed to list those before"))
    });
    let query = DeedQuery {
        location: location.map(|found| found.key),
        before: before.transpose()?,
        limit: which.limit.unwrap_or(LIMIT).min(MOST),
    };
    let view = |deed: Deed| DeedView {
        id: shared.ids.encode(IdKind::Deed, deed.key),
        at: stamp(deed.at),
        location: deed
            .location
            .and_then(|key| registry.location(key))
            .map(|found| found.id.clone()),
        who: deed.who,
        what: deed.what,
    };
    let found = shared.deeds.deeds(&query).await?;
    Ok(Json(Log {
        deeds: found.into_iter().map(view).collect(),
    }))
}
