//! The destination behind a provider's delivery URL: it gets what this provider is to send, and nothing else. Like any
//! destination it is signed for, tried again, paused and replayed.

use inlet_core::{
    chance,
    event::EventKind,
    filter::NoFilter,
    ids::DestinationKey,
    registry::{Destination, Provider},
    secret::Secret,
};

use super::{Fault, find};
use crate::state::State as Ports;

/// The destination of a provider that has a delivery URL.
pub(super) fn destination(shared: &Ports, provider: &Provider) -> Result<Option<Box<Destination>>, Fault> {
    let url = provider.delivery_url.as_deref();
    let made = url.map(|url| outgoing(shared, provider, url)).transpose()?;
    Ok(made.map(Box::new))
}

/// A destination of what this provider is to send.
pub(super) fn outgoing(shared: &Ports, provider: &Provider, url: &str) -> Result<Destination, Fault> {
    let app = find::builtin_app(&shared.directory.registry())?.key;
    let now = shared.clock.now();
    let mut secret = [0; 32];
    shared.chance.fill(&mut secret);
    let only = format!("provider = \"{}\"", provider.id).parse();
    Ok(Destination {
        key: DestinationKey(shared.keys.next(now)),
        id: chance::object_id(&*shared.chance),
        location: provider.location,
        app,
        events: vec![EventKind::ProviderOutboundMessage],
        filters: vec![only.map_err(|error: NoFilter| Fault::bad(error.to_string()))?],
        secret: Secret::new(secret),
        created_at: now,
        ..Destination::to(url)
    })
}
