//! A destination that is the upstream: how it is spoken to, and what opens it.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::post,
};
use inlet_core::{
    channel::Channel,
    event::EventKind,
    registry::{Destination, DestinationState, Registry},
    relay::{Agency, CallLimits, Dialect, Grant, Line, OnUncertain, Renewal, Upstream},
    secret::Secret,
};
use inlet_highlevel::relay::{
    post::{channel, word},
    proof,
};
use serde::{Deserialize, Serialize};

use crate::{
    admin::{
        fault::{Answer, Fault},
        find,
        input::Input,
    },
    state::{Shared, State as Ports},
};

/// HighLevel itself.
const HIGHLEVEL: &str = "https://services.leadconnectorhq.com";

/// What is asked for.
#[derive(Deserialize)]
pub(super) struct New {
    location: String,
    base_url: Option<String>,
    #[serde(default)]
    providers: BTreeMap<String, String>,
    dialect: Option<String>,
    on_uncertain: Option<String>,
    limits: Option<String>,
    webhook_key: Option<String>,
    /// The upstream's id of an agency, whose token is exchanged for the location's.
    company: Option<String>,
    /// The destination that keeps that token already.
    tokens_of: Option<String>,
    #[serde(flatten)]
    credentials: Credentials,
}

/// A token, or an app's id and secret with a refresh token.
#[derive(Deserialize)]
pub(super) struct Credentials {
    token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    refresh_token: Option<String>,
}

impl New {
    /// The address of the upstream.
    pub(super) fn base_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or(HIGHLEVEL)
    }

    /// How it is spoken to; `own` is the line of the destination that is being made.
    pub(super) fn upstream(&self, registry: &Registry, own: Line) -> Result<Upstream, Fault> {
        Ok(Upstream {
            location: checked_id("location", &self.location)?,
            providers: checked_providers(&self.providers)?,
            dialect: checked_dialect(self.dialect.as_deref())?,
            on_uncertain: checked_policy(self.on_uncertain.as_deref())?,
            limits: checked_limits(self.limits.as_deref())?,
            webhook_key: checked_key(self.webhook_key.as_deref())?,
            agency: self.agency(registry, own)?,
        })
    }

    fn agency(&self, registry: &Registry, own: Line) -> Result<Option<Agency>, Fault> {
        let company = match (&self.company, &self.tokens_of) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(Fault::bad("say with --company-id which agency those tokens are of")),
            (Some(company), _) => checked_id("company", company)?,
        };
        let keeper = match &self.tokens_of {
            Some(id) => {
                let other = find::destination(registry, id)?;
                let theirs = other.upstream.as_ref().and_then(|upstream| upstream.agency.as_ref());
                let theirs = theirs.filter(|agency| agency.company == company && other.url == self.base_url());
                let theirs = theirs.ok_or_else(|| {
                    Fault::bad(format!(
                        "destination {id} is not opened by a token of that agency: name one that is"
                    ))
                })?;
                theirs.keeper
            }
            None if self.credentials.client_id.is_some() => own,
            None => {
                return Err(Fault::bad(
                    "say what opens the agency: --client-id, --client-secret-env and --refresh-token-env of its app; or \
                     --tokens-of with a destination that is opened by its token already",
                ));
            }
        };
        Ok(Some(Agency { company, keeper }))
    }

    /// What opens it; nothing where another destination keeps that.
    pub(super) fn grant(&self) -> Result<Option<Grant>, Fault> {
        match &self.tokens_of {
            Some(_) => Ok(None),
            None => self.credentials.grant().map(Some),
        }
    }
}

impl Credentials {
    fn grant(&self) -> Result<Grant, Fault> {
        let text = |given: &Option<String>| {
            let text = given.as_ref().map(|text| text.trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        let app = (
            text(&self.client_id),
            text(&self.client_secret),
            text(&self.refresh_token),
        );
        match (text(&self.token), app) {
            (Some(token), (None, None, None)) => Ok(Grant {
                access: Secret::new(token),
                expires_at: None,
                renewal: None,
            }),
            // A token that has ended is renewed before the first call.
            (token, (Some(client_id), Some(client_secret), Some(refresh))) => Ok(Grant {
                access: Secret::new(token.unwrap_or_default()),
                expires_at: Some(inlet_core::Timestamp::UNIX_EPOCH),
                renewal: Some(Renewal {
                    client_id,
                    client_secret: Secret::new(client_secret),
                    refresh: Secret::new(refresh),
                }),
            }),
            _ => Err(Fault::bad(
                "say what opens the upstream: --token-env VAR with a private integration token, or all three of \
                 --client-id, --client-secret-env and --refresh-token-env",
            )),
        }
    }
}

/// Refuses what an upstream cannot be told, and any order but the one that its threads have.
pub(super) fn check_wishes(events: &[EventKind], ordering: Option<&str>) -> Result<(), Fault> {
    let message = |kind: &EventKind| matches!(kind, EventKind::InboundMessage | EventKind::OutboundMessage);
    if !events.iter().all(message) {
        return Err(Fault::bad(
            "an upstream hears of messages only: leave --event out, or choose from InboundMessage, OutboundMessage",
        ));
    }
    if ordering.is_some_and(|name| name != "strict") {
        return Err(Fault::bad(
            "an upstream gets each conversation in order: leave --ordering out",
        ));
    }
    Ok(())
}

/// Refuses a second way to where a location's messages are written already: each would be there twice.
pub(super) fn check_alone(registry: &Registry, one: &Destination) -> Result<(), Fault> {
    let Some(upstream) = &one.upstream else {
        return Ok(());
    };
    let leads_there = |other: &&Destination| {
        let to = other.upstream.as_ref().map(|upstream| &upstream.location);
        let same = other.location == one.location && other.url == one.url && to == Some(&upstream.location);
        same && other.key != one.key && other.state != DestinationState::Disabled
    };
    match registry.destinations().iter().find(leads_there) {
        None => Ok(()),
        Some(other) => Err(Fault::conflict(format!(
            "destination {} writes to that location already, and each message would be there twice: give what opens it anew \
             with `inlet destination authorise {0}`, or end it with `inlet destination disable {0}` first",
            other.id
        ))),
    }
}

fn checked_id(of: &str, id: &str) -> Result<String, Fault> {
    let id = id.trim();
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if plain && (1..=64).contains(&id.len()) {
        return Ok(id.to_owned());
    }
    Err(Fault::bad(format!(
        "write the upstream's {of} id alone, such as ve9EPM428h8vShlRW1KT: what stands behind it in a browser's address \
         does not belong to it"
    )))
}

fn checked_providers(named: &BTreeMap<String, String>) -> Result<BTreeMap<Channel, String>, Fault> {
    let mut providers = BTreeMap::new();
    for (name, id) in named {
        let found = channel(name).ok_or_else(|| {
            let known: Vec<String> = Channel::ALL.iter().map(|&channel| word(channel)).collect();
            Fault::bad(format!("there is no channel {name}: choose from {}", known.join(", ")))
        })?;
        if id.trim().is_empty() {
            return Err(Fault::bad(format!(
                "write --provider-id {name}=ID, with HighLevel's id of the provider"
            )));
        }
        providers.insert(found, id.trim().to_owned());
    }
    Ok(providers)
}

fn checked_dialect(name: Option<&str>) -> Result<Dialect, Fault> {
    match name {
        None | Some("2021-04-15") => Ok(Dialect::Established),
        Some("v3") => Ok(Dialect::V3),
        Some(_) => Err(Fault::bad("write --dialect as 2021-04-15 or v3")),
    }
}

fn checked_policy(name: Option<&str>) -> Result<OnUncertain, Fault> {
    let Some(name) = name else {
        return Ok(OnUncertain::Reconcile);
    };
    OnUncertain::from_name(name).ok_or_else(|| Fault::bad("write --on-uncertain as reconcile, hold or retry"))
}

fn checked_limits(name: Option<&str>) -> Result<CallLimits, Fault> {
    match name {
        None | Some("standard") => Ok(CallLimits::STANDARD),
        Some("sandbox") => Ok(CallLimits::SANDBOX),
        Some(_) => Err(Fault::bad("write --limits as standard or sandbox")),
    }
}

fn checked_key(given: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(given) = given else { return Ok(None) };
    let key = proof::key(given).ok_or_else(|| {
        Fault::bad("the file of --webhook-key-file holds no Ed25519 public key: write it as PEM, or in base64")
    })?;
    Ok(Some(key))
}

/// The address for HighLevel's own webhooks about an upstream.
pub(super) fn webhook_url(shared: &Ports, destination: &Destination) -> Option<String> {
    let token = destination.door_token()?;
    Some(format!("{}/in/highlevel/{token}", shared.settings.public_url))
}

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/destinations/{id}/authorise", post(authorise))
}

#[derive(Serialize)]
struct Authorised {
    id: String,
}

/// What opens an upstream is given anew.
async fn authorise(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Input(credentials): Input<Credentials>,
) -> Answer<Authorised> {
    let registry = shared.directory.registry();
    let destination = find::destination(&registry, &id)?;
    let upstream = destination
        .upstream
        .as_ref()
        .ok_or_else(|| Fault::conflict("this destination is a webhook: nothing opens it but its address"))?;
    let keeper = upstream.agency.as_ref().map(|agency| agency.keeper.destination);
    if let Some(keeper) = keeper.filter(|keeper| *keeper != destination.key) {
        let keeper = registry.destination(keeper).map(|keeper| keeper.id.clone());
        return Err(Fault::conflict(format!(
            "it is opened by the agency's token, which destination {} keeps: authorise that one",
            keeper.unwrap_or_default()
        )));
    }
    save(&shared, destination, credentials.grant()?).await?;
    Ok(Json(Authorised { id }))
}

/// Saves what opens a destination.
pub(super) async fn save(shared: &Shared, destination: &Destination, grant: Grant) -> Result<(), Fault> {
    let line = Line {
        location: destination.location,
        destination: destination.key,
    };
    Ok(shared.memory.save_grant(line, grant).await?)
}
