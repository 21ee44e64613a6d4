//! What every handler is given: the ports, and how this server was set up.

use std::{fmt, sync::Arc};

use inlet_core::{
    adapter::Adapter,
    backlog::Backlog,
    blobs::Blobs,
    chance::Chance,
    clock::Clock,
    contacts::Contacts,
    deeds::Deeds,
    directory::Directory,
    gaps::Reconcile,
    gauges::Gauges,
    ids::{IdCodec, KeyMaker},
    inbox::Inbox,
    intake::Intake,
    journal::Journal,
    links::MediaLinks,
    outbox::Outbox,
    relay::{Memory, Reach},
    search::Search,
    signature::BodySigner,
    targets::Targets,
    usage::Usage,
    vouchers::Vouchers,
};
use inlet_highlevel::token::AccessTokens;

use crate::{guards::Guards, live::Live, pages::Attempts, trial::Trial, webhooks::WebhookCounters};

/// The ports and the set-up, shared by all handlers.
pub type Shared = Arc<State>;

/// See [`Shared`]. The binary fills it once.
#[derive(Debug)]
pub struct State {
    /// The one way in.
    pub intake: Arc<dyn Intake>,
    /// Reads conversations and messages.
    pub inbox: Arc<dyn Inbox>,
    /// Finds messages by their words.
    pub search: Arc<dyn Search>,
    /// Reads contacts in full.
    pub contacts: Arc<dyn Contacts>,
    /// Reads deliveries.
    pub outbox: Arc<dyn Outbox>,
    /// What was learned of upstreams.
    pub memory: Arc<dyn Memory>,
    /// Calls upstreams for people.
    pub reach: Arc<dyn Reach>,
    /// Replays, cancels and discards deliveries.
    pub backlog: Arc<dyn Backlog>,
    /// Who owns what.
    pub directory: Arc<dyn Directory>,
    /// Keeps the log of what was changed.
    pub deeds: Arc<dyn Deeds>,
    /// Notes when tokens and providers are used.
    pub usage: Arc<dyn Usage>,
    /// Tells how the store is doing.
    pub gauges: Arc<dyn Gauges>,
    /// How often passwords were tried.
    pub attempts: Attempts,
    /// Keeps what apps exchange for tokens.
    pub vouchers: Arc<dyn Vouchers>,
    /// Makes and reads access tokens.
    pub tokens: AccessTokens,
    /// Keeps refused and parked requests.
    pub journal: Arc<dyn Journal>,
    /// Keeps files.
    pub blobs: Arc<dyn Blobs>,
    /// Compares with vendors' lists.
    pub reconcile: Arc<dyn Reconcile>,
    /// Judges addresses that somebody typed, before they are kept.
    pub targets: Arc<dyn Targets>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes tokens.
    pub chance: Arc<dyn Chance>,
    /// Makes the keys of what is written beside messages: locations, tokens, providers, requests.
    pub keys: Arc<KeyMaker>,
    /// Turns keys into ids and back.
    pub ids: IdCodec,
    /// Signs and checks links to files.
    pub links: MediaLinks,
    /// Signs events; here only its public key is shown.
    pub signer: BodySigner,
    /// The vendors that are spoken.
    pub adapters: &'static [&'static dyn Adapter],
    /// What happens right now.
    pub live: Live,
    /// What happened at the webhook doors, in numbers.
    pub webhooks: WebhookCounters,
    /// How this server was set up.
    pub settings: Settings,
}

impl State {
    /// The adapter of that name.
    pub fn adapter(&self, name: &str) -> Option<&'static dyn Adapter> {
        self.adapters.iter().copied().find(|adapter| adapter.name() == name)
    }
}

/// How this server was set up.
#[derive(Clone)]
pub struct Settings {
    /// The address the world knows, without a slash at its end; the listening address where none is set.
    pub public_url: String,
    /// The address it listens on, such as `http://127.0.0.1:8700`; empty where a command works without a server.
    pub listening: String,
    /// Whether a public address was set at all.
    pub has_public_url: bool,
    /// Whether the pages are open without a login: in the demo only.
    pub open_pages: bool,
    /// Whether accepted requests are kept in the journal too.
    pub journal_accepted: bool,
    /// Bytes that a request's body may have.
    pub max_body: usize,
    /// The rate limit, and whether it is enforced.
    pub limits: Limits,
    /// How it behaves for whoever tests against it.
    pub trial: Trial,
    /// What keeps mails harmless.
    pub guards: Guards,
    /// The version of this program.
    pub version: &'static str,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// HighLevel's limits for each app and location, or the ones that were configured instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Whether a request beyond the limit is answered with 429.
    pub enforced: bool,
    /// Requests in one interval.
    pub burst: u32,
    /// Milliseconds in an interval.
    pub interval_ms: u32,
    /// Requests in a day.
    pub daily: u32,
}
