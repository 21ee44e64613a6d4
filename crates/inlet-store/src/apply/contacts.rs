//! Changes of contacts, written down; and what goes when one is forgotten.

use std::collections::HashMap;

use inlet_core::{
    address::Identity,
    contact::{Contact, Profile},
    decide::{Forgotten, Kept, Record},
    ids::{ContactKey, LocationKey, MessageKey},
};

use super::{IDENTITY, all_first};
use crate::{
    error::StoreError,
    row::json,
    search,
    waist::{Waist, args, rows, run},
};

const NEW: &str = "
    insert into contact (location_id, id, name, phone, email, created_at, updated_at, detail)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

const CHANGED: &str = "
    update contact set name = $3, phone = $4, email = $5, updated_at = $6, detail = $7
     where location_id = $1 and id = $2";

const NO_LONGER: &str = "
    delete from identity where location_id = $1 and kind = $2 and scope = $3 and value = $4 and contact_id = $5";

const GONE: &str = "
    delete from contact where location_id = $1 and id = $2";

/// Goes through all identities of the location: it has no index for what is so rare.
const IDENTITIES_GONE: &str = "
    delete from identity where location_id = $1 and contact_id = $2";

pub(crate) const CONVERSATION_GONE: &str = "
    delete from conversation where location_id = $1 and id = $2";

/// Down the chain of a conversation's messages: each names the one before it, and a mail its thread.
const MESSAGES: &str = "
    with recursive chain (id, before_id) as (
      select id, before_id from message where location_id = $1 and id = $2
      union all
      select m.id, m.before_id from chain c join message m on m.id = c.before_id where m.location_id = $1)
    select id from chain";

/// A thread lies within one conversation, and so does its root.
const THREAD_GONE: &str = "
    delete from mail_thread where location_id = $1 and root_id = $2";

const MESSAGE_GONE: &str = "
    delete from message where location_id = $1 and id = $2";

const CALL_GONE: &str = "
    delete from call_under_way where location_id = $1 and message_id = $2";

pub(super) const MEDIA_GONE: &str = "
    delete from media where location_id = $1 and message_id = $2";

/// Writes contacts as they now stand.
pub(super) async fn keep(waist: &mut dyn Waist, kept: &[&Kept]) -> Result<(), StoreError> {
    for one in kept {
        let contact = &one.contact;
        let (location, detail) = (contact.location, detail(&contact.profile)?);
        write(waist, one.new, contact, detail.as_deref()).await?;
        let lists: Vec<_> = one
            .dropped
            .iter()
            .map(|old| identity(location, old, contact.key))
            .collect();
        run(waist, NO_LONGER, &lists).await?;
        let lists: Vec<_> = one
            .identities
            .iter()
            .map(|new| identity(location, new, contact.key))
            .collect();
        all_first(&run(waist, IDENTITY, &lists).await?)?;
    }
    Ok(())
}

/// Writes the contacts that opted out or in by a message, each as it stands after the last of them.
pub(super) async fn opted(waist: &mut dyn Waist, records: &[&Record]) -> Result<(), StoreError> {
    let changed = records.iter().filter_map(|record| record.contact.as_ref());
    let last: HashMap<ContactKey, &Contact> = changed.map(|contact| (contact.key, contact)).collect();
    for contact in last.into_values() {
        rewrite(waist, contact).await?;
    }
    Ok(())
}

async fn write(waist: &mut dyn Waist, new: bool, contact: &Contact, detail: Option<&str>) -> Result<(), StoreError> {
    let [location, key, name, phone, email, created_at, updated_at, detail] = args![
        contact.location.0,
        contact.key.0,
        contact.name.as_deref(),
        contact.phone.as_deref(),
        contact.email.as_deref(),
        contact.created_at,
        contact.updated_at,
        detail,
    ];
    if new {
        let list = [location, key, name, phone, email, created_at, updated_at, detail];
        run(waist, NEW, &[list]).await?;
    } else {
        run(
            waist,
            CHANGED,
            &[[location, key, name, phone, email, updated_at, detail]],
        )
        .await?;
    }
    Ok(())
}

fn identity(location: LocationKey, one: &Identity, contact: ContactKey) -> [crate::waist::Value<'_>; 5] {
    args![
        location.0,
        one.kind.code(),
        one.scope.as_str(),
        one.value.as_str(),
        contact.0,
    ]
}

fn detail(profile: &Profile) -> Result<Option<String>, StoreError> {
    (*profile != Profile::default()).then(|| json(profile)).transpose()
}

/// Writes a contact that is there as it now stands.
pub(super) async fn rewrite(waist: &mut dyn Waist, contact: &Contact) -> Result<(), StoreError> {
    let detail = detail(&contact.profile)?;
    write(waist, false, contact, detail.as_deref()).await
}

/// Removes the row of a conversation that has no message any more.
pub(super) async fn no_conversation(
    waist: &mut dyn Waist,
    location: LocationKey,
    contact: ContactKey,
) -> Result<(), StoreError> {
    run(waist, CONVERSATION_GONE, &[args![location.0, contact.0]])
        .await
        .map(|_| ())
}

/// Removes conversations with their messages, and contacts where they go too. What makes a repeat recognisable stays,
/// and so do promises that were made.
pub(super) async fn forget(waist: &mut dyn Waist, forgotten: &[&Forgotten]) -> Result<(), StoreError> {
    for one in forgotten {
        let all = one.merged.iter().chain([&one.contact]);
        let all: Vec<_> = all.map(|contact| args![one.location.0, contact.0]).collect();
        run(waist, CONVERSATION_GONE, &all).await?;
        if one.with_contact {
            run(waist, IDENTITIES_GONE, &all).await?;
            run(waist, GONE, &all).await?;
        }
        for last in &one.last_messages {
            messages(waist, one.location, *last).await?;
        }
    }
    Ok(())
}

async fn messages(waist: &mut dyn Waist, location: LocationKey, last: MessageKey) -> Result<(), StoreError> {
    let mut lists = Vec::new();
    for mut row in rows(waist, MESSAGES, args![location.0, last.0]).await? {
        lists.push(args![location.0, row.int()?]);
    }
    for statement in [search::GONE, CALL_GONE, MEDIA_GONE, THREAD_GONE, MESSAGE_GONE] {
        run(waist, statement, &lists).await?;
    }
    Ok(())
}
