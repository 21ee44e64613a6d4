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
    registry::Destination,
    relay::{CallLimits, Dialect, Grant, Line, OnUncertain, Renewal, Upstream},
    secret::Secret,
};
use inlet_highlevel::relay::post::{channel, word};
use serde::{Deserialize, Serialize};

use crate::{
    admin::{
        fault::{Answer, Fault},
        find,
        input::Input,
    },
    state::Shared,
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

    /// How it is spoken to.
    pub(super) fn upstream(&self) -> Result<Upstream, Fault> {
        Ok(Upstream {
            location: checked_location(&self.location)?,
            providers: checked_providers(&self.providers)?,
            dialect: checked_dialect(self.dialect.as_deref())?,
            on_uncertain: checked_policy(self.on_uncertain.as_deref())?,
            limits: checked_limits(self.limits.as_deref())?,
        })
    }

    /// What opens it.
    pub(super) fn grant(&self) -> Result<Grant, Fault> {
        self.credentials.grant()
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

fn checked_location(id: &str) -> Result<String, Fault> {
    let id = id.trim();
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if plain && (1..=64).contains(&id.len()) {
        return Ok(id.to_owned());
    }
    Err(Fault::bad(
        "write the upstream's location id alone, such as ve9EPM428h8vShlRW1KT: what stands behind it in a browser's \
         address does not belong to it",
    ))
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
    if destination.upstream.is_none() {
        return Err(Fault::conflict(
            "this destination is a webhook: nothing opens it but its address",
        ));
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
