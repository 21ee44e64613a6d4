//! The gap filler: after a downtime it asks each vendor that keeps what it sent for its list, and records what was missed.
//! What is listed goes through the adapter's own `parse` and the one way in, so that what is there already is recognised.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::Method;
use inlet_core::{
    adapter::{Adapter, Fetch, Item, ItemError, Verified, WebhookRequest},
    clock::Clock,
    directory::Directory,
    gaps::{Ask, Compared, Obstacle, Reconcile},
    inbound::Strength,
    intake::{Intake, Refusal},
    listing::{Kept, Lister, Wish},
    registry::{Endpoint, Provider, Registry},
    route::{self, Reach},
};

use crate::{
    classify::retry_after,
    client::{Client, End, Limits, Request},
    fetch,
};

mod watch;

pub use watch::Watch;

/// How long to wait where nobody says how long.
const PAUSE: Duration = Duration::from_secs(30);
/// How long an answer may take, and how long it may be: a page of long messages.
const LIMITS: Limits = Limits {
    total: Duration::from_secs(30),
    read: 8 << 20,
    keep: 8 << 20,
};

/// What a filler is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Says whose credentials open a list, and whose a message is.
    pub directory: Arc<dyn Directory>,
    /// Takes in what was missed.
    pub intake: Arc<dyn Intake>,
    /// The vendors that are spoken: they say how their lists are asked for and read.
    pub adapters: &'static [&'static dyn Adapter],
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes the calls.
    pub client: Client,
    /// Where vendors' APIs are instead of where they usually are, by the adapter's name.
    pub bases: BTreeMap<String, String>,
}

/// Compares with vendors' lists.
#[derive(Clone, Debug)]
pub struct Filler(Parts);

/// A provider with all that asking its vendor takes.
struct Place<'a> {
    registry: &'a Registry,
    endpoint: &'a Endpoint,
    adapter: &'static dyn Adapter,
    lister: &'static dyn Lister,
    base: &'a str,
}

impl Filler {
    /// A filler.
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    fn place<'a>(&'a self, registry: &'a Registry, provider: &Provider) -> Result<Place<'a>, Obstacle> {
        let none = || {
            Obstacle::Unable(
                "this provider's vendor has no list of what it sent that is read here: only twilio and clicksend have"
                    .to_owned(),
            )
        };
        let endpoint = provider
            .endpoint
            .and_then(|key| registry.endpoint(key))
            .ok_or_else(none)?;
        let mut adapters = self.0.adapters.iter().copied();
        let adapter = adapters
            .find(|adapter| adapter.name() == endpoint.adapter)
            .ok_or_else(none)?;
        let lister = adapter.lister().ok_or_else(none)?;
        let base = self.0.bases.get(adapter.name()).map_or(lister.base(), String::as_str);
        Ok(Place {
            registry,
            endpoint,
            adapter,
            lister,
            base,
        })
    }

    /// The answer to a request, if it is one.
    async fn get(&self, fetch: &Fetch) -> Result<Vec<u8>, Obstacle> {
        let headers = fetch::credentials(fetch).ok_or_else(|| Obstacle::Unable(fetch::UNSENDABLE.to_owned()))?;
        let request = Request {
            method: Method::GET,
            url: &fetch.url,
            headers,
            body: Bytes::new(),
        };
        let answer = self.0.client.send(request, &LIMITS).await;
        let answer = answer.map_err(|failure| later(format!("the vendor's API: {failure}"), None))?;
        match (answer.status, answer.end) {
            (200, End::Whole) => Ok(answer.body),
            (401 | 403, _) => Err(Obstacle::Unable(format!(
                "the vendor's API answered {}: check the provider's account and its secret",
                answer.status
            ))),
            (200 | 429 | 500.., _) => {
                let pause = retry_after(&answer.headers, self.0.clock.now());
                Err(later(format!("the vendor's API answered {}", answer.status), pause))
            }
            (status, _) => Err(Obstacle::Unable(format!("the vendor's API answered {status}"))),
        }
    }

    /// What was listed, as items.
    async fn items(
        &self,
        place: &Place<'_>,
        kept: Kept,
        opened: &Fetch,
    ) -> Result<Vec<Result<Item, ItemError>>, Obstacle> {
        let at = kept.at;
        let request: WebhookRequest = match &kept.files {
            Some(files) => {
                let fetch = Fetch {
                    url: files.clone(),
                    ..opened.clone()
                };
                let answer = self.get(&fetch).await?;
                let with_files = place.lister.with_files(kept, &answer);
                with_files.map_err(|reason| later(reason, None))?
            }
            None => kept.request,
        };
        let verified = Verified {
            request: &request,
            strength: Strength::Listed,
        };
        let items = place.adapter.parse(&verified, place.endpoint).into_iter();
        let now = self.0.clock.now();
        let dated = |mut item: Item| {
            item.inbound.occurred_at = item.inbound.occurred_at.or(at);
            route::in_time(item, now)
        };
        Ok(items.map(|item| item.map(dated)).collect())
    }

    /// Records what of the items is missing, and counts.
    async fn record(&self, place: &Place<'_>, items: Vec<Result<Item, ItemError>>) -> Result<Compared, Obstacle> {
        let mut compared = Compared::default();
        let mut changes = Vec::with_capacity(items.len());
        for item in items {
            compared.listed += 1;
            match item.map(|item| route::change(place.registry, place.endpoint, item, Reach::Endpoint)) {
                Ok(Some(change)) => changes.push(change),
                Ok(None) => compared.unassigned += 1,
                Err(_) => compared.refused += 1,
            }
        }
        if changes.is_empty() {
            return Ok(compared);
        }
        for answer in self.0.intake.submit(changes).await {
            match answer {
                Ok(receipt) if receipt.repeated => compared.known += 1,
                Ok(_) => compared.recorded += 1,
                Err(Refusal::Unavailable(reason)) => return Err(later(reason, None)),
                Err(_) => compared.refused += 1,
            }
        }
        Ok(compared)
    }
}

#[async_trait]
impl Reconcile for Filler {
    async fn page(&self, ask: &Ask) -> Result<Compared, Obstacle> {
        let registry = self.0.directory.registry();
        let provider = registry.provider(ask.location, ask.provider);
        let provider = provider.ok_or_else(|| Obstacle::Unable("there is no such provider".to_owned()))?;
        let place = self.place(&registry, &provider)?;
        let wish = Wish {
            endpoint: place.endpoint,
            provider: &provider,
            base: place.base,
            since: ask.since,
        };
        let mut fetch = place.lister.first(&wish).map_err(Obstacle::Unable)?;
        if let Some(next) = &ask.page {
            // The credentials go to the vendor and nowhere else.
            let own = next.strip_prefix(place.base).is_some_and(|path| path.starts_with('/'));
            if !own {
                return Err(Obstacle::Unable("that page is none of the vendor's list".to_owned()));
            }
            fetch.url.clone_from(next);
        }
        let answer = self.get(&fetch).await?;
        let page = place
            .lister
            .page(&wish, &answer)
            .map_err(|reason| later(reason, None))?;
        let mut items = Vec::with_capacity(page.messages.len());
        // Lists begin with the newest, conversations with the oldest.
        for kept in page.messages.into_iter().rev() {
            items.append(&mut self.items(&place, kept, &fetch).await?);
        }
        let compared = self.record(&place, items).await?;
        Ok(Compared {
            next: page.next,
            ..compared
        })
    }
}

fn later(reason: String, pause: Option<Duration>) -> Obstacle {
    Obstacle::Later {
        reason,
        pause: pause.unwrap_or(PAUSE),
    }
}
