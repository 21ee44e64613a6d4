//! Who may be the same person as a contact, by name, and who was found to be: merged into it, until that is undone.

use inlet_core::{
    contact::{Condition, Contact, ContactQuery, Field, Group, Test},
    ids::ContactKey,
    registry::Location,
};

use super::super::{fault::Fault, row::Setting, words};
use crate::state::Shared;

/// Twins that are offered.
const MOST: usize = 5;

/// Other contacts that are, or may be, the same person.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Others {
    /// Those that were merged into it, and can be parted again.
    merged: Vec<Contact>,
    /// Those that carry its name.
    twins: Vec<Contact>,
}

/// One of them as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Other {
    /// The contact's id.
    pub(super) id: String,
    pub(super) name: String,
    /// Its number or address.
    pub(super) reach: String,
}

impl Others {
    /// Looks them up.
    pub(super) async fn find(shared: &Shared, location: &Location, contact: &Contact) -> Result<Self, Fault> {
        let merged = shared.contacts.merged(location.key, contact.key).await?;
        let own = merged.into_iter().filter(|alias| alias.into == contact.key);
        let merged = own.map(|alias| alias.contact).collect();
        let Some(name) = &contact.name else {
            return Ok(Self {
                merged,
                twins: Vec::new(),
            });
        };
        let query = ContactQuery {
            location: location.key,
            text: None,
            groups: vec![Group {
                any: false,
                conditions: vec![Condition {
                    field: Field::Name,
                    test: Test::Is(vec![name.clone()]),
                }],
            }],
            after: None,
            skip: 0,
            oldest_first: false,
            limit: MOST + 1,
        };
        let (mut twins, _) = shared.contacts.find(&query).await?;
        twins.retain(|twin| twin.key != contact.key);
        twins.truncate(MOST);
        Ok(Self { merged, twins })
    }

    /// Those that may be the same, and those that were merged.
    pub(super) fn shown(&self, setting: Setting<'_>) -> (Vec<Other>, Vec<Other>) {
        let all = |contacts: &[Contact]| contacts.iter().map(|one| other(one, setting)).collect();
        (all(&self.twins), all(&self.merged))
    }
}

fn other(contact: &Contact, setting: Setting<'_>) -> Other {
    let (phone, email) = (contact.phone.as_deref(), contact.email.as_deref());
    Other {
        id: setting.state.ids.contact(contact.key),
        name: words::person(contact.name.as_deref(), phone, email),
        reach: phone
            .map(words::phone)
            .or_else(|| contact.email.clone())
            .unwrap_or_default(),
    }
}

/// The contact that a form names.
pub(super) fn named(shared: &Shared, id: &str) -> Result<ContactKey, Fault> {
    let key = shared.ids.decode(inlet_core::ids::IdKind::Contact, id);
    key.map(ContactKey).ok_or(Fault::NotFound)
}
