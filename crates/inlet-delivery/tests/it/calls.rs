//! Calls that go on are announced.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    change::What,
    clock::Clock,
    directory::StoreFault,
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    inbox::{ConversationQuery, ConversationView, Inbox, MessagePage, MessageQuery, Tallies},
    intake::Refusal,
    message::Message,
};
use inlet_delivery::calls::Calls;

use crate::support::{StillClock, media::Notebook};

/// An inbox that knows of overdue calls, and what it was asked.
#[derive(Debug)]
struct CallInbox {
    overdue: Vec<(LocationKey, ProviderKey, MessageKey)>,
    asked: Mutex<Vec<Timestamp>>,
}

#[async_trait]
impl Inbox for CallInbox {
    async fn message(&self, _: LocationKey, _: MessageKey) -> Result<Option<Message>, StoreFault> {
        panic!("nobody asks here")
    }

    async fn messages(&self, _: &MessageQuery) -> Result<MessagePage, StoreFault> {
        panic!("nobody asks here")
    }

    async fn thread(&self, _: LocationKey, _: MessageKey) -> Result<Vec<MessageKey>, StoreFault> {
        panic!("nobody asks here")
    }

    async fn conversation(&self, _: LocationKey, _: ContactKey) -> Result<Option<ConversationView>, StoreFault> {
        panic!("nobody asks here")
    }

    async fn conversations(&self, _: &ConversationQuery) -> Result<(Vec<ConversationView>, u64), StoreFault> {
        panic!("nobody asks here")
    }

    async fn tallies(&self, _: LocationKey) -> Result<Tallies, StoreFault> {
        panic!("nobody asks here")
    }

    async fn by_external_id(&self, _: LocationKey, _: &str) -> Result<Vec<Message>, StoreFault> {
        panic!("nobody asks here")
    }

    async fn owner(&self, _: LocationKey, _: &inlet_core::address::Identity) -> Result<Option<ContactKey>, StoreFault> {
        panic!("nobody asks here")
    }

    async fn by_identity(&self, _: LocationKey, _: &str) -> Result<Vec<ContactKey>, StoreFault> {
        panic!("nobody asks here")
    }

    async fn export(&self, _: &inlet_core::inbox::ExportQuery) -> Result<inlet_core::inbox::Export, StoreFault> {
        Ok(inlet_core::inbox::Export::default())
    }

    async fn overdue_calls(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(LocationKey, ProviderKey, MessageKey)>, StoreFault> {
        self.asked.lock().unwrap().push(now);
        Ok(self.overdue.iter().take(limit).copied().collect())
    }
}

fn calls(refuse: Option<Refusal>) -> (Calls, Arc<Notebook>, Arc<CallInbox>) {
    let overdue = [(1, 10, 100), (2, 20, 200)];
    let keys = |(location, provider, message)| (LocationKey(location), ProviderKey(provider), MessageKey(message));
    let inbox = Arc::new(CallInbox {
        overdue: overdue.map(keys).to_vec(),
        asked: Mutex::default(),
    });
    let intake = Arc::new(Notebook {
        refuse,
        ..Notebook::default()
    });
    let calls = Calls {
        inbox: Arc::<CallInbox>::clone(&inbox),
        intake: Arc::<Notebook>::clone(&intake),
        clock: StillClock::new(),
    };
    (calls, intake, inbox)
}

#[tokio::test]
async fn each_overdue_call_is_announced_at_its_location() {
    let (calls, intake, inbox) = calls(None);
    assert_eq!(calls.turn().await, Ok(2));
    assert_eq!(*inbox.asked.lock().unwrap(), [StillClock::new().now()]);
    let changes = intake.changes.lock().unwrap();
    for (change, (location, provider, message)) in changes.iter().zip(&inbox.overdue) {
        assert_eq!((change.location, change.provider), (*location, *provider));
        assert_eq!(change.what, What::CallOverdue { message: *message });
    }
    assert_eq!(changes.len(), 2);
}

#[tokio::test]
async fn a_call_that_just_ended_is_no_fault_but_a_store_that_is_down_is() {
    assert_eq!(calls(Some(Refusal::Stale)).0.turn().await, Ok(2));
    let down = Refusal::Unavailable("it is being tested".to_owned());
    assert!(calls(Some(down)).0.turn().await.is_err());
}
