//! A contact with all that is known of the person, and the ways in which one can be changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod merge;
mod query;

pub use merge::{Alias, Before, fill, give_back};
pub use query::{Condition, ContactQuery, Field, Group, Test};

use crate::{
    address::{EmailAddress, Identity, Phone},
    ids::{ContactKey, LocationKey},
};

/// A contact as it stands in the store.
#[derive(Clone, PartialEq, Debug)]
pub struct Contact {
    /// Its key.
    pub key: ContactKey,
    /// Where it belongs.
    pub location: LocationKey,
    /// The full name, where known.
    pub name: Option<String>,
    /// The phone number, where known.
    pub phone: Option<String>,
    /// The e-mail address, lower case, where known.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// All else that is known.
    pub profile: Profile,
}

/// What is known of a person beside name, number and address. It is stored as JSON, and not at all where it is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Plain texts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Text, String>,
    /// Tags, lower case, in the order in which they were added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Whether nothing may be sent to them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dnd: bool,
    /// The same by channel, under the channel's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dnd_settings: BTreeMap<String, DndSetting>,
    /// Fields that a location made for itself: id and value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_fields: BTreeMap<String, serde_json::Value>,
    /// What people wrote about them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

impl Profile {
    /// One of the plain texts.
    pub fn text(&self, text: Text) -> Option<&str> {
        self.texts.get(&text).map(String::as_str)
    }
}

/// The plain texts that a contact may have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// The given name.
    FirstName,
    /// The family name.
    LastName,
    /// Where they work.
    CompanyName,
    /// Street and number.
    Address1,
    /// The town.
    City,
    /// The state or region.
    State,
    /// The country.
    Country,
    /// The postal code.
    PostalCode,
    /// Their page on the web.
    Website,
    /// Their time zone.
    Timezone,
    /// Where the contact came from.
    Source,
    /// The date of birth.
    DateOfBirth,
    /// The gender.
    Gender,
    /// The user who looks after them.
    AssignedTo,
}

/// Whether one channel may be used to reach a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DndSetting {
    /// `active` where it may not.
    pub status: String,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What someone wrote about a contact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// Its key, which tells when it was written.
    pub key: i64,
    /// What it says.
    #[serde(flatten)]
    pub text: NoteText,
}

/// What a note says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoteText {
    /// The text.
    pub body: String,
    /// Its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Whether it stays on top.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// Notes of one contact, at most: they stand in its row.
pub const MOST_NOTES: usize = 200;

/// One change of contacts.
#[derive(Clone, PartialEq, Debug)]
pub enum ContactChange {
    /// A new one, unless its number or address is somebody's.
    Create(Box<Fields>),
    /// A new one, or other fields of whom its number or address names.
    Upsert(Box<Fields>),
    /// A change of one that is there.
    Edit(ContactKey, Edit),
    /// One that is to be forgotten, with its conversation.
    Delete(ContactKey),
    /// A conversation that is to be forgotten; its contact stays.
    DeleteConversation(ContactKey),
    /// Two that are one person: the first answers as the second from now on, under its ids, numbers and addresses.
    Merge {
        /// The first.
        contact: ContactKey,
        /// The second, which stays.
        into: ContactKey,
    },
    /// One that was merged, and is another person after all.
    Unmerge(ContactKey),
}

impl ContactChange {
    /// The contacts that it names by key.
    pub fn contacts(&self) -> Vec<ContactKey> {
        match self {
            Self::Create(_) | Self::Upsert(_) => Vec::new(),
            Self::Edit(contact, _)
            | Self::Delete(contact)
            | Self::DeleteConversation(contact)
            | Self::Unmerge(contact) => vec![*contact],
            Self::Merge { contact, into } => vec![*contact, *into],
        }
    }

    /// Whether it is of all that answer as the contacts it names, too.
    pub fn concerns_merged(&self) -> bool {
        match self {
            Self::Create(_) | Self::Upsert(_) | Self::Edit(..) => false,
            Self::Delete(_) | Self::DeleteConversation(_) | Self::Merge { .. } | Self::Unmerge(_) => true,
        }
    }

    /// The identities that it gives or asks for.
    pub fn identities(&self) -> Vec<Identity> {
        match self {
            Self::Create(fields) | Self::Upsert(fields) | Self::Edit(_, Edit::Fields(fields)) => fields.identities(),
            Self::Edit(..) | Self::Delete(_) | Self::DeleteConversation(_) | Self::Merge { .. } | Self::Unmerge(_) => {
                Vec::new()
            }
        }
    }
}

/// A change of one contact.
#[derive(Clone, PartialEq, Debug)]
pub enum Edit {
    /// Other fields.
    Fields(Box<Fields>),
    /// More tags.
    AddTags(Vec<String>),
    /// Fewer tags.
    RemoveTags(Vec<String>),
    /// A new note.
    AddNote(NoteText),
    /// Another text of a note.
    EditNote(i64, NoteText),
    /// A note that goes.
    RemoveNote(i64),
}

/// Fields to set. What is absent stays as it is; what is given as nothing is cleared.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fields {
    /// The full name.
    pub name: Option<Option<String>>,
    /// The phone number.
    pub phone: Option<Option<Phone>>,
    /// The e-mail address.
    pub email: Option<Option<EmailAddress>>,
    /// Plain texts.
    pub texts: Vec<(Text, Option<String>)>,
    /// All tags there shall be.
    pub tags: Option<Vec<String>>,
    /// Whether nothing may be sent.
    pub dnd: Option<bool>,
    /// The same by channel; others stay as they are.
    pub dnd_settings: BTreeMap<String, DndSetting>,
    /// Fields of the location's own; others stay as they are.
    pub custom_fields: BTreeMap<String, serde_json::Value>,
}

impl Fields {
    /// The number and the address among them: the address first, for it counts before the number, each with its aliases.
    pub fn identities(&self) -> Vec<Identity> {
        let email = self.email.iter().flatten().map(Identity::email);
        let both = email.chain(self.phone.iter().flatten().map(Identity::phone));
        both.flat_map(|one| one.with_aliases().collect::<Vec<_>>()).collect()
    }
}
