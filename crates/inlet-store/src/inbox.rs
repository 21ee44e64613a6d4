//! What the API and the pages read of conversations and messages.

use std::collections::HashSet;

use async_trait::async_trait;
use inlet_core::{
    address::{EmailAddress, Identity, IdentityKind, Phone},
    channel::Channel,
    directory::StoreFault,
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    inbox::{ConversationQuery, ConversationView, Export, ExportQuery, Inbox, MessagePage, MessageQuery, Tallies},
    message::Message,
    seen::{SeenHash, SeenKey},
};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    look::{IDENTITY, MESSAGE, PROBES, SEEN, read_seen},
    row,
    waist::{Waist, args, row as one, rows, run},
};

mod export;
pub(crate) mod list;
mod union;

pub(crate) use union::who;

/// Down the chain from one message: each names the one before it. 20 to 50 look-ups a page, and no index.
const CHAIN: &str = "
    with recursive chain (step, id, contact_id, seq, before_id, provider_id, external_id, channel, direction, status,
                          body, occurred_at, created_at, detail) as (
      select 1, id, contact_id, seq, before_id, provider_id, external_id, channel, direction, status, body,
             occurred_at, created_at, detail
        from message where location_id = $1 and id = $2 and contact_id = $3
      union all
      select c.step + 1, m.id, m.contact_id, m.seq, m.before_id, m.provider_id, m.external_id, m.channel, m.direction,
             m.status, m.body, m.occurred_at, m.created_at, m.detail
        from chain c join message m on m.id = c.before_id
       where m.location_id = $1 and c.step < $4)
    select id, contact_id, seq, before_id, provider_id, external_id, channel, direction, status, body, occurred_at,
           created_at, detail
      from chain order by seq desc";

const LAST_MESSAGE: &str = "
    select last_message_id from conversation v where v.location_id = $1 and v.id = $2";

const BEFORE: &str = "
    select before_id from message where location_id = $1 and id = $2 and contact_id = $3";

const THREAD: &str = "
    select message_id from mail_thread where location_id = $1 and root_id = $2 order by message_id";

const OVERDUE: &str = "
    select location_id, provider_id, message_id from call_under_way where due_at <= $1 order by due_at limit $2";

const OWNERS: &str = "
    select contact_id from identity where location_id = $1 and kind = $2 and scope = '' and value = $3";

/// Which page gave the id out is not known here, so that all page ids of the location are gone through.
const PAGE_OWNERS: &str = "
    select contact_id from identity where location_id = $1 and kind = 3 and value = $2";

/// Messages read at once while looking for those of some channels.
const STRETCH: usize = 200;

#[async_trait]
impl Inbox for Store {
    async fn message(&self, location: LocationKey, key: MessageKey) -> Result<Option<Message>, StoreFault> {
        let found = self.read(move |waist| Box::pin(message(waist, location, key)));
        Ok(found.await?)
    }

    async fn messages(&self, query: &MessageQuery) -> Result<MessagePage, StoreFault> {
        let query = query.clone();
        let page = self.read(move |waist| Box::pin(async move { messages(waist, &query).await }));
        Ok(page.await?)
    }

    async fn thread(&self, location: LocationKey, root: MessageKey) -> Result<Vec<MessageKey>, StoreFault> {
        let found = self.read(move |waist| Box::pin(rows(waist, THREAD, args![location.0, root.0])));
        let keys = found.await?.into_iter().map(|mut row| row.int().map(MessageKey));
        Ok(keys.collect::<Result<_, _>>()?)
    }

    async fn conversation(
        &self,
        location: LocationKey,
        key: ContactKey,
    ) -> Result<Option<ConversationView>, StoreFault> {
        let found = self.read(move |waist| Box::pin(list::conversation(waist, location, key)));
        Ok(found.await?)
    }

    async fn conversations(&self, query: &ConversationQuery) -> Result<(Vec<ConversationView>, u64), StoreFault> {
        let query = query.clone();
        let page = self.read(move |waist| Box::pin(async move { list::conversations(waist, &query).await }));
        Ok(page.await?)
    }

    async fn export(&self, query: &ExportQuery) -> Result<Export, StoreFault> {
        let query = query.clone();
        let page = self.read(move |waist| Box::pin(async move { export::export(waist, &query).await }));
        Ok(page.await?)
    }

    async fn tallies(&self, location: LocationKey) -> Result<Tallies, StoreFault> {
        let found = self.read(move |waist| Box::pin(list::tallies(waist, location)));
        Ok(found.await?)
    }

    async fn by_external_id(&self, location: LocationKey, external_id: &str) -> Result<Vec<Message>, StoreFault> {
        let hashes = self.hashes(location, external_id);
        let wanted = external_id.to_owned();
        let found = self.read(move |waist| Box::pin(async move { by_hashes(waist, location, hashes, &wanted).await }));
        Ok(found.await?)
    }

    async fn by_identity(&self, location: LocationKey, value: &str) -> Result<Vec<ContactKey>, StoreFault> {
        let spellings = self.spellings(location, value);
        let found = self.read(move |waist| Box::pin(by_identity(waist, location, spellings)));
        Ok(found.await?)
    }

    async fn owner(&self, location: LocationKey, identity: &Identity) -> Result<Option<ContactKey>, StoreFault> {
        let identity = identity.clone();
        let found = self.read(move |waist| Box::pin(async move { owner(waist, location, &identity).await }));
        Ok(found.await?)
    }

    async fn overdue_calls(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(LocationKey, ProviderKey, MessageKey)>, StoreFault> {
        let found = self.read(move |waist| Box::pin(rows(waist, OVERDUE, args![now, as_limit(limit)])));
        let calls = found
            .await?
            .into_iter()
            .map(|mut row| Ok((LocationKey(row.int()?), ProviderKey(row.int()?), MessageKey(row.int()?))));
        Ok(calls.collect::<Result<_, StoreError>>()?)
    }
}

impl Store {
    /// Under which hashes a message or a call with this id may be recorded: any of the location's providers may have passed it
    /// on.
    fn hashes(&self, location: LocationKey, external_id: &str) -> Vec<SeenHash> {
        let registry = self.inner().published.get();
        let own = registry
            .providers()
            .iter()
            .filter(|provider| provider.location == location)
            .map(|provider| provider.key);
        let builtin = Channel::ALL.iter().map(|channel| ProviderKey(channel.code()));
        let keys = [SeenKey::message(external_id), SeenKey::call(external_id)];
        let hash = |provider| {
            keys.each_ref()
                .map(|key| self.inner().hasher.hash(location, provider, key))
        };
        own.chain(builtin).flat_map(hash).collect()
    }

    /// A value as it came, and as a phone number or address of this location would be stored.
    fn spellings(&self, location: LocationKey, value: &str) -> Vec<(IdentityKind, String)> {
        let registry = self.inner().published.get();
        let country = registry.location(location).and_then(|found| found.country.clone());
        let phone = Phone::parse(value, country.as_deref()).map(|phone| phone.as_str().to_owned());
        let email = EmailAddress::parse(value).map(|email| email.as_str().to_owned());
        let normal = [(IdentityKind::Phone, phone.ok()), (IdentityKind::Email, email.ok())];
        let normal = normal.into_iter().filter_map(|(kind, value)| Some((kind, value?)));
        normal.chain([(IdentityKind::Opaque, value.to_owned())]).collect()
    }
}

/// A limit as a statement wants it.
pub(crate) fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

async fn message(waist: &mut dyn Waist, location: LocationKey, key: MessageKey) -> Result<Option<Message>, StoreError> {
    match one(waist, MESSAGE, args![location.0, key.0]).await? {
        Some(mut found) => {
            let mut message = row::message(location, &mut found)?;
            union::own(waist, &mut message).await?;
            Ok(Some(message))
        }
        None => Ok(None),
    }
}

/// One page: of one conversation, or of several that were merged, laid side by side.
async fn messages(waist: &mut dyn Waist, query: &MessageQuery) -> Result<MessagePage, StoreError> {
    let all = who(waist, query.location, query.contact).await?;
    let mut messages = Vec::new();
    for contact in &all {
        let next = match query.before {
            Some(before) if all.len() > 1 => union::older(waist, (query.location, *contact), before).await?,
            before => first(waist, (query.location, *contact), before).await?,
        };
        messages.append(&mut own_messages(waist, query, (*contact, next)).await?);
    }
    if let [answering, _, ..] = all.as_slice() {
        messages.sort_by_key(|message| std::cmp::Reverse(message.key));
        for message in &mut messages {
            message.contact = *answering;
        }
    }
    let more = messages.len() > query.limit;
    messages.truncate(query.limit);
    Ok(MessagePage { messages, more })
}

/// Where a page of a contact's own conversation begins.
async fn first(
    waist: &mut dyn Waist,
    (location, contact): (LocationKey, ContactKey),
    before: Option<MessageKey>,
) -> Result<Option<i64>, StoreError> {
    let found = match before {
        Some(before) => one(waist, BEFORE, args![location.0, before.0, contact.0]).await?,
        None => one(waist, LAST_MESSAGE, args![location.0, contact.0]).await?,
    };
    match found {
        Some(mut row) => row.opt_int(),
        None => Ok(None),
    }
}

/// A contact's own messages from one on, newest first, until one more than the page has room for is found.
async fn own_messages(
    waist: &mut dyn Waist,
    query: &MessageQuery,
    (contact, mut next): (ContactKey, Option<i64>),
) -> Result<Vec<Message>, StoreError> {
    let wanted = query.limit.saturating_add(1);
    let stretch = if query.channels.is_empty() { wanted } else { STRETCH };
    let mut messages = Vec::new();
    while let Some(start) = next.filter(|_| messages.len() < wanted) {
        let list = args![query.location.0, start, contact.0, as_limit(stretch)];
        next = None;
        for mut one in rows(waist, CHAIN, list).await? {
            let message = row::message(query.location, &mut one)?;
            next = message.before.map(|before| before.0);
            if query.channels.is_empty() || query.channels.contains(&message.channel) {
                messages.push(message);
            }
        }
    }
    Ok(messages)
}

async fn by_hashes(
    waist: &mut dyn Waist,
    location: LocationKey,
    hashes: Vec<SeenHash>,
    external_id: &str,
) -> Result<Vec<Message>, StoreError> {
    let lists: Vec<_> = hashes
        .iter()
        .map(|hash| args![location.0, hash.row, hash.row.saturating_add(PROBES)])
        .collect();
    let mut keys = Vec::new();
    for (rows, hash) in run(waist, SEEN, &lists).await?.into_iter().zip(hashes) {
        for mut row in rows {
            let (found, seen) = read_seen(&mut row)?;
            if found.check == hash.check {
                keys.push(seen.message);
            }
        }
    }
    let mut found = Vec::new();
    for key in keys {
        let message = message(waist, location, key).await?;
        found.extend(message.filter(|message| message.external_id.as_deref() == Some(external_id)));
    }
    Ok(found)
}

async fn owner(
    waist: &mut dyn Waist,
    location: LocationKey,
    identity: &Identity,
) -> Result<Option<ContactKey>, StoreError> {
    let (kind, scope, value) = (identity.kind.code(), identity.scope.as_str(), identity.value.as_str());
    match one(waist, IDENTITY, args![location.0, kind, scope, value]).await? {
        Some(mut row) => {
            let own = ContactKey(row.int()?);
            Ok(who(waist, location, own).await?.first().copied())
        }
        None => Ok(None),
    }
}

async fn by_identity(
    waist: &mut dyn Waist,
    location: LocationKey,
    spellings: Vec<(IdentityKind, String)>,
) -> Result<Vec<ContactKey>, StoreError> {
    let lists: Vec<_> = spellings
        .iter()
        .map(|(kind, value)| args![location.0, kind.code(), value.as_str()])
        .collect();
    let mut found: Vec<_> = run(waist, OWNERS, &lists).await?.into_iter().flatten().collect();
    let raw = spellings.last().map(|(_, value)| value.as_str());
    found.append(&mut rows(waist, PAGE_OWNERS, args![location.0, raw]).await?);
    let mut known = HashSet::new();
    let mut contacts = Vec::new();
    for mut row in found {
        let own = ContactKey(row.int()?);
        let contact = who(waist, location, own).await?.first().copied().unwrap_or(own);
        if known.insert(contact) {
            contacts.push(contact);
        }
    }
    Ok(contacts)
}
