//! The model: what a location holds, kept in plain maps, and what each change must be answered.

use std::collections::BTreeMap;

use inlet_core::{
    Timestamp,
    address::Identity,
    change::{Change, Mark, What},
    channel::{CallStatus, Channel, Direction, MessageStatus},
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, LocationKey, MessageKey},
    inbound::{Inbound, Who},
    intake::{Receipt, Refusal},
    seen::SeenKind,
};

use super::promises::Promised;

/// The answer to one change.
pub(super) type Answer = Result<Receipt, Refusal>;

#[derive(Debug)]
pub(super) struct Memory {
    pub(super) here: LocationKey,
    /// A destination that hears all, unordered, and one that hears what comes in, in strict order.
    pub(super) all: DestinationKey,
    pub(super) strict: DestinationKey,
    /// A contact of another location.
    pub(super) stranger: ContactKey,
    pub(super) people: BTreeMap<ContactKey, Person>,
    pub(super) holders: BTreeMap<Identity, ContactKey>,
    pub(super) messages: BTreeMap<MessageKey, Message>,
    pub(super) seen: BTreeMap<(bool, String), Seen>,
    /// What was announced and must be found as promises.
    pub(super) announced: Vec<Announced>,
    pub(super) promises: BTreeMap<DeliveryKey, Promised>,
    pub(super) lanes: BTreeMap<ContactKey, Vec<DeliveryKey>>,
    /// The last key that anything new was given: keys only grow.
    last_key: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Announced {
    pub(super) kind: EventKind,
    pub(super) contact: ContactKey,
    pub(super) message: Option<MessageKey>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Person {
    pub(super) name: Option<String>,
    /// The first name, which a whole name that is given brings with it.
    pub(super) first: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) city: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) dnd: bool,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) talk: Option<Talk>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Talk {
    pub(super) messages: Vec<MessageKey>,
    pub(super) unread: i64,
    pub(super) starred: bool,
    pub(super) last_at: Timestamp,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Message {
    pub(super) contact: ContactKey,
    pub(super) channel: Channel,
    pub(super) direction: Direction,
    pub(super) status: MessageStatus,
    pub(super) body: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) occurred_at: Timestamp,
    pub(super) created_at: Timestamp,
    /// How the call stands, and whether it was announced.
    pub(super) call: Option<(CallStatus, bool)>,
}

#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) receipt: Receipt,
    pub(super) fingerprint: i64,
}

impl Memory {
    pub(super) fn new(here: LocationKey, all: DestinationKey, strict: DestinationKey, stranger: ContactKey) -> Self {
        Self {
            here,
            all,
            strict,
            stranger,
            people: BTreeMap::new(),
            holders: BTreeMap::new(),
            messages: BTreeMap::new(),
            seen: BTreeMap::new(),
            announced: Vec::new(),
            promises: BTreeMap::new(),
            lanes: BTreeMap::new(),
            last_key: 0,
        }
    }

    /// Does what a change asks for, and compares what was answered. New keys are taken from the answer.
    pub(super) fn hear(&mut self, change: &Change, answer: &Answer, now: Timestamp) -> Result<(), String> {
        let expected = match &change.what {
            What::Message(inbound) => self.message(change, inbound, answer, now)?,
            What::Status { message, status, .. } => self.status(*message, *status),
            What::Call { message, status, .. } => self.call(*message, *status),
            What::Mark { contact, mark } => self.mark(*contact, *mark),
            What::Contact(of) => self.contact(of, answer, now)?,
            What::CallOverdue { .. } | What::Media { .. } | What::Attachments { .. } => panic!("no step makes these"),
        };
        same("the answer", answer, &expected)
    }

    pub(super) fn announce(&mut self, kind: EventKind, contact: ContactKey, message: Option<MessageKey>) {
        self.announced.push(Announced { kind, contact, message });
    }

    /// A new key comes after all that were there.
    pub(super) fn new_key(&mut self, key: i64) -> Result<(), String> {
        if key <= self.last_key {
            return Err(format!("key {key} is not after {}", self.last_key));
        }
        self.last_key = key;
        Ok(())
    }

    fn message(
        &mut self,
        change: &Change,
        inbound: &Inbound,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<Answer, String> {
        if let Some(answer) = self.repeat(change) {
            return Ok(answer);
        }
        if inbound.body.as_deref().is_none_or(|body| body.trim().is_empty()) && inbound.channel != Channel::Call {
            return Ok(Err(Refusal::Nothing));
        }
        let (contact, is_new) = match &inbound.who {
            Who::Known(contact) if self.people.contains_key(contact) => (*contact, false),
            Who::Known(_) => return Ok(Err(Refusal::NoSuchContact)),
            Who::Person(person) => {
                let holder = person.identities.iter().find_map(|one| self.holders.get(one));
                match (holder, answer) {
                    (Some(holder), _) => (*holder, false),
                    (None, Ok(receipt)) => (receipt.contact, true),
                    (None, Err(refused)) => return Err(format!("someone new is refused: {refused}")),
                }
            }
        };
        let Ok(receipt) = answer else {
            return Err(format!("a message is refused: {answer:?}"));
        };
        if let Who::Person(person) = &inbound.who {
            if is_new {
                self.new_key(contact.0)?;
                self.people.insert(contact, Person::new(person, now));
            }
            for one in &person.identities {
                self.holders.entry(one.clone()).or_insert(contact);
            }
        }
        self.new_key(receipt.message.0)?;
        if is_new {
            self.announce(EventKind::ContactCreate, contact, None);
        }
        Ok(Ok(self.record(change, inbound, (contact, receipt.message), now)))
    }

    fn repeat(&self, change: &Change) -> Option<Answer> {
        let once = |kind| kind == SeenKind::Idempotency;
        let mut found = change.keys.iter().filter_map(|key| {
            let seen = self.seen.get(&(once(key.kind), key.id.clone()))?;
            Some((once(key.kind), seen))
        });
        let (once, seen) = found.next()?;
        let differs = seen.fingerprint != change.fingerprint;
        if once && differs {
            return Some(Err(Refusal::KeyReused));
        }
        Some(Ok(Receipt {
            repeated: true,
            differs,
            ..seen.receipt.clone()
        }))
    }

    fn record(
        &mut self,
        change: &Change,
        inbound: &Inbound,
        (contact, key): (ContactKey, MessageKey),
        now: Timestamp,
    ) -> Receipt {
        let said = inbound.detail.call.as_ref().map(|call| call.status);
        let call = (inbound.channel == Channel::Call).then(|| said.unwrap_or(CallStatus::Completed));
        let message = Message {
            contact,
            channel: inbound.channel,
            direction: inbound.direction,
            status: MessageStatus::Delivered,
            body: inbound.body.clone(),
            external_id: change.external_id().map(str::to_owned),
            occurred_at: inbound.occurred_at.unwrap_or(now),
            created_at: now,
            call: call.map(|status| (status, status.is_final())),
        };
        if message.call.is_none_or(|(_, announced)| announced) {
            self.announce(word(message.direction), contact, Some(key));
        }
        let talk = self.people.get_mut(&contact).unwrap().talk.get_or_insert(Talk {
            messages: Vec::new(),
            unread: 0,
            starred: false,
            last_at: message.occurred_at,
        });
        talk.messages.push(key);
        talk.last_at = talk.last_at.max(message.occurred_at);
        if message.direction == Direction::Inbound {
            talk.unread += 1;
            self.announce(EventKind::ConversationUnreadUpdate, contact, None);
        }
        let receipt = Receipt {
            message: key,
            contact,
            occurred_at: message.occurred_at,
            email: message.channel == Channel::Email,
            repeated: false,
            differs: false,
        };
        for one in &change.keys {
            let seen = Seen {
                receipt: receipt.clone(),
                fingerprint: change.fingerprint,
            };
            self.seen
                .insert((one.kind == SeenKind::Idempotency, one.id.clone()), seen);
        }
        self.messages.insert(key, message);
        receipt
    }

    fn status(&mut self, key: MessageKey, status: MessageStatus) -> Answer {
        let message = self.messages.get_mut(&key).ok_or(Refusal::NoSuchMessage)?;
        if status.rank() <= message.status.rank() {
            return Err(Refusal::Stale);
        }
        message.status = status;
        Ok(message.receipt(key))
    }

    fn call(&mut self, key: MessageKey, status: CallStatus) -> Answer {
        let message = self.messages.get_mut(&key).ok_or(Refusal::NoSuchMessage)?;
        let (before, announced) = message.call.as_mut().ok_or(Refusal::NoSuchMessage)?;
        if status.rank() <= before.rank() {
            return Err(Refusal::Stale);
        }
        *before = status;
        let over = status.is_final() && !*announced;
        *announced |= over;
        let (receipt, kind, contact) = (message.receipt(key), word(message.direction), message.contact);
        if over {
            self.announce(kind, contact, Some(key));
        }
        Ok(receipt)
    }

    fn mark(&mut self, contact: ContactKey, mark: Mark) -> Answer {
        let talk = self.people.get_mut(&contact).and_then(|person| person.talk.as_mut());
        let talk = talk.ok_or(Refusal::NoSuchContact)?;
        let before = talk.clone();
        match mark {
            Mark::Read => talk.unread = 0,
            Mark::Unread => talk.unread = talk.unread.max(1),
            Mark::Starred => talk.starred = true,
            Mark::Unstarred => talk.starred = false,
            Mark::Count(count) => talk.unread = count.into(),
        }
        let last = *talk.messages.last().unwrap();
        let (repeated, occurred_at) = (*talk == before, talk.last_at);
        if !repeated {
            self.announce(EventKind::ConversationUnreadUpdate, contact, None);
        }
        Ok(Receipt {
            occurred_at,
            repeated,
            ..self.messages[&last].receipt(last)
        })
    }
}

impl Message {
    fn receipt(&self, key: MessageKey) -> Receipt {
        Receipt {
            message: key,
            contact: self.contact,
            occurred_at: self.occurred_at,
            email: self.channel == Channel::Email,
            repeated: false,
            differs: false,
        }
    }
}

fn word(direction: Direction) -> EventKind {
    match direction {
        Direction::Inbound => EventKind::InboundMessage,
        Direction::Outbound => EventKind::OutboundMessage,
    }
}

/// What the store says must be what the model says.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, store: &T, model: &T) -> Result<(), String> {
    if store == model {
        return Ok(());
    }
    Err(format!("{what}: the store says {store:?}, the model {model:?}"))
}
