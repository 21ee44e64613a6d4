//! Finds what a request names by its id, or says in a sentence where to look.

use inlet_core::registry::{App, Destination, Location, Provider, Registry};

use super::fault::Fault;

/// The location of that id.
pub(super) fn location<'r>(registry: &'r Registry, id: &str) -> Result<&'r Location, Fault> {
    registry.location_by_id(id).ok_or_else(|| {
        Fault::missing(format!(
            "there is no location {id}: `inlet location list` shows those there are"
        ))
    })
}

/// The app that tokens and destinations belong to unless another is named.
pub(super) fn builtin_app(registry: &Registry) -> Result<&App, Fault> {
    registry
        .builtin_app()
        .ok_or_else(|| Fault::unavailable("the store has no built-in app: start it once with `inlet serve`"))
}

/// The provider of that id, at whatever location.
pub(super) fn provider(registry: &Registry, id: &str) -> Result<Provider, Fault> {
    let own = registry.providers().iter().find(|provider| provider.id == id).cloned();
    let found = own.or_else(|| {
        let mut locations = registry.locations().iter();
        locations.find_map(|location| registry.provider_by_id(location.key, id))
    });
    found.ok_or_else(|| {
        Fault::missing(format!(
            "there is no provider {id}: `inlet provider list` shows those there are"
        ))
    })
}

/// The destination of that id.
pub(super) fn destination<'r>(registry: &'r Registry, id: &str) -> Result<&'r Destination, Fault> {
    let mut all = registry.destinations().iter();
    all.find(|destination| destination.id == id).ok_or_else(|| {
        Fault::missing(format!(
            "there is no destination {id}: `inlet destination list` shows those there are"
        ))
    })
}
