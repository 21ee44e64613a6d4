//! The rule in the middle: from a change and what is known, what is to be recorded and announced. A pure function, but
//! for the keys it hands out.

use jiff::Timestamp;

mod amend;
mod consent;
mod contact;
mod early;
mod mark;
mod merge;
mod record;
#[cfg(test)]
mod tests;

pub use consent::concerns_contact;
pub use contact::{Forgotten, Kept};
pub use early::Early;
pub use merge::Joined;

use crate::{
    address::Identity,
    announcer::{Announcement, Announcer},
    change::{Change, What},
    channel::Direction,
    contact::{Contact, Profile},
    delivery::{Class, DeliveryStatus, Promise},
    event::{Event, EventKind},
    ids::{AppKey, ContactKey, DeliveryKey, EventKey, KeyMaker, LocationKey, MessageKey},
    inbound::File,
    intake::{Receipt, Refusal},
    known::{Conversation, Known},
    message::Message,
    registry::{Destination, Ordering},
    seen::{Seen, SeenHash, SeenHasher, SeenKey, SeenKind},
};

/// What the rule needs beside what is known: keys, hashes, and the language of events.
#[derive(Debug)]
pub struct Rule<'a> {
    /// Hands out keys.
    pub keys: &'a KeyMaker,
    /// Recognises repeats.
    pub hasher: &'a SeenHasher,
    /// Renders events.
    pub announcer: &'a dyn Announcer,
}

/// What becomes of a change.
#[derive(Clone, PartialEq, Debug)]
pub enum Decision {
    /// It came before: the same answer, and nothing else.
    Seen(Receipt),
    /// A new message.
    Record(Box<Record>),
    /// A later word on a message.
    Amend(Box<Amend>),
    /// A later word on what is not there yet.
    Wait(Box<Early>),
    /// A conversation that was marked.
    Mark(Box<Marked>),
    /// A contact that is new or changed.
    Contact(Box<Kept>),
    /// A conversation to be forgotten, and maybe its contact.
    Forget(Box<Forgotten>),
    /// A contact that answers as another, or no longer.
    Join(Box<Joined>),
    /// Nothing is kept of it.
    Refused(Refusal),
}

/// A new message with all that must be written with it.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The message.
    pub message: Message,
    /// The contact to make, where there was none.
    pub new_contact: Option<NewContact>,
    /// The contact as it stands after it, where it opted out or in.
    pub contact: Option<Contact>,
    /// Identities to write down for the contact.
    pub identities: Vec<Identity>,
    /// The conversation as it stands after this message.
    pub conversation: Conversation,
    /// What to keep so that a repeat is recognised.
    pub seen: Vec<(SeenHash, Seen)>,
    /// What is announced.
    pub events: Vec<Event>,
    /// When to announce a call that is still under way.
    pub call_deadline: Option<Timestamp>,
    /// Files that came within it.
    pub files: Vec<File>,
    /// The keys under which words on it may have come before it, and whether some were found: they are in it now.
    pub awaited: Vec<(SeenHash, bool)>,
    /// The answer.
    pub receipt: Receipt,
}

/// A contact to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewContact {
    /// Its key.
    pub key: ContactKey,
    /// Its name, where one was passed on.
    pub name: Option<String>,
    /// Its first phone number.
    pub phone: Option<String>,
    /// Its first e-mail address.
    pub email: Option<String>,
}

impl NewContact {
    /// The contact as it will stand.
    pub(crate) fn contact(&self, location: LocationKey, now: Timestamp) -> Contact {
        Contact {
            key: self.key,
            location,
            name: self.name.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            created_at: now,
            updated_at: now,
            profile: Profile::default(),
        }
    }
}

/// A message with a later word on it.
#[derive(Clone, PartialEq, Debug)]
pub struct Amend {
    /// The message as it stands after it.
    pub message: Message,
    /// What is announced.
    pub events: Vec<Event>,
    /// Whether the call no longer waits to be announced.
    pub call_done: bool,
    /// Whether one of its files no longer waits to be fetched, and which.
    pub media_done: Option<usize>,
    /// From which of its files on they are new with this word.
    pub new_files: usize,
    /// Whether its text is another one, or gone with its files.
    pub rewritten: bool,
    /// The answer.
    pub receipt: Receipt,
}

/// A conversation with a mark on it.
#[derive(Clone, PartialEq, Debug)]
pub struct Marked {
    /// Where it belongs.
    pub location: LocationKey,
    /// Whose it is.
    pub contact: ContactKey,
    /// The conversation as it stands after it.
    pub conversation: Conversation,
    /// What is announced.
    pub events: Vec<Event>,
    /// The answer: it names the conversation's last message.
    pub receipt: Receipt,
}

impl Rule<'_> {
    /// Decides a batch in order. What one change does, the next one knows.
    pub fn decide_all(&self, batch: &[Change], known: &mut Known, now: Timestamp) -> Vec<Decision> {
        let mut decisions = Vec::with_capacity(batch.len());
        for change in batch {
            let decision = self.decide(change, known, now);
            known.learn(&decision);
            decisions.push(decision);
        }
        decisions
    }

    /// Decides one change.
    pub fn decide(&self, change: &Change, known: &Known, now: Timestamp) -> Decision {
        if let Some(decision) = self.repeat(change, known, now) {
            return decision;
        }
        let decided = match &change.what {
            What::Message(word) if early::is_later(word) => self.wait(change, word, known),
            What::Message(inbound) => self.record(change, inbound, known, now),
            What::Status { message, status, error } => message_at(known, *message, change.location)
                .and_then(|found| amend::status(found, *status, error.as_deref())),
            What::Call {
                message,
                status,
                duration,
            } => message_at(known, *message, change.location)
                .and_then(|found| self.call(found, (*status, *duration), known, now)),
            What::CallOverdue { message } => {
                message_at(known, *message, change.location).and_then(|found| self.call_overdue(found, known, now))
            }
            What::Media { message, index, state } => {
                message_at(known, *message, change.location).and_then(|found| amend::media(found, *index, state))
            }
            What::Attachments { message, files } => {
                message_at(known, *message, change.location).and_then(|found| amend::attachments(found, files))
            }
            What::Mark { contact, mark } => self.mark(known, (change.location, *contact), *mark, now),
            What::Contact(change_of) => self.contact(change.location, change_of, known, now),
        };
        decided.unwrap_or_else(Decision::Refused)
    }

    /// The hashes of a change's keys: what `look` asks the store for.
    pub fn hashes<'c>(&'c self, change: &'c Change) -> impl Iterator<Item = SeenHash> + 'c {
        change
            .keys
            .iter()
            .map(|key| self.hasher.hash(change.location, change.provider, key))
    }

    /// The hashes of the mails that a change may answer: `look` asks the store for them too, and for their messages.
    pub fn answered<'c>(&'c self, change: &'c Change) -> impl Iterator<Item = SeenHash> + 'c {
        let ids = change.inbound().map(|inbound| inbound.answers.as_slice());
        ids.unwrap_or_default().iter().map(|id| {
            let key = SeenKey::message(id.as_str());
            self.hasher.hash(change.location, change.provider, &key)
        })
    }

    fn repeat(&self, change: &Change, known: &Known, now: Timestamp) -> Option<Decision> {
        let mut found = change.keys.iter().zip(self.hashes(change)).filter_map(|(key, hash)| {
            let seen = known.seen.get(&hash)?;
            Some((key.kind, seen.receipt(change.fingerprint)))
        });
        let (kind, receipt) = found.next()?;
        if kind == SeenKind::Idempotency && receipt.differs {
            return Some(Decision::Refused(Refusal::KeyReused));
        }
        Some(match change.inbound() {
            Some(word) if kind == SeenKind::Call => self.word_on_call(word, &receipt, known, now),
            Some(word) if word.detail.revised.is_some() => amend::revision(word, &receipt, known),
            Some(_) | None => Decision::Seen(receipt),
        })
    }

    /// One event for each app that has a destination for it.
    fn announce(&self, kind: EventKind, message: &Message, known: &Known, now: Timestamp) -> Vec<Event> {
        let registry = &known.registry;
        let Some(location) = registry.location(message.location) else {
            return Vec::new();
        };
        let mut apps: Vec<(AppKey, Vec<&Destination>)> = Vec::new();
        let mut provider = None;
        let contact = known.contacts.get(&message.contact);
        let tags = contact
            .map(|contact| contact.profile.tags.as_slice())
            .unwrap_or_default();
        for destination in registry.subscribers(message.location, kind) {
            let found = provider.get_or_insert_with(|| registry.provider(message.location, message.provider));
            if !found
                .as_ref()
                .is_some_and(|found| destination.wants(kind, message, found, tags))
            {
                continue;
            }
            match apps.iter_mut().find(|(app, _)| *app == destination.app) {
                Some((_, destinations)) => destinations.push(destination),
                None => apps.push((destination.app, vec![destination])),
            }
        }
        let Some(provider) = provider.flatten() else {
            return Vec::new();
        };
        let render = |(app, destinations): (AppKey, Vec<&Destination>)| {
            let app = registry.app(app)?;
            let promises = destinations
                .into_iter()
                .map(|destination| self.promise_of(destination, message, now))
                .collect::<Vec<_>>();
            let event = EventKey(promises.first()?.delivery.0);
            let announcement = Announcement {
                kind,
                event,
                app,
                location,
                message,
                provider: &provider,
                at: now,
            };
            let body = self.announcer.render(&announcement);
            Some(Event {
                key: event,
                location: message.location,
                kind,
                lane: message.contact,
                message: Some(message.key),
                body,
                promises,
            })
        };
        apps.into_iter().filter_map(render).collect()
    }

    /// A promise of a message. One that is due at a time of its own takes no place in a lane, which it would hold up; an old
    /// one goes after all that is new.
    fn promise_of(&self, destination: &Destination, message: &Message, now: Timestamp) -> Promise {
        let mut promise = self.promise(destination, now);
        if message.detail.imported.is_some() {
            promise.class = Class::Replay;
        }
        let Some(due_at) = message.scheduled(now) else {
            return promise;
        };
        Promise {
            status: if destination.holds() {
                DeliveryStatus::Held
            } else {
                DeliveryStatus::Ready
            },
            in_lane: false,
            due_at,
            expires_at: crate::clock::later(due_at, destination.schedule.lifetime()),
            ..promise
        }
    }

    fn promise(&self, destination: &Destination, now: Timestamp) -> Promise {
        let in_lane = match destination.ordering {
            Ordering::None => false,
            Ordering::BestEffort | Ordering::Strict => true,
        };
        let status = match (destination.holds(), in_lane) {
            (true, _) => DeliveryStatus::Held,
            (false, true) => DeliveryStatus::Blocked,
            (false, false) => DeliveryStatus::Ready,
        };
        Promise {
            delivery: DeliveryKey(self.keys.next(now)),
            destination: destination.key,
            status,
            class: Class::First,
            in_lane,
            due_at: now,
            expires_at: crate::clock::later(now, destination.schedule.lifetime()),
        }
    }
}

/// The event that tells of a message.
fn event_kind(direction: Direction) -> EventKind {
    match direction {
        Direction::Inbound => EventKind::InboundMessage,
        Direction::Outbound => EventKind::OutboundMessage,
    }
}

/// The message at this location, or the refusal.
fn message_at(known: &Known, message: MessageKey, location: LocationKey) -> Result<Message, Refusal> {
    known
        .messages
        .get(&message)
        .filter(|found| found.location == location)
        .cloned()
        .ok_or(Refusal::NoSuchMessage)
}
