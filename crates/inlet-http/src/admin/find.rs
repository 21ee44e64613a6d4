//! Finds what a request names by its id, or says in a sentence where to look.

use std::collections::BTreeSet;

use inlet_core::{
    address::Phone,
    directory::StoreFault,
    ids::LocationKey,
    registry::{App, Destination, Location, Provider, Registry},
    usage::LastUse,
};

use inlet_highlevel::token::SCOPES;

use super::fault::Fault;
use crate::state::State as Ports;

/// Nothing, if there are all of these scopes.
pub(super) fn scopes(named: &[String]) -> Result<(), Fault> {
    match named.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        Some(unknown) => Err(Fault::bad(format!(
            "there is no scope {unknown}: choose from {}",
            SCOPES.join(", ")
        ))),
        None => Ok(()),
    }
}

/// The app of that id.
pub(super) fn app<'r>(registry: &'r Registry, id: &str) -> Result<&'r App, Fault> {
    registry
        .apps()
        .iter()
        .find(|app| app.id == id)
        .ok_or_else(|| Fault::missing(format!("there is no app {id}: `inlet app list` shows those there are")))
}

/// The location of that id.
pub(super) fn location<'r>(registry: &'r Registry, id: &str) -> Result<&'r Location, Fault> {
    registry.location_by_id(id).ok_or_else(|| {
        Fault::missing(format!(
            "there is no location {id}: `inlet location list` shows those there are"
        ))
    })
}

/// The location to which a list is confined, where one is named.
pub(super) fn only(registry: &Registry, id: Option<&str>) -> Result<Option<LocationKey>, Fault> {
    id.map(|id| Ok(location(registry, id)?.key)).transpose()
}

/// A number that was typed after `flag`, read in the location's country.
pub(super) fn phone(location: &Location, flag: &str, raw: &str) -> Result<Phone, Fault> {
    Phone::parse(raw, location.country.as_deref()).map_err(|reason| {
        let hint = match location.country {
            None if !raw.trim_start().starts_with('+') => format!(
                " (this location has no country: `inlet location edit {} --country US` gives it one)",
                location.id
            ),
            Some(_) | None => String::new(),
        };
        Fault::bad(format!("{flag} cannot be read: {reason}{hint}"))
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

/// The upstreams of a location, or the one that is named; all of them where neither is.
pub(super) fn upstreams<'r>(
    registry: &'r Registry,
    (location, destination): (Option<&str>, Option<&str>),
) -> Result<Vec<&'r Destination>, Fault> {
    let at = location.map(|id| self::location(registry, id)).transpose()?;
    let one = destination.map(|id| self::destination(registry, id)).transpose()?;
    let wanted = |found: &&Destination| {
        let here = at.is_none_or(|at| at.key == found.location);
        here && one.is_none_or(|one| one.key == found.key) && found.upstream.is_some()
    };
    Ok(registry.destinations().iter().filter(wanted).collect())
}

/// When the tokens and providers of these locations were last used.
pub(super) async fn last_use(
    ports: &Ports,
    locations: impl IntoIterator<Item = LocationKey>,
) -> Result<LastUse, StoreFault> {
    let locations: BTreeSet<LocationKey> = locations.into_iter().collect();
    let mut last = LastUse::new();
    for location in locations {
        last.append(&mut ports.usage.last_use(location).await?);
    }
    Ok(last)
}
