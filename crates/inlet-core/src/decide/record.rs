//! A new message: whose it is, its place in the conversation, and what is announced of it.

use jiff::Timestamp;

use super::{Decision, NewContact, Record, Rule, event_kind};
use crate::{
    address::{Identity, IdentityKind},
    announcer::Subject,
    change::{Change, call_deadline},
    channel::{Direction, MessageStatus},
    contact::Contact,
    event::{Event, EventKind},
    ids::{ContactKey, LocationKey, MessageKey},
    inbound::{Call, Detail, Email, File, Imported, Inbound, Person, Who},
    intake::{Receipt, Refusal},
    known::{Conversation, Known},
    message::Message,
    seen::Seen,
};

/// Whose a message is, and what must be written to make it so.
struct Owner {
    contact: ContactKey,
    conversation: Conversation,
    new_contact: Option<NewContact>,
    identities: Vec<Identity>,
}

impl Rule<'_> {
    pub(super) fn record(
        &self,
        change: &Change,
        inbound: &Inbound,
        known: &Known,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        if nothing_in(inbound) {
            return Err(Refusal::Nothing);
        }
        let inbound = &*self.with_early(change, inbound, known);
        let owner = self.owner(change.location, &inbound.who, known, now)?;
        let mut detail = threaded(inbound, owner.contact, known)?;
        detail.attachments.extend(inbound.files.iter().map(File::attachment));
        if let Some(email) = &mut detail.email {
            self.answer(email, change, owner.contact, known);
        }
        let made = owner.new_contact.as_ref().map(|new| new.contact(change.location, now));
        let sender = made.as_ref().or_else(|| known.contacts.get(&owner.contact));
        let (consent, contact) = Self::consent(inbound, sender, (change.location, known), now);
        detail.consent = consent;
        let message = Message {
            key: MessageKey(self.keys.next(now)),
            location: change.location,
            contact: owner.contact,
            seq: owner.conversation.last_seq + 1,
            before: owner.conversation.last_message,
            provider: change.provider,
            external_id: change.external_id().map(str::to_owned),
            channel: inbound.channel,
            direction: inbound.direction,
            status: first_status(&detail, now),
            body: inbound.body.clone(),
            occurred_at: inbound.occurred_at.unwrap_or(now),
            created_at: now,
            detail,
        };
        let conversation = after(owner.conversation, &message);
        let mut events = Vec::new();
        if !is_quiet(&message) {
            events.append(&mut self.announce_new(made.as_ref(), known, now));
            events.append(&mut self.announce_message(&message, known, now));
            events.append(&mut self.announce_consent(contact.as_ref(), known, now));
            events.append(&mut self.announce_unread(&message, &conversation, known, now));
        }
        Ok(Decision::Record(Box::new(Record {
            new_contact: owner.new_contact,
            contact,
            identities: owner.identities,
            conversation,
            seen: self.to_keep(change, &message, known),
            events,
            call_deadline: is_under_way(&message).then(|| call_deadline(now)),
            files: inbound.files.clone(),
            awaited: self.awaited(change, known),
            receipt: receipt(&message),
            message,
        })))
    }

    /// Tells of a contact that a message brought.
    fn announce_new(&self, made: Option<&Contact>, known: &Known, now: Timestamp) -> Vec<Event> {
        let Some(made) = made else { return Vec::new() };
        let about = (made.location, EventKind::ContactCreate);
        self.announce_contact(about, &Subject::Contact(made), known, now)
    }

    /// Tells of the message: of a call that is under way later, and to the provider that is to send it too.
    fn announce_message(&self, message: &Message, known: &Known, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        if !is_under_way(message) {
            events.append(&mut self.announce(event_kind(message.direction), message, known, now));
        }
        if message.detail.handover.is_some() {
            events.append(&mut self.announce(EventKind::ProviderOutboundMessage, message, known, now));
        }
        events
    }

    /// Tells that there is more to read.
    fn announce_unread(
        &self,
        message: &Message,
        conversation: &Conversation,
        known: &Known,
        now: Timestamp,
    ) -> Vec<Event> {
        match message.direction {
            Direction::Outbound => Vec::new(),
            Direction::Inbound => {
                let subject = Subject::Conversation {
                    contact: message.contact,
                    conversation,
                    deleted: false,
                };
                let kind = EventKind::ConversationUnreadUpdate;
                self.announce_contact((message.location, kind), &subject, known, now)
            }
        }
    }

    /// Whose it is: who was named, whom the identities find, or someone new.
    fn owner(&self, location: LocationKey, who: &Who, known: &Known, now: Timestamp) -> Result<Owner, Refusal> {
        let (contact, person) = match who {
            Who::Known(contact) => (Some(known.answering(*contact)), None),
            Who::Person(person) => {
                let mut all = person.identities.iter().flat_map(Identity::with_aliases);
                let found = all.find_map(|one| known.people.get(&(location, one)));
                (found.copied(), Some(person))
            }
        };
        let identities = person
            .map(|person| unknown(person, location, known))
            .unwrap_or_default();
        let Some(contact) = contact else {
            let person = person.ok_or(Refusal::NoSuchContact)?;
            if person.identities.is_empty() {
                return Err(Refusal::NoSuchMessage);
            }
            let key = ContactKey(self.keys.next(now));
            let new_contact = Some(new_contact(key, person));
            return Ok(Owner {
                contact: key,
                conversation: Conversation::empty(location),
                new_contact,
                identities,
            });
        };
        let conversation = known
            .conversations
            .get(&contact)
            .filter(|found| found.location == location);
        let conversation = conversation.cloned().ok_or(Refusal::NoSuchContact)?;
        Ok(Owner {
            contact,
            conversation,
            new_contact: None,
            identities,
        })
    }

    /// Finds the mail that a mail answers by the ids it names, where nothing else says which it is.
    fn answer(&self, email: &mut Email, change: &Change, contact: ContactKey, known: &Known) {
        if email.reply_to.is_some() {
            return;
        }
        let mut named = self.answered(change).filter_map(|hash| known.seen.get(&hash));
        let found = named.find_map(|seen| mail_of(contact, seen.message, known));
        if let Some(answered) = found {
            email.reply_to = Some(answered.key);
            email.thread = Some(answered.thread_root());
        }
    }

    fn to_keep(&self, change: &Change, message: &Message, known: &Known) -> Vec<(crate::seen::SeenHash, Seen)> {
        let seen = Seen {
            message: message.key,
            contact: message.contact,
            occurred_at: message.occurred_at,
            email: message.channel.is_email(),
            fingerprint: change.fingerprint,
        };
        self.hashes(change)
            .map(|hash| (known.free(hash), seen.clone()))
            .collect()
    }
}

/// What is known of a new message: it arrived or was sent, unless its provider is yet to send it.
fn first_status(detail: &Detail, now: Timestamp) -> MessageStatus {
    match &detail.handover {
        None => MessageStatus::Delivered,
        Some(handover) if handover.at.is_some_and(|at| at.timestamp() > now) => MessageStatus::Scheduled,
        Some(_) => MessageStatus::Pending,
    }
}

/// What identifies the person and is nobody's yet.
fn unknown(person: &Person, location: LocationKey, known: &Known) -> Vec<Identity> {
    let all = person.identities.iter().flat_map(Identity::with_aliases);
    all.filter(|one| !known.people.contains_key(&(location, one.clone())))
        .collect()
}

fn new_contact(key: ContactKey, person: &Person) -> NewContact {
    let first = |kind| {
        person
            .identities
            .iter()
            .find(|one| one.kind == kind)
            .map(|one| one.value.clone())
    };
    NewContact {
        key,
        name: person.name.clone(),
        phone: first(IdentityKind::Phone),
        email: first(IdentityKind::Email),
    }
}

/// Whether nobody is told of it: it is old, or was taken back before it came.
fn is_quiet(message: &Message) -> bool {
    message.detail.imported == Some(Imported::Silent) || message.detail.is_withdrawn()
}

fn is_under_way(message: &Message) -> bool {
    let call = message.detail.call.as_ref();
    call.is_some_and(|call| !call.status.is_final())
}

fn nothing_in(inbound: &Inbound) -> bool {
    let detail = &inbound.detail;
    let subject = detail
        .email
        .as_ref()
        .and_then(|email| email.subject.as_deref())
        .unwrap_or_default();
    let text = inbound.body.as_deref().unwrap_or_default();
    let no_file = detail.attachments.is_empty() && inbound.files.is_empty();
    text.trim().is_empty() && subject.trim().is_empty() && no_file && !inbound.channel.is_call()
}

/// The message's detail with its mail in its thread, and a call's status in its place.
fn threaded(inbound: &Inbound, contact: ContactKey, known: &Known) -> Result<Detail, Refusal> {
    let mut detail = inbound.detail.clone();
    if inbound.channel.is_call() && detail.call.is_none() {
        detail.call = Some(Call {
            status: crate::channel::CallStatus::Completed,
            duration: None,
            announced: false,
        });
    }
    if let Some(call) = &mut detail.call {
        call.announced = call.status.is_final();
    }
    let Some(email) = &mut detail.email else {
        return Ok(detail);
    };
    if let Some(answered) = email.reply_to {
        let answered = mail_of(contact, answered, known);
        email.thread = Some(answered.ok_or(Refusal::NoSuchEmail)?.thread_root());
    }
    Ok(detail)
}

/// A mail of this contact.
fn mail_of(contact: ContactKey, message: MessageKey, known: &Known) -> Option<&Message> {
    let found = known.messages.get(&message);
    found.filter(|found| found.contact == contact && found.channel.is_email())
}

/// The conversation with one more message.
fn after(mut conversation: Conversation, message: &Message) -> Conversation {
    conversation.last_seq = message.seq;
    conversation.last_message = Some(message.key);
    conversation.last_channel = Some(message.channel);
    conversation.last_at = conversation.last_at.max(message.occurred_at);
    if message.direction == Direction::Inbound && !is_quiet(message) {
        conversation.unread += 1;
    }
    conversation
}

/// The answer to a message that was just recorded.
pub(super) fn receipt(message: &Message) -> Receipt {
    Receipt {
        message: message.key,
        contact: message.contact,
        occurred_at: message.occurred_at,
        email: message.channel.is_email(),
        repeated: false,
        differs: false,
    }
}
