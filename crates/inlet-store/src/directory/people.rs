//! Users of the pages: their rows. Passwords are written as argon2 makes them.

use std::collections::BTreeMap;

use inlet_core::{
    ids::{LocationKey, UserKey},
    people::{Role, User},
    secret::Secret,
};

use crate::{
    error::StoreError,
    row::json,
    waist::{Row, Waist, args, row},
};

pub(super) const ALL: &str = "
    select id, name, password, roles, created_at from person order by id";

const ADD: &str = "
    insert into person (id, name, password, roles, created_at) values ($1, $2, $3, $4, $5)";

const ROLES: &str = "
    update person set roles = $2 where id = $1";

const PASSWORD: &str = "
    update person set password = $2 where id = $1";

const REMOVE: &str = "
    delete from person where id = $1";

const END_SESSIONS: &str = "
    delete from session where person_id = $1";

pub(super) async fn add(waist: &mut dyn Waist, user: &User) -> Result<(), StoreError> {
    let roles = json(&user.roles)?;
    let password = user.password.as_ref().and_then(Secret::expose_text);
    let list = args![
        user.key.0,
        user.name.as_str(),
        password,
        roles.as_str(),
        user.created_at
    ];
    row(waist, ADD, list).await.map(|_| ())
}

pub(super) async fn set_roles(
    waist: &mut dyn Waist,
    user: UserKey,
    roles: &BTreeMap<LocationKey, Role>,
) -> Result<(), StoreError> {
    let roles = json(roles)?;
    row(waist, ROLES, args![user.0, roles.as_str()]).await.map(|_| ())
}

pub(super) async fn set_password(waist: &mut dyn Waist, user: UserKey, password: &Secret) -> Result<(), StoreError> {
    row(waist, PASSWORD, args![user.0, password.expose_text()]).await?;
    row(waist, END_SESSIONS, args![user.0]).await.map(|_| ())
}

pub(super) async fn remove(waist: &mut dyn Waist, user: UserKey) -> Result<(), StoreError> {
    row(waist, REMOVE, args![user.0]).await?;
    row(waist, END_SESSIONS, args![user.0]).await.map(|_| ())
}

pub(super) fn read(row: &mut Row) -> Result<User, StoreError> {
    Ok(User {
        key: UserKey(row.int()?),
        name: row.text()?,
        password: row.opt_text()?.map(Secret::new),
        roles: row.json()?,
        created_at: row.at()?,
    })
}
