//! Contacts who opt out and in by a word: the message is recorded as any other, and the contact changes with it.

use jiff::Timestamp;

use super::Rule;
use crate::{
    announcer::Subject,
    change::{Change, What},
    consent::{Consent, dnd_channel},
    contact::{Contact, DndSetting},
    event::{Event, EventKind},
    ids::LocationKey,
    inbound::Inbound,
    known::Known,
    registry::Registry,
};

/// Sending by a channel is off, and may be switched on again.
const ACTIVE: &str = "active";
/// Sending by a channel is on.
const INACTIVE: &str = "inactive";

/// Whether a change may alter the settings of the contact it comes from, or its contact's tags decide who hears of it, so
/// that the rule has to know the contact.
pub fn concerns_contact(change: &Change, registry: &Registry) -> bool {
    let What::Message(inbound) = &change.what else {
        return false;
    };
    if registry.asks_tags(change.location) {
        return true;
    }
    if inbound.detail.imported.is_some() {
        return false;
    }
    match registry.location(change.location).and_then(|at| at.words.word(inbound)) {
        Some(Consent::Out | Consent::In) => true,
        Some(Consent::Help | Consent::Unsure) | None => false,
    }
}

/// What it says of being written to; of what was said long ago, nothing that still holds.
fn heard(inbound: &Inbound, location: LocationKey, registry: &Registry) -> Option<Consent> {
    if inbound.detail.imported.is_some() {
        return None;
    }
    registry.location(location)?.words.heard(inbound)
}

impl Rule<'_> {
    /// What a message says about being written to; and its sender as they stand after it, where that changes them.
    pub(super) fn consent(
        inbound: &Inbound,
        before: Option<&Contact>,
        (location, known): (LocationKey, &Known),
        now: Timestamp,
    ) -> (Option<Consent>, Option<Contact>) {
        let heard = heard(inbound, location, &known.registry);
        let channel = dnd_channel(inbound.channel);
        let Some((before, channel)) = before.zip(channel) else {
            return (heard, None);
        };
        let stands = before.profile.dnd_settings.get(channel);
        let stands = stands.map_or(INACTIVE, |setting| setting.status.as_str());
        match heard {
            Some(Consent::Out) if stands == INACTIVE => (heard, Some(switched(before, channel, true, now))),
            Some(Consent::In) if stands == ACTIVE => (heard, Some(switched(before, channel, false, now))),
            // A plain yes from whoever gets messages anyway is an answer to something else.
            Some(Consent::In) => (inbound.detail.consent, None),
            Some(Consent::Out | Consent::Help | Consent::Unsure) | None => (heard, None),
        }
    }

    /// Tells that a contact may be written to, or no longer.
    pub(super) fn announce_consent(&self, contact: Option<&Contact>, known: &Known, now: Timestamp) -> Vec<Event> {
        let Some(contact) = contact else { return Vec::new() };
        let about = (contact.location, EventKind::ContactDndUpdate);
        self.announce_contact(about, &Subject::Contact(contact), known, now)
    }
}

/// The contact with one channel switched off or on by their own word.
fn switched(before: &Contact, channel: &str, off: bool, now: Timestamp) -> Contact {
    let (status, code, message) = if off {
        (ACTIVE, "STOP", "The contact asked for no more messages")
    } else {
        (INACTIVE, "START", "The contact asked for messages again")
    };
    let setting = DndSetting {
        status: status.to_owned(),
        message: Some(message.to_owned()),
        code: Some(code.to_owned()),
    };
    let mut after = before.clone();
    after.profile.dnd_settings.insert(channel.to_owned(), setting);
    after.updated_at = now;
    after
}
