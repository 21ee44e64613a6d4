//! The rooms joined: one node opens the store, fills in what every handler is given, and runs the doors, the workers and
//! the socket for commands together. `serve`, `demo`, the verbs and the tests all use this one.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use inlet_core::{
    bell::{Bell, Ring},
    chance::Chance,
    clock::Clock,
    directory::StoreFault,
    ids::IdCodec,
    links::MediaLinks,
    secret::Secret,
    signature::BodySigner,
    usage::Usage,
};
use inlet_delivery::{client::NoClient, guard::Guard, hints::Hints, upstream::Upstreams};
use inlet_highlevel::{events::Events, token::AccessTokens};
use inlet_http::{
    admin,
    guards::Guards,
    live::Live,
    operator::{self, Metrics},
    pages::Attempts,
    router,
    server::{self, Connections},
    state::{Limits, Settings, Shared, State},
    trial::{BadFault, Trial},
    webhooks::WebhookCounters,
};
use inlet_store::{OpenError, Options, Store, StoreUrl};
use tokio::net::{TcpListener, UnixListener};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

mod workers;

use workers::Outside;
pub use workers::Workers;
pub(crate) use workers::guard;

use crate::{
    config::Config,
    data::Held,
    keys::{KeyError, Keys},
    ports::{OsChance, SystemClock},
    telemetry,
};

/// What a node is opened with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The settings.
    pub config: Config,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes secrets.
    pub chance: Arc<dyn Chance>,
    /// Whether the pages are open without a login.
    pub open_pages: bool,
    /// Whether the route that stores nothing is there, for the benchmark.
    pub echo: bool,
    /// What keeps mails harmless.
    pub guards: Guards,
    /// Whether the store answers before it commits, for the test that must notice.
    #[cfg(feature = "sabotage")]
    pub reply_before_commit: bool,
}

impl Setup {
    /// These settings with the real clock and real chance, and nothing out of the ordinary.
    pub fn of(config: Config) -> Self {
        Self {
            config,
            clock: Arc::new(SystemClock::default()),
            chance: Arc::new(OsChance),
            open_pages: false,
            echo: false,
            guards: Guards::default(),
            #[cfg(feature = "sabotage")]
            reply_before_commit: false,
        }
    }
}

/// Why a node could not be opened or run, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// There is no master key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The store does not open.
    #[error("{0}")]
    Store(#[from] OpenError),
    /// A network that webhooks may be sent to cannot be read.
    #[error("the allowed network {0} cannot be read: write it as CIDR, such as 10.0.0.0/8, or as one address")]
    Network(String),
    /// A fault to be made on purpose cannot be read.
    #[error("{0}")]
    Fault(#[from] BadFault),
    /// There is no HTTP client.
    #[error("{0}")]
    Client(#[from] NoClient),
}

/// An open store with everything around it.
#[derive(Debug)]
pub struct Node {
    /// What every handler is given.
    pub shared: Shared,
    store: Store,
    hints: Arc<Hints>,
    outside: Outside,
    setup: Setup,
    held: Held,
}

/// Rings for whoever waits in this process.
#[derive(Debug)]
struct Bells {
    live: Live,
    hints: Arc<Hints>,
}

impl Bell for Bells {
    fn ring(&self, rings: &[Ring]) {
        self.live.tell(rings);
        self.hints.ring(rings);
    }
}

impl Node {
    /// Opens the store in a data folder that this process holds. `listening` is where it will listen, if it will.
    pub async fn open(setup: Setup, held: Held, listening: Option<SocketAddr>) -> Result<Self, NodeError> {
        let trial = trial(&setup.config)?;
        let url = store_url(&setup.config)?;
        let begun = inlet_store::exists(&url).await?;
        let keys = Keys::open(held.path(), begun, &*setup.chance)?;
        let opened = inlet_store::open(options(&setup, url, &keys)).await?;
        let settings = settings(&setup, listening, trial);
        let ids = opened.ids();
        let links = MediaLinks::new(&settings.public_url, Secret::new(keys.derive("links")), ids.clone());
        let (live, hints) = (Live::default(), Arc::new(Hints::default()));
        let store = opened.start(inlet_store::Parts {
            announcer: Arc::new(Events::new(ids.clone(), links.clone())),
            bell: Arc::new(Bells {
                live: live.clone(),
                hints: Arc::clone(&hints),
            }),
        });
        store.set_most_waiting(setup.config.delivery.max_waiting);
        let tokens = AccessTokens::new(&keys.derive("tokens"), setup.config.oauth.access_seconds);
        let guard = guard(&setup.config.guard.allow)?;
        let outside = Outside::new(&store, &setup, guard.clone(), (&ids, &links))?;
        let state = state(
            &setup,
            (&store, &outside),
            (settings, guard),
            (ids, links, live, BodySigner::new(&keys.derive("signing")), tokens),
        );
        Ok(Self {
            shared: Arc::new(state),
            store,
            hints,
            outside,
            setup,
            held,
        })
    }

    /// The admin API.
    pub fn admin(&self) -> Router {
        admin::router(Arc::clone(&self.shared))
    }

    /// All doors: vendors' webhooks, HighLevel's API, the pages.
    pub fn router(&self) -> Router {
        let shared = Arc::clone(&self.shared);
        let doors = if self.setup.echo {
            router::with_echo(shared)
        } else {
            router::router(shared)
        };
        let token = &self.setup.config.admin.token;
        if token.is_empty() {
            return doors;
        }
        let token = Secret::new(token.as_str());
        doors.merge(operator::router(self.admin(), shown(), token))
    }

    /// What the socket for commands serves.
    fn socket(&self) -> Router {
        self.admin().merge(operator::metrics(shown()))
    }

    fn connections(&self) -> Connections {
        let http = &self.setup.config.http;
        Connections {
            total: http.max_connections,
            per_address: http.max_connections_per_address,
            ..Connections::default()
        }
    }

    /// The networks that webhooks may be sent to beside the public internet.
    pub fn allowed(&self) -> &[String] {
        &self.setup.config.guard.allow
    }

    /// What works beside the doors: deliveries, files, and calls without an end.
    pub fn workers(&self) -> Workers {
        let pause = Duration::from_mins(self.setup.config.reconcile.every_minutes.into());
        let gaps = Arc::new(self.store.clone());
        Workers::new(&self.shared, &self.hints, &self.outside, (gaps, pause))
    }

    /// Serves until `shutdown`; then lets what is under way come to its end, and closes the store.
    pub async fn run(
        self,
        listener: TcpListener,
        socket: Option<UnixListener>,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), NodeError> {
        let workers = self.workers();
        let (end, tasks) = (CancellationToken::new(), TaskTracker::new());
        workers.start(&tasks, &end);
        tasks.spawn(keep_metrics_small(end.clone()));
        tasks.spawn(keep_usage(Arc::clone(&self.shared.usage), end.clone()));
        if let Some(socket) = socket {
            let over = end.clone().cancelled_owned();
            tasks.spawn(server::serve(socket, self.socket(), Connections::default(), over));
        }
        let live = self.shared.live.clone();
        let shutdown = async move {
            shutdown.await;
            live.close();
        };
        server::serve(listener, self.router(), self.connections(), shutdown).await;
        self.held.hush();
        end.cancel();
        tasks.close();
        tasks.wait().await;
        self.close().await
    }

    /// Writes down what was used last, and closes the store after all that is queued.
    pub async fn close(self) -> Result<(), NodeError> {
        note_failure(self.shared.usage.keep().await);
        self.store.close().await;
        drop(self.held);
        Ok(())
    }
}

/// The metrics of this process, written down.
fn shown() -> Metrics {
    let handle = telemetry::metrics();
    Metrics::new(move || handle.render())
}

/// Folds what was measured together, so that it takes no more room while nobody reads it.
async fn keep_metrics_small(end: CancellationToken) {
    let handle = telemetry::metrics();
    let mut every = tokio::time::interval(Duration::from_secs(5));
    let work = async {
        loop {
            every.tick().await;
            handle.run_upkeep();
        }
    };
    end.run_until_cancelled(work).await;
}

/// Writes down what was used, so that a crash forgets no more than some minutes of it.
async fn keep_usage(usage: Arc<dyn Usage>, end: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_mins(5));
    let work = async {
        loop {
            every.tick().await;
            note_failure(usage.keep().await);
        }
    };
    end.run_until_cancelled(work).await;
}

/// What was used is noted again and written the next time, so this is no more than told.
fn note_failure(kept: Result<(), StoreFault>) {
    if let Err(error) = kept {
        tracing::warn!(%error, "when tokens and providers were last used could not be written down");
    }
}

fn store_url(config: &Config) -> Result<StoreUrl, OpenError> {
    if config.store.is_empty() {
        return Ok(StoreUrl::Sqlite(config.data.join("inlet.db")));
    }
    StoreUrl::parse(&config.store)
}

fn options(setup: &Setup, url: StoreUrl, keys: &Keys) -> Options {
    Options {
        url,
        key: Secret::new(keys.derive("store")),
        chance: Arc::clone(&setup.chance),
        clock: Arc::clone(&setup.clock),
        #[cfg(feature = "sabotage")]
        sabotage: if setup.reply_before_commit {
            inlet_store::Sabotage::default().answer_early()
        } else {
            inlet_store::Sabotage::default()
        },
    }
}

fn settings(setup: &Setup, listening: Option<SocketAddr>, trial: Trial) -> Settings {
    let config = &setup.config;
    let has_public_url = !config.public_url.is_empty();
    let address = local_url(listening.unwrap_or(config.listen));
    Settings {
        public_url: if has_public_url {
            config.public_url.clone()
        } else {
            address.clone()
        },
        listening: listening.map(|_| address).unwrap_or_default(),
        has_public_url,
        open_pages: setup.open_pages,
        journal_accepted: config.journal.accepted,
        max_body: config.http.max_body,
        limits: Limits {
            enforced: config.limits.enforced || config.quirks,
            burst: config.limits.burst,
            interval_ms: config.limits.interval_ms,
            daily: config.limits.daily,
        },
        trial,
        guards: setup.guards,
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// How it behaves for whoever tests against it.
pub(crate) fn trial(config: &Config) -> Result<Trial, NodeError> {
    let faults = config.faults.iter().map(|fault| fault.parse());
    Ok(Trial {
        quirks: config.quirks,
        faults: faults.collect::<Result<_, _>>()?,
    })
}

/// The URL by which this machine reaches an address it listens on: an address that stands for all is called by loopback.
fn local_url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}")
}

fn state(
    setup: &Setup,
    (store, outside): (&Store, &Outside),
    (settings, guard): (Settings, Guard),
    (ids, links, live, signer, tokens): (IdCodec, MediaLinks, Live, BodySigner, AccessTokens),
) -> State {
    State {
        intake: Arc::new(store.clone()),
        inbox: Arc::new(store.clone()),
        search: Arc::new(store.clone()),
        contacts: Arc::new(store.clone()),
        outbox: Arc::new(store.clone()),
        memory: Arc::new(store.clone()),
        reach: Arc::<Upstreams>::clone(&outside.upstreams),
        backlog: Arc::new(store.clone()),
        directory: Arc::new(store.clone()),
        vouchers: Arc::new(store.clone()),
        deeds: Arc::new(store.clone()),
        usage: Arc::new(store.clone()),
        gauges: Arc::new(store.clone()),
        attempts: Attempts::default(),
        tokens,
        journal: Arc::new(store.clone()),
        keys: store.keys(),
        blobs: Arc::new(store.clone()),
        reconcile: Arc::new(outside.filler.clone()),
        targets: Arc::new(guard),
        clock: Arc::clone(&setup.clock),
        chance: Arc::clone(&setup.chance),
        ids,
        links,
        signer,
        adapters: inlet_providers::ALL,
        live,
        settings,
        webhooks: WebhookCounters::default(),
    }
}
