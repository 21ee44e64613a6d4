//! Whose conversations a batch goes on, and whom they answer as.

use std::collections::HashSet;

use inlet_core::{
    change::Change,
    channel::Channel,
    contact::ContactChange,
    ids::{ContactKey, LocationKey, MessageKey},
    inbound::Who,
    known::{Conversation, Known},
};

use super::{alias, who};
use crate::{
    error::StoreError,
    waist::{Row, Value, Waist, args, run},
};

pub(crate) const CONVERSATION: &str = "
    select last_seq, last_message_id, last_channel, last_at, unread, starred, alias_of from conversation v
     where v.location_id = $1 and v.id = $2";

/// Asked only where there is no conversation. (One statement with a left join is prepared anew with each execution.)
const CONTACT: &str = "
    select id, alias_of from contact where location_id = $1 and id = $2";

/// Whose conversations a batch names itself.
pub(super) fn named(batch: &[Change]) -> Vec<(LocationKey, ContactKey)> {
    let named = batch.iter().filter_map(|change| match who(change) {
        Some(Who::Known(contact)) => Some((change.location, *contact)),
        Some(Who::Person(_)) => None,
        None => Some((change.location, change.marked()?)),
    });
    let contacts: HashSet<_> = named.chain(batch.iter().flat_map(changed)).collect();
    contacts.into_iter().collect()
}

/// The contacts that a change of contacts names.
pub(super) fn changed(change: &Change) -> Vec<(LocationKey, ContactKey)> {
    let named = change.contact_change().map(ContactChange::contacts).unwrap_or_default();
    named.into_iter().map(|contact| (change.location, contact)).collect()
}

/// What [`CONVERSATION`] is asked for.
pub(super) fn lists(contacts: &[(LocationKey, ContactKey)]) -> Vec<[Value<'static>; 2]> {
    let lists = contacts.iter().map(|(location, contact)| args![location.0, contact.0]);
    lists.collect()
}

/// All that a batch goes on and that is not known yet; and whoever answers for those that were merged.
pub(super) async fn look_for_the_rest(
    waist: &mut dyn Waist,
    batch: &[Change],
    known: &mut Known,
) -> Result<(), StoreError> {
    let found = known
        .people
        .iter()
        .map(|((location, _), contact)| (*location, *contact));
    let all: HashSet<_> = named(batch).into_iter().chain(found).collect();
    let rest = all
        .into_iter()
        .filter(|(_, contact)| !known.conversations.contains_key(contact));
    let rest = rest.collect();
    look_for(waist, rest, known).await?;
    alias::answer(waist, known).await
}

/// The conversations of these contacts, and whom they answer as.
pub(super) async fn look_for(
    waist: &mut dyn Waist,
    contacts: Vec<(LocationKey, ContactKey)>,
    known: &mut Known,
) -> Result<(), StoreError> {
    let found = run(waist, CONVERSATION, &lists(&contacts)).await?;
    take(waist, contacts, found, known).await
}

/// Takes in what [`CONVERSATION`] answered. Whose conversation is not there may be a contact all the same.
pub(super) async fn take(
    waist: &mut dyn Waist,
    contacts: Vec<(LocationKey, ContactKey)>,
    found: Vec<Vec<Row>>,
    known: &mut Known,
) -> Result<(), StoreError> {
    let mut silent = Vec::new();
    for (rows, (location, contact)) in found.into_iter().zip(contacts) {
        if rows.is_empty() {
            silent.push((location, contact));
        }
        for mut row in rows {
            let (conversation, answers_as) = read(location, &mut row)?;
            known.conversations.insert(contact, conversation);
            known.aliases.extend(answers_as.map(|other| (contact, other)));
        }
    }
    let found = run(waist, CONTACT, &lists(&silent)).await?;
    for (rows, (location, contact)) in found.into_iter().zip(silent) {
        for mut row in rows {
            known
                .conversations
                .insert(ContactKey(row.int()?), Conversation::empty(location));
            known
                .aliases
                .extend(row.opt_int()?.map(|other| (contact, ContactKey(other))));
        }
    }
    Ok(())
}

/// Reads one row of [`CONVERSATION`], and whom its contact answers as. Without a message of its own it shows others'.
pub(crate) fn read(location: LocationKey, row: &mut Row) -> Result<(Conversation, Option<ContactKey>), StoreError> {
    let conversation = Conversation {
        location,
        stored: true,
        last_seq: row.int()?,
        last_message: Some(row.int()?).filter(|key| *key != 0).map(MessageKey),
        last_channel: Some(row.code(Channel::from_code)?),
        last_at: row.at()?,
        unread: row.int()?,
        starred: row.int()? != 0,
    };
    Ok((conversation, row.opt_int()?.map(ContactKey)))
}
