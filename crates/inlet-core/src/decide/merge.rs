//! Two contacts that turn out to be one person, and that turn out to be two after all. A merge is an alias: nothing moves,
//! the ids, numbers and addresses of the one answer as the other, and whoever reads the thread sees the union.

use jiff::Timestamp;

use super::{
    Decision, Rule,
    contact::{contact_at, conversation, news, receipt},
};
use crate::{
    announcer::Subject,
    contact::{Before, Contact, fill, give_back},
    event::{Event, EventKind},
    ids::{ContactKey, LocationKey},
    intake::{Receipt, Refusal},
    known::{Conversation, Known, Merged},
};

/// A contact that answers as another from now on, or no longer.
#[derive(Clone, PartialEq, Debug)]
pub struct Joined {
    /// The contact.
    pub contact: ContactKey,
    /// Whom it answers as; nobody, where the two part.
    pub answers_as: Option<ContactKey>,
    /// Those that were merged into it: they answer as whom it answers as.
    pub followers: Vec<ContactKey>,
    /// How many of its own messages nobody has read.
    pub unread: i64,
    /// The other one, as it stands after it.
    pub other: Contact,
    /// What the other was before, where the two are merged.
    pub before: Option<Before>,
    /// The other's conversation as it stands after it; nothing, where it has none.
    pub conversation: Option<Conversation>,
    /// What is announced.
    pub events: Vec<Event>,
    /// The answer.
    pub receipt: Receipt,
}

impl Rule<'_> {
    /// Merges the first into the second. It is gone for whoever listens, and the second may know more.
    pub(super) fn merge(
        &self,
        location: LocationKey,
        (contact, into): (ContactKey, ContactKey),
        known: &Known,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let from = contact_at(known, known.answering(contact), location)?;
        let into = contact_at(known, known.answering(into), location)?;
        if from.key == into.key {
            return Ok(Decision::Seen(receipt(into, true)));
        }
        let (own, stood) = (conversation(known, from), conversation(known, into));
        let together = together(&own, &stood);
        let mut other = fill(into, from);
        if other != *into {
            other.updated_at = now;
        }
        let mut events = self.announce_other((into, &other), (&stood, &together), known, now);
        let gone = (location, EventKind::ContactDelete);
        events.append(&mut self.announce_contact(gone, &Subject::Contact(from), known, now));
        let followers = known.merged.get(&from.key).map(Vec::as_slice).unwrap_or_default();
        Ok(Decision::Join(Box::new(Joined {
            contact: from.key,
            answers_as: Some(into.key),
            followers: followers.iter().map(|one| one.key).collect(),
            unread: own.unread,
            before: Some(Before::of(into, stood.starred)),
            conversation: (own.stored || stood.stored).then_some(together),
            receipt: receipt(into, false),
            events,
            other,
        })))
    }

    /// Parts a contact from the one it was merged into. What came since stays where it is.
    pub(super) fn unmerge(
        &self,
        location: LocationKey,
        contact: ContactKey,
        known: &Known,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let apart = contact_at(known, contact, location)?;
        let alone = Refusal::NotApart("this contact is not merged into another");
        let into = known.aliases.get(&contact).ok_or(alone.clone())?;
        let into = contact_at(known, *into, location)?;
        let all = known.merged.get(&into.key).map(Vec::as_slice).unwrap_or_default();
        let own = all.iter().find(|one| one.key == contact).ok_or(alone)?;
        if own.into != into.key {
            return Err(Refusal::NotApart(
                "the contact it was merged into was merged too: part that one first",
            ));
        }
        let followers = followers(contact, all);
        let stay = all
            .iter()
            .filter(|one| one.key != contact && !followers.contains(&one.key));
        let stood = conversation(known, into);
        let (unread, left) = parted(own, &stood, stay, known.latest.get(&into.key).copied());
        let mut other = give_back(into, apart, &own.before);
        if other != *into {
            other.updated_at = now;
        }
        let back = (location, EventKind::ContactCreate);
        let mut events = self.announce_contact(back, &Subject::Contact(apart), known, now);
        let unlike = left.clone().unwrap_or_else(|| Conversation::empty(location));
        events.append(&mut self.announce_other((into, &other), (&stood, &unlike), known, now));
        Ok(Decision::Join(Box::new(Joined {
            contact,
            answers_as: None,
            followers,
            unread,
            before: None,
            conversation: left,
            receipt: receipt(apart, false),
            events,
            other,
        })))
    }

    /// What became of the one that stays, under the names of such changes.
    fn announce_other(
        &self,
        (before, after): (&Contact, &Contact),
        (stood, stands): (&Conversation, &Conversation),
        known: &Known,
        now: Timestamp,
    ) -> Vec<Event> {
        let subject = Subject::Contact(after);
        let kinds = news(before, after).into_iter();
        let told = kinds.flat_map(|kind| self.announce_contact((after.location, kind), &subject, known, now));
        let mut events: Vec<Event> = told.collect();
        if stood.unread != stands.unread {
            let subject = Subject::Conversation {
                contact: after.key,
                conversation: stands,
                deleted: false,
            };
            let kind = EventKind::ConversationUnreadUpdate;
            events.append(&mut self.announce_contact((after.location, kind), &subject, known, now));
        }
        events
    }
}

/// The conversation of the one that stays, with the other's beside it. Its own messages and their count are untouched.
fn together(own: &Conversation, stood: &Conversation) -> Conversation {
    Conversation {
        last_channel: stood.last_channel.or(own.last_channel),
        last_at: stood.last_at.max(own.last_at),
        unread: stood.unread + own.unread,
        starred: stood.starred || own.starred,
        ..stood.clone()
    }
}

/// How much a parted contact has to read, and the conversation of the one it parts from: nothing, where that has neither
/// messages of its own nor those of others that `stay`.
fn parted<'m>(
    own: &Merged,
    stood: &Conversation,
    stay: impl Iterator<Item = &'m Merged>,
    latest: Option<Timestamp>,
) -> (i64, Option<Conversation>) {
    let theirs = own.conversation.as_ref();
    let unread = theirs.map_or(0, |theirs| theirs.unread.min(stood.unread));
    let others = stay.filter_map(|one| Some(one.conversation.as_ref()?.last_at));
    let Some(last_at) = others.chain(latest).max() else {
        return (unread, None);
    };
    let took_star = theirs.is_some_and(|theirs| theirs.starred) && !own.before.starred;
    let left = Conversation {
        last_at,
        unread: stood.unread - unread,
        starred: stood.starred && !took_star,
        ..stood.clone()
    };
    (unread, Some(left))
}

/// Those that were merged into a contact, and into those, and so on.
fn followers(contact: ContactKey, all: &[Merged]) -> Vec<ContactKey> {
    let mut found = vec![contact];
    let mut checked = 0;
    while let Some(into) = found.get(checked).copied() {
        checked += 1;
        found.extend(all.iter().filter(|one| one.into == into).map(|one| one.key));
    }
    found.split_off(1)
}
