//! Contacts that are made, changed and forgotten, and what is announced of it.

use jiff::Timestamp;

use super::{Decision, Rule};
use crate::{
    address::{Identity, IdentityKind},
    announcer::{ContactAnnouncement, Subject},
    contact::{Contact, ContactChange, Edit, Fields, MOST_NOTES, Note, NoteText, Profile, Text},
    event::{Event, EventKind},
    ids::{AppKey, ContactKey, EventKey, LocationKey, MessageKey},
    intake::{Receipt, Refusal},
    known::{Conversation, Known},
    registry::Destination,
};

/// A contact with all that must be written with it.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    /// The contact as it stands after it.
    pub contact: Contact,
    /// Whether it is new.
    pub new: bool,
    /// Identities to write down for it.
    pub identities: Vec<Identity>,
    /// Identities that are no longer its own.
    pub dropped: Vec<Identity>,
    /// What is announced.
    pub events: Vec<Event>,
    /// The answer.
    pub receipt: Receipt,
}

/// A conversation to be forgotten, and maybe its contact too.
#[derive(Clone, PartialEq, Debug)]
pub struct Forgotten {
    /// Where it belongs.
    pub location: LocationKey,
    /// Whose it is.
    pub contact: ContactKey,
    /// Whether the contact goes too.
    pub with_contact: bool,
    /// Those that were merged into it, and go with it.
    pub merged: Vec<ContactKey>,
    /// The last message of each conversation: the others are found from there.
    pub last_messages: Vec<MessageKey>,
    /// What is announced.
    pub events: Vec<Event>,
    /// The answer.
    pub receipt: Receipt,
}

impl Rule<'_> {
    /// Decides a change of contacts.
    pub(super) fn contact(
        &self,
        location: LocationKey,
        change: &ContactChange,
        known: &Known,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        match change {
            ContactChange::Create(fields) => match holder(location, fields, None, known) {
                Some((contact, by)) => Err(Refusal::Duplicate { contact, by }),
                None => Ok(self.make(location, fields, known, now)),
            },
            ContactChange::Upsert(fields) => match holder(location, fields, None, known) {
                Some((contact, _)) => {
                    let fields = without_others(location, fields, contact, known);
                    let found = contact_at(known, contact, location)?;
                    self.edit(found, &Edit::Fields(Box::new(fields)), known, now)
                }
                None => Ok(self.make(location, fields, known, now)),
            },
            ContactChange::Edit(contact, edit) => {
                let found = contact_at(known, known.answering(*contact), location)?;
                if let Edit::Fields(fields) = edit
                    && let Some((contact, by)) = holder(location, fields, Some(found.key), known)
                {
                    return Err(Refusal::Duplicate { contact, by });
                }
                self.edit(found, edit, known, now)
            }
            ContactChange::Merge { contact, into } => self.merge(location, (*contact, *into), known, now),
            ContactChange::Unmerge(contact) => self.unmerge(location, *contact, known, now),
            ContactChange::Delete(contact) => {
                let found = contact_at(known, known.answering(*contact), location)?;
                let subject = Subject::Contact(found);
                let events = self.announce_contact((location, EventKind::ContactDelete), &subject, known, now);
                Ok(forget(found, known, events, true))
            }
            ContactChange::DeleteConversation(contact) => {
                let found = contact_at(known, known.answering(*contact), location)?;
                let conversation = conversation(known, found);
                let subject = Subject::Conversation {
                    contact: found.key,
                    conversation: &conversation,
                    deleted: true,
                };
                let kind = EventKind::ConversationUnreadUpdate;
                let events = self.announce_contact((location, kind), &subject, known, now);
                Ok(forget(found, known, events, false))
            }
        }
    }

    fn make(&self, location: LocationKey, fields: &Fields, known: &Known, now: Timestamp) -> Decision {
        let mut contact = Contact {
            key: ContactKey(self.keys.next(now)),
            location,
            name: None,
            phone: None,
            email: None,
            created_at: now,
            updated_at: now,
            profile: Profile::default(),
        };
        set(&mut contact, fields);
        let subject = Subject::Contact(&contact);
        let events = self.announce_contact((location, EventKind::ContactCreate), &subject, known, now);
        Decision::Contact(Box::new(Kept {
            new: true,
            identities: fields.identities(),
            dropped: Vec::new(),
            events,
            receipt: receipt(&contact, false),
            contact,
        }))
    }

    fn edit(&self, before: &Contact, edit: &Edit, known: &Known, now: Timestamp) -> Result<Decision, Refusal> {
        let mut contact = before.clone();
        match edit {
            Edit::Fields(fields) => set(&mut contact, fields),
            Edit::AddTags(tags) => add_tags(&mut contact.profile.tags, tags),
            Edit::RemoveTags(tags) => contact.profile.tags.retain(|tag| !tags.contains(tag)),
            Edit::AddNote(text) => self.add_note(&mut contact.profile.notes, text, now)?,
            Edit::EditNote(key, text) => {
                let found = contact.profile.notes.iter_mut().find(|note| note.key == *key);
                found.ok_or(Refusal::NoSuchNote)?.text = text.clone();
            }
            Edit::RemoveNote(key) => {
                let before = contact.profile.notes.len();
                contact.profile.notes.retain(|note| note.key != *key);
                if contact.profile.notes.len() == before {
                    return Err(Refusal::NoSuchNote);
                }
            }
        }
        let receipt = receipt(&contact, true);
        if contact == *before {
            return Ok(Decision::Seen(receipt));
        }
        contact.updated_at = now;
        let kinds = news(before, &contact).into_iter();
        let subject = Subject::Contact(&contact);
        let events = kinds.flat_map(|kind| self.announce_contact((contact.location, kind), &subject, known, now));
        let (old, new) = (identities_of(before), identities_of(&contact));
        // A message may have brought it before, beside the one that the contact was found by.
        let written =
            |one: &&Identity| old.contains(one) || known.people.contains_key(&(contact.location, (*one).clone()));
        Ok(Decision::Contact(Box::new(Kept {
            new: false,
            identities: new.iter().filter(|one| !written(one)).cloned().collect(),
            dropped: old.iter().filter(|one| !new.contains(one)).cloned().collect(),
            events: events.collect(),
            receipt,
            contact,
        })))
    }

    fn add_note(&self, notes: &mut Vec<Note>, text: &NoteText, now: Timestamp) -> Result<(), Refusal> {
        if notes.len() >= MOST_NOTES {
            return Err(Refusal::Full("a contact has 200 notes at most: delete one first"));
        }
        notes.push(Note {
            key: self.keys.next(now),
            text: text.clone(),
        });
        Ok(())
    }

    /// One event for each app that has a destination for it.
    pub(super) fn announce_contact(
        &self,
        (location, kind): (LocationKey, EventKind),
        subject: &Subject<'_>,
        known: &Known,
        now: Timestamp,
    ) -> Vec<Event> {
        let mut apps: Vec<(AppKey, Vec<&Destination>)> = Vec::new();
        for destination in known.registry.subscribers(location, kind) {
            match apps.iter_mut().find(|(app, _)| *app == destination.app) {
                Some((_, destinations)) => destinations.push(destination),
                None => apps.push((destination.app, vec![destination])),
            }
        }
        let render = |(app, destinations): (AppKey, Vec<&Destination>)| {
            let promises: Vec<_> = destinations.into_iter().map(|one| self.promise(one, now)).collect();
            let event = EventKey(promises.first()?.delivery.0);
            let announcement = ContactAnnouncement {
                kind,
                event,
                app: known.registry.app(app)?,
                location: known.registry.location(location)?,
                subject,
                at: now,
            };
            Some(Event {
                key: event,
                location,
                kind,
                lane: subject.contact(),
                message: None,
                body: self.announcer.render_contact(&announcement),
                promises,
            })
        };
        apps.into_iter().filter_map(render).collect()
    }
}

/// What a change of a contact is called: the fields, the tags and the do-not-disturb settings each have a name.
pub(super) fn news(before: &Contact, after: &Contact) -> Vec<EventKind> {
    let plain = |contact: &Contact| {
        let mut plain = contact.clone();
        plain.updated_at = plain.created_at;
        plain.profile.tags.clear();
        plain.profile.dnd = false;
        plain.profile.dnd_settings.clear();
        plain.profile.notes.clear();
        plain
    };
    let dnd = |contact: &Contact| (contact.profile.dnd, contact.profile.dnd_settings.clone());
    let kinds = [
        (plain(before) != plain(after), EventKind::ContactUpdate),
        (before.profile.tags != after.profile.tags, EventKind::ContactTagUpdate),
        (dnd(before) != dnd(after), EventKind::ContactDndUpdate),
    ];
    kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| kind).collect()
}

fn set(contact: &mut Contact, fields: &Fields) {
    if let Some(phone) = &fields.phone {
        contact.phone = phone.as_ref().map(|phone| phone.as_str().to_owned());
    }
    if let Some(email) = &fields.email {
        contact.email = email.as_ref().map(|email| email.as_str().to_owned());
    }
    let profile = &mut contact.profile;
    for (text, value) in &fields.texts {
        match value {
            Some(value) => profile.texts.insert(*text, value.clone()),
            None => profile.texts.remove(text),
        };
    }
    name(contact, fields);
    let profile = &mut contact.profile;
    if let Some(tags) = &fields.tags {
        profile.tags.clear();
        add_tags(&mut profile.tags, tags);
    }
    profile.dnd = fields.dnd.unwrap_or(profile.dnd);
    profile.dnd_settings.extend(fields.dnd_settings.clone());
    profile.custom_fields.extend(fields.custom_fields.clone());
}

/// The full name follows from its two halves where only those are given, and the halves from it where only it is.
fn name(contact: &mut Contact, fields: &Fields) {
    let halves = [Text::FirstName, Text::LastName];
    let given = fields.texts.iter().any(|(text, _)| halves.contains(text));
    match &fields.name {
        Some(name) => {
            contact.name.clone_from(name);
            if !given {
                let (first, last) = split(name.as_deref().unwrap_or_default());
                for (half, value) in halves.into_iter().zip([first, last]) {
                    contact.profile.texts.remove(&half);
                    if !value.is_empty() {
                        contact.profile.texts.insert(half, value.to_owned());
                    }
                }
            }
        }
        None if given => {
            let both = halves.into_iter().filter_map(|half| contact.profile.text(half));
            let both = both.collect::<Vec<_>>().join(" ");
            contact.name = Some(both).filter(|name| !name.is_empty());
        }
        None => {}
    }
}

fn split(name: &str) -> (&str, &str) {
    name.trim().split_once(' ').unwrap_or((name.trim(), ""))
}

fn add_tags(tags: &mut Vec<String>, more: &[String]) {
    for tag in more {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
}

/// Who holds a number or address among the fields, other than `own`, and which of the two.
fn holder(
    location: LocationKey,
    fields: &Fields,
    own: Option<ContactKey>,
    known: &Known,
) -> Option<(ContactKey, IdentityKind)> {
    fields.identities().into_iter().find_map(|identity| {
        let kind = identity.kind;
        let holder = *known.people.get(&(location, identity))?;
        (Some(holder) != own).then_some((holder, kind))
    })
}

/// The fields without a number or address that is another contact's: the first that matched has won.
fn without_others(location: LocationKey, fields: &Fields, own: ContactKey, known: &Known) -> Fields {
    let mut fields = fields.clone();
    let others = |identity: Identity| {
        let mut holders = identity
            .with_aliases()
            .filter_map(|one| known.people.get(&(location, one)));
        holders.any(|holder| *holder != own)
    };
    if fields.phone.iter().flatten().map(Identity::phone).any(others) {
        fields.phone = None;
    }
    if fields.email.iter().flatten().map(Identity::email).any(others) {
        fields.email = None;
    }
    fields
}

fn identities_of(contact: &Contact) -> Vec<Identity> {
    let one = |kind, value: &Option<String>| {
        value.clone().map(|value| Identity {
            kind,
            scope: String::new(),
            value,
        })
    };
    let both = [
        one(IdentityKind::Email, &contact.email),
        one(IdentityKind::Phone, &contact.phone),
    ];
    let all = both.into_iter().flatten();
    all.flat_map(|one| one.with_aliases().collect::<Vec<_>>()).collect()
}

fn forget(contact: &Contact, known: &Known, events: Vec<Event>, with_contact: bool) -> Decision {
    let merged = known.merged.get(&contact.key).map(Vec::as_slice).unwrap_or_default();
    let theirs = merged.iter().filter_map(|one| one.conversation.as_ref()?.last_message);
    let own = conversation(known, contact).last_message;
    Decision::Forget(Box::new(Forgotten {
        location: contact.location,
        contact: contact.key,
        with_contact,
        merged: merged.iter().map(|one| one.key).collect(),
        last_messages: own.into_iter().chain(theirs).collect(),
        events,
        receipt: receipt(contact, false),
    }))
}

pub(super) fn conversation(known: &Known, contact: &Contact) -> Conversation {
    let found = known.conversations.get(&contact.key);
    found.cloned().unwrap_or_else(|| Conversation::empty(contact.location))
}

/// The contact at this location, or the refusal.
pub(super) fn contact_at(known: &Known, contact: ContactKey, location: LocationKey) -> Result<&Contact, Refusal> {
    let found = known.contacts.get(&contact);
    found
        .filter(|found| found.location == location)
        .ok_or(Refusal::NoSuchContact)
}

/// The answer to a change of a contact: it is about no message.
pub(super) fn receipt(contact: &Contact, repeated: bool) -> Receipt {
    Receipt {
        message: MessageKey(0),
        contact: contact.key,
        occurred_at: contact.created_at,
        email: false,
        repeated,
        differs: false,
    }
}
