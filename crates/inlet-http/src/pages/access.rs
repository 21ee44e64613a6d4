//! Who may see the pages: a session in a cookie, and forms only from our own pages.

use std::fmt;

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use inlet_core::{
    ids::LocationKey,
    people::{Role, Whose},
    registry::{Location, Registry},
};
use sha2::{Digest, Sha256};

use super::{fault::Fault, moment::Zone};
use crate::state::{Shared, State};

/// The cookie that holds a session's secret.
pub(super) const SESSION: &str = "inlet_session";
/// The cookie in which our script keeps the reader's offset from UTC, in minutes.
const OFFSET: &str = "inlet_offset";

/// The SHA-256 under which the directory knows a login link's or a session's secret.
pub fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Someone who may see the pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Viewer {
    /// Where their clock stands.
    pub(super) zone: Zone,
    /// What their forms carry.
    pub(super) form_token: FormToken,
    /// Whose the session is; none, where the pages are open without one.
    whose: Option<Whose>,
}

/// What a form of our pages carries, so that no other site can make one. It follows from the session's secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FormToken([u8; 16]);

impl FormToken {
    fn of(session: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(format!("form {session}")).into();
        let mut token = [0; 16];
        token.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
        Self(token)
    }
}

impl fmt::Display for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Viewer {
    /// Whether there is a session, and so a token that forms must carry.
    pub(super) fn has_session(self) -> bool {
        self.whose.is_some()
    }

    /// What they may do at a location, if anything.
    pub(super) fn role(self, state: &State, location: LocationKey) -> Option<Role> {
        match self.whose {
            None | Some(Whose::Operator) => Some(Role::Owner),
            Some(Whose::User(user)) => state.directory.registry().user(user)?.roles.get(&location).copied(),
        }
    }

    /// The locations whose pages they may see.
    pub(super) fn locations<'r>(self, state: &State, registry: &'r Registry) -> Vec<&'r Location> {
        let all = registry.locations().iter();
        all.filter(|location| self.role(state, location.key).is_some())
            .collect()
    }

    /// The locations that are theirs to give away.
    pub(super) fn owned<'r>(self, state: &State, registry: &'r Registry) -> Vec<&'r Location> {
        let mut own = self.locations(state, registry);
        own.retain(|location| self.role(state, location.key) == Some(Role::Owner));
        own
    }

    /// Whether they run the installation.
    pub(super) fn is_operator(self) -> bool {
        match self.whose {
            None | Some(Whose::Operator) => true,
            Some(Whose::User(_)) => false,
        }
    }

    /// How the log of deeds calls them.
    pub(super) fn name(self, state: &State) -> String {
        let user = match self.whose {
            None => return "the demo".to_owned(),
            Some(Whose::Operator) => return "operator".to_owned(),
            Some(Whose::User(user)) => user,
        };
        let registry = state.directory.registry();
        registry.user(user).map(|user| user.name.clone()).unwrap_or_default()
    }
}

impl FromRequestParts<Shared> for Viewer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        // The gate asked already, before the handler does.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(*known);
        }
        let secret = cookie(&parts.headers, SESSION);
        let whose = match secret {
            Some(_) if shared.settings.open_pages => None,
            Some(secret) => {
                shared
                    .directory
                    .session(secret_hash(secret), shared.clock.now())
                    .await?
            }
            None => None,
        };
        if whose.is_none() && !shared.settings.open_pages {
            return Err(Fault::Closed);
        }
        let minutes = cookie(&parts.headers, OFFSET).and_then(|minutes| minutes.parse().ok());
        let viewer = Self {
            zone: Zone::new(minutes.unwrap_or_default()),
            form_token: FormToken::of(secret.unwrap_or_default()),
            whose,
        };
        parts.extensions.insert(viewer);
        Ok(viewer)
    }
}

/// A form that one of our own pages sent: without this, another site could press our buttons.
#[derive(Clone, Copy, Debug)]
pub(super) struct SameOrigin;

impl FromRequestParts<Shared> for SameOrigin {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        // Browsers say where a request comes from: in words on secure pages, and as an origin with every POST.
        let ours = match (text("sec-fetch-site"), text("origin")) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => {
                let host = origin.split_once("://").map(|(_, host)| host);
                origin == shared.settings.public_url || (host.is_some() && host == text("host"))
            }
            (None, None) => false,
        };
        if ours { Ok(Self) } else { Err(Fault::Elsewhere) }
    }
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
