//! What works beside the doors: deliveries go out, files come in, what was missed is asked for, calls without an end are
//! announced, and what is new is made to be found.

use std::{net::IpAddr, sync::Arc, time::Duration};

use inlet_core::gaps::Gaps;
use inlet_delivery::{
    backlog::Chore,
    calls::Calls,
    client::{Client, Limits, Names, SystemNames},
    gaps::Watch,
    guard::Guard,
    hints::Hints,
    index::Indexer,
    media::{self, Fetcher},
    sender::Senders,
    upstream::{self, Upstreams, governor::Governors},
    webhook::{self, Webhooks},
    worker::{self, Worker},
};
use inlet_http::state::Shared;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{NodeError, gaps::Closer};

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
    pub(super) fn new(
        shared: &Shared,
        hints: &Arc<Hints>,
        (closer, gaps): (&Closer, Arc<dyn Gaps>),
    ) -> Result<Self, NodeError> {
        let config = &closer.config;
        let names: Arc<dyn Names> = Arc::new(SystemNames::new()?);
        let client = Client::guarded(guard(&config.guard.allow)?, &names)?;
        let patience = Duration::from_millis(config.relay.patience_ms.into());
        let pause = Duration::from_mins(config.reconcile.every_minutes.into());
        let governors = Governors::default();
        let upstreams = Arc::new(upstreams(shared, &client, (&governors, patience)));
        Ok(Self {
            deliveries: Arc::new(Worker::new(worker::Parts {
                outbox: Arc::clone(&shared.outbox),
                directory: Arc::clone(&shared.directory),
                clock: Arc::clone(&shared.clock),
                sender: Arc::new(Senders {
                    directory: Arc::clone(&shared.directory),
                    webhooks: webhooks(shared, &client),
                    upstreams,
                }),
                hints: Arc::clone(hints),
                governors,
                deadline: Limits::WEBHOOK.total.max(Limits::UPSTREAM.total),
            })),
            gaps: Watch::new(closer.with(client.clone()), gaps, Arc::clone(&shared.backlog), pause),
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
        })
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

fn upstreams(shared: &Shared, client: &Client, (governors, patience): (&Governors, Duration)) -> Upstreams {
    Upstreams::new(upstream::Parts {
        directory: Arc::clone(&shared.directory),
        memory: Arc::clone(&shared.memory),
        inbox: Arc::clone(&shared.inbox),
        contacts: Arc::clone(&shared.contacts),
        clock: Arc::clone(&shared.clock),
        ids: shared.ids.clone(),
        links: shared.links.clone(),
        client: client.clone(),
        limits: Limits {
            total: patience,
            ..Limits::UPSTREAM
        },
        governors: governors.clone(),
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
