//! A destination of events: where they go, which it wants, in what order, and how gently it is treated.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    channel::coded,
    event::EventKind,
    filter::{Facts, Filter},
    ids::{AppKey, DestinationKey, LocationKey, ProviderKey},
    message::Message,
    registry::Provider,
    relay::Upstream,
    schedule::Schedule,
    secret::Secret,
    signature::hmac_sha256,
};

/// Deliveries that may be under way to one destination, unless its owner says otherwise.
const MAX_INFLIGHT: u32 = 8;
/// Deliveries that may wait for one destination, unless its owner says otherwise; what comes beyond them is held.
const MAX_PENDING: u32 = 100_000;

/// What metrics call a webhook.
pub const WEBHOOK: &str = "webhook";
/// What metrics call the upstream.
pub const UPSTREAM: &str = "upstream";
/// What metrics call a vendor's own API.
pub const VENDOR: &str = "vendor";

coded! {
    /// Whether a destination is sent to.
    DestinationState {
        /// It is.
        Active = 0,
        /// Not now, by a person's wish; promises wait.
        Paused = 1,
        /// Not until it is enabled again; promises are held.
        Disabled = 2,
    }
}

coded! {
    /// In which order a destination gets the events of one conversation.
    Ordering {
        /// As they are due: one that failed is overtaken.
        None = 0,
        /// Each waits for the first attempt of the one before it; one that failed leaves the lane and is tried alone.
        BestEffort = 1,
        /// Each waits until the one before it is delivered or given up.
        Strict = 2,
    }
}

impl Ordering {
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BestEffort => "best_effort",
            Self::Strict => "strict",
        }
    }

    /// The ordering of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ordering| ordering.name() == name)
    }
}

/// Bytes of the token in an upstream's own door.
const DOOR_BYTES: usize = 20;

/// Where events go.
#[derive(Clone, Debug)]
pub struct Destination {
    /// Its key.
    pub key: DestinationKey,
    /// Its id outside: 24 hex characters.
    pub id: String,
    /// Where it belongs.
    pub location: LocationKey,
    /// The app it belongs to.
    pub app: AppKey,
    /// The address.
    pub url: String,
    /// What it wants to hear.
    pub events: Vec<EventKind>,
    /// Which of those: all of these must hold.
    pub filters: Vec<Filter>,
    /// The Standard Webhooks secret.
    pub secret: Secret,
    /// Secrets before it that still sign, so that the receiver can change over.
    pub old_secrets: Vec<OldSecret>,
    /// Whether it is sent to.
    pub state: DestinationState,
    /// Why it is not, in words.
    pub state_reason: Option<String>,
    /// Until when it is left alone.
    pub parked_until: Option<Timestamp>,
    /// How many deliveries may be under way while it recovers from a failure; as many as ever, where absent.
    pub trust: Option<u32>,
    /// In which order it gets the events of a conversation. It does not change.
    pub ordering: Ordering,
    /// When failed deliveries are tried again.
    pub schedule: Schedule,
    /// How many deliveries may be under way at once.
    pub max_inflight: u32,
    /// How many attempts may begin in a second; any number, where absent.
    pub rate: Option<u32>,
    /// How many deliveries may wait; what comes beyond them is held.
    pub max_pending: u32,
    /// Whether so many wait that new ones are held.
    pub full: bool,
    /// How it is spoken to, where it is the upstream and no webhook.
    pub upstream: Option<Arc<Upstream>>,
    /// Whose vendor's own API it is, where it is that and no webhook: its secret are the credentials.
    pub vendor: Option<ProviderKey>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A secret that was replaced.
#[derive(Clone, Debug)]
pub struct OldSecret {
    /// The secret.
    pub secret: Secret,
    /// Until when it still signs.
    pub until: Timestamp,
}

impl Destination {
    /// A destination with what holds unless somebody says otherwise: all that comes in, unordered, eight at once.
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            key: DestinationKey(0),
            id: String::new(),
            location: LocationKey(0),
            app: AppKey(0),
            url: url.into(),
            events: vec![EventKind::InboundMessage],
            filters: Vec::new(),
            secret: Secret::default(),
            old_secrets: Vec::new(),
            state: DestinationState::Active,
            state_reason: None,
            parked_until: None,
            trust: None,
            ordering: Ordering::None,
            schedule: Schedule::Standard,
            max_inflight: MAX_INFLIGHT,
            rate: None,
            max_pending: MAX_PENDING,
            full: false,
            upstream: None,
            vendor: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// The secrets that sign at `now`, the current one first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let old = self.old_secrets.iter().filter(move |old| old.until > now);
        std::iter::once(&self.secret).chain(old.map(|old| &old.secret))
    }

    /// Whether its filters let an event of this kind about a message through, whose contact has these tags.
    pub fn wants(&self, kind: EventKind, message: &Message, provider: &Provider, tags: &[String]) -> bool {
        let email = message.detail.email.as_ref();
        let facts = Facts {
            event: kind,
            channel: message.channel,
            provider: &provider.id,
            direction: message.direction,
            body: message.body.as_deref().unwrap_or_default(),
            subject: email.and_then(|email| email.subject.as_deref()).unwrap_or_default(),
            tags,
        };
        self.filters.iter().all(|filter| filter.fits(&facts))
    }

    /// Whether one of its filters asks for the contact's tags.
    pub fn asks_tags(&self) -> bool {
        self.filters.iter().any(Filter::asks_tags)
    }

    /// What kind of destination it is, as metrics call it.
    pub fn kind(&self) -> &'static str {
        match (&self.upstream, self.vendor) {
            (Some(_), _) => UPSTREAM,
            (None, Some(_)) => VENDOR,
            (None, None) => WEBHOOK,
        }
    }

    /// The token in the address of its own door, where it is an upstream: that follows from its secret, so that another
    /// secret makes another address.
    pub fn door_token(&self) -> Option<String> {
        self.upstream.as_ref()?;
        let mac = hmac_sha256(self.secret.expose(), &[b"the door of an upstream's own webhooks"]);
        Some(hex::encode(mac.get(..DOOR_BYTES).unwrap_or(&mac)))
    }

    /// Whether new promises to it are held.
    pub fn holds(&self) -> bool {
        match self.state {
            DestinationState::Disabled => true,
            DestinationState::Active | DestinationState::Paused => self.full,
        }
    }
}
