//! All messages of a location, page by page in order of arrival. There is no index for it: ingest would pay for what is
//! asked once in a while, and who asks goes through everything anyway.

use inlet_core::inbox::{Export, ExportQuery};
use jiff::Timestamp;

use super::{
    as_limit,
    list::{channel_list, code_list},
    union,
};
use crate::{
    error::StoreError,
    row,
    waist::{Waist, args, row as one, rows},
};

const NEWEST: &str = "
    select id, contact_id, seq, before_id, provider_id, external_id, channel, direction, status, body, occurred_at,
           created_at, detail
      from message
     where location_id = $1 and id < $2 and ($3 is null or $3 like '%,' || contact_id || ',%') and $4 like '%,' || channel || ',%'
       and occurred_at >= $5 and occurred_at < $6
     order by id desc limit $7";

const OLDEST: &str = "
    select id, contact_id, seq, before_id, provider_id, external_id, channel, direction, status, body, occurred_at,
           created_at, detail
      from message
     where location_id = $1 and id > $2 and ($3 is null or $3 like '%,' || contact_id || ',%') and $4 like '%,' || channel || ',%'
       and occurred_at >= $5 and occurred_at < $6
     order by id limit $7";

const COUNT: &str = "
    select count(*) from message
     where location_id = $1 and ($2 is null or $2 like '%,' || contact_id || ',%') and $3 like '%,' || channel || ',%'
       and occurred_at >= $4 and occurred_at < $5";

/// One page, and the count where it is asked for.
pub(super) async fn export(waist: &mut dyn Waist, query: &ExportQuery) -> Result<Export, StoreError> {
    let location = query.location.0;
    let contacts = match query.contact {
        Some(contact) => Some(union::who(waist, query.location, contact).await?),
        None => None,
    };
    let contacts = contacts
        .as_deref()
        .and_then(|all| code_list(all.iter().map(|one| one.0)));
    let contact = contacts.as_deref();
    let channels = channel_list(&query.channels);
    let since = query.since.unwrap_or(Timestamp::MIN);
    let until = query.until.unwrap_or(Timestamp::MAX);
    let (sql, first) = if query.oldest_first {
        (OLDEST, i64::MIN)
    } else {
        (NEWEST, i64::MAX)
    };
    let after = query.after.map_or(first, |after| after.0);
    let limit = as_limit(query.limit.saturating_add(1));
    let list = args![location, after, contact, channels.as_deref(), since, until, limit];
    let found = rows(waist, sql, list).await?;
    let messages = found.into_iter().map(|mut row| row::message(query.location, &mut row));
    let mut messages = messages.collect::<Result<Vec<_>, _>>()?;
    let more = messages.len() > query.limit;
    messages.truncate(query.limit);
    union::own_all(waist, query.location, &mut messages).await?;
    let total = if query.count {
        let counted = one(
            waist,
            COUNT,
            args![location, contact, channels.as_deref(), since, until],
        )
        .await?;
        Some(counted.ok_or(StoreError::Unreadable("a count"))?.count()?)
    } else {
        None
    };
    Ok(Export { messages, more, total })
}
