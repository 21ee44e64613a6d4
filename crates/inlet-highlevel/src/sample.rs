//! What the tests of this crate share: a location with providers, and messages.

use inlet_core::{
    Timestamp,
    channel::{Channel, Direction, MessageStatus},
    ids::{AppKey, ContactKey, IdCodec, LocationKey, MessageKey, ProviderKey},
    inbound::Detail,
    links::MediaLinks,
    message::Message,
    registry::{App, Entries, Location, Provider, ProviderKind, Registry},
    secret::Secret,
};

pub(crate) const HERE: LocationKey = LocationKey(1);
pub(crate) const SMS_PROVIDER: &str = "61d6d1f9cdac7612faf80701";
pub(crate) const EMAIL_PROVIDER: &str = "61d6d1f9cdac7612faf80702";
pub(crate) const CALL_PROVIDER: &str = "61d6d1f9cdac7612faf80703";
pub(crate) const CUSTOM_PROVIDER: &str = "61d6d1f9cdac7612faf80704";
pub(crate) const FOREIGN_PROVIDER: &str = "61d6d1f9cdac7612faf80705";

pub(crate) fn ids() -> IdCodec {
    IdCodec::new([1; 16])
}

pub(crate) fn links() -> MediaLinks {
    MediaLinks::new("https://inbox.example.com", Secret::new(*b"links"), ids())
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn location(key: LocationKey) -> Location {
    Location {
        key,
        id: format!("l1C08ntBrFjLS0elLIY{key}"),
        name: "Okafor Studio".into(),
        country: Some("US".into()),
        agency: None,
        created_at: Timestamp::UNIX_EPOCH,
        words: inlet_core::consent::ConsentWords::default(),
        views: Vec::new(),
    }
}

pub(crate) fn app() -> App {
    App {
        key: AppKey(1),
        id: "6578278e879ad2646715ba9c".into(),
        name: "built-in".into(),
        client: None,
    }
}

pub(crate) fn provider(key: i64, id: &str, kind: ProviderKind, location: LocationKey) -> Provider {
    Provider {
        key: ProviderKey(key),
        id: id.into(),
        location,
        kind,
        endpoint: None,
        adapter: None,
        account: None,
        number: None,
        delivery_url: None,
    }
}

pub(crate) fn registry() -> Registry {
    Registry::new(Entries {
        id_key: [1; 16],
        locations: vec![location(HERE), location(LocationKey(2))],
        apps: vec![app()],
        providers: vec![
            provider(1001, SMS_PROVIDER, ProviderKind::Sms, HERE),
            provider(1002, EMAIL_PROVIDER, ProviderKind::Email, HERE),
            provider(1003, CALL_PROVIDER, ProviderKind::Call, HERE),
            provider(1004, CUSTOM_PROVIDER, ProviderKind::Custom, HERE),
            provider(1005, FOREIGN_PROVIDER, ProviderKind::Sms, LocationKey(2)),
        ],
        ..Entries::default()
    })
}

pub(crate) fn message(channel: Channel, body: &str) -> Message {
    Message {
        key: MessageKey(7_000_001),
        location: HERE,
        contact: ContactKey(5_000_001),
        seq: 1,
        before: None,
        provider: ProviderKey(1001),
        external_id: Some("SM1".into()),
        channel,
        direction: Direction::Inbound,
        status: MessageStatus::Delivered,
        body: Some(body.into()),
        occurred_at: at("2024-07-29T15:51:28.071Z"),
        created_at: at("2024-07-29T15:51:29Z"),
        detail: Detail::default(),
    }
}
