//! Who calls: the token, what it may do, and the `Version` header. The sentences are HighLevel's own.

use std::sync::Arc;

use axum::http::{HeaderMap, header, request::Parts};
use inlet_core::{
    ids::{AppKey, LocationKey},
    registry::{Location, Registry, Token},
};
use inlet_highlevel::{fault::Fault, read::Reader};
use sha2::{Digest, Sha256};

use crate::state::State;

/// The versions that HighLevel has published. In practice each is taken on every established path, and its SDKs send
/// others than its specification declares.
const VERSIONS: [&str; 5] = ["2021-04-15", "2021-07-28", "2023-02-21", "v3", "legacy"];
/// How private integration tokens begin. HighLevel's help shows them without `Bearer`, so that is taken too.
const PREFIX: &str = "pit-";

/// What an endpoint needs of its caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// The scope that its token must have.
    pub(super) scope: &'static str,
    /// Whether it needs the `Version` header.
    pub(super) version: bool,
}

/// A caller whose token is known and valid.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Who owned what when the request came.
    pub(super) registry: Arc<Registry>,
    /// The location that the token opens.
    pub(super) location: LocationKey,
    /// The app that it belongs to.
    pub(super) app: AppKey,
    hash: [u8; 32],
}

/// The caller behind the `Authorization` header.
pub(super) fn identify(headers: &HeaderMap, registry: Arc<Registry>) -> Result<Caller, Fault> {
    let given = headers.get(header::AUTHORIZATION).ok_or_else(Fault::no_token)?;
    let given = given.to_str().map_err(|_| Fault::garbage_token())?.trim();
    let secret = match given.split_once(' ') {
        Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => secret.trim(),
        None if given.starts_with(PREFIX) => given,
        Some(_) | None => "",
    };
    if secret.is_empty() {
        return Err(Fault::no_token());
    }
    let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    let token = registry.token(&hash).filter(|token| token.revoked_at.is_none());
    let Some(token) = token else {
        let ours = secret.starts_with(PREFIX);
        return Err(if ours {
            Fault::invalid_token()
        } else {
            Fault::garbage_token()
        });
    };
    Ok(Caller {
        location: token.location,
        app: token.app,
        hash,
        registry,
    })
}

impl Caller {
    /// Refuses a caller who may not do what the request asks, or asks it in an unknown version.
    pub(super) fn may(&self, request: &Parts, needs: &Needs) -> Result<(), Fault> {
        if !self.token().is_some_and(|token| token.allows(needs.scope)) {
            return Err(Fault::missing_scope(needs.scope));
        }
        if needs.version {
            check_version(&request.headers)?;
        }
        let query = request.uri.query().unwrap_or_default();
        let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "locationId");
        asked.map_or(Ok(()), |(_, id)| self.owns(&id))
    }

    /// Refuses a location that is not the token's.
    pub(super) fn owns(&self, id: &str) -> Result<(), Fault> {
        (id == self.location()?.id)
            .then_some(())
            .ok_or_else(Fault::other_location)
    }

    /// The location that the token opens.
    pub(super) fn location(&self) -> Result<&Location, Fault> {
        self.registry.location(self.location).ok_or_else(Fault::invalid_token)
    }

    /// Shows what the location has.
    pub(super) fn reader<'a>(&'a self, ports: &'a State) -> Result<Reader<'a>, Fault> {
        Ok(Reader {
            location: self.location()?,
            registry: &self.registry,
            ids: &ports.ids,
            links: &ports.links,
        })
    }

    fn token(&self) -> Option<&Token> {
        self.registry.token(&self.hash)
    }
}

fn check_version(headers: &HeaderMap) -> Result<(), Fault> {
    let version = headers.get("version").ok_or_else(Fault::no_version)?;
    if VERSIONS.iter().any(|known| version == known) {
        Ok(())
    } else {
        Err(Fault::invalid_version(&VERSIONS))
    }
}
