//! What the API reads of contacts. What is asked of their fields is asked of each in turn, for a contact's fields are one
//! JSON text and a location has as many as it likes.

use async_trait::async_trait;
use inlet_core::{
    contact::{Alias, Contact, ContactQuery},
    contacts::Contacts,
    directory::StoreFault,
    ids::{ContactKey, LocationKey},
};

use crate::{
    Store,
    error::StoreError,
    inbox::who,
    look::WHOLE_CONTACT,
    row,
    waist::{Waist, args, row as one, rows},
};

const NEWEST: &str = "
    select id, name, phone, email, created_at, updated_at, detail from contact
     where location_id = $1 and id < $2 and alias_of is null order by id desc limit $3";

const OLDEST: &str = "
    select id, name, phone, email, created_at, updated_at, detail from contact
     where location_id = $1 and id > $2 and alias_of is null order by id limit $3";

const COUNT: &str = "
    select count(*) from contact where location_id = $1 and alias_of is null";

/// Those that were merged into a contact, directly or into one of those.
const MERGED: &str = "
    select merged_into, id, name, phone, email, created_at, updated_at, detail from contact
     where location_id = $1 and alias_of = $2 order by id";

/// Contacts read at once.
const STRETCH: usize = 500;

#[async_trait]
impl Contacts for Store {
    async fn contact(&self, location: LocationKey, key: ContactKey) -> Result<Option<Contact>, StoreFault> {
        let found = self.read(move |waist| Box::pin(contact(waist, location, key)));
        Ok(found.await?)
    }

    async fn merged(&self, location: LocationKey, key: ContactKey) -> Result<Vec<Alias>, StoreFault> {
        let found = self.read(move |waist| Box::pin(merged(waist, location, key)));
        Ok(found.await?)
    }

    async fn find(&self, query: &ContactQuery) -> Result<(Vec<Contact>, u64), StoreFault> {
        let query = query.clone();
        let found = self.read(move |waist| {
            Box::pin(async move {
                if query.is_open() {
                    some(waist, &query).await
                } else {
                    fitting(waist, &query).await
                }
            })
        });
        Ok(found.await?)
    }
}

async fn contact(waist: &mut dyn Waist, location: LocationKey, key: ContactKey) -> Result<Option<Contact>, StoreError> {
    let answering = who(waist, location, key).await?.first().copied().unwrap_or(key);
    match one(waist, WHOLE_CONTACT, args![location.0, answering.0]).await? {
        Some(mut found) => row::contact(location, &mut found).map(Some),
        None => Ok(None),
    }
}

async fn merged(waist: &mut dyn Waist, location: LocationKey, key: ContactKey) -> Result<Vec<Alias>, StoreError> {
    let answering = who(waist, location, key).await?.first().copied().unwrap_or(key);
    let found = rows(waist, MERGED, args![location.0, answering.0]).await?;
    let aliases = found.into_iter().map(|mut row| {
        let into = ContactKey(row.int()?);
        let contact = row::contact(location, &mut row)?;
        Ok(Alias { contact, into })
    });
    aliases.collect()
}

/// A page where nothing is asked of a contact.
async fn some(waist: &mut dyn Waist, query: &ContactQuery) -> Result<(Vec<Contact>, u64), StoreError> {
    let mut count = one(waist, COUNT, args![query.location.0])
        .await?
        .ok_or(StoreError::Unreadable("a count"))?;
    let limit = query.limit.saturating_add(query.skip);
    let page = stretch(waist, query, query.after, limit).await?;
    Ok((page.into_iter().skip(query.skip).collect(), count.count()?))
}

/// All that fit, counted; those of the page kept.
async fn fitting(waist: &mut dyn Waist, query: &ContactQuery) -> Result<(Vec<Contact>, u64), StoreError> {
    let (mut page, mut total, mut passed, mut last) = (Vec::new(), 0, 0, None);
    loop {
        let found = stretch(waist, query, last, STRETCH).await?;
        let Some(end) = found.last() else {
            return Ok((page, total));
        };
        last = Some(end.key);
        for contact in found.into_iter().filter(|contact| query.fits(contact)) {
            total += 1;
            if !is_after(query, contact.key) || page.len() >= query.limit {
                continue;
            }
            if passed < query.skip {
                passed += 1;
            } else {
                page.push(contact);
            }
        }
    }
}

fn is_after(query: &ContactQuery, key: ContactKey) -> bool {
    query
        .after
        .is_none_or(|after| if query.oldest_first { key > after } else { key < after })
}

async fn stretch(
    waist: &mut dyn Waist,
    query: &ContactQuery,
    after: Option<ContactKey>,
    limit: usize,
) -> Result<Vec<Contact>, StoreError> {
    let (sql, first) = if query.oldest_first {
        (OLDEST, i64::MIN)
    } else {
        (NEWEST, i64::MAX)
    };
    let after = after.map_or(first, |key| key.0);
    let found = rows(
        waist,
        sql,
        args![query.location.0, after, crate::inbox::as_limit(limit)],
    )
    .await?;
    let contacts = found.into_iter().map(|mut row| row::contact(query.location, &mut row));
    contacts.collect()
}
