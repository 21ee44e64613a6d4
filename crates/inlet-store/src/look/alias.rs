//! Who answers as whom: contacts that were merged into another. Who has none of them pays nothing for it, for a
//! conversation's row, which is read anyway, says so.

use std::collections::HashSet;

use inlet_core::{
    change::Change,
    contact::{Before, ContactChange},
    ids::{ContactKey, LocationKey},
    known::{Known, Merged},
};

use super::conversation::look_for;
use crate::{
    error::StoreError,
    waist::{Row, Waist, args, rows, run},
};

/// Whom a contact answers as: nobody, unless it was merged.
pub(crate) const ALIAS: &str = "
    select alias_of from contact where location_id = $1 and id = $2";

const MERGED: &str = "
    select id, merged_into, merged_before from contact where location_id = $1 and alias_of = $2 order by id";

/// Down the chain of a conversation's own messages.
const LATEST: &str = "
    with recursive chain (id, before_id, occurred_at) as (
      select id, before_id, occurred_at from message where location_id = $1 and id = $2
      union all
      select m.id, m.before_id, m.occurred_at from chain c join message m on m.id = c.before_id where m.location_id = $1)
    select max(occurred_at) from chain";

/// Where somebody was merged, the other one is looked for, and whose number or address was theirs is the other's.
pub(super) async fn answer(waist: &mut dyn Waist, known: &mut Known) -> Result<(), StoreError> {
    if known.aliases.is_empty() {
        return Ok(());
    }
    let others = known.aliases.iter().filter_map(|(contact, other)| {
        let at = known.conversations.get(contact)?.location;
        (!known.conversations.contains_key(other)).then_some((at, *other))
    });
    let others: HashSet<_> = others.collect();
    look_for(waist, others.into_iter().collect(), known).await?;
    for contact in known.people.values_mut() {
        *contact = known.aliases.get(contact).copied().unwrap_or(*contact);
    }
    Ok(())
}

/// Messages that are amended or answered are of whoever answers for the contact that they came from.
pub(super) async fn own(waist: &mut dyn Waist, known: &mut Known) -> Result<(), StoreError> {
    let all = known
        .messages
        .values()
        .map(|message| (message.location, message.contact));
    let contacts: HashSet<(LocationKey, ContactKey)> = all.collect();
    let contacts: Vec<_> = contacts.into_iter().collect();
    let lists: Vec<_> = contacts
        .iter()
        .map(|(location, contact)| args![location.0, contact.0])
        .collect();
    for (rows, (_, contact)) in run(waist, ALIAS, &lists).await?.into_iter().zip(contacts) {
        for mut row in rows {
            known
                .aliases
                .extend(row.opt_int()?.map(|other| (contact, ContactKey(other))));
        }
    }
    for message in known.messages.values_mut() {
        message.contact = known.aliases.get(&message.contact).copied().unwrap_or(message.contact);
    }
    Ok(())
}

/// All who answer as those that a change merges, parts or forgets.
pub(super) async fn look_for_merged(
    waist: &mut dyn Waist,
    batch: &[Change],
    known: &mut Known,
) -> Result<(), StoreError> {
    for change in batch {
        let Some(of) = change.contact_change().filter(|of| of.concerns_merged()) else {
            continue;
        };
        for contact in of.contacts() {
            let answering = known.answering(contact);
            let found = merged(waist, (change.location, answering), known).await?;
            known.merged.insert(answering, found);
            if matches!(of, ContactChange::Unmerge(_)) {
                latest(waist, (change.location, answering), known).await?;
            }
        }
    }
    Ok(())
}

async fn merged(
    waist: &mut dyn Waist,
    (location, contact): (LocationKey, ContactKey),
    known: &mut Known,
) -> Result<Vec<Merged>, StoreError> {
    let mut found = Vec::new();
    for mut row in rows(waist, MERGED, args![location.0, contact.0]).await? {
        found.push(read(&mut row)?);
    }
    look_for(waist, found.iter().map(|one| (location, one.key)).collect(), known).await?;
    for one in &mut found {
        let conversation = known.conversations.get(&one.key);
        one.conversation = conversation.filter(|found| found.stored).cloned();
    }
    Ok(found)
}

fn read(row: &mut Row) -> Result<Merged, StoreError> {
    Ok(Merged {
        key: ContactKey(row.int()?),
        into: ContactKey(row.int()?),
        before: before(row.opt_text()?.as_deref())?,
        conversation: None,
    })
}

fn before(json: Option<&str>) -> Result<Before, StoreError> {
    match json {
        Some(json) => serde_json::from_str(json).map_err(|_| StoreError::Unreadable("what a contact was before")),
        None => Ok(Before::default()),
    }
}

async fn latest(
    waist: &mut dyn Waist,
    (location, contact): (LocationKey, ContactKey),
    known: &mut Known,
) -> Result<(), StoreError> {
    let last = known.conversations.get(&contact).and_then(|found| found.last_message);
    let Some(last) = last else {
        return Ok(());
    };
    for mut row in rows(waist, LATEST, args![location.0, last.0]).await? {
        known.latest.extend(row.opt_at()?.map(|at| (contact, at)));
    }
    Ok(())
}
