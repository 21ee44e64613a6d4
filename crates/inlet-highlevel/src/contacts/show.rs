//! The JSON of contacts and their notes.

use inlet_core::{
    address::IdentityKind,
    contact::{Contact, DndSetting, Note, Text},
    ids::{IdCodec, IdKind, made_at},
    intake::Refusal,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::TEXTS;
use crate::{fault::Fault, time};

/// One contact.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactJson {
    id: String,
    location_id: String,
    name: Option<String>,
    contact_name: Option<String>,
    email: Option<String>,
    email_lower_case: Option<String>,
    phone: Option<String>,
    #[serde(flatten)]
    texts: Map<String, Value>,
    dnd: bool,
    dnd_settings: Map<String, Value>,
    tags: Vec<String>,
    custom_fields: Vec<Value>,
    #[serde(rename = "type")]
    kind: &'static str,
    date_added: String,
    date_updated: String,
    /// What to send as `searchAfter` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    search_after: Option<(i64, String)>,
}

impl ContactJson {
    /// A contact of the location with this id.
    pub fn new(contact: &Contact, location: &str, ids: &IdCodec) -> Self {
        Self {
            id: ids.contact(contact.key),
            location_id: location.to_owned(),
            name: contact.name.clone(),
            contact_name: contact.name.clone(),
            email: contact.email.clone(),
            email_lower_case: contact.email.clone(),
            phone: contact.phone.clone(),
            texts: texts(contact),
            dnd: contact.profile.dnd,
            dnd_settings: dnd_settings(contact),
            tags: contact.profile.tags.clone(),
            custom_fields: custom_fields(contact, Value::clone),
            kind: "lead",
            date_added: time::print(contact.created_at),
            date_updated: time::print(contact.updated_at),
            search_after: None,
        }
    }

    fn found(contact: &Contact, location: &str, ids: &IdCodec) -> Self {
        Self {
            search_after: Some((contact.created_at.as_millisecond(), ids.contact(contact.key))),
            ..Self::new(contact, location, ids)
        }
    }
}

fn texts(contact: &Contact) -> Map<String, Value> {
    let text = |(name, text): (&str, Text)| (name.to_owned(), contact.profile.text(text).into());
    TEXTS.into_iter().map(text).collect()
}

fn dnd_settings(contact: &Contact) -> Map<String, Value> {
    let one = |(channel, setting): (&String, &DndSetting)| {
        let mut shown = Map::from_iter([("status".to_owned(), setting.status.clone().into())]);
        for (name, text) in [("message", &setting.message), ("code", &setting.code)] {
            shown.extend(text.clone().map(|text| (name.to_owned(), text.into())));
        }
        (channel.clone(), Value::Object(shown))
    };
    contact.profile.dnd_settings.iter().map(one).collect()
}

fn custom_fields(contact: &Contact, show: impl Fn(&Value) -> Value) -> Vec<Value> {
    let fields = contact.profile.custom_fields.iter();
    fields
        .map(|(id, value)| json!({"id": id, "value": show(value)}))
        .collect()
}

/// A value as an event carries it: whatever is neither a text nor a whole number goes as text, for an event must be the
/// same bytes once a JavaScript program has read and written it.
fn value(value: &Value) -> Value {
    match value {
        Value::String(_) | Value::Bool(_) | Value::Null => value.clone(),
        Value::Number(number) if number.is_i64() => value.clone(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string().into(),
    }
}

/// The fields that events of contacts have, do-not-disturb settings apart.
pub(crate) fn fields(contact: &Contact, ids: &IdCodec) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    };
    put("id", ids.contact(contact.key).into());
    put("name", contact.name.clone().into());
    put("email", contact.email.clone().into());
    put("phone", contact.phone.clone().into());
    for (name, text) in TEXTS {
        put(name, contact.profile.text(text).into());
    }
    put("dnd", contact.profile.dnd.into());
    put("tags", contact.profile.tags.clone().into());
    put("attachments", Value::Array(Vec::new()));
    put("customFields", custom_fields(contact, value).into());
    put("dateAdded", time::print(contact.created_at).into());
    if !contact.profile.dnd_settings.is_empty() {
        put("dndSettings", dnd_settings(contact).into());
    }
    fields
}

/// A contact under `contact`; `succeded`, misspelt as HighLevel does, and in full where it was changed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ContactShown {
    #[serde(skip_serializing_if = "Option::is_none")]
    succeded: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    succeeded: Option<bool>,
    contact: Option<ContactJson>,
}

impl ContactShown {
    /// As it is read, or nobody.
    pub fn read(contact: Option<ContactJson>) -> Self {
        Self {
            succeded: None,
            succeeded: None,
            contact,
        }
    }

    /// As it is after a change.
    pub fn changed(contact: ContactJson) -> Self {
        Self {
            succeded: Some(true),
            succeeded: Some(true),
            contact: Some(contact),
        }
    }
}

/// The answer to an upsert.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Upserted {
    /// Whether it was made now.
    pub new: bool,
    /// As it stands.
    pub contact: ContactJson,
}

/// It was done; misspelt as HighLevel does, and in full.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Succeeded {
    succeded: bool,
    succeeded: bool,
}

impl Succeeded {
    /// It was.
    pub fn yes() -> Self {
        Self {
            succeded: true,
            succeeded: true,
        }
    }
}

/// A contact's tags.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Tags {
    /// All of them.
    pub tags: Vec<String>,
}

/// What a search found.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FoundContacts {
    contacts: Vec<ContactJson>,
    total: u64,
}

impl FoundContacts {
    /// Contacts of the location with this id.
    pub fn new(found: &[Contact], total: u64, location: &str, ids: &IdCodec) -> Self {
        let contacts = found.iter().map(|contact| ContactJson::found(contact, location, ids));
        Self {
            contacts: contacts.collect(),
            total,
        }
    }
}

/// The older list of contacts.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ContactList {
    contacts: Vec<ContactJson>,
    count: usize,
    meta: ListMeta,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListMeta {
    total: u64,
    start_after: Option<i64>,
    start_after_id: Option<String>,
}

impl ContactList {
    /// Contacts of the location with this id.
    pub fn new(found: &[Contact], total: u64, location: &str, ids: &IdCodec) -> Self {
        let last = found.last();
        Self {
            count: found.len(),
            meta: ListMeta {
                total,
                start_after: last.map(|last| last.created_at.as_millisecond()),
                start_after_id: last.map(|last| ids.contact(last.key)),
            },
            contacts: found
                .iter()
                .map(|contact| ContactJson::new(contact, location, ids))
                .collect(),
        }
    }
}

#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NoteJson {
    id: String,
    body: String,
    user_id: Option<String>,
    title: Option<String>,
    color: Option<String>,
    pinned: bool,
    contact_id: String,
    date_added: String,
}

/// One note.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct NoteShown {
    note: NoteJson,
}

impl NoteShown {
    /// A note of a contact.
    pub fn new(note: &Note, contact: &Contact, ids: &IdCodec) -> Self {
        Self {
            note: NoteJson {
                id: ids.encode(IdKind::Note, note.key),
                body: note.text.body.clone(),
                user_id: note.text.user.clone(),
                title: note.text.title.clone(),
                color: note.text.color.clone(),
                pinned: note.text.pinned,
                contact_id: ids.contact(contact.key),
                date_added: time::print(made_at(note.key)),
            },
        }
    }
}

/// All notes of a contact.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct NotesShown {
    notes: Vec<NoteJson>,
}

impl NotesShown {
    /// A contact's notes, the newest first.
    pub fn new(contact: &Contact, ids: &IdCodec) -> Self {
        let notes = contact.profile.notes.iter().rev();
        Self {
            notes: notes.map(|note| NoteShown::new(note, contact, ids).note).collect(),
        }
    }
}

/// A refused change of contacts. HighLevel names the contact that is there already, and by what it was found.
pub fn fault(refusal: Refusal, ids: &IdCodec) -> Fault {
    match refusal {
        Refusal::Duplicate { contact, by } => {
            let field = match by {
                IdentityKind::Phone => "phone",
                IdentityKind::Email => "email",
                IdentityKind::Page | IdentityKind::Opaque => "id",
            };
            Fault::duplicate(Some((ids.contact(contact), field)))
        }
        other => Fault::from(other),
    }
}
