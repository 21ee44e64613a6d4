//! Two contacts that are one person: what the one that stays takes over from the other, and how it gives that back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Contact, MOST_NOTES, Profile, Text};
use crate::ids::ContactKey;

/// A contact that was merged into another, as it stood then.
#[derive(Clone, PartialEq, Debug)]
pub struct Alias {
    /// The contact.
    pub contact: Contact,
    /// Whom it was merged into, which may have been merged itself since. Only who was merged into the contact that now
    /// answers can be parted again.
    pub into: ContactKey,
}

/// What a contact was before another was merged into it: enough to give back what it took over.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Before {
    /// Its name.
    pub name: Option<String>,
    /// Its number.
    pub phone: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// All else.
    pub profile: Profile,
    /// Whether its conversation was starred.
    pub starred: bool,
}

impl Before {
    /// A contact as it stands.
    pub fn of(contact: &Contact, starred: bool) -> Self {
        Self {
            name: contact.name.clone(),
            phone: contact.phone.clone(),
            email: contact.email.clone(),
            profile: contact.profile.clone(),
            starred,
        }
    }
}

/// A contact with what another one knows and it does not: it keeps its own, gets what it lacks, and all tags and notes.
/// Who may not be written to as one of them may not as both.
pub fn fill(contact: &Contact, from: &Contact) -> Contact {
    let mut filled = contact.clone();
    filled.phone = contact.phone.clone().or_else(|| from.phone.clone());
    filled.email = contact.email.clone().or_else(|| from.email.clone());
    let profile = &mut filled.profile;
    let other = &from.profile;
    for (text, value) in &other.texts {
        // Halves of another name would make a third one.
        if contact.name.is_none() || !matches!(text, Text::FirstName | Text::LastName) {
            profile.texts.entry(*text).or_insert_with(|| value.clone());
        }
    }
    filled.name = contact.name.clone().or_else(|| from.name.clone());
    for tag in &other.tags {
        if !profile.tags.contains(tag) {
            profile.tags.push(tag.clone());
        }
    }
    profile.dnd |= other.dnd;
    for (channel, setting) in &other.dnd_settings {
        let off = |status: &str| status != "inactive";
        let stands = profile.dnd_settings.get(channel);
        if stands.is_none_or(|stands| off(&setting.status) && !off(&stands.status)) {
            profile.dnd_settings.insert(channel.clone(), setting.clone());
        }
    }
    for (id, value) in &other.custom_fields {
        profile.custom_fields.entry(id.clone()).or_insert_with(|| value.clone());
    }
    let room = MOST_NOTES.saturating_sub(profile.notes.len());
    profile.notes.extend(other.notes.iter().take(room).cloned());
    filled
}

/// A contact without what it took over from another when that was merged into it. What was changed since stays changed.
pub fn give_back(contact: &Contact, from: &Contact, before: &Before) -> Contact {
    let was = Contact {
        name: before.name.clone(),
        phone: before.phone.clone(),
        email: before.email.clone(),
        profile: before.profile.clone(),
        ..contact.clone()
    };
    let filled = fill(&was, from);
    let mut after = contact.clone();
    restore(&mut after.name, &filled.name, was.name);
    restore(&mut after.phone, &filled.phone, was.phone);
    restore(&mut after.email, &filled.email, was.email);
    let (profile, filled, was) = (&mut after.profile, filled.profile, was.profile);
    restore(&mut profile.dnd, &filled.dnd, was.dnd);
    restore_each(&mut profile.texts, &filled.texts, &was.texts);
    restore_each(&mut profile.dnd_settings, &filled.dnd_settings, &was.dnd_settings);
    restore_each(&mut profile.custom_fields, &filled.custom_fields, &was.custom_fields);
    let other = &from.profile;
    profile
        .tags
        .retain(|tag| was.tags.contains(tag) || !other.tags.contains(tag));
    profile.notes.retain(|note| {
        let is = |one: &super::Note| one.key == note.key;
        was.notes.iter().any(is) || !other.notes.iter().any(is)
    });
    after
}

/// Back to what it was, unless it was changed after it was filled.
fn restore<T: PartialEq>(now: &mut T, filled: &T, was: T) {
    if now == filled {
        *now = was;
    }
}

fn restore_each<K: Ord + Clone, V: PartialEq + Clone>(
    now: &mut BTreeMap<K, V>,
    filled: &BTreeMap<K, V>,
    was: &BTreeMap<K, V>,
) {
    for key in filled.keys() {
        if now.get(key) != filled.get(key) {
            continue;
        }
        match was.get(key) {
            Some(value) => now.insert(key.clone(), value.clone()),
            None => now.remove(key),
        };
    }
}
