//! A server's state over the fakes: two locations with a conversation each, tokens of every sort, and requests.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, request},
};
use inlet_core::{
    Timestamp,
    channel::{Channel, Direction, MessageStatus},
    clock::Clock,
    ids::{AppKey, ContactKey, IdCodec, KeyMaker, LocationKey, MessageKey, ProviderKey, TokenKey},
    inbound::{Detail, Email},
    inbox::ConversationView,
    links::MediaLinks,
    message::Message,
    registry::{App, Entries, Location, Registry, Token},
    secret::Secret,
    signature::BodySigner,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use super::fakes::{Closed, CountingChance, FakeInbox, FakeIntake, FakeJournal, FixedDirectory, HeldClock};
use crate::{
    live::Live,
    router::{router, with_echo},
    server::Unanswered,
    state::{Limits, Settings, Shared, State},
    trial::Trial,
    webhooks::WebhookCounters,
};

/// May do everything at location 1.
pub(super) const FULL: &str = "pit-00000000-0000-4000-8000-000000000001";
/// May only read messages.
pub(super) const READER: &str = "pit-00000000-0000-4000-8000-000000000002";
/// Was revoked.
pub(super) const REVOKED: &str = "pit-00000000-0000-4000-8000-000000000003";
/// Nobody made it.
pub(super) const UNKNOWN: &str = "pit-00000000-0000-4000-8000-000000000004";
/// Bytes that a body may have here.
pub(super) const MOST: usize = 2000;
/// The contact of location 1, and of location 2.
pub(super) const MINE: ContactKey = ContactKey(5);
pub(super) const THEIRS: ContactKey = ContactKey(6);

pub(super) struct World {
    pub(super) state: Shared,
    pub(super) intake: Arc<FakeIntake>,
    pub(super) journal: Arc<FakeJournal>,
    pub(super) clock: Arc<HeldClock>,
    router: axum::Router,
}

/// An answer, its body read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    /// Whether the connection is closed instead.
    pub(super) unanswered: Option<Unanswered>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body without its trace id, which is another one each time.
    pub(super) fn untraced(&self) -> Value {
        let mut body = self.body.clone();
        body.as_object_mut().unwrap().remove("traceId");
        body
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self::with_limits(Limits {
            enforced: false,
            burst: 100,
            interval_ms: 10_000,
            daily: 200_000,
        })
    }

    pub(super) fn with_limits(limits: Limits) -> Self {
        Self::of(limits, Trial::default(), inbox())
    }

    /// One that behaves badly; all that is there was made this moment, and one more message went out.
    pub(super) fn on_trial(trial: Trial) -> Self {
        let now = HeldClock::default().now();
        let mut inbox = inbox();
        let mut sent = message(14, MINE, 1, Channel::Sms);
        sent.direction = Direction::Outbound;
        inbox.messages.push(sent);
        inbox.messages.iter_mut().for_each(|message| message.created_at = now);
        inbox.conversations.values_mut().for_each(|view| view.created_at = now);
        let limits = Limits {
            enforced: true,
            burst: 100,
            interval_ms: 10_000,
            daily: 200_000,
        };
        Self::of(limits, trial, inbox)
    }

    fn of(limits: Limits, trial: Trial, inbox: FakeInbox) -> Self {
        let (intake, journal, clock) = (Arc::default(), Arc::default(), Arc::default());
        let ids = IdCodec::new([1; 16]);
        let state = Arc::new(State {
            intake: Arc::<FakeIntake>::clone(&intake),
            inbox: Arc::new(inbox),
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
            chance: Arc::new(CountingChance::default()),
            keys: Arc::new(KeyMaker::new(0)),
            ids: ids.clone(),
            links: MediaLinks::new("https://inbox.example.com", Secret::new("k"), ids),
            signer: BodySigner::new(&[1; 32]),
            adapters: &[],
            live: Live::default(),
            webhooks: WebhookCounters::default(),
            settings: Settings {
                public_url: "https://inbox.example.com".into(),
                listening: "http://127.0.0.1:8700".into(),
                has_public_url: true,
                open_pages: false,
                journal_accepted: false,
                max_body: MOST,
                limits,
                trial,
                guards: crate::guards::Guards::default(),
                version: "0.0.0",
            },
        });
        Self {
            router: router(Arc::clone(&state)),
            state,
            intake,
            journal,
            clock,
        }
    }

    /// A request with a good token and version.
    pub(super) fn get(path: &str) -> request::Builder {
        Request::get(path)
            .header("authorization", format!("Bearer {FULL}"))
            .header("version", "2021-07-28")
    }

    /// The same with a JSON body to come.
    pub(super) fn post(path: &str) -> request::Builder {
        Self::get(path)
            .method("POST")
            .header("content-type", "application/json")
    }

    /// A good message.
    pub(super) fn hello(&self) -> Body {
        let contact = self.state.ids.contact(MINE);
        Body::from(format!(r#"{{"type":"SMS","contactId":"{contact}","message":"hi"}}"#))
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = read(self.router.clone(), request).await;
        // What is kept on the side after an acknowledgement is kept within a few turns.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        answer
    }

    pub(super) async fn send_to_echo(&self, request: Request<Body>) -> Answer {
        read(with_echo(Arc::clone(&self.state)), request).await
    }

    /// Posts a good message under these headers instead of the usual ones.
    pub(super) async fn hello_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(self.hello()).unwrap()).await
    }
}

async fn read(router: axum::Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    Answer {
        status: head.status.as_u16(),
        unanswered: head.extensions.get().copied(),
        headers: head.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    }
}

fn token(key: i64, text: &str, location: i64, scopes: &[&str]) -> Token {
    Token {
        key: TokenKey(key),
        hash: Sha256::digest(text).into(),
        location: LocationKey(location),
        app: AppKey(1),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        hint: "0000".into(),
        created_at: Timestamp::UNIX_EPOCH,
        revoked_at: (text == REVOKED).then_some(Timestamp::UNIX_EPOCH),
    }
}

fn registry() -> Registry {
    let location = |key: i64| Location {
        key: LocationKey(key),
        id: format!("location{key}"),
        name: "Okafor Studio".into(),
        country: None,
        agency: None,
        created_at: Timestamp::UNIX_EPOCH,
        words: inlet_core::consent::ConsentWords::default(),
        views: Vec::new(),
    };
    Registry::new(Entries {
        id_key: [1; 16],
        locations: vec![location(1), location(2)],
        apps: vec![App {
            key: AppKey(1),
            id: "6578278e879ad2646715ba9c".into(),
            name: "built-in".into(),
            client: None,
        }],
        tokens: vec![
            token(1, FULL, 1, &[]),
            token(2, READER, 1, &["conversations/message.readonly"]),
            token(3, REVOKED, 1, &[]),
        ],
        ..Entries::default()
    })
}

fn message(key: i64, contact: ContactKey, location: i64, channel: Channel) -> Message {
    Message {
        key: MessageKey(key),
        location: LocationKey(location),
        contact,
        seq: key,
        before: None,
        provider: ProviderKey(channel.code()),
        external_id: None,
        channel,
        direction: Direction::Inbound,
        status: MessageStatus::Delivered,
        body: Some(format!("message {key}")),
        occurred_at: Timestamp::UNIX_EPOCH,
        created_at: Timestamp::UNIX_EPOCH,
        detail: Detail {
            email: channel.is_email().then(Email::default),
            ..Detail::default()
        },
    }
}

fn view(key: ContactKey, location: i64) -> ConversationView {
    ConversationView {
        key,
        location: LocationKey(location),
        name: Some("Maya Okafor".into()),
        phone: None,
        email: None,
        created_at: Timestamp::UNIX_EPOCH,
        unread: 1,
        starred: false,
        count: 3,
        last_at: Timestamp::UNIX_EPOCH,
        last: None,
    }
}

/// Location 1 has three messages, the second of them a mail; location 2 has a mail.
fn inbox() -> FakeInbox {
    FakeInbox {
        messages: vec![
            message(11, MINE, 1, Channel::Sms),
            message(12, MINE, 1, Channel::Email),
            message(13, MINE, 1, Channel::Sms),
            message(21, THEIRS, 2, Channel::Email),
        ],
        conversations: [(MINE, view(MINE, 1)), (THEIRS, view(THEIRS, 2))].into(),
    }
}
