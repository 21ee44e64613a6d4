//! Who owns what: locations, apps, tokens, endpoints, providers and destinations, all in memory, as one value that is
//! replaced whole when any of them changes. There are few of them, and every request asks.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::{
    channel::Channel,
    consent::ConsentWords,
    event::EventKind,
    ids::{AppKey, DestinationKey, EndpointKey, GrantKey, LocationKey, ProviderKey, TokenKey},
    people::User,
    secret::Secret,
};

mod app;
mod destination;
mod users;
mod view;

pub use app::{App, Client, Grant, Subject, allows};
pub use destination::{Destination, DestinationState, OldSecret, Ordering, UPSTREAM, VENDOR, WEBHOOK};
pub use view::SavedView;

/// A tenant.
#[derive(Clone, Debug)]
pub struct Location {
    /// Its key.
    pub key: LocationKey,
    /// Its id outside.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where numbers without a country code are read, as ISO 3166.
    pub country: Option<String>,
    /// Whose it is.
    pub agency: Option<String>,
    /// The words by which its contacts opt out and in.
    pub words: ConsentWords,
    /// Cuts of its list of conversations that its people keep under a name.
    pub views: Vec<SavedView>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A private integration token, known by its SHA-256 only.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its key.
    pub key: TokenKey,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// The location it opens.
    pub location: LocationKey,
    /// The app it belongs to.
    pub app: AppKey,
    /// What it may do; empty means everything.
    pub scopes: Vec<String>,
    /// Its last four characters, for people.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// A webhook URL with its adapter and keys.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its key.
    pub key: EndpointKey,
    /// The adapter that speaks the vendor's language.
    pub adapter: String,
    /// The opaque token in its path, to show the URL again.
    pub token: Secret,
    /// The vendor's secrets, any of which may sign: several while one is being rotated.
    pub secrets: Vec<Secret>,
    /// Whether requests are taken without a signature, by an explicit wish.
    pub unsigned: bool,
    /// How its requests are read, where the adapter leaves that to a template: TOML, which the adapter has checked.
    pub template: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// One vendor account, number or page at a location.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its key; a built-in one's is its channel's code.
    pub key: ProviderKey,
    /// Its id outside: 24 hex characters.
    pub id: String,
    /// Where it belongs.
    pub location: LocationKey,
    /// What it fits.
    pub kind: ProviderKind,
    /// The endpoint it is served by, where it has a webhook.
    pub endpoint: Option<EndpointKey>,
    /// The adapter's name, where it has one.
    pub adapter: Option<String>,
    /// The vendor's name for the account.
    pub account: Option<String>,
    /// The number or page; any, where absent.
    pub number: Option<String>,
    /// Where outbound messages are handed over.
    pub delivery_url: Option<String>,
}

/// What messages a provider fits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Texts.
    Sms,
    /// Mail.
    Email,
    /// Calls.
    Call,
    /// Anything, as texts of its own kind.
    Custom,
    /// These channels: a built-in provider's one, or an adapter's own.
    Channels(Vec<Channel>),
}

/// All of them, with the look-ups that requests need.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    version: i64,
    id_key: [u8; 16],
    locations: Vec<Location>,
    apps: Vec<App>,
    tokens: HashMap<[u8; 32], Token>,
    grants: HashMap<GrantKey, Grant>,
    users: Vec<User>,
    endpoints: Vec<Endpoint>,
    providers: Vec<Provider>,
    destinations: Vec<Destination>,
    location_by_key: HashMap<LocationKey, usize>,
    location_by_id: HashMap<String, usize>,
    provider_by_key: HashMap<ProviderKey, usize>,
    endpoint_by_token: HashMap<[u8; 32], usize>,
    destination_by_key: HashMap<DestinationKey, usize>,
    destinations_of: HashMap<LocationKey, Vec<usize>>,
    asking_tags: HashSet<LocationKey>,
    upstream_by_token: HashMap<[u8; 32], usize>,
}

/// What a registry is made of.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Counts the changes: a node whose registry has an older one reads it again.
    pub version: i64,
    /// The installation's id key, from which the ids of built-in providers are made.
    pub id_key: [u8; 16],
    /// All locations.
    pub locations: Vec<Location>,
    /// All apps, the built-in one too.
    pub apps: Vec<App>,
    /// All tokens, revoked ones too.
    pub tokens: Vec<Token>,
    /// What was granted to apps, taken back or not.
    pub grants: Vec<Grant>,
    /// Who may see the pages.
    pub users: Vec<User>,
    /// All endpoints.
    pub endpoints: Vec<Endpoint>,
    /// All providers but the built-in ones.
    pub providers: Vec<Provider>,
    /// All destinations.
    pub destinations: Vec<Destination>,
}

impl Registry {
    /// Arranges the entries for looking up.
    pub fn new(entries: Entries) -> Self {
        let mut upstream_by_token = HashMap::new();
        let mut destinations_of: HashMap<_, Vec<_>> = HashMap::new();
        for (index, destination) in entries.destinations.iter().enumerate() {
            destinations_of.entry(destination.location).or_default().push(index);
            if let Some(token) = destination.door_token() {
                upstream_by_token.insert(Sha256::digest(token).into(), index);
            }
        }
        Self {
            location_by_key: index_by(&entries.locations, |location| location.key),
            location_by_id: index_by(&entries.locations, |location| location.id.clone()),
            provider_by_key: index_by(&entries.providers, |provider| provider.key),
            endpoint_by_token: index_by(&entries.endpoints, |endpoint| {
                Sha256::digest(endpoint.token.expose()).into()
            }),
            destination_by_key: index_by(&entries.destinations, |destination| destination.key),
            destinations_of,
            asking_tags: entries
                .destinations
                .iter()
                .filter(|one| one.asks_tags())
                .map(|one| one.location)
                .collect(),
            upstream_by_token,
            version: entries.version,
            id_key: entries.id_key,
            locations: entries.locations,
            apps: entries.apps,
            tokens: entries.tokens.into_iter().map(|token| (token.hash, token)).collect(),
            grants: entries.grants.into_iter().map(|grant| (grant.key, grant)).collect(),
            users: entries.users,
            endpoints: entries.endpoints,
            providers: entries.providers,
            destinations: entries.destinations,
        }
    }

    /// Counts the changes.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// All locations.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// The location of that key.
    pub fn location(&self, key: LocationKey) -> Option<&Location> {
        self.locations.get(*self.location_by_key.get(&key)?)
    }

    /// The location of that id.
    pub fn location_by_id(&self, id: &str) -> Option<&Location> {
        self.locations.get(*self.location_by_id.get(id)?)
    }

    /// The app of that key.
    pub fn app(&self, key: AppKey) -> Option<&App> {
        self.apps.iter().find(|app| app.key == key)
    }

    /// The app that private integration tokens belong to.
    pub fn builtin_app(&self) -> Option<&App> {
        self.apps.iter().find(|app| app.client.is_none())
    }

    /// All apps, the built-in one too.
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// What was granted, taken back or not, oldest first.
    pub fn grants(&self) -> Vec<&Grant> {
        let mut all: Vec<_> = self.grants.values().collect();
        all.sort_by_key(|grant| grant.key);
        all
    }

    /// The grant of that key, if it has not been taken back.
    pub fn grant(&self, key: GrantKey) -> Option<&Grant> {
        self.grants.get(&key).filter(|grant| grant.revoked_at.is_none())
    }

    /// The token with that SHA-256, revoked or not.
    pub fn token(&self, hash: &[u8; 32]) -> Option<&Token> {
        self.tokens.get(hash)
    }

    /// All tokens, revoked ones too.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values()
    }

    /// All endpoints.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The endpoint of that key.
    pub fn endpoint(&self, key: EndpointKey) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.key == key)
    }

    /// The endpoint with that token in its path.
    pub fn endpoint_by_token(&self, token: &str) -> Option<&Endpoint> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.endpoints.get(*self.endpoint_by_token.get(&hash)?)
    }

    /// All providers but the built-in ones.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The provider of that key at a location: a built-in one where the key is a channel's code.
    pub fn provider(&self, location: LocationKey, key: ProviderKey) -> Option<Provider> {
        if let Some(channel) = Channel::from_code(key.0) {
            return Some(self.builtin_provider(location, channel));
        }
        self.providers
            .get(*self.provider_by_key.get(&key)?)
            .filter(|found| found.location == location)
            .cloned()
    }

    /// The provider of that id at a location.
    pub fn provider_by_id(&self, location: LocationKey, id: &str) -> Option<Provider> {
        let own = self
            .providers
            .iter()
            .find(|provider| provider.id == id && provider.location == location);
        own.cloned().or_else(|| {
            let builtin = Channel::ALL
                .iter()
                .map(|&channel| self.builtin_provider(location, channel));
            builtin.into_iter().find(|provider| provider.id == id)
        })
    }

    /// Whether some location has a provider of that id.
    pub fn provider_exists(&self, id: &str) -> bool {
        self.providers.iter().any(|provider| provider.id == id)
    }

    /// The providers that an endpoint serves.
    pub fn providers_of(&self, endpoint: EndpointKey) -> impl Iterator<Item = &Provider> {
        self.providers
            .iter()
            .filter(move |provider| provider.endpoint == Some(endpoint))
    }

    /// The provider that a location is born with for a channel. It needs no row: its key and id follow from the two.
    pub fn builtin_provider(&self, location: LocationKey, channel: Channel) -> Provider {
        let mut hasher = SipHasher24::new_with_key(&self.id_key);
        std::hash::Hasher::write_i64(&mut hasher, location.0);
        std::hash::Hasher::write_i64(&mut hasher, channel.code());
        let hash = hasher.finish128().as_bytes();
        let id = hex::encode(hash.get(..12).unwrap_or_default());
        Provider {
            key: ProviderKey(channel.code()),
            id,
            location,
            kind: ProviderKind::Channels(vec![channel]),
            endpoint: None,
            adapter: None,
            account: None,
            number: None,
            delivery_url: None,
        }
    }

    /// All destinations.
    pub fn destinations(&self) -> &[Destination] {
        &self.destinations
    }

    /// The destination of that key.
    pub fn destination(&self, key: DestinationKey) -> Option<&Destination> {
        self.destinations.get(*self.destination_by_key.get(&key)?)
    }

    /// Whether a destination of this location asks for the tags of contacts, so that the rule has to know them.
    pub fn asks_tags(&self, location: LocationKey) -> bool {
        self.asking_tags.contains(&location)
    }

    /// What kind the destination of that key is, as metrics call it.
    pub fn kind_of(&self, key: DestinationKey) -> &'static str {
        self.destination(key).map_or(WEBHOOK, Destination::kind)
    }

    /// The upstream with that token in the address of its own door.
    pub fn upstream_by_token(&self, token: &str) -> Option<&Destination> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.destinations.get(*self.upstream_by_token.get(&hash)?)
    }

    /// The destinations of a location that want to hear of `kind`.
    pub fn subscribers(&self, location: LocationKey, kind: EventKind) -> impl Iterator<Item = &Destination> {
        let own = self
            .destinations_of
            .get(&location)
            .map(Vec::as_slice)
            .unwrap_or_default();
        own.iter()
            .filter_map(|&index| self.destinations.get(index))
            .filter(move |found| found.events.contains(&kind))
    }
}

fn index_by<T, K: std::hash::Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| (key(item), index))
        .collect()
}
