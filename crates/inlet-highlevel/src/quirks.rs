//! What HighLevel's own service does where its documents say nothing or something else, word for word as its users met
//! it: for whoever tests against it. Only a server that was asked for it answers so.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    change::{Change, What},
    clock::later,
    registry::ProviderKind,
};
use serde_json::{Map, Value};

use crate::{
    add_inbound::{Body, Door},
    fault::{BAD_TYPE, Fault, Words},
    message_type::RequestType,
};

/// How long a search does not find what is new.
pub const SEARCH_LAG: Duration = Duration::from_secs(3);
/// How long a new message's status cannot be reported: users saw five to ten seconds.
pub const STATUS_WINDOW: Duration = Duration::from_secs(7);

/// The fields of `UpdateContactDto`, which takes no others.
const CONTACT_FIELDS: [&str; 20] = [
    "address1",
    "assignedTo",
    "city",
    "country",
    "customFields",
    "dateOfBirth",
    "dnd",
    "dndSettings",
    "email",
    "firstName",
    "inboundDndSettings",
    "lastName",
    "name",
    "phone",
    "postalCode",
    "source",
    "state",
    "tags",
    "timezone",
    "website",
];

/// Whether `at` is so long ago that what takes `lag` to be known is known.
pub fn known_by(at: Timestamp, lag: Duration, now: Timestamp) -> bool {
    later(at, lag) <= now
}

/// Reads the body of `POST /conversations/messages/inbound`; `None` where it is answered with 201 and nothing, and lost.
pub fn add_inbound(door: &Door<'_>, raw: &[u8]) -> Result<Option<Change>, Fault> {
    let fields = object(raw);
    let mut body = Body::read(raw).map_err(|fault| in_their_words(fault, &fields))?;
    if fields
        .get("attachments")
        .and_then(Value::as_array)
        .is_some_and(Vec::is_empty)
    {
        return Err(Fault::unprocessable(vec![NO_ELEMENT.to_owned()]));
    }
    match (body.kind, &body.provider_id) {
        (RequestType::Custom, None) => return Ok(None),
        (RequestType::Call, Some(_)) if body.call.is_none() => {
            return Err(Fault::bad_request("No call object passed in body"));
        }
        (_, Some(id)) => check_provider(door, id)?,
        (_, None) => {}
    }
    if body.kind == RequestType::Email {
        let id = body.provider_id.as_deref().unwrap_or_default();
        let known = door.registry.provider_by_id(door.location.key, id);
        // Whatever provider of its own is named, the mail lands in the default channel.
        if known.is_some_and(|provider| provider.kind == ProviderKind::Email) {
            body.provider_id = None;
        }
    }
    // Nothing shows that a repeat is recognised by it: it is a label.
    let label = body.alt_id.take();
    let mut change = door.change(body)?;
    if let What::Message(inbound) = &mut change.what {
        inbound.detail.label = label;
    }
    Ok(Some(change))
}

fn check_provider(door: &Door<'_>, id: &str) -> Result<(), Fault> {
    if door.registry.provider_by_id(door.location.key, id).is_some() {
        Ok(())
    } else if door.registry.provider_exists(id) {
        Err(Fault::foreign_provider(id))
    } else {
        Err(Fault::broken())
    }
}

/// Refuses fields that a contact does not have, as `PUT /contacts/{contactId}` does.
pub fn only_contact_fields(raw: &[u8]) -> Result<(), Fault> {
    let fields = object(raw);
    let strange = fields.keys().filter(|name| !CONTACT_FIELDS.contains(&name.as_str()));
    let wrong: Vec<_> = strange
        .map(|name| format!("property {name} should not exist"))
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Fault::unprocessable(wrong))
    }
}

const NO_ELEMENT: &str = "attachments must contain at least 1 elements";
const NO_LIST: &str = "attachments must be an array";

/// Says of a missing type and of attachments that are no list what the service says.
fn in_their_words(fault: Fault, fields: &Map<String, Value>) -> Fault {
    let Words::Each(sentences) = &fault.message else {
        return fault;
    };
    let missing = fields.get("type").is_none_or(|kind| kind.is_null() || kind == "");
    let mut said = Vec::with_capacity(sentences.len() + 1);
    for sentence in sentences {
        if sentence == NO_LIST {
            said.push(NO_ELEMENT.to_owned());
        }
        said.push(sentence.clone());
        if sentence == BAD_TYPE && missing {
            said.push("type should not be empty".to_owned());
        }
    }
    Fault::unprocessable(said)
}

/// The fields of a body that is an object; none of any other.
fn object(raw: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(raw).unwrap_or_default()
}

#[cfg(test)]
mod tests;
