//! What works beside the doors: deliveries go out, files come in, what was missed is asked for, calls without an end are
//! announced, and what is new is made to be found.

use std::{net::IpAddr, sync::Arc, time::Duration};

use inlet_core::{gaps::Gaps, ids::IdCodec, links::MediaLinks};
use inlet_delivery::{
    backlog::Chore,
    calls::Calls,
    client::{Client, Limits, Names, SystemNames},
    gaps::{self, Filler, Watch},
    guard::Guard,
    hints::Hints,
    index::Indexer,
    media::{self, Fetcher},
    sender::Senders,
    upstream::{self, Upstreams, governor::Governors},
    vendor::{self, Vendors},
    webhook::{self, Webhooks},
    worker::{self, Worker},
};
use inlet_http::state::Shared;
use inlet_store::Store;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{NodeError, Setup};
use crate::config;

/// The workers. A test turns each by hand; a server starts them.
#[derive(Debug)]
pub struct Workers {
    /// Claims, sends and settles deliveries.
    pub deliveries: Arc<Worker>,
    /// Fetches files of messages.
    pub files: Fetcher,
    /// Announces calls that went on for long.
    pub calls: Calls,
    /// Compares with vendors' lists.
    pub gaps: Watch,
    /// Whether it does so by itself.
    watches: bool,
    /// Goes on with replays, and keeps limits, lanes and retention.
    pub chore: Chore,
    /// Makes what is new be found.
    pub indexer: Indexer,
}

impl Workers {
    /// `outside` is what calls out; lists are compared again after `pause`, or by hand only where that is zero.
    pub(super) fn new(
        shared: &Shared,
        hints: &Arc<Hints>,
        outside: &Outside,
        (gaps, pause): (Arc<dyn Gaps>, Duration),
    ) -> Self {
        let client = outside.client.clone();
        Self {
            deliveries: Arc::new(Worker::new(worker::Parts {
                outbox: Arc::clone(&shared.outbox),
                directory: Arc::clone(&shared.directory),
                clock: Arc::clone(&shared.clock),
                sender: Arc::new(Senders {
                    directory: Arc::clone(&shared.directory),
                    webhooks: webhooks(shared, &client),
                    upstreams: Arc::clone(&outside.upstreams),
                    vendors: vendors(shared, &client),
                }),
                hints: Arc::clone(hints),
                governors: outside.governors.clone(),
                deadline: Limits::WEBHOOK.total.max(Limits::UPSTREAM.total),
            })),
            gaps: Watch::new(outside.filler.clone(), gaps, Arc::clone(&shared.backlog), pause),
            watches: !pause.is_zero(),
            files: Fetcher::new(media::Parts {
                blobs: Arc::clone(&shared.blobs),
                directory: Arc::clone(&shared.directory),
                intake: Arc::clone(&shared.intake),
                adapters: shared.adapters,
                clock: Arc::clone(&shared.clock),
                client,
                hints: Arc::clone(hints),
                limits: Limits::MEDIA,
            }),
            calls: Calls {
                inbox: Arc::clone(&shared.inbox),
                intake: Arc::clone(&shared.intake),
                clock: Arc::clone(&shared.clock),
            },
            chore: Chore::new(
                Arc::clone(&shared.backlog),
                Arc::clone(&shared.directory),
                Arc::clone(&shared.clock),
            ),
            indexer: Indexer {
                search: Arc::clone(&shared.search),
                backlog: Arc::clone(&shared.backlog),
                hints: Arc::clone(hints),
            },
        }
    }

    /// Starts them all, until `end`.
    pub(super) fn start(self, tasks: &TaskTracker, end: &CancellationToken) {
        tasks.spawn(self.deliveries.run(end.clone()));
        tasks.spawn(self.files.run(end.clone()));
        tasks.spawn(self.calls.run(end.clone()));
        if self.watches {
            tasks.spawn(self.gaps.run(end.clone()));
        }
        tasks.spawn(self.chore.run(end.clone()));
        tasks.spawn(self.indexer.run(end.clone()));
    }
}

fn webhooks(shared: &Shared, client: &Client) -> Webhooks {
    Webhooks::new(webhook::Parts {
        directory: Arc::clone(&shared.directory),
        clock: Arc::clone(&shared.clock),
        ids: shared.ids.clone(),
        signer: shared.signer.clone(),
        client: client.clone(),
        limits: Limits::WEBHOOK,
    })
}

fn vendors(shared: &Shared, client: &Client) -> Vendors {
    let settings = &shared.settings;
    Vendors::new(vendor::Parts {
        directory: Arc::clone(&shared.directory),
        adapters: shared.adapters,
        inbox: Arc::clone(&shared.inbox),
        intake: Arc::clone(&shared.intake),
        memory: Arc::clone(&shared.memory),
        clock: Arc::clone(&shared.clock),
        ids: shared.ids.clone(),
        links: shared.links.clone(),
        client: client.clone(),
        limits: Limits::UPSTREAM,
        public_url: settings.has_public_url.then(|| settings.public_url.clone()),
    })
}

/// What calls out, made once: the workers have it, and whoever asks about an upstream or a vendor's list.
#[derive(Clone, Debug)]
pub(super) struct Outside {
    client: Client,
    governors: Governors,
    pub(super) upstreams: Arc<Upstreams>,
    pub(super) filler: Filler,
}

impl Outside {
    /// It calls only what `guard` lets it.
    pub(super) fn new(
        store: &Store,
        setup: &Setup,
        guard: Guard,
        (ids, links): (&IdCodec, &MediaLinks),
    ) -> Result<Self, NodeError> {
        let names: Arc<dyn Names> = Arc::new(SystemNames::new()?);
        let client = Client::guarded(guard, &names)?;
        let governors = Governors::default();
        let public_url = &setup.config.public_url;
        let upstreams = Upstreams::new(upstream::Parts {
            directory: Arc::new(store.clone()),
            memory: Arc::new(store.clone()),
            inbox: Arc::new(store.clone()),
            contacts: Arc::new(store.clone()),
            clock: Arc::clone(&setup.clock),
            ids: ids.clone(),
            links: links.clone(),
            client: client.clone(),
            limits: Limits {
                total: Duration::from_millis(setup.config.relay.patience_ms.into()),
                ..Limits::UPSTREAM
            },
            governors: governors.clone(),
            public_url: Some(public_url.clone()).filter(|url| !url.is_empty()),
        });
        Ok(Self {
            filler: filler(store, setup, client.clone()),
            client,
            governors,
            upstreams: Arc::new(upstreams),
        })
    }
}

/// Whoever compares with vendors' lists.
fn filler(store: &Store, setup: &Setup, client: Client) -> Filler {
    let config::Reconcile { twilio, clicksend, .. } = &setup.config.reconcile;
    let bases = [("twilio", twilio), ("clicksend", clicksend)];
    let set = bases.into_iter().filter(|(_, base)| !base.is_empty());
    Filler::new(gaps::Parts {
        directory: Arc::new(store.clone()),
        intake: Arc::new(store.clone()),
        adapters: inlet_providers::ALL,
        clock: Arc::clone(&setup.clock),
        client,
        bases: set
            .map(|(name, base)| (name.to_owned(), base.trim_end_matches('/').to_owned()))
            .collect(),
    })
}

/// The guard that lets these networks and single addresses be called too.
pub(crate) fn guard(allowed: &[String]) -> Result<Guard, NodeError> {
    let read = |text: &String| {
        let network = text.trim().parse();
        let network = network.or_else(|_| text.trim().parse::<IpAddr>().map(Into::into));
        network.map_err(|_| NodeError::Network(text.clone()))
    };
    Ok(Guard::allowing(allowed.iter().map(read).collect::<Result<_, _>>()?))
}
