//! Contacts that were merged, as they are read: an old id answers as the other contact, and the thread is the union of
//! their conversations. Nothing was moved, so each of them is read by itself and they are laid side by side.

use std::collections::HashMap;

use inlet_core::{
    ids::{ContactKey, LocationKey, MessageKey},
    inbox::ConversationView,
    message::Message,
};

use super::message;
use crate::{
    error::StoreError,
    look::{ALIAS, CONVERSATION, read_conversation},
    waist::{Waist, args, row, rows, run},
};

/// A contact, and those that answer as it.
const WHO: &str = "
    select id, alias_of from contact where location_id = $1 and (id = $2 or alias_of = $2) order by id";

/// Those that answer as a contact.
const OTHERS: &str = "
    select id from contact where location_id = $1 and alias_of = $2";

const ALL_ALIASES: &str = "
    select id, alias_of from contact where location_id = $1 and alias_of is not null";

/// From the last message of a conversation down to the first that is older than another message.
const OLDER: &str = "
    with recursive chain (id, before_id) as (
      select m.id, m.before_id from conversation v join message m on m.location_id = v.location_id and m.id = v.last_message_id
       where v.location_id = $1 and v.id = $2
      union all
      select m.id, m.before_id from chain c join message m on m.id = c.before_id where m.location_id = $1 and c.id >= $3)
    select id from chain where id < $3";

/// Who answers for a contact, and all whose messages are theirs, themselves first.
pub(crate) async fn who(
    waist: &mut dyn Waist,
    location: LocationKey,
    contact: ContactKey,
) -> Result<Vec<ContactKey>, StoreError> {
    let mut answering = contact;
    loop {
        let mut all = vec![answering];
        let mut other = None;
        for mut row in rows(waist, WHO, args![location.0, answering.0]).await? {
            let (id, alias) = (ContactKey(row.int()?), row.opt_int()?);
            if id == answering {
                other = alias;
            } else {
                all.push(id);
            }
        }
        match other {
            // Who answers is no alias: this goes round twice at most.
            Some(other) => answering = ContactKey(other),
            None => return Ok(all),
        }
    }
}

/// Where to begin in a contact's own conversation so that all is older than `before`.
pub(super) async fn older(
    waist: &mut dyn Waist,
    (location, contact): (LocationKey, ContactKey),
    before: MessageKey,
) -> Result<Option<i64>, StoreError> {
    match row(waist, OLDER, args![location.0, contact.0, before.0]).await? {
        Some(mut found) => found.int().map(Some),
        None => Ok(None),
    }
}

/// The message as one of whoever answers for its contact.
pub(super) async fn own(waist: &mut dyn Waist, message: &mut Message) -> Result<(), StoreError> {
    if let Some(mut found) = row(waist, ALIAS, args![message.location.0, message.contact.0]).await?
        && let Some(other) = found.opt_int()?
    {
        message.contact = ContactKey(other);
    }
    Ok(())
}

/// The same for many of a location.
pub(super) async fn own_all(
    waist: &mut dyn Waist,
    location: LocationKey,
    messages: &mut [Message],
) -> Result<(), StoreError> {
    let mut aliases = HashMap::new();
    for mut row in rows(waist, ALL_ALIASES, args![location.0]).await? {
        aliases.insert(ContactKey(row.int()?), ContactKey(row.int()?));
    }
    for message in messages {
        message.contact = aliases.get(&message.contact).copied().unwrap_or(message.contact);
    }
    Ok(())
}

/// Conversations with what was merged into them: how much there is, and which message is the last.
pub(super) async fn complete(waist: &mut dyn Waist, views: &mut [ConversationView]) -> Result<(), StoreError> {
    let lists: Vec<_> = views.iter().map(|view| args![view.location.0, view.key.0]).collect();
    for (others, view) in run(waist, OTHERS, &lists).await?.into_iter().zip(views) {
        let mut lists = Vec::with_capacity(others.len());
        for mut other in others {
            lists.push(args![view.location.0, other.int()?]);
        }
        for mut row in run(waist, CONVERSATION, &lists).await?.into_iter().flatten() {
            let (own, _) = read_conversation(view.location, &mut row)?;
            view.count += own.last_seq;
            let later = own.last_message > view.last.as_ref().map(|last| last.key);
            if let Some(key) = own.last_message.filter(|_| later) {
                view.last = message(waist, view.location, key).await?;
            }
        }
    }
    Ok(())
}
