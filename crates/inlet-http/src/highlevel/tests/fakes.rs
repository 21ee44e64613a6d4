//! The ports as these tests need them, by hand: an intake that can be told what to answer, an inbox with two
//! conversations, and nothing behind the ports that this door never asks.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    blobs::{Blobs, PendingMedia},
    chance::Chance,
    change::{Change, What},
    clock::Clock,
    contact::{Alias, Contact, ContactQuery},
    contacts::Contacts,
    delivery::{Attempt, Delivery, Settlement},
    directory::{Directory, Entry, StoreFault},
    ids::{ContactKey, DeliveryKey, LocationKey, MessageKey, ProviderKey, RequestKey},
    inbox::{ConversationQuery, ConversationView, Inbox, MessagePage, MessageQuery},
    intake::{Intake, Receipt, Refusal},
    journal::{Journal, KeptRequest, RequestQuery},
    message::Message,
    outbox::{DeliveryQuery, DeliveryView, Due, Outbox, Room},
    registry::Registry,
};

fn closed<T>() -> Result<T, StoreFault> {
    Err(StoreFault::Unavailable("nothing is behind this port".to_owned()))
}

/// A clock that goes on only when it is told to.
#[derive(Debug, Default)]
pub(super) struct HeldClock(AtomicU64);

impl HeldClock {
    pub(super) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap() + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// Counts up, so that no two trace ids are the same.
#[derive(Debug, Default)]
pub(super) struct CountingChance(AtomicU64);

impl Chance for CountingChance {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.fill(0);
        bytes.iter_mut().zip(count).for_each(|(byte, count)| *byte = count);
    }
}

/// Records every message as the next one, unless it is told how to refuse or what to call a repeat.
#[derive(Debug, Default)]
pub(super) struct FakeIntake {
    pub(super) refuse: Mutex<Option<Refusal>>,
    pub(super) differs: Mutex<bool>,
    pub(super) changes: Mutex<Vec<Change>>,
}

#[async_trait]
impl Intake for FakeIntake {
    async fn submit(&self, changes: Vec<Change>) -> Vec<Result<Receipt, Refusal>> {
        if let Some(refusal) = self.refuse.lock().unwrap().clone() {
            return changes.iter().map(|_| Err(refusal.clone())).collect();
        }
        let mut stored = self.changes.lock().unwrap();
        stored.extend(changes.iter().cloned());
        let differs = *self.differs.lock().unwrap();
        let receipt = |change: &Change| {
            let What::Message(inbound) = &change.what else {
                panic!("not a message")
            };
            Receipt {
                message: MessageKey(7),
                contact: ContactKey(5),
                occurred_at: inbound.occurred_at.unwrap_or(Timestamp::UNIX_EPOCH),
                email: inbound.channel.is_email(),
                repeated: differs,
                differs,
            }
        };
        changes.iter().map(|change| Ok(receipt(change))).collect()
    }
}

/// Messages and conversations, each at its location.
#[derive(Debug, Default)]
pub(super) struct FakeInbox {
    pub(super) messages: Vec<Message>,
    pub(super) conversations: HashMap<ContactKey, ConversationView>,
}

#[async_trait]
impl Inbox for FakeInbox {
    async fn message(&self, location: LocationKey, key: MessageKey) -> Result<Option<Message>, StoreFault> {
        let mut here = self.messages.iter().filter(|message| message.location == location);
        Ok(here.find(|message| message.key == key).cloned())
    }

    async fn messages(&self, query: &MessageQuery) -> Result<MessagePage, StoreFault> {
        let fits = |message: &&Message| {
            message.location == query.location
                && message.contact == query.contact
                && query.before.is_none_or(|before| message.key < before)
        };
        let mut messages: Vec<_> = self.messages.iter().filter(fits).cloned().collect();
        messages.sort_by_key(|message| std::cmp::Reverse(message.seq));
        let more = messages.len() > query.limit;
        messages.truncate(query.limit);
        Ok(MessagePage { messages, more })
    }

    async fn thread(&self, _location: LocationKey, _root: MessageKey) -> Result<Vec<MessageKey>, StoreFault> {
        closed()
    }

    async fn conversation(
        &self,
        location: LocationKey,
        key: ContactKey,
    ) -> Result<Option<ConversationView>, StoreFault> {
        let found = self.conversations.get(&key);
        Ok(found.filter(|view| view.location == location).cloned())
    }

    async fn conversations(&self, query: &ConversationQuery) -> Result<(Vec<ConversationView>, u64), StoreFault> {
        let here = self
            .conversations
            .values()
            .filter(|view| view.location == query.location)
            .filter(|view| query.starred.is_none_or(|starred| view.starred == starred));
        let found: Vec<_> = here.cloned().collect();
        let total = found.len().try_into().unwrap();
        Ok((found, total))
    }

    async fn tallies(&self, _: LocationKey) -> Result<inlet_core::inbox::Tallies, StoreFault> {
        Ok(inlet_core::inbox::Tallies::default())
    }

    async fn by_external_id(&self, _location: LocationKey, _external_id: &str) -> Result<Vec<Message>, StoreFault> {
        closed()
    }

    async fn owner(&self, _: LocationKey, _: &inlet_core::address::Identity) -> Result<Option<ContactKey>, StoreFault> {
        closed()
    }

    async fn by_identity(&self, _location: LocationKey, _value: &str) -> Result<Vec<ContactKey>, StoreFault> {
        closed()
    }

    async fn export(&self, _: &inlet_core::inbox::ExportQuery) -> Result<inlet_core::inbox::Export, StoreFault> {
        Ok(inlet_core::inbox::Export::default())
    }

    async fn overdue_calls(
        &self,
        _now: Timestamp,
        _limit: usize,
    ) -> Result<Vec<(LocationKey, ProviderKey, MessageKey)>, StoreFault> {
        closed()
    }
}

/// Remembers what it was given to keep.
#[derive(Debug, Default)]
pub(super) struct FakeJournal(pub(super) Mutex<Vec<KeptRequest>>);

#[async_trait]
impl Journal for FakeJournal {
    async fn keep(&self, request: KeptRequest) -> Result<(), StoreFault> {
        self.0.lock().unwrap().push(request);
        Ok(())
    }

    async fn revise(&self, _request: KeptRequest) -> Result<(), StoreFault> {
        closed()
    }

    async fn list(&self, _: &RequestQuery) -> Result<Vec<KeptRequest>, StoreFault> {
        closed()
    }

    async fn of_message(&self, _: MessageKey) -> Result<Option<KeptRequest>, StoreFault> {
        Ok(None)
    }

    async fn show(&self, _: RequestKey) -> Result<Option<KeptRequest>, StoreFault> {
        closed()
    }
}

#[derive(Debug)]
pub(super) struct FixedDirectory(pub(super) Arc<Registry>);

#[async_trait]
impl Directory for FixedDirectory {
    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.0)
    }

    async fn write(&self, _entry: Entry) -> Result<(), StoreFault> {
        closed()
    }

    async fn add_login(
        &self,
        _hash: [u8; 32],
        _: inlet_core::people::Whose,
        _until: Timestamp,
    ) -> Result<(), StoreFault> {
        closed()
    }

    async fn log_in(&self, _link: [u8; 32], _session: [u8; 32], _now: Timestamp) -> Result<bool, StoreFault> {
        closed()
    }

    async fn open_session(&self, _: [u8; 32], _: inlet_core::ids::UserKey, _: Timestamp) -> Result<(), StoreFault> {
        closed()
    }

    async fn session(&self, _: [u8; 32], _: Timestamp) -> Result<Option<inlet_core::people::Whose>, StoreFault> {
        closed()
    }

    async fn log_out(&self, _hash: [u8; 32]) -> Result<(), StoreFault> {
        closed()
    }
}

/// The ports that this door never asks.
#[derive(Debug)]
pub(super) struct Closed;

#[async_trait]
impl Outbox for Closed {
    async fn claim(&self, _now: Timestamp, _until: Timestamp, _rooms: &[Room]) -> Result<Vec<Delivery>, StoreFault> {
        closed()
    }

    async fn settle(&self, _settlements: Vec<Settlement>) -> Result<usize, StoreFault> {
        closed()
    }

    async fn recover(&self, _now: Timestamp) -> Result<usize, StoreFault> {
        closed()
    }

    async fn due(&self, _now: Timestamp) -> Result<Due, StoreFault> {
        closed()
    }

    async fn list(&self, _query: &DeliveryQuery) -> Result<Vec<DeliveryView>, StoreFault> {
        closed()
    }

    async fn show(&self, _key: DeliveryKey) -> Result<Option<(DeliveryView, String, Vec<Attempt>)>, StoreFault> {
        closed()
    }
}

#[async_trait]
impl Blobs for Closed {
    async fn put(&self, _location: LocationKey, _bytes: Vec<u8>) -> Result<String, StoreFault> {
        closed()
    }

    async fn get(&self, _location: LocationKey, _blob: &str) -> Result<Option<Vec<u8>>, StoreFault> {
        closed()
    }

    async fn pending(&self, _limit: usize) -> Result<Vec<PendingMedia>, StoreFault> {
        closed()
    }

    async fn postpone(&self, _media: &PendingMedia, _until: Timestamp) -> Result<(), StoreFault> {
        closed()
    }
}

#[async_trait]
impl Contacts for Closed {
    async fn contact(&self, _location: LocationKey, _key: ContactKey) -> Result<Option<Contact>, StoreFault> {
        closed()
    }

    async fn merged(&self, _location: LocationKey, _key: ContactKey) -> Result<Vec<Alias>, StoreFault> {
        closed()
    }

    async fn find(&self, _query: &ContactQuery) -> Result<(Vec<Contact>, u64), StoreFault> {
        closed()
    }
}
