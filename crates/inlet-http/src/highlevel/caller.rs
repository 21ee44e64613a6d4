//! Who calls: the token, what it may do, and the `Version` header. The sentences are HighLevel's own.

use std::sync::Arc;

use axum::http::{HeaderMap, header, request::Parts};
use inlet_core::{
    ids::{AppKey, GrantKey, IdKind, LocationKey, MessageKey},
    message::Message,
    registry::{Location, Registry, Subject, allows},
    usage::Used,
};
use inlet_highlevel::{
    fault::Fault,
    read::Reader,
    token::{AuthClass, Bad},
};
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

/// Whoever holds a token that is known and valid.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    /// Who owned what when the request came.
    pub(super) registry: Arc<Registry>,
    /// Whose things the token opens.
    pub(super) subject: Subject,
    /// The app that it belongs to.
    pub(super) app: AppKey,
    /// The grant behind an access token; a private integration token has none.
    pub(super) grant: Option<GrantKey>,
    scopes: Vec<String>,
}

/// A caller with a location's token.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Who owned what when the request came.
    pub(super) registry: Arc<Registry>,
    /// The location that the token opens.
    pub(super) location: LocationKey,
}

/// The holder of the token in the `Authorization` header.
pub(super) fn identify(headers: &HeaderMap, ports: &State) -> Result<Holder, Fault> {
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
    let registry = ports.directory.registry();
    if secret.starts_with(PREFIX) {
        private(secret, ports, registry)
    } else {
        granted(secret, ports, registry)
    }
}

/// The holder of a private integration token, whose use is noted.
fn private(secret: &str, ports: &State, registry: Arc<Registry>) -> Result<Holder, Fault> {
    let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    let token = registry.token(&hash).filter(|token| token.revoked_at.is_none());
    let token = token.ok_or_else(Fault::invalid_token)?;
    ports
        .usage
        .note(token.location, Used::Token(token.key), ports.clock.now());
    Ok(Holder {
        subject: Subject::Location(token.location),
        app: token.app,
        grant: None,
        scopes: token.scopes.clone(),
        registry,
    })
}

/// The holder of an access token: what it says counts as long as its grant holds, and covers what it says.
fn granted(secret: &str, ports: &State, registry: Arc<Registry>) -> Result<Holder, Fault> {
    let claims = ports.tokens.read(secret, ports.clock.now()).map_err(|bad| match bad {
        Bad::Forged => Fault::garbage_token(),
        Bad::Expired => Fault::expired_token(),
    })?;
    let key = ports.ids.decode(IdKind::Grant, &claims.sid).map(GrantKey);
    let key = key.ok_or_else(Fault::garbage_token)?;
    let grant = registry.grant(key).ok_or_else(Fault::revoked_token)?;
    let subject = match claims.auth_class {
        AuthClass::Company => Subject::Agency(claims.auth_class_id),
        AuthClass::Location => {
            let location = registry.location_by_id(&claims.auth_class_id);
            Subject::Location(location.ok_or_else(Fault::revoked_token)?.key)
        }
    };
    if !covers(&grant.subject, &subject, &registry) {
        return Err(Fault::revoked_token());
    }
    Ok(Holder {
        app: grant.app,
        grant: Some(key),
        subject,
        scopes: claims.oauth_meta.scopes,
        registry,
    })
}

/// Whether what is granted covers whose things a token opens: an agency's grant covers its locations, as they are now.
pub(super) fn covers(granted: &Subject, subject: &Subject, registry: &Registry) -> bool {
    match (granted, subject) {
        (Subject::Agency(agency), Subject::Location(location)) => {
            let location = registry.location(*location);
            location.is_some_and(|location| location.agency.as_ref() == Some(agency))
        }
        (Subject::Location(_), _) | (Subject::Agency(_), Subject::Agency(_)) => granted == subject,
    }
}

impl Holder {
    /// Refuses whoever may not do what the request asks, or asks it in an unknown version.
    pub(super) fn may(&self, request: &Parts, needs: &Needs) -> Result<(), Fault> {
        if !allows(&self.scopes, needs.scope) {
            return Err(Fault::missing_scope(needs.scope));
        }
        if needs.version {
            check_version(&request.headers)?;
        }
        Ok(())
    }

    /// The agency, where the token is an agency's.
    pub(super) fn agency(&self) -> Result<&str, Fault> {
        match &self.subject {
            Subject::Agency(agency) => Ok(agency),
            Subject::Location(_) => Err(Fault::wrong_class("This needs an agency's access token.")),
        }
    }

    /// The caller, where the token is a location's.
    pub(super) fn at_location(self) -> Result<Caller, Fault> {
        match self.subject {
            Subject::Location(location) => Ok(Caller {
                registry: self.registry,
                location,
            }),
            Subject::Agency(_) => Err(Fault::wrong_class(
                "This needs a location's token: POST /oauth/locationToken gives one for an agency's.",
            )),
        }
    }
}

impl Caller {
    /// Refuses a request whose query names another location.
    pub(super) fn is_at(&self, request: &Parts) -> Result<(), Fault> {
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

    /// The message of the location that an id names.
    pub(super) async fn message(&self, ports: &State, kind: IdKind, id: &str) -> Result<Message, Fault> {
        let key = ports.ids.decode(kind, id).map(MessageKey);
        self.message_at(ports, key.ok_or_else(Fault::unknown_message)?).await
    }

    /// The message of the location that has this key.
    pub(super) async fn message_at(&self, ports: &State, key: MessageKey) -> Result<Message, Fault> {
        let found = ports.inbox.message(self.location, key).await?;
        found.ok_or_else(Fault::unknown_message)
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
}

fn check_version(headers: &HeaderMap) -> Result<(), Fault> {
    let version = headers.get("version").ok_or_else(Fault::no_version)?;
    if VERSIONS.iter().any(|known| version == known) {
        Ok(())
    } else {
        Err(Fault::invalid_version(&VERSIONS))
    }
}
