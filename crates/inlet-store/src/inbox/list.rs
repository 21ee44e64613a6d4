//! Conversations as they are shown: one, or a page of them in order of activity. The index holds the order by buckets of
//! some 65 seconds; within a bucket it is sorted when it is read.

use std::sync::LazyLock;

use inlet_core::{
    channel::Channel,
    ids::{ContactKey, LocationKey, first_key},
    inbox::{ConversationQuery, ConversationView, Tallies},
};

use super::{as_limit, union};
use crate::{
    apply::bucket,
    error::StoreError,
    row::opt_message,
    waist::{Row, Value, Waist, args, row, rows},
};

const ONE: &str = "
    select c.id, c.name, c.phone, c.email, c.created_at, v.unread, v.starred, v.last_seq, v.last_at,
           m.id, m.contact_id, m.seq, m.before_id, m.provider_id, m.external_id, m.channel, m.direction, m.status,
           m.body, m.occurred_at, m.created_at, m.detail
      from conversation v join contact c on c.location_id = v.location_id and c.id = v.id
                          left join message m on m.location_id = v.location_id and m.id = v.last_message_id
     where v.location_id = $1 and v.id = $2";

/// A contact that has no conversation.
const SILENT: &str = "
    select id, name, phone, email, created_at from contact where location_id = $1 and id = $2";

/// The page is found first, from the conversations alone: who writes and what stands last in them is looked up for its rows
/// only, unless that is what is asked for. A contact is found by what it is called, or by what one is that was merged into it.
const NEWEST: &str = "
    select c.id, c.name, c.phone, c.email, c.created_at, p.unread, p.starred, p.last_seq, p.last_at,
           m.id, m.contact_id, m.seq, m.before_id, m.provider_id, m.external_id, m.channel, m.direction, m.status,
           m.body, m.occurred_at, m.created_at, m.detail
      from (select v.location_id, v.id, v.unread, v.starred, v.last_seq, v.last_at, v.last_message_id, v.bucket
              from conversation v
             where v.location_id = $1 and v.alias_of is null
               and ($2 is null or v.id = $2)
               and ($3 is null or ($3 = 1 and v.unread > 0) or ($3 = 0 and v.unread = 0))
               and ($4 is null or $4 like '%,' || v.last_channel || ',%')
               and ($5 is null or $5 = (
                 select m.direction from message m where m.location_id = $1 and m.id = v.last_message_id))
               and ($6 is null
                 or exists (select 1 from contact own where own.location_id = $1 and own.id = v.id and (
                   lower(own.name) like $6 escape '!' or own.phone like $6 escape '!' or own.email like $6 escape '!'))
                 or v.id in (select other.alias_of from contact other where other.location_id = $1
                   and other.alias_of is not null and (
                   lower(other.name) like $6 escape '!' or other.phone like $6 escape '!' or other.email like $6 escape '!')))
               and ($7 is null or v.starred = $7) and v.last_at >= $8 and v.last_at < $9
               and v.id >= $10 and v.id < $11
               and v.bucket <= $12 and (v.last_at < $13 or (v.last_at = $13 and v.id < $14))
             order by v.bucket desc, v.last_at desc, v.id desc limit $15) p
           left join contact c on c.location_id = p.location_id and c.id = p.id
           left join message m on m.location_id = p.location_id and m.id = p.last_message_id
     order by p.bucket desc, p.last_at desc, p.id desc";

/// Before the filters of [`NEWEST`], what they begin with, and what follows them.
const FROM: &str = "from conversation v";
const OWN: &str = "v.location_id = $1 and v.alias_of is null";
const AFTER: &str = "v.bucket <= $12 and (v.last_at < $13 or (v.last_at = $13 and v.id < $14))";

/// The same from the index of those with something unread, and of the few that are starred.
static UNREAD: LazyLock<String> = LazyLock::new(|| NEWEST.replace(OWN, &format!("{OWN} and v.waits = 1")));
static STARRED: LazyLock<String> = LazyLock::new(|| NEWEST.replace(OWN, &format!("{OWN} and v.starred = 1")));

/// The same from the other end.
static OLDEST: LazyLock<String> = LazyLock::new(|| {
    let after = AFTER.replace('<', ">");
    NEWEST.replace(AFTER, &after).replace(" desc", "")
});

/// All of a location's conversations: from the index alone, as those with something unread and those that are starred.
const COUNT_ALL: &str = "
    select count(*) from conversation where location_id = $1 and alias_of is null";

/// How many conversations pass the filters.
static COUNT: LazyLock<String> = LazyLock::new(|| {
    let (_, rest) = NEWEST.split_once(FROM).unwrap_or_default();
    let (filters, _) = rest.split_once(AFTER).unwrap_or_default();
    format!("select count(*) {FROM}{filters} true")
});

const COUNT_UNREAD: &str = "
    select count(*) from conversation where location_id = $1 and alias_of is null and waits = 1";

const COUNT_STARRED: &str = "
    select count(*) from conversation where location_id = $1 and alias_of is null and starred = 1";

/// The statements that are made of another one, for those who check them all.
#[cfg(test)]
pub(crate) fn derived() -> [(&'static str, &'static str); 4] {
    [
        ("UNREAD", &UNREAD),
        ("STARRED", &STARRED),
        ("OLDEST", &OLDEST),
        ("COUNT", &COUNT),
    ]
}

/// One conversation, where there is the contact.
pub(super) async fn conversation(
    waist: &mut dyn Waist,
    location: LocationKey,
    key: ContactKey,
) -> Result<Option<ConversationView>, StoreError> {
    let answering = union::who(waist, location, key).await?.first().copied().unwrap_or(key);
    let named = args![location.0, answering.0];
    let mut views = Vec::with_capacity(1);
    if let Some(mut found) = row(waist, ONE, named).await? {
        views.push(view(location, &mut found)?);
    } else if let Some(mut found) = row(waist, SILENT, named).await? {
        views.push(silent(location, &mut found)?);
    }
    union::complete(waist, &mut views).await?;
    Ok(views.pop())
}

/// A page, and how many there are in all.
pub(super) async fn conversations(
    waist: &mut dyn Waist,
    query: &ConversationQuery,
) -> Result<(Vec<ConversationView>, u64), StoreError> {
    let channels = channel_list(&query.last_channels);
    let pattern = query.text.as_deref().map(pattern);
    let contact = match query.contact {
        Some(contact) => union::who(waist, query.location, contact).await?.first().copied(),
        None => None,
    };
    let filters: Filters<'_> = args![
        query.location.0,
        contact.map(|contact| contact.0),
        query.unread,
        channels.as_deref(),
        query.last_direction.map(inlet_core::channel::Direction::code),
        pattern.as_deref(),
        query.starred,
        query.since.map_or(Value::Int(i64::MIN), Value::from),
        query.until.map_or(Value::Int(i64::MAX), Value::from),
        query.made_since.map_or(i64::MIN, first_key),
        query.made_until.map_or(i64::MAX, first_key),
    ];
    let total = count(waist, query, &filters).await?;
    let [
        location,
        contact,
        unread,
        channels,
        direction,
        text,
        starred,
        since,
        until,
        made_since,
        made_until,
    ] = filters;
    let [bucket, at, id, limit] = place(query);
    let list = [
        location, contact, unread, channels, direction, text, starred, since, until, made_since, made_until, bucket,
        at, id, limit,
    ];
    let sql = match query {
        query if query.oldest_first => OLDEST.as_str(),
        query if query.starred == Some(true) => STARRED.as_str(),
        query if query.unread == Some(true) => UNREAD.as_str(),
        _ => NEWEST,
    };
    let found = rows(waist, sql, list).await?;
    let views = found.into_iter().map(|mut row| view(query.location, &mut row));
    let mut views = views.collect::<Result<Vec<_>, _>>()?;
    union::complete(waist, &mut views).await?;
    Ok((views, total))
}

/// What a statement is asked for: the location, then one filter after the other.
type Filters<'a> = [Value<'a>; 11];

async fn count(waist: &mut dyn Waist, query: &ConversationQuery, filters: &Filters<'_>) -> Result<u64, StoreError> {
    let plain = ConversationQuery {
        after: query.after,
        oldest_first: query.oldest_first,
        ..ConversationQuery::newest(query.location, query.limit)
    };
    let (unread, starred) = (Some(true), Some(true));
    let of_index = if *query == plain {
        Some(COUNT_ALL)
    } else if *query
        == (ConversationQuery {
            unread,
            ..plain.clone()
        })
    {
        Some(COUNT_UNREAD)
    } else if *query == (ConversationQuery { starred, ..plain }) {
        Some(COUNT_STARRED)
    } else {
        None
    };
    let found = match of_index {
        Some(sql) => row(waist, sql, args![query.location.0]).await?,
        None => row(waist, COUNT.as_str(), *filters).await?,
    };
    number(found)
}

/// How many stand out.
pub(super) async fn tallies(waist: &mut dyn Waist, location: LocationKey) -> Result<Tallies, StoreError> {
    Ok(Tallies {
        unread: number(row(waist, COUNT_UNREAD, args![location.0]).await?)?,
        starred: number(row(waist, COUNT_STARRED, args![location.0]).await?)?,
    })
}

fn number(row: Option<Row>) -> Result<u64, StoreError> {
    row.ok_or(StoreError::Unreadable("a count"))
        .and_then(|mut row| row.count())
}

/// Where the page begins and how long it is: it comes after a bucket, activity and key; without a place to begin, after
/// what is before the first of all.
fn place(query: &ConversationQuery) -> [Value<'static>; 4] {
    let limit = as_limit(query.limit);
    let (first, last) = if query.oldest_first {
        (i64::MIN, i64::MAX)
    } else {
        (i64::MAX, i64::MIN)
    };
    match query.after {
        Some((at, key)) => args![bucket(at), at, key.map_or(last, |key| key.0), limit],
        None => args![first, first, first, limit],
    }
}

/// `,1,4,`: so that one statement serves any choice of channels.
pub(super) fn channel_list(channels: &[Channel]) -> Option<String> {
    code_list(channels.iter().map(|channel| channel.code()))
}

/// The same of any numbers.
pub(super) fn code_list(codes: impl ExactSizeIterator<Item = i64>) -> Option<String> {
    let any = codes.len() > 0;
    let codes = codes.map(|code| format!("{code},"));
    any.then(|| format!(",{}", codes.collect::<String>()))
}

/// What contains `text`, whatever its case.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.trim().to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Reads what stands in [`ONE`] and in each row of [`NEWEST`].
fn view(location: LocationKey, row: &mut Row) -> Result<ConversationView, StoreError> {
    let mut view = silent(location, row)?;
    view.unread = row.int()?;
    view.starred = row.int()? != 0;
    view.count = row.int()?;
    view.last_at = row.at()?;
    view.last = opt_message(location, row)?;
    Ok(view)
}

/// Reads a row of [`SILENT`], with which the others begin.
fn silent(location: LocationKey, row: &mut Row) -> Result<ConversationView, StoreError> {
    let key = ContactKey(row.int()?);
    let (name, phone, email, created_at) = (row.opt_text()?, row.opt_text()?, row.opt_text()?, row.at()?);
    Ok(ConversationView {
        key,
        location,
        name,
        phone,
        email,
        created_at,
        unread: 0,
        starred: false,
        count: 0,
        last_at: created_at,
        last: None,
    })
}
