//! A small installation with the pages open or closed, and people to put into it.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    response::Response,
};
use http::{HeaderMap, Request, StatusCode};
use inlet_core::{
    Timestamp,
    channel::{Channel, Direction, MessageStatus},
    ids::{AppKey, ContactKey, IdCodec, KeyMaker, LocationKey, MessageKey, ProviderKey},
    inbound::{Attachment, Detail, MediaState},
    inbox::ConversationView,
    links::MediaLinks,
    message::Message,
    registry::{App, Client, Entries, Location, Registry},
    secret::Secret,
    signature::BodySigner,
};
use inlet_http::{
    live::Live,
    media, pages,
    state::{Limits, Settings, Shared, State},
    trial::Trial,
};
use tower::ServiceExt;

use crate::fakes::Stage;

/// The two locations there are.
pub(crate) const HERE: LocationKey = LocationKey(1);
pub(crate) const THERE: LocationKey = LocationKey(2);
/// Their ids.
pub(crate) const HERE_ID: &str = "Here0000000000000000";
pub(crate) const THERE_ID: &str = "There000000000000000";
/// The address the world knows.
pub(crate) const URL: &str = "https://inbox.example.com";

/// The installation.
pub(crate) struct House {
    pub(crate) stage: Arc<Stage>,
    pub(crate) shared: Shared,
    pub(crate) router: Router,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    /// One with the pages open, as in the demo.
    pub(crate) fn open() -> Self {
        Self::new(true, Live::default(), "2026-11-25T12:00:00Z".parse().unwrap())
    }

    /// One that asks who comes.
    pub(crate) fn closed() -> Self {
        Self::new(false, Live::default(), "2026-11-25T12:00:00Z".parse().unwrap())
    }

    pub(crate) fn new(open_pages: bool, live: Live, now: Timestamp) -> Self {
        let stage = Arc::new(Stage {
            now: Mutex::new(now),
            registry: Arc::new(registry(now)),
            contacts: Mutex::default(),
            messages: Mutex::default(),
            blobs: Mutex::default(),
            links: Mutex::default(),
            sessions: Mutex::default(),
            dice: Mutex::default(),
            requests: Mutex::default(),
            deliveries: Mutex::default(),
        });
        let shared = Arc::new(state(&stage, open_pages, live));
        let router = pages::routes(&shared)
            .merge(media::routes())
            .with_state(Arc::clone(&shared));
        Self { stage, shared, router }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path)).await
    }

    pub(crate) async fn ask(&self, request: http::request::Builder) -> Answer {
        self.ask_with(request, Body::empty()).await
    }

    pub(crate) async fn ask_with(&self, request: http::request::Builder, body: Body) -> Answer {
        let (parts, body) = self.send(request.body(body).unwrap()).await.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// A contact at a location, without a message yet.
    pub(crate) fn person(&self, location: LocationKey, name: Option<&str>, phone: Option<&str>) -> ContactKey {
        let now = *self.stage.now.lock().unwrap();
        let key = ContactKey(self.shared.keys.next(now));
        let view = ConversationView {
            key,
            location,
            name: name.map(str::to_owned),
            phone: phone.map(str::to_owned),
            email: None,
            created_at: now,
            unread: 0,
            starred: false,
            count: 0,
            last_at: now,
            last: None,
        };
        self.stage.contacts.lock().unwrap().insert(key, view);
        key
    }

    /// Records a message as it is given, but for its key and its place.
    pub(crate) fn record(&self, mut message: Message) -> MessageKey {
        message.key = MessageKey(self.shared.keys.next(message.created_at));
        message.location = self.stage.contacts.lock().unwrap()[&message.contact].location;
        let mut all = self.stage.messages.lock().unwrap();
        let own = all.iter().filter(|other| other.contact == message.contact).count();
        message.seq = i64::try_from(own).unwrap() + 1;
        all.push(message.clone());
        message.key
    }

    pub(crate) fn conversation(&self, contact: ContactKey) -> String {
        self.shared.ids.conversation(contact)
    }

    pub(crate) fn thread_path(&self, contact: ContactKey) -> String {
        format!("/l/{HERE_ID}/c/{}", self.conversation(contact))
    }
}

/// A text message that came in.
pub(crate) fn text(contact: ContactKey, body: &str, at: Timestamp) -> Message {
    Message {
        key: MessageKey(0),
        location: HERE,
        contact,
        seq: 0,
        before: None,
        provider: ProviderKey(Channel::Sms.code()),
        external_id: None,
        channel: Channel::Sms,
        direction: Direction::Inbound,
        status: MessageStatus::Delivered,
        body: Some(body.to_owned()),
        occurred_at: at,
        created_at: at,
        detail: Detail::default(),
    }
}

/// A file in that state, said to be of that type.
pub(crate) fn attachment(url: &str, content_type: &str, state: MediaState) -> Attachment {
    Attachment {
        url: url.to_owned(),
        content_type: Some(content_type.to_owned()),
        state,
    }
}

fn app(now: Timestamp) -> App {
    App {
        key: AppKey(1),
        id: "6578278e879ad2646715ba9c".to_owned(),
        name: "Sync & Co".to_owned(),
        client: Some(Client {
            id: "6578278e879ad2646715ba9c-abc".to_owned(),
            secret: [1; 32],
            redirect_uris: vec!["https://app.example/back?from=inlet".to_owned()],
            scopes: vec!["contacts.readonly".to_owned()],
            created_at: now,
        }),
    }
}

fn registry(now: Timestamp) -> Registry {
    let location = |key, id: &str, name: &str| Location {
        key,
        id: id.to_owned(),
        name: name.to_owned(),
        country: None,
        agency: None,
        created_at: now,
        words: inlet_core::consent::ConsentWords::default(),
        views: Vec::new(),
    };
    Registry::new(Entries {
        apps: vec![app(now)],
        locations: vec![
            location(HERE, HERE_ID, "Harbour Dental"),
            location(THERE, THERE_ID, "Pine Street Physio"),
        ],
        ..Entries::default()
    })
}

fn state(stage: &Arc<Stage>, open_pages: bool, live: Live) -> State {
    let ids = IdCodec::new([7; 16]);
    State {
        intake: stage.clone(),
        inbox: stage.clone(),
        search: Arc::new(inlet_core::search::NoSearch),
        contacts: stage.clone(),
        outbox: stage.clone(),
        memory: Arc::new(inlet_core::relay::NoMemory),
        reach: Arc::new(inlet_core::relay::NoReach),
        backlog: Arc::new(inlet_core::backlog::NoBacklog),
        directory: stage.clone(),
        vouchers: Arc::new(inlet_core::vouchers::NoVouchers),
        deeds: Arc::new(inlet_core::deeds::NoDeeds),
        usage: Arc::new(inlet_core::usage::NoUsage),
        gauges: Arc::new(inlet_core::gauges::NoGauges),
        attempts: pages::Attempts::default(),
        tokens: inlet_highlevel::token::AccessTokens::new(&[2; 32], inlet_highlevel::token::LIFETIME),
        journal: stage.clone(),
        blobs: stage.clone(),
        reconcile: Arc::new(inlet_core::gaps::NoReconcile),
        targets: Arc::new(inlet_core::targets::NoTargets),
        clock: stage.clone(),
        chance: stage.clone(),
        keys: Arc::new(KeyMaker::new(0)),
        links: MediaLinks::new(URL, Secret::new(*b"key"), ids.clone()),
        ids,
        signer: BodySigner::new(&[3; 32]),
        adapters: &[],
        live,
        webhooks: inlet_http::webhooks::WebhookCounters::default(),
        settings: Settings {
            public_url: URL.to_owned(),
            listening: "http://127.0.0.1:8700".to_owned(),
            has_public_url: true,
            open_pages,
            journal_accepted: false,
            max_body: 1_000_000,
            limits: Limits {
                enforced: false,
                burst: 100,
                interval_ms: 10_000,
                daily: 200_000,
            },
            trial: Trial::default(),
            guards: inlet_http::guards::Guards::default(),
            version: "test",
        },
    }
}
