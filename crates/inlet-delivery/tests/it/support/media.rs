//! Files in memory, an intake that remembers, and a vendor whose files need a password.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Fetch, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified, WebhookRequest,
    },
    blobs::{Blobs, PendingMedia},
    change::{Change, What},
    channel::Channel,
    directory::StoreFault,
    ids::{ContactKey, EndpointKey, LocationKey, MessageKey, ProviderKey},
    inbound::{MediaState, Strength},
    intake::{Intake, Receipt, Refusal},
    registry::{Endpoint, Provider, ProviderKind},
    secret::Secret,
};

/// Files that wait and files that are kept.
#[derive(Debug, Default)]
pub(crate) struct MemoryBlobs {
    pub(crate) pending: Mutex<Vec<PendingMedia>>,
    pub(crate) kept: Mutex<Vec<Vec<u8>>>,
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put(&self, _: LocationKey, bytes: Vec<u8>) -> Result<String, StoreFault> {
        let mut kept = self.kept.lock().unwrap();
        kept.push(bytes);
        Ok(format!("blob-{}", kept.len()))
    }

    async fn get(&self, _: LocationKey, _: &str) -> Result<Option<Vec<u8>>, StoreFault> {
        panic!("nobody reads here")
    }

    async fn pending(&self, limit: usize) -> Result<Vec<PendingMedia>, StoreFault> {
        Ok(self.pending.lock().unwrap().iter().take(limit).cloned().collect())
    }

    async fn postpone(&self, media: &PendingMedia, until: Timestamp) -> Result<(), StoreFault> {
        let mut pending = self.pending.lock().unwrap();
        let row = pending.iter_mut().find(|row| row.message == media.message).unwrap();
        row.tries += 1;
        row.due_at = until;
        Ok(())
    }
}

/// An intake that takes everything in, and no longer lets wait what a change settles.
#[derive(Debug, Default)]
pub(crate) struct Notebook {
    pub(crate) blobs: Arc<MemoryBlobs>,
    pub(crate) changes: Mutex<Vec<Change>>,
    pub(crate) refuse: Option<Refusal>,
}

impl Notebook {
    pub(crate) fn states(&self) -> Vec<MediaState> {
        let changes = self.changes.lock().unwrap();
        let state = |change: &Change| match &change.what {
            What::Media { state, .. } => Some(state.clone()),
            What::Message(_)
            | What::Status { .. }
            | What::Call { .. }
            | What::CallOverdue { .. }
            | What::Attachments { .. }
            | What::Mark { .. }
            | What::Contact(_) => None,
        };
        changes.iter().filter_map(state).collect()
    }
}

#[async_trait]
impl Intake for Notebook {
    async fn submit(&self, changes: Vec<Change>) -> Vec<Result<Receipt, Refusal>> {
        let answer = |change: Change| {
            let message = change.about().unwrap();
            self.blobs.pending.lock().unwrap().retain(|row| row.message != message);
            self.changes.lock().unwrap().push(change);
            self.refuse.clone().map_or_else(
                || {
                    Ok(Receipt {
                        message,
                        contact: ContactKey(1),
                        occurred_at: Timestamp::UNIX_EPOCH,
                        email: false,
                        repeated: false,
                        differs: false,
                    })
                },
                Err,
            )
        };
        changes.into_iter().map(answer).collect()
    }
}

/// A vendor whose files are opened with the endpoint's secret, and only below `/files/`; below `/signposts/`, a token
/// opens the address of a file.
#[derive(Debug)]
pub(crate) struct Vendor;

pub(crate) static VENDORS: &[&dyn Adapter] = &[&Vendor];

impl Adapter for Vendor {
    fn name(&self) -> &'static str {
        "vendor"
    }

    fn title(&self) -> &'static str {
        "Vendor"
    }

    fn channels(&self) -> &'static [Channel] {
        &[]
    }

    fn prove(&self, _: &WebhookRequest, _: &Endpoint, _: Timestamp) -> Result<Strength, Rejection> {
        Err(Rejection::NotOurs("nothing comes in here".to_owned()))
    }

    fn parse(&self, _: &Verified<'_>, _: &Endpoint) -> Vec<Result<Item, ItemError>> {
        Vec::new()
    }

    fn reply(&self, _: &[ItemOutcome]) -> Reply {
        panic!("nobody asks here")
    }

    fn sample(&self, _: &Scenario, _: &Target<'_>, _: Timestamp) -> WebhookRequest {
        WebhookRequest::default()
    }

    fn media(&self, url: &str, endpoint: &Endpoint, provider: &Provider) -> Option<Fetch> {
        let account = provider.account.clone()?;
        if url.contains("/signposts/") {
            return Some(Fetch {
                url: url.to_owned(),
                bearer: Some(endpoint.secrets[0].clone()),
                ..Fetch::default()
            });
        }
        url.contains("/files/").then(|| Fetch {
            url: url.to_owned(),
            basic_auth: Some((account, endpoint.secrets[0].clone())),
            ..Fetch::default()
        })
    }

    fn media_leads(&self, url: &str, answer: &[u8]) -> Option<String> {
        let signpost = url.contains("/signposts/");
        signpost.then(|| String::from_utf8_lossy(answer).into_owned())
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint {
        key: EndpointKey(1),
        adapter: "vendor".to_owned(),
        token: Secret::new(*b"token"),
        secrets: vec![Secret::new(*b"pass")],
        unsigned: false,
        template: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

pub(crate) fn provider() -> Provider {
    Provider {
        key: ProviderKey(1_000_000),
        id: "0".repeat(24),
        location: LocationKey(1),
        kind: ProviderKind::Sms,
        endpoint: Some(EndpointKey(1)),
        adapter: Some("vendor".to_owned()),
        account: Some("user".to_owned()),
        number: None,
        delivery_url: None,
    }
}

pub(crate) fn pending(url: &str, due_at: Timestamp) -> PendingMedia {
    PendingMedia {
        location: LocationKey(1),
        message: MessageKey(8),
        index: 0,
        url: url.to_owned(),
        provider: ProviderKey(1_000_000),
        tries: 0,
        due_at,
    }
}
