//! What apps exchange for access tokens, and where they are installed: what these endpoints have in common.

use axum::{
    extract::Request,
    http::request::Parts,
    routing::{MethodRouter, get, post},
};
use inlet_core::{
    chance,
    ids::{GrantKey, IdKind},
    registry::{App, Client, Location, Registry, Subject},
    secret::Secret,
};
use inlet_highlevel::{
    fault::Fault,
    oauth::{Issued, Tokens, Written},
    token::{AuthClass, Claims, Meta, SCOPES},
};
use sha2::{Digest, Sha256};

use super::{Api, payload};
use crate::state::State;

mod installed_locations;
mod location_token;
mod token;

/// All endpoints; HighLevel has two spellings of most.
pub(super) fn endpoints() -> [(&'static str, MethodRouter<Api>); 5] {
    [
        ("/oauth/token", post(token::handle)),
        ("/oauth/locationToken", post(location_token::handle)),
        ("/oauth/location-token", post(location_token::handle)),
        ("/oauth/installedLocations", get(installed_locations::older)),
        ("/oauth/installed-locations", get(installed_locations::newer)),
    ]
}

/// A grant's part that a token is made for.
struct For<'a> {
    app: &'a App,
    client: &'a Client,
    grant: GrantKey,
    /// What the grant allows; empty means everything.
    scopes: &'a [String],
    whose: Whose<'a>,
}

/// Whose things a token opens.
#[derive(Clone, Copy)]
enum Whose<'a> {
    Location(&'a Location),
    Agency(&'a str),
}

impl<'a> Whose<'a> {
    fn of(subject: &'a Subject, registry: &'a Registry) -> Option<Self> {
        match subject {
            Subject::Location(key) => registry.location(*key).map(Self::Location),
            Subject::Agency(agency) => Some(Self::Agency(agency)),
        }
    }
}

/// Makes an access token, and says what it is together with the refresh token that goes with it.
fn issue(state: &State, registry: &Registry, made_for: &For<'_>, refresh: Option<Secret>) -> Tokens {
    let scopes = scopes(made_for);
    let (class, id) = match made_for.whose {
        Whose::Location(location) => (AuthClass::Location, location.id.as_str()),
        Whose::Agency(agency) => (AuthClass::Company, agency),
    };
    let now = state.clock.now().as_second();
    let grant = state.ids.encode(IdKind::Grant, made_for.grant.0);
    let access = state.tokens.issue(&Claims {
        auth_class: class,
        auth_class_id: id.to_owned(),
        primary_auth_class_id: id.to_owned(),
        source: "INTEGRATION".to_owned(),
        source_id: made_for.client.id.clone(),
        channel: "OAUTH".to_owned(),
        oauth_meta: Meta {
            scopes: scopes.clone(),
            client: made_for.app.id.clone(),
            version_id: made_for.app.id.clone(),
        },
        sid: grant.clone(),
        jti: chance::uuid(&*state.chance),
        iat: now,
        exp: now.saturating_add(state.tokens.seconds()),
    });
    let (location, company, approved) = match made_for.whose {
        Whose::Location(location) => (Some(location.id.clone()), location.agency.clone(), None),
        Whose::Agency(agency) => (None, Some(agency.to_owned()), Some(locations_of(registry, agency))),
    };
    Tokens::new(Issued {
        access: Secret::new(access),
        seconds: state.tokens.seconds(),
        refresh,
        scopes,
        class,
        location,
        company,
        approved,
        grant,
        app: made_for.app.id.clone(),
    })
}

fn locations_of(registry: &Registry, agency: &str) -> Vec<String> {
    let own = registry.locations().iter();
    own.filter(|location| location.agency.as_deref() == Some(agency))
        .map(|location| location.id.clone())
        .collect()
}

/// Each scope by its name; those of an agency go with its own tokens only.
fn scopes(made_for: &For<'_>) -> Vec<String> {
    let all = || SCOPES.iter().map(|&scope| scope.to_owned()).collect();
    let granted: Vec<String> = if made_for.scopes.is_empty() {
        all()
    } else {
        made_for.scopes.to_vec()
    };
    match made_for.whose {
        Whose::Agency(_) => granted,
        Whose::Location(_) => granted
            .into_iter()
            .filter(|scope| !scope.starts_with("oauth."))
            .collect(),
    }
}

fn sha256(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.expose()).into()
}

/// The body of a request, and how it is written.
async fn read(request: Request, state: &State) -> Result<(Parts, Vec<u8>, Written), Fault> {
    let (head, body) = request.into_parts();
    let most = state.settings.max_body;
    if payload::is_form(&head.headers) {
        let body = payload::read(body, most).await?;
        return Ok((head, body, Written::Form));
    }
    let body = payload::read_json(&head.headers, body, most).await?;
    Ok((head, body, Written::Json))
}
