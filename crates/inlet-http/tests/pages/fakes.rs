//! Ports held in memory, as a stage for the pages: what is on it is put there by hand.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    blobs::{Blobs, PendingMedia},
    chance::Chance,
    change::{Change, Mark, What},
    clock::Clock,
    contact::{Alias, Contact, ContactQuery},
    contacts::Contacts,
    delivery::{Attempt, Delivery, Settlement},
    directory::{Directory, Entry, StoreFault},
    ids::{ContactKey, DeliveryKey, LocationKey, MessageKey, ProviderKey, RequestKey, UserKey},
    inbox::{ConversationQuery, ConversationView, Inbox, MessagePage, MessageQuery, Tallies},
    intake::{Intake, Receipt, Refusal},
    journal::{Journal, KeptRequest, RequestQuery},
    message::Message,
    outbox::{DeliveryQuery, DeliveryView, Due, Outbox, Room},
    people::Whose,
    registry::Registry,
};

/// All ports at once.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) now: Mutex<Timestamp>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) contacts: Mutex<BTreeMap<ContactKey, ConversationView>>,
    pub(crate) messages: Mutex<Vec<Message>>,
    pub(crate) blobs: Mutex<HashMap<(LocationKey, String), Vec<u8>>>,
    pub(crate) links: Mutex<HashMap<[u8; 32], Timestamp>>,
    pub(crate) sessions: Mutex<HashSet<[u8; 32]>>,
    pub(crate) dice: Mutex<u8>,
    pub(crate) requests: Mutex<Vec<KeptRequest>>,
    pub(crate) deliveries: Mutex<Vec<(DeliveryView, Vec<Attempt>)>>,
}

impl Clock for Stage {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

impl Chance for Stage {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.dice.lock().unwrap();
        *dice = dice.wrapping_add(1);
        bytes.fill(*dice);
    }
}

impl Stage {
    fn of(&self, contact: ContactKey) -> Vec<Message> {
        let all = self.messages.lock().unwrap();
        let mut own: Vec<_> = all
            .iter()
            .filter(|message| message.contact == contact)
            .cloned()
            .collect();
        own.sort_by_key(|message| message.seq);
        own
    }

    fn view(&self, key: ContactKey) -> Option<ConversationView> {
        let mut view = self.contacts.lock().unwrap().get(&key)?.clone();
        let own = self.of(key);
        view.count = i64::try_from(own.len()).unwrap();
        view.last = own.into_iter().max_by_key(|message| (message.occurred_at, message.seq));
        view.last_at = view.last.as_ref().map_or(view.created_at, |last| last.occurred_at);
        Some(view)
    }
}

#[async_trait]
impl Inbox for Stage {
    async fn message(&self, location: LocationKey, key: MessageKey) -> Result<Option<Message>, StoreFault> {
        let all = self.messages.lock().unwrap();
        let found = all
            .iter()
            .find(|message| message.key == key && message.location == location);
        Ok(found.cloned())
    }

    async fn messages(&self, query: &MessageQuery) -> Result<MessagePage, StoreFault> {
        let mut own = self.of(query.contact);
        own.retain(|message| message.location == query.location);
        own.reverse();
        if let Some(before) = query.before {
            let seq = own
                .iter()
                .find(|message| message.key == before)
                .map_or(0, |found| found.seq);
            own.retain(|message| message.seq < seq);
        }
        let more = own.len() > query.limit;
        own.truncate(query.limit);
        Ok(MessagePage { messages: own, more })
    }

    async fn thread(&self, _: LocationKey, _: MessageKey) -> Result<Vec<MessageKey>, StoreFault> {
        Ok(Vec::new())
    }

    async fn conversation(
        &self,
        location: LocationKey,
        key: ContactKey,
    ) -> Result<Option<ConversationView>, StoreFault> {
        Ok(self.view(key).filter(|view| view.location == location))
    }

    async fn conversations(&self, query: &ConversationQuery) -> Result<(Vec<ConversationView>, u64), StoreFault> {
        let keys: Vec<_> = self.contacts.lock().unwrap().keys().copied().collect();
        let mut views: Vec<_> = keys.into_iter().filter_map(|key| self.view(key)).collect();
        views.retain(|view| view.location == query.location);
        views.retain(|view| {
            query.contact.is_none_or(|contact| view.key == contact)
                && query.unread.is_none_or(|unread| (view.unread > 0) == unread)
                && query
                    .text
                    .as_ref()
                    .is_none_or(|text| view.name.as_ref().is_some_and(|name| name.contains(text)))
                && query.starred.is_none_or(|starred| view.starred == starred)
                && query.since.is_none_or(|since| view.last_at >= since)
                && query.until.is_none_or(|until| view.last_at < until)
        });
        let last_channel = |view: &ConversationView| view.last.as_ref().map(|last| last.channel);
        views.retain(|view| {
            query.last_channels.is_empty() || last_channel(view).is_some_and(|one| query.last_channels.contains(&one))
        });
        let total = u64::try_from(views.len()).unwrap();
        views.sort_by_key(|view| (std::cmp::Reverse(view.last_at), std::cmp::Reverse(view.key)));
        if let Some((at, key)) = query.after {
            views.retain(|view| (view.last_at, Some(view.key)) < (at, key));
        }
        views.truncate(query.limit);
        Ok((views, total))
    }

    async fn tallies(&self, location: LocationKey) -> Result<Tallies, StoreFault> {
        let contacts = self.contacts.lock().unwrap();
        let count = |wanted: fn(&ConversationView) -> bool| {
            let found = contacts
                .values()
                .filter(|view| view.location == location && wanted(view));
            u64::try_from(found.count()).unwrap()
        };
        Ok(Tallies {
            unread: count(|view| view.unread > 0),
            starred: count(|view| view.starred),
        })
    }

    async fn by_external_id(&self, _: LocationKey, _: &str) -> Result<Vec<Message>, StoreFault> {
        Ok(Vec::new())
    }

    async fn owner(&self, _: LocationKey, _: &inlet_core::address::Identity) -> Result<Option<ContactKey>, StoreFault> {
        Ok(None)
    }

    async fn by_identity(&self, _: LocationKey, _: &str) -> Result<Vec<ContactKey>, StoreFault> {
        Ok(Vec::new())
    }

    async fn export(&self, _: &inlet_core::inbox::ExportQuery) -> Result<inlet_core::inbox::Export, StoreFault> {
        Ok(inlet_core::inbox::Export::default())
    }

    async fn overdue_calls(
        &self,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<(LocationKey, ProviderKey, MessageKey)>, StoreFault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Directory for Stage {
    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry)
    }

    async fn write(&self, _: Entry) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn add_login(&self, hash: [u8; 32], _: Whose, until: Timestamp) -> Result<(), StoreFault> {
        self.links.lock().unwrap().insert(hash, until);
        Ok(())
    }

    async fn log_in(&self, link: [u8; 32], session: [u8; 32], now: Timestamp) -> Result<bool, StoreFault> {
        let until = self.links.lock().unwrap().remove(&link);
        let good = until.is_some_and(|until| now < until);
        if good {
            self.sessions.lock().unwrap().insert(session);
        }
        Ok(good)
    }

    async fn open_session(&self, session: [u8; 32], _: UserKey, _: Timestamp) -> Result<(), StoreFault> {
        self.sessions.lock().unwrap().insert(session);
        Ok(())
    }

    async fn session(&self, hash: [u8; 32], _: Timestamp) -> Result<Option<Whose>, StoreFault> {
        let open = self.sessions.lock().unwrap().contains(&hash);
        Ok(open.then_some(Whose::Operator))
    }

    async fn log_out(&self, hash: [u8; 32]) -> Result<(), StoreFault> {
        self.sessions.lock().unwrap().remove(&hash);
        Ok(())
    }
}

#[async_trait]
impl Blobs for Stage {
    async fn put(&self, location: LocationKey, bytes: Vec<u8>) -> Result<String, StoreFault> {
        let mut blobs = self.blobs.lock().unwrap();
        let name = format!("{:064x}", blobs.len());
        blobs.insert((location, name.clone()), bytes);
        Ok(name)
    }

    async fn get(&self, location: LocationKey, blob: &str) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self.blobs.lock().unwrap().get(&(location, blob.to_owned())).cloned())
    }

    async fn pending(&self, _: usize) -> Result<Vec<PendingMedia>, StoreFault> {
        Ok(Vec::new())
    }

    async fn postpone(&self, _: &PendingMedia, _: Timestamp) -> Result<(), StoreFault> {
        Ok(())
    }
}

/// The pages only mark conversations.
#[async_trait]
impl Intake for Stage {
    async fn submit(&self, changes: Vec<Change>) -> Vec<Result<Receipt, Refusal>> {
        let mut contacts = self.contacts.lock().unwrap();
        let answers = changes.into_iter().map(|change| {
            let What::Mark { contact, mark } = change.what else {
                return Err(Refusal::Nothing);
            };
            let view = contacts.get_mut(&contact).ok_or(Refusal::NoSuchContact)?;
            match mark {
                Mark::Read => view.unread = 0,
                Mark::Unread => view.unread = view.unread.max(1),
                Mark::Starred => view.starred = true,
                Mark::Unstarred => view.starred = false,
                Mark::Count(count) => view.unread = count.into(),
            }
            Ok(Receipt {
                message: MessageKey(0),
                contact,
                occurred_at: view.last_at,
                email: false,
                repeated: false,
                differs: false,
            })
        });
        answers.collect()
    }
}

/// What the outbox has is put there by hand.
#[async_trait]
impl Outbox for Stage {
    async fn claim(&self, _: Timestamp, _: Timestamp, _: &[Room]) -> Result<Vec<Delivery>, StoreFault> {
        Ok(Vec::new())
    }

    async fn settle(&self, _: Vec<Settlement>) -> Result<usize, StoreFault> {
        Ok(0)
    }

    async fn recover(&self, _: Timestamp) -> Result<usize, StoreFault> {
        Ok(0)
    }

    async fn due(&self, _: Timestamp) -> Result<Due, StoreFault> {
        Ok(Due::default())
    }

    async fn list(&self, query: &DeliveryQuery) -> Result<Vec<DeliveryView>, StoreFault> {
        let all = self.deliveries.lock().unwrap();
        let own = all
            .iter()
            .filter(|(view, _)| query.message.is_none_or(|message| view.message == Some(message)));
        Ok(own.map(|(view, _)| view.clone()).collect())
    }

    async fn show(&self, key: DeliveryKey) -> Result<Option<(DeliveryView, String, Vec<Attempt>)>, StoreFault> {
        let all = self.deliveries.lock().unwrap();
        let found = all.iter().find(|(view, _)| view.key == key).cloned();
        Ok(found.map(|(view, attempts)| (view, "{}".to_owned(), attempts)))
    }
}

/// What the journal has is put there by hand.
#[async_trait]
impl Journal for Stage {
    async fn keep(&self, _: KeptRequest) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn revise(&self, _: KeptRequest) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn list(&self, _: &RequestQuery) -> Result<Vec<KeptRequest>, StoreFault> {
        Ok(Vec::new())
    }

    async fn of_message(&self, message: MessageKey) -> Result<Option<KeptRequest>, StoreFault> {
        let kept = self.requests.lock().unwrap();
        Ok(kept.iter().find(|one| one.messages.contains(&message)).cloned())
    }

    async fn show(&self, _: RequestKey) -> Result<Option<KeptRequest>, StoreFault> {
        Ok(None)
    }
}

#[async_trait]
impl Contacts for Stage {
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
