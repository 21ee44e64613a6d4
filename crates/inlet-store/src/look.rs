//! What is known of a batch: came it before? whose is it? which conversation? One statement a question, whatever the size
//! of the batch.

use std::{collections::HashSet, sync::Arc};

use inlet_core::{
    address::Identity,
    change::Change,
    contact::ContactChange,
    decide::{Rule, concerns_contact},
    ids::{ContactKey, LocationKey, MessageKey},
    inbound::Who,
    known::Known,
    registry::Registry,
    seen::{Seen, SeenHash},
};

use crate::{
    error::StoreError,
    row,
    waist::{Row, Value, Waist, args, asked, run},
};

mod alias;
mod conversation;
mod early;

pub(crate) use alias::ALIAS;
pub(crate) use conversation::{CONVERSATION, read as read_conversation};
use conversation::{changed, named};

/// How many rows up from its own a hash may stand. A true collision is rare; three in a row do not happen.
pub(crate) const PROBES: i64 = 3;

pub(crate) const SEEN: &str = "
    select hash, check_hash, message_id, contact_id, occurred_at, email, fingerprint
      from seen where location_id = $1 and hash >= $2 and hash <= $3";

pub(crate) const IDENTITY: &str = "
    select contact_id from identity where location_id = $1 and kind = $2 and scope = $3 and value = $4";

pub(crate) const WHOLE_CONTACT: &str = "
    select id, name, phone, email, created_at, updated_at, detail from contact where location_id = $1 and id = $2";

pub(crate) const MESSAGE: &str = "
    select id, contact_id, seq, before_id, provider_id, external_id, channel, direction, status, body, occurred_at,
           created_at, detail
      from message where location_id = $1 and id = $2";

/// Finds out what the rule has to know of a batch.
pub(crate) async fn look(
    waist: &mut dyn Waist,
    batch: &[Change],
    rule: &Rule<'_>,
    registry: &Arc<Registry>,
) -> Result<Known, StoreError> {
    let mut known = Known {
        registry: Arc::clone(registry),
        ..Known::default()
    };
    look_at_first(waist, batch, rule, &mut known).await?;
    early::look_for_words(waist, batch, rule, &mut known).await?;
    conversation::look_for_the_rest(waist, batch, &mut known).await?;
    look_for_messages(waist, batch, rule, &mut known).await?;
    look_for_contacts(waist, batch, &mut known).await?;
    alias::look_for_merged(waist, batch, &mut known).await?;
    Ok(known)
}

/// What can be asked without knowing anything. So can whose conversations they are where nobody has to be looked for first:
/// rows are locked in one order, so all of them at once.
async fn look_at_first(
    waist: &mut dyn Waist,
    batch: &[Change],
    rule: &Rule<'_>,
    known: &mut Known,
) -> Result<(), StoreError> {
    let hashes = hashes(batch, rule);
    let people = people(batch);
    let named = if people.is_empty() { named(batch) } else { Vec::new() };
    let of_hashes: Vec<_> = hashes
        .iter()
        .map(|(location, hash)| args![location.0, hash.row, hash.row.saturating_add(PROBES)])
        .collect();
    let of_people: Vec<_> = people
        .iter()
        .map(|(location, one)| args![location.0, one.kind.code(), one.scope.as_str(), one.value.as_str()])
        .collect();
    let of_named = conversation::lists(&named);
    let questions = [
        asked(SEEN, &of_hashes),
        asked(IDENTITY, &of_people),
        asked(CONVERSATION, &of_named),
    ];
    let mut answers = waist.run_all(&questions).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    take_repeats(hashes, next(), known)?;
    take_people(people, next(), known)?;
    conversation::take(waist, named, next(), known).await
}

/// Under which hashes a batch may be known already.
fn hashes(batch: &[Change], rule: &Rule<'_>) -> Vec<(LocationKey, SeenHash)> {
    let hashes = batch.iter().flat_map(|change| {
        let hashes = rule.hashes(change).chain(rule.answered(change));
        hashes.map(|hash| (change.location, hash))
    });
    hashes.collect()
}

fn take_repeats(
    hashes: Vec<(LocationKey, SeenHash)>,
    found: Vec<Vec<Row>>,
    known: &mut Known,
) -> Result<(), StoreError> {
    for mut row in found.into_iter().flatten() {
        let (hash, seen) = read_seen(&mut row)?;
        known.taken.insert(hash.row);
        known.seen.insert(hash, seen);
    }
    // What stands some rows up is the same hash, moved by a collision: the rule asks under the hash's own row.
    for (_, hash) in hashes {
        let mut moved = (1..=PROBES).map(|up| SeenHash {
            row: hash.row.saturating_add(up),
            ..hash
        });
        if let Some(seen) = moved.find_map(|hash| known.seen.get(&hash).cloned()) {
            known.seen.insert(hash, seen);
        }
    }
    Ok(())
}

/// Reads one row of [`SEEN`].
pub(crate) fn read_seen(row: &mut Row) -> Result<(SeenHash, Seen), StoreError> {
    let hash = SeenHash {
        row: row.int()?,
        check: row.int()?,
    };
    let seen = Seen {
        message: MessageKey(row.int()?),
        contact: ContactKey(row.int()?),
        occurred_at: row.at()?,
        email: row.int()? != 0,
        fingerprint: row.int()?,
    };
    Ok((hash, seen))
}

/// By what the people of a batch may be known.
fn people(batch: &[Change]) -> Vec<(LocationKey, Identity)> {
    let mut identities: Vec<_> = batch.iter().flat_map(identities).collect();
    identities.extend(batch.iter().flat_map(given));
    identities.sort_unstable();
    identities.dedup();
    identities
}

fn take_people(
    people: Vec<(LocationKey, Identity)>,
    found: Vec<Vec<Row>>,
    known: &mut Known,
) -> Result<(), StoreError> {
    for (rows, one) in found.into_iter().zip(people) {
        for mut row in rows {
            known.people.insert(one.clone(), ContactKey(row.int()?));
        }
    }
    Ok(())
}

/// What identifies the person of a message, aliases included.
fn identities(change: &Change) -> impl Iterator<Item = (LocationKey, Identity)> {
    let identities = match who(change) {
        Some(Who::Person(person)) => person.identities.as_slice(),
        Some(Who::Known(_)) | None => &[],
    };
    let all = identities.iter().flat_map(Identity::with_aliases);
    all.map(|identity| (change.location, identity))
}

/// What a change of contacts gives or asks for.
fn given(change: &Change) -> Vec<(LocationKey, Identity)> {
    let identities = change
        .contact_change()
        .map(ContactChange::identities)
        .unwrap_or_default();
    identities.into_iter().map(|one| (change.location, one)).collect()
}

fn who(change: &Change) -> Option<&Who> {
    change.inbound().map(|inbound| &inbound.who)
}

/// Contacts in full, which only changes of contacts ask for, who opts out or in by a message, and filters by tags.
async fn look_for_contacts(waist: &mut dyn Waist, batch: &[Change], known: &mut Known) -> Result<(), StoreError> {
    let named = batch
        .iter()
        .flat_map(changed)
        .flat_map(|(location, contact)| [contact, known.answering(contact)].map(|contact| (location, contact)));
    let held = batch.iter().flat_map(given).filter_map(|one| {
        let contact = *known.people.get(&one)?;
        Some((one.0, contact))
    });
    let opting = batch.iter().filter(|change| concerns_contact(change, &known.registry));
    let opting = opting.flat_map(|change| senders(change, known));
    // A later word on a message is announced too.
    let told = known
        .messages
        .values()
        .map(|message| (message.location, message.contact));
    let told = told.filter(|(location, _)| known.registry.asks_tags(*location));
    let contacts: HashSet<_> = named.chain(held).chain(opting).chain(told).collect();
    let contacts: Vec<_> = contacts.into_iter().collect();
    let lists: Vec<_> = contacts
        .iter()
        .map(|(location, contact)| args![location.0, contact.0])
        .collect();
    for (rows, (location, _)) in run(waist, WHOLE_CONTACT, &lists).await?.into_iter().zip(contacts) {
        for mut found in rows {
            let contact = row::contact(location, &mut found)?;
            known.contacts.insert(contact.key, contact);
        }
    }
    Ok(())
}

/// Whose a message may be.
fn senders(change: &Change, known: &Known) -> Vec<(LocationKey, ContactKey)> {
    let contacts: Vec<ContactKey> = match who(change) {
        Some(Who::Known(contact)) => vec![known.answering(*contact)],
        Some(Who::Person(person)) => {
            let identities = person.identities.iter().cloned();
            let found = identities.filter_map(|one| known.people.get(&(change.location, one)));
            found.copied().collect()
        }
        None => Vec::new(),
    };
    contacts.into_iter().map(|contact| (change.location, contact)).collect()
}

async fn look_for_messages(
    waist: &mut dyn Waist,
    batch: &[Change],
    rule: &Rule<'_>,
    known: &mut Known,
) -> Result<(), StoreError> {
    let wanted: HashSet<(LocationKey, MessageKey)> = batch
        .iter()
        .flat_map(|change| {
            let hashes = rule.answered(change).chain(rule.subjects(change));
            let named = hashes.filter_map(|hash| known.seen.get(&hash));
            let named = named.map(|seen| seen.message);
            let all = change.about().or_else(|| answered(change)).into_iter().chain(named);
            all.map(|message| (change.location, message))
        })
        .collect();
    let wanted: Vec<_> = wanted.into_iter().collect();
    let lists: Vec<[Value<'_>; 2]> = wanted
        .iter()
        .map(|(location, message)| args![location.0, message.0])
        .collect();
    for (rows, (location, message)) in run(waist, MESSAGE, &lists).await?.into_iter().zip(wanted) {
        for mut found in rows {
            known.messages.insert(message, row::message(location, &mut found)?);
        }
    }
    alias::own(waist, known).await
}

/// The mail that a mail answers.
fn answered(change: &Change) -> Option<MessageKey> {
    change.inbound()?.detail.email.as_ref()?.reply_to
}
