//! A message as a row, in both directions. The columns stand in one order everywhere.

use inlet_core::{
    channel::{Channel, Direction, MessageStatus},
    contact::{Contact, Profile},
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    inbound::Detail,
    message::Message,
};

use crate::{error::StoreError, waist::Row};

/// Reads a message from the columns `id, contact_id, seq, before_id, provider_id, external_id, channel, direction,
/// status, body, occurred_at, created_at, detail`.
pub(crate) fn message(location: LocationKey, row: &mut Row) -> Result<Message, StoreError> {
    opt_message(location, row)?.ok_or(StoreError::Unreadable("a message"))
}

/// The same where a left join may have found none.
pub(crate) fn opt_message(location: LocationKey, row: &mut Row) -> Result<Option<Message>, StoreError> {
    let Some(key) = row.opt_int()? else {
        return Ok(None);
    };
    Ok(Some(Message {
        key: MessageKey(key),
        location,
        contact: ContactKey(row.int()?),
        seq: row.int()?,
        before: row.opt_int()?.map(MessageKey),
        provider: ProviderKey(row.int()?),
        external_id: row.opt_text()?,
        channel: row.code(Channel::from_code)?,
        direction: row.code(Direction::from_code)?,
        status: row.code(MessageStatus::from_code)?,
        body: row.opt_text()?,
        occurred_at: row.at()?,
        created_at: row.at()?,
        detail: detail(row.opt_text()?.as_deref())?,
    }))
}

fn detail(json: Option<&str>) -> Result<Detail, StoreError> {
    match json {
        Some(json) => serde_json::from_str(json).map_err(|_| StoreError::Unreadable("a message's detail")),
        None => Ok(Detail::default()),
    }
}

/// Reads a contact from the columns `id, name, phone, email, created_at, updated_at, detail`.
pub(crate) fn contact(location: LocationKey, row: &mut Row) -> Result<Contact, StoreError> {
    let (key, name, phone, email) = (
        ContactKey(row.int()?),
        row.opt_text()?,
        row.opt_text()?,
        row.opt_text()?,
    );
    let created_at = row.at()?;
    let updated_at = row.opt_at()?.unwrap_or(created_at);
    let profile = match row.opt_text()? {
        Some(json) => serde_json::from_str(&json).map_err(|_| StoreError::Unreadable("a contact's detail"))?,
        None => Profile::default(),
    };
    Ok(Contact {
        key,
        location,
        name,
        phone,
        email,
        created_at,
        updated_at,
        profile,
    })
}

/// The column `detail`: nothing where there is nothing in it.
pub(crate) fn detail_json(detail: &Detail) -> Result<Option<String>, StoreError> {
    if detail.is_empty() {
        return Ok(None);
    }
    json(detail).map(Some)
}

/// Anything as JSON.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unreadable("what can be written as JSON"))
}
