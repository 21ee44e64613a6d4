//! A server's state over the fakes, with two locations, and requests to it.

use std::sync::{Arc, atomic::Ordering};

use axum::{body::Body, http::Request, response::Response};
use inlet_core::{
    Timestamp,
    adapter::Adapter,
    change::Change,
    ids::{EndpointKey, IdCodec, KeyMaker, LocationKey, ProviderKey},
    journal::{KeptRequest, RequestVerdict},
    links::MediaLinks,
    registry::{Endpoint, Entries, Provider, ProviderKind, Registry},
    secret::Secret,
    signature::BodySigner,
};
use tower::ServiceExt;

use super::{
    fakes::{Closed, FakeIntake, FakeJournal, FixedDirectory, HeldClock},
    vendor::PlainVendor,
};
use crate::{
    live::Live,
    state::{Limits, Settings, Shared, State},
    trial::Trial,
    webhooks::routes,
};

const ADAPTERS: &[&dyn Adapter] = &[&PlainVendor];
pub(crate) const PUBLIC_URL: &str = "https://inbox.example.com";
/// The bytes that a body may have here.
pub(crate) const MOST: usize = 300_000;

/// The state, and the fakes inside it.
pub(crate) struct World {
    pub(crate) state: Shared,
    pub(crate) intake: Arc<FakeIntake>,
    pub(crate) journal: Arc<FakeJournal>,
    pub(crate) clock: Arc<HeldClock>,
}

/// A response in short.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(false)
    }

    /// A world whose journal keeps accepted requests too.
    pub(crate) fn that_keeps_all() -> Self {
        Self::with(true)
    }

    fn with(journal_accepted: bool) -> Self {
        let intake = Arc::new(FakeIntake::default());
        let journal = Arc::new(FakeJournal::default());
        let clock = Arc::new(HeldClock::default());
        let ids = IdCodec::new([1; 16]);
        let state = State {
            intake: Arc::<FakeIntake>::clone(&intake),
            inbox: Arc::new(Closed),
            search: Arc::new(inlet_core::search::NoSearch),
            contacts: Arc::new(Closed),
            outbox: Arc::new(Closed),
            memory: Arc::new(inlet_core::relay::NoMemory),
            reach: Arc::new(inlet_core::relay::NoReach),
            backlog: Arc::new(inlet_core::backlog::NoBacklog),
            directory: Arc::new(FixedDirectory(Arc::new(registry()))),
            vouchers: Arc::new(inlet_core::vouchers::NoVouchers),
            deeds: Arc::new(inlet_core::deeds::NoDeeds),
            usage: Arc::new(inlet_core::usage::NoUsage),
            gauges: Arc::new(inlet_core::gauges::NoGauges),
            attempts: crate::pages::Attempts::default(),
            tokens: inlet_highlevel::token::AccessTokens::new(&[2; 32], inlet_highlevel::token::LIFETIME),
            journal: Arc::<FakeJournal>::clone(&journal),
            blobs: Arc::new(Closed),
            reconcile: Arc::new(inlet_core::gaps::NoReconcile),
            targets: Arc::new(inlet_core::targets::NoTargets),
            clock: Arc::<HeldClock>::clone(&clock),
            chance: Arc::new(Closed),
            keys: Arc::new(KeyMaker::new(0)),
            ids: ids.clone(),
            links: MediaLinks::new(PUBLIC_URL, Secret::new("k"), ids),
            signer: BodySigner::new(&[1; 32]),
            adapters: ADAPTERS,
            live: Live::default(),
            webhooks: crate::webhooks::WebhookCounters::default(),
            settings: settings(journal_accepted),
        };
        Self {
            state: Arc::new(state),
            intake,
            journal,
            clock,
        }
    }

    /// Posts a body to a path, with a secret where one is given.
    pub(crate) async fn post(&self, path: &str, secret: Option<&str>, body: &str) -> Answer {
        let mut request = Request::post(path);
        if let Some(secret) = secret {
            request = request.header("X-Secret", secret);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let router = routes().with_state(Arc::clone(&self.state));
        let answer = short(router.oneshot(request).await.unwrap()).await;
        // What is kept on the side after an acknowledgement is kept within a few turns.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        answer
    }

    /// What was submitted, all batches together.
    pub(crate) fn submitted(&self) -> Vec<Change> {
        self.intake.batches.lock().unwrap().concat()
    }

    pub(crate) fn kept(&self) -> Vec<KeptRequest> {
        self.journal.kept.lock().unwrap().clone()
    }

    /// What is kept, in short.
    pub(crate) fn verdicts(&self) -> Vec<(RequestVerdict, u16)> {
        self.kept().iter().map(|kept| (kept.verdict, kept.status)).collect()
    }

    pub(crate) fn count(&self, name: &str) -> u64 {
        let all = self.state.webhooks.all();
        all.into_iter().find(|(known, _)| *known == name).unwrap().1
    }

    pub(crate) fn break_intake(&self) {
        self.intake.down.store(true, Ordering::Relaxed);
    }

    pub(crate) fn break_journal(&self) {
        self.journal.down.store(true, Ordering::Relaxed);
    }
}

async fn short(response: Response) -> Answer {
    let content_type = response.headers().get("content-type");
    let content_type = content_type.map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    Answer {
        status,
        content_type,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn settings(journal_accepted: bool) -> Settings {
    Settings {
        public_url: PUBLIC_URL.to_owned(),
        listening: String::new(),
        has_public_url: true,
        open_pages: false,
        journal_accepted,
        max_body: MOST,
        limits: Limits {
            enforced: false,
            burst: 100,
            interval_ms: 10_000,
            daily: 200_000,
        },
        trial: Trial::default(),
        guards: crate::guards::Guards::default(),
        version: "0",
    }
}

fn registry() -> Registry {
    let one = provider(101, 1, "AC1", Some("+14155550100"));
    let mut custom = provider(103, 2, "AC3", Some("+14155550103"));
    custom.endpoint = Some(EndpointKey(2));
    custom.kind = ProviderKind::Custom;
    let mut open = provider(104, 2, "AC4", None);
    open.endpoint = Some(EndpointKey(3));
    let mut same_account = provider(105, 2, "AC1", Some("+14155550105"));
    same_account.endpoint = Some(EndpointKey(5));
    Registry::new(Entries {
        endpoints: vec![
            endpoint(1, "token-a", &["key-a", "key-b"]),
            endpoint(2, "token-c", &["key-c"]),
            Endpoint {
                unsigned: true,
                ..endpoint(3, "token-open", &[])
            },
            Endpoint {
                adapter: "clicksend".to_owned(),
                ..endpoint(4, "token-other", &["key-a"])
            },
            endpoint(5, "token-d", &["key-a"]),
        ],
        providers: vec![one, provider(102, 2, "AC2", None), custom, open, same_account],
        ..Entries::default()
    })
}

fn endpoint(key: i64, token: &str, secrets: &[&str]) -> Endpoint {
    Endpoint {
        key: EndpointKey(key),
        adapter: "twilio".to_owned(),
        token: Secret::new(token),
        secrets: secrets.iter().map(|&secret| Secret::new(secret)).collect(),
        unsigned: false,
        template: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn provider(key: i64, location: i64, account: &str, number: Option<&str>) -> Provider {
    Provider {
        key: ProviderKey(key),
        id: format!("{key:024x}"),
        location: LocationKey(location),
        kind: ProviderKind::Sms,
        endpoint: Some(EndpointKey(1)),
        adapter: Some("twilio".to_owned()),
        account: Some(account.to_owned()),
        number: number.map(ToOwned::to_owned),
        delivery_url: None,
    }
}
