//! Contacts in HighLevel's words: bodies that make and change them, and the JSON in which they are shown.

use std::collections::BTreeMap;

use inlet_core::{
    address::{EmailAddress, Phone},
    contact::{DndSetting, Fields, NoteText, Text},
    registry::Location,
};
use serde_json::{Map, Value};

mod search;
mod show;
#[cfg(test)]
mod tests;

pub use search::{Listed, list, search};
pub(crate) use show::fields as shown_fields;
pub use show::{
    ContactJson, ContactList, ContactShown, FoundContacts, NoteShown, NotesShown, Succeeded, Tags, Upserted, fault,
};

use crate::{fault::Fault, fields::Fields as Body};

/// Tags of one contact, and tags in one request, at most.
const MOST_TAGS: usize = 200;
/// Bytes of a text, at most, and of a note.
const MOST_TEXT: usize = 5_000;
const MOST_NOTE: usize = 65_536;
/// Fields of the location's own in one request, at most.
const MOST_CUSTOM: usize = 500;

/// The plain texts under HighLevel's names.
pub(crate) const TEXTS: [(&str, Text); 14] = [
    ("firstName", Text::FirstName),
    ("lastName", Text::LastName),
    ("companyName", Text::CompanyName),
    ("address1", Text::Address1),
    ("city", Text::City),
    ("state", Text::State),
    ("country", Text::Country),
    ("postalCode", Text::PostalCode),
    ("website", Text::Website),
    ("timezone", Text::Timezone),
    ("source", Text::Source),
    ("dateOfBirth", Text::DateOfBirth),
    ("gender", Text::Gender),
    ("assignedTo", Text::AssignedTo),
];

/// The channels of `dndSettings`, which the newer version writes in lower case.
const DND_CHANNELS: [&str; 6] = ["Call", "Email", "SMS", "WhatsApp", "GMB", "FB"];

/// `POST /contacts/` and `POST /contacts/upsert`: the fields of the one to make, at this location.
pub fn new_fields(body: &[u8], location: &Location) -> Result<Fields, Fault> {
    let mut body = Body::parse(body)?;
    match body.word("locationId") {
        Some(id) if id == location.id => {}
        Some(_) => return Err(Fault::other_location()),
        None => body.complain("locationId", "is required"),
    }
    fields(body, location)
}

/// `PUT /contacts/{id}`: the fields to change.
pub fn changed_fields(body: &[u8], location: &Location) -> Result<Fields, Fault> {
    fields(Body::parse(body)?, location)
}

fn fields(mut body: Body, location: &Location) -> Result<Fields, Fault> {
    let name = text(&mut body, "name");
    let phone = body.nullable("phone").map(|raw| {
        raw.and_then(|raw| {
            let read = Phone::parse(&raw, location.country.as_deref());
            read.map_err(|why| body.complain("phone", &format!("cannot be used: {why}")))
                .ok()
        })
    });
    let email = body.nullable("email").map(|raw| {
        raw.and_then(|raw| {
            let read = EmailAddress::parse(&raw);
            read.map_err(|why| body.complain("email", &format!("cannot be used: {why}")))
                .ok()
        })
    });
    let mut texts = Vec::new();
    for (name, field) in TEXTS {
        texts.extend(text(&mut body, name).map(|value| (field, value)));
    }
    let fields = Fields {
        name,
        phone,
        email,
        texts,
        tags: read_tags(&mut body),
        dnd: body.flag("dnd"),
        dnd_settings: dnd_settings(&mut body),
        custom_fields: custom_fields(&mut body),
    };
    body.finish()?;
    Ok(fields)
}

#[expect(
    clippy::option_option,
    reason = "absent, given as nothing, and given differ: the first leaves what is there, the second clears it"
)]
fn text(body: &mut Body, name: &str) -> Option<Option<String>> {
    let text = body.nullable(name)?;
    if text.as_ref().is_some_and(|text| text.len() > MOST_TEXT) {
        body.complain(name, &format!("must be shorter than or equal to {MOST_TEXT} bytes"));
    }
    Some(text)
}

fn read_tags(body: &mut Body) -> Option<Vec<String>> {
    let there = body.has("tags");
    let tags = body.words("tags", MOST_TAGS);
    let bare = |tag: String| tag.trim().to_lowercase();
    there.then(|| tags.into_iter().map(bare).filter(|tag| !tag.is_empty()).collect())
}

fn dnd_settings(body: &mut Body) -> BTreeMap<String, DndSetting> {
    let Some(settings) = body.map("dndSettings") else {
        return BTreeMap::new();
    };
    let mut read = BTreeMap::new();
    for (name, setting) in settings {
        let channel = DND_CHANNELS.iter().find(|known| known.eq_ignore_ascii_case(&name));
        match (channel, dnd_setting(&setting)) {
            (Some(channel), Some(setting)) => {
                read.insert((*channel).to_owned(), setting);
            }
            (None, _) => body.complain("dndSettings", "must name Call, Email, SMS, WhatsApp, GMB or FB"),
            (Some(_), None) => body.complain(
                "dndSettings",
                "must have a status of active, inactive or permanent for each channel",
            ),
        }
    }
    read
}

fn dnd_setting(setting: &Value) -> Option<DndSetting> {
    let text = |name: &str| setting.get(name).and_then(Value::as_str).map(str::to_owned);
    let status = text("status")?;
    matches!(status.as_str(), "active" | "inactive" | "permanent").then(|| DndSetting {
        status,
        message: text("message"),
        code: text("code"),
    })
}

fn custom_fields(body: &mut Body) -> BTreeMap<String, Value> {
    let list = body.list("customFields", MOST_CUSTOM);
    let mut read = BTreeMap::new();
    for field in list {
        match custom_field(field) {
            Some((id, value)) => {
                read.insert(id, value);
            }
            None => body.complain(
                "customFields",
                "must each have an id or a key, and a field_value of text, number, list or object",
            ),
        }
    }
    read
}

fn custom_field(field: Value) -> Option<(String, Value)> {
    let Value::Object(mut field) = field else { return None };
    let id = first(&mut field, &["id", "key"])?.as_str()?.to_owned();
    let value = first(&mut field, &["field_value", "fieldValue", "value"])?;
    (!id.is_empty() && id.len() <= 255).then_some((id, value))
}

fn first(object: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    names.iter().find_map(|name| object.remove(*name))
}

/// `POST` and `DELETE /contacts/{id}/tags`: the tags to add or remove.
pub fn tags(body: &[u8]) -> Result<Vec<String>, Fault> {
    let mut body = Body::parse(body)?;
    let tags = read_tags(&mut body).unwrap_or_default();
    if tags.is_empty() {
        body.complain("tags", "must be a list of at least one tag");
    }
    body.finish()?;
    Ok(tags)
}

/// `POST` and `PUT /contacts/{id}/notes`: what a note says.
pub fn note(body: &[u8]) -> Result<NoteText, Fault> {
    let mut body = Body::parse(body)?;
    let text = body.text("body");
    match &text {
        None => body.complain("body", "should not be empty"),
        Some(text) if text.len() > MOST_NOTE => {
            body.complain("body", &format!("must be shorter than or equal to {MOST_NOTE} bytes"));
        }
        Some(_) => {}
    }
    let note = NoteText {
        body: text.unwrap_or_default(),
        user: body.word("userId"),
        title: body.text("title"),
        color: body.word("color"),
        pinned: body.flag("pinned").unwrap_or_default(),
    };
    body.finish()?;
    Ok(note)
}
