//! Processes a request of the journal again: it was verified when it came, so it is parsed, routed and recorded as then.
//! Whatever of it is recorded already is recognised as a repeat.

use inlet_core::{
    adapter::{Item, ItemError, Verified, WebhookRequest},
    directory::StoreFault,
    inbound::Strength,
    journal::{KeptRequest, RequestVerdict},
    route::Reach,
};

use super::{
    Door,
    keep::{self, MOST_KEPT},
    record,
};
use crate::state::Shared;

/// Why a request cannot be processed again, in a sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unprocessed {
    /// Nobody knows whose it is.
    #[error("its origin was not proved when it came, so it is not recorded: have the vendor send it again")]
    Refused,
    /// The journal has the beginning only.
    #[error("the journal keeps only the first 256 KiB of its body: have the vendor send it again")]
    CutOff,
    /// Nobody reads its language.
    #[error("the endpoint it came to is no more, or this version of Inlet does not speak its vendor's language")]
    NoEndpoint,
    /// The journal cannot be written.
    #[error("{0}")]
    Store(#[from] StoreFault),
}

/// Records what a kept request says, at the providers there are now; answers what is now kept of it.
pub(crate) async fn process(state: &Shared, request: KeptRequest) -> Result<KeptRequest, Unprocessed> {
    if request.verdict == RequestVerdict::Refused {
        return Err(Unprocessed::Refused);
    }
    if request.verdict == RequestVerdict::Accepted && request.raw.body.len() == MOST_KEPT {
        return Err(Unprocessed::CutOff);
    }
    let registry = state.directory.registry();
    let endpoint = request.endpoint.and_then(|key| registry.endpoint(key));
    let found = endpoint.and_then(|endpoint| Some((endpoint, state.adapter(&endpoint.adapter)?)));
    let (endpoint, adapter) = found.ok_or(Unprocessed::NoEndpoint)?;
    let door = Door {
        state,
        registry: &registry,
        adapter,
    };
    let came = WebhookRequest {
        public_url: state.settings.public_url.clone(),
        raw: request.raw.clone(),
    };
    // Its secret or our address may have changed since: then it counts for no more than its secret address.
    let verified = adapter.verify(&came, endpoint, request.received_at);
    let verified = verified.unwrap_or(Verified {
        request: &came,
        strength: Strength::UrlToken,
    });
    let items = adapter.parse(&verified, endpoint);
    let items = items.into_iter().map(|item| dated(item, &request)).collect();
    let taken = record::record(&door, endpoint, items, Reach::Adapter).await;
    let revised = keep::revised(request, &taken, endpoint);
    state.journal.revise(revised.clone()).await?;
    Ok(revised)
}

/// What names no time was said when it came, not now.
fn dated(item: Result<Item, ItemError>, request: &KeptRequest) -> Result<Item, ItemError> {
    item.map(|mut item| {
        item.inbound.occurred_at.get_or_insert(request.received_at);
        item
    })
}
