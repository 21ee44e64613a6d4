//! The ports as this room's tests need them, by hand: they remember what they were given, and can be told to fail.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    blobs::{Blobs, PendingMedia},
    chance::Chance,
    change::Change,
    clock::Clock,
    contact::{Alias, Contact, ContactQuery},
    contacts::Contacts,
    delivery::{Attempt, Delivery, Settlement},
    directory::{Directory, Entry, StoreFault},
    ids::{ContactKey, DeliveryKey, LocationKey, MessageKey, ProviderKey, RequestKey},
    inbox::{ConversationQuery, ConversationView, Inbox, MessagePage, MessageQuery, Tallies},
    intake::{Intake, Receipt, Refusal},
    journal::{Journal, KeptRequest, RequestQuery},
    message::Message,
    outbox::{DeliveryQuery, DeliveryView, Due, Outbox, Room},
    registry::Registry,
};

fn down() -> StoreFault {
    StoreFault::Unavailable("it is down".to_owned())
}

/// A clock that goes on only when it is told to.
#[derive(Debug, Default)]
pub(crate) struct HeldClock(AtomicU64);

impl HeldClock {
    pub(crate) fn pass(&self, seconds: u64) {
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

/// Takes changes in as the rule would: a repeat gets the first one's message.
#[derive(Debug, Default)]
pub(crate) struct FakeIntake {
    pub(crate) down: AtomicBool,
    /// What was submitted, by submission.
    pub(crate) batches: Mutex<Vec<Vec<Change>>>,
    seen: Mutex<HashMap<String, (MessageKey, i64)>>,
}

impl FakeIntake {
    fn take(&self, change: &Change) -> Result<Receipt, Refusal> {
        if self.down.load(Ordering::Relaxed) {
            return Err(Refusal::Unavailable("it is down".to_owned()));
        }
        let mut seen = self.seen.lock().unwrap();
        let next = MessageKey(i64::try_from(seen.len()).unwrap() + 1);
        let id = change.external_id().unwrap().to_owned();
        let repeated = seen.contains_key(&id);
        let (message, fingerprint) = *seen.entry(id).or_insert((next, change.fingerprint));
        Ok(Receipt {
            message,
            contact: ContactKey(1),
            occurred_at: Timestamp::UNIX_EPOCH,
            email: false,
            repeated,
            differs: fingerprint != change.fingerprint,
        })
    }
}

#[async_trait]
impl Intake for FakeIntake {
    async fn submit(&self, changes: Vec<Change>) -> Vec<Result<Receipt, Refusal>> {
        let answers = changes.iter().map(|change| self.take(change)).collect();
        self.batches.lock().unwrap().push(changes);
        answers
    }
}

#[derive(Debug, Default)]
pub(crate) struct FakeJournal {
    pub(crate) down: AtomicBool,
    pub(crate) kept: Mutex<Vec<KeptRequest>>,
}

#[async_trait]
impl Journal for FakeJournal {
    async fn keep(&self, request: KeptRequest) -> Result<(), StoreFault> {
        if self.down.load(Ordering::Relaxed) {
            return Err(down());
        }
        self.kept.lock().unwrap().push(request);
        Ok(())
    }

    async fn revise(&self, request: KeptRequest) -> Result<(), StoreFault> {
        let mut kept = self.kept.lock().unwrap();
        let known = kept.iter_mut().find(|known| known.key == request.key);
        *known.ok_or_else(down)? = request;
        Ok(())
    }

    async fn list(&self, _: &RequestQuery) -> Result<Vec<KeptRequest>, StoreFault> {
        Err(down())
    }

    async fn of_message(&self, _: MessageKey) -> Result<Option<KeptRequest>, StoreFault> {
        Err(down())
    }

    async fn show(&self, _key: RequestKey) -> Result<Option<KeptRequest>, StoreFault> {
        Err(down())
    }
}

#[derive(Debug)]
pub(crate) struct FixedDirectory(pub(crate) Arc<Registry>);

#[async_trait]
impl Directory for FixedDirectory {
    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.0)
    }

    async fn write(&self, _entry: Entry) -> Result<(), StoreFault> {
        Err(down())
    }

    async fn add_login(
        &self,
        _hash: [u8; 32],
        _: inlet_core::people::Whose,
        _until: Timestamp,
    ) -> Result<(), StoreFault> {
        Err(down())
    }

    async fn log_in(&self, _link: [u8; 32], _session: [u8; 32], _now: Timestamp) -> Result<bool, StoreFault> {
        Err(down())
    }

    async fn open_session(&self, _: [u8; 32], _: inlet_core::ids::UserKey, _: Timestamp) -> Result<(), StoreFault> {
        Err(down())
    }

    async fn session(&self, _: [u8; 32], _: Timestamp) -> Result<Option<inlet_core::people::Whose>, StoreFault> {
        Ok(None)
    }

    async fn log_out(&self, _hash: [u8; 32]) -> Result<(), StoreFault> {
        Err(down())
    }
}

/// What no webhook may ever ask: reading, sending, files, chance. Each answers that it is down.
#[derive(Debug)]
pub(crate) struct Closed;

#[async_trait]
impl Inbox for Closed {
    async fn message(&self, _location: LocationKey, _key: MessageKey) -> Result<Option<Message>, StoreFault> {
        Err(down())
    }

    async fn messages(&self, _query: &MessageQuery) -> Result<MessagePage, StoreFault> {
        Err(down())
    }

    async fn thread(&self, _location: LocationKey, _root: MessageKey) -> Result<Vec<MessageKey>, StoreFault> {
        Err(down())
    }

    async fn conversation(
        &self,
        _location: LocationKey,
        _key: ContactKey,
    ) -> Result<Option<ConversationView>, StoreFault> {
        Err(down())
    }

    async fn conversations(&self, _query: &ConversationQuery) -> Result<(Vec<ConversationView>, u64), StoreFault> {
        Err(down())
    }

    async fn tallies(&self, _: LocationKey) -> Result<Tallies, StoreFault> {
        Err(down())
    }

    async fn by_external_id(&self, _location: LocationKey, _external_id: &str) -> Result<Vec<Message>, StoreFault> {
        Err(down())
    }

    async fn owner(&self, _: LocationKey, _: &inlet_core::address::Identity) -> Result<Option<ContactKey>, StoreFault> {
        Err(down())
    }

    async fn by_identity(&self, _location: LocationKey, _value: &str) -> Result<Vec<ContactKey>, StoreFault> {
        Err(down())
    }

    async fn export(&self, _: &inlet_core::inbox::ExportQuery) -> Result<inlet_core::inbox::Export, StoreFault> {
        Ok(inlet_core::inbox::Export::default())
    }

    async fn overdue_calls(
        &self,
        _now: Timestamp,
        _limit: usize,
    ) -> Result<Vec<(LocationKey, ProviderKey, MessageKey)>, StoreFault> {
        Err(down())
    }
}

#[async_trait]
impl Outbox for Closed {
    async fn claim(&self, _now: Timestamp, _until: Timestamp, _rooms: &[Room]) -> Result<Vec<Delivery>, StoreFault> {
        Err(down())
    }

    async fn settle(&self, _settlements: Vec<Settlement>) -> Result<usize, StoreFault> {
        Err(down())
    }

    async fn recover(&self, _now: Timestamp) -> Result<usize, StoreFault> {
        Err(down())
    }

    async fn due(&self, _now: Timestamp) -> Result<Due, StoreFault> {
        Err(down())
    }

    async fn list(&self, _query: &DeliveryQuery) -> Result<Vec<DeliveryView>, StoreFault> {
        Err(down())
    }

    async fn show(&self, _key: DeliveryKey) -> Result<Option<(DeliveryView, String, Vec<Attempt>)>, StoreFault> {
        Err(down())
    }
}

#[async_trait]
impl Blobs for Closed {
    async fn put(&self, _location: LocationKey, _bytes: Vec<u8>) -> Result<String, StoreFault> {
        Err(down())
    }

    async fn get(&self, _location: LocationKey, _blob: &str) -> Result<Option<Vec<u8>>, StoreFault> {
        Err(down())
    }

    async fn pending(&self, _limit: usize) -> Result<Vec<PendingMedia>, StoreFault> {
        Err(down())
    }

    async fn postpone(&self, _media: &PendingMedia, _until: Timestamp) -> Result<(), StoreFault> {
        Err(down())
    }
}

impl Chance for Closed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

#[async_trait]
impl Contacts for Closed {
    async fn contact(&self, _location: LocationKey, _key: ContactKey) -> Result<Option<Contact>, StoreFault> {
        Ok(None)
    }

    async fn merged(&self, _location: LocationKey, _key: ContactKey) -> Result<Vec<Alias>, StoreFault> {
        Ok(Vec::new())
    }

    async fn find(&self, _query: &ContactQuery) -> Result<(Vec<Contact>, u64), StoreFault> {
        Ok((Vec::new(), 0))
    }
}
