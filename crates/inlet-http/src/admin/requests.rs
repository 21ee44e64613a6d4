//! The journal of requests: list what was refused, parked or failed, show one as it came, and process some again.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use inlet_core::{
    ids::{IdKind, RequestKey},
    journal::{KeptRequest, RequestQuery, RequestVerdict},
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::{Asked, Input, millis, stamp},
};
use crate::{
    state::{Shared, State as Ports},
    webhooks,
};

/// Rows of a list, unless asked otherwise, and at most.
const LIMIT: usize = 50;
const MOST: usize = 1_000;
/// What stands where a secret stood.
const MASK: &str = "…";
/// Headers whose values open something.
const SECRET_HEADERS: &[&str] = &["authorization", "cookie", "proxy-authorization", "x-api-key"];

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/requests", get(list))
        .route("/requests/process", post(process))
        .route("/requests/{id}", get(show))
}

#[derive(Deserialize)]
struct Which {
    verdict: Option<String>,
    location: Option<String>,
    /// One that came to the same endpoint as it has.
    provider: Option<String>,
    /// The last one of the page before.
    before: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct List {
    requests: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    received_at: String,
    verdict: &'static str,
    reason: String,
    status: u16,
    took_ms: u64,
    location: Option<String>,
    /// Those of the endpoint it came to.
    provider_ids: Vec<String>,
    method: String,
    target: String,
    message_ids: Vec<String>,
}

async fn list(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<List> {
    let found = shared.journal.list(&query(&shared, &which)?).await?;
    Ok(Json(List {
        requests: found.iter().map(|request| view(&shared, request)).collect(),
    }))
}

fn query(shared: &Ports, which: &Which) -> Result<RequestQuery, Fault> {
    let registry = shared.directory.registry();
    let location = which
        .location
        .as_deref()
        .map(|id| find::location(&registry, id))
        .transpose()?;
    let provider = which
        .provider
        .as_deref()
        .map(|id| find::provider(&registry, id))
        .transpose()?;
    let endpoint = provider.map(|provider| {
        provider
            .endpoint
            .ok_or_else(|| Fault::conflict("this provider has no webhook, so no request came to it"))
    });
    let before = which.before.as_deref().map(|id| {
        let key = shared.ids.decode(IdKind::Request, id).map(RequestKey);
        key.ok_or_else(|| Fault::missing("there is no such request to list those before"))
    });
    Ok(RequestQuery {
        verdict: which.verdict.as_deref().map(checked_verdict).transpose()?,
        location: location.map(|found| found.key),
        endpoint: endpoint.transpose()?,
        before: before.transpose()?,
        limit: which.limit.unwrap_or(LIMIT).min(MOST),
    })
}

fn checked_verdict(name: &str) -> Result<RequestVerdict, Fault> {
    let all = RequestVerdict::ALL;
    all.iter()
        .copied()
        .find(|verdict| verdict.name() == name)
        .ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|verdict| verdict.name()).collect();
            Fault::bad(format!("there is no verdict {name}: choose from {}", known.join(", ")))
        })
}

fn view(shared: &Ports, request: &KeptRequest) -> View {
    let registry = shared.directory.registry();
    let location = request.location.and_then(|key| registry.location(key));
    View {
        id: shared.ids.encode(IdKind::Request, request.key.0),
        received_at: stamp(request.received_at),
        verdict: request.verdict.name(),
        reason: request.reason.clone(),
        status: request.status,
        took_ms: millis(request.took),
        location: location.map(|found| found.id.clone()),
        provider_ids: request.endpoint.map_or_else(Vec::new, |endpoint| {
            registry
                .providers_of(endpoint)
                .map(|provider| provider.id.clone())
                .collect()
        }),
        method: request.raw.method.clone(),
        target: masked_target(&request.raw.target),
        message_ids: request.messages.iter().map(|&key| shared.ids.message(key)).collect(),
    }
}

/// The target without the endpoint's token, which is a secret: `/in/twilio/…`.
pub(super) fn masked_target(target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    if let ["", "in", _, token, ..] = parts.as_mut_slice() {
        *token = MASK;
    }
    let path = parts.join("/");
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    request: View,
    headers: Vec<(String, String)>,
    body: String,
}

async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> Answer<Whole> {
    let request = named(&shared, &id).await?;
    Ok(Json(Whole {
        request: view(&shared, &request),
        headers: request.raw.headers.iter().map(masked_header).collect(),
        body: String::from_utf8_lossy(&request.raw.body).into_owned(),
    }))
}

async fn named(shared: &Ports, id: &str) -> Result<KeptRequest, Fault> {
    let found = match shared.ids.decode(IdKind::Request, id) {
        Some(key) => shared.journal.show(RequestKey(key)).await?,
        None => None,
    };
    found.ok_or_else(|| Fault::missing("the journal has no such request: `inlet request list` shows those it has"))
}

#[derive(Deserialize)]
struct Again {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    parked: bool,
}

/// Records what requests say that were verified when they came; each is answered with what is now kept of it.
async fn process(State(shared): State<Shared>, Input(again): Input<Again>) -> Answer<List> {
    let mut wanted = Vec::new();
    for id in &again.ids {
        wanted.push(named(&shared, id).await?.key);
    }
    if again.parked {
        let parked = RequestQuery {
            verdict: Some(RequestVerdict::Parked),
            limit: MOST,
            ..RequestQuery::default()
        };
        let parked = shared.journal.list(&parked).await?;
        wanted.extend(parked.iter().map(|request| request.key));
    }
    if wanted.is_empty() && !again.parked {
        return Err(Fault::bad(
            "name the requests by their ids, or take all that are parked with --parked",
        ));
    }
    // In the order in which they came.
    wanted.sort_unstable();
    wanted.dedup();
    let mut requests = Vec::with_capacity(wanted.len());
    for key in wanted {
        // One after the other: they are whole, and some are long.
        let Some(request) = shared.journal.show(key).await? else {
            continue;
        };
        let known = view(&shared, &request);
        requests.push(match webhooks::process(&shared, request).await {
            Ok(revised) => view(&shared, &revised),
            Err(unprocessed) => View {
                reason: unprocessed.to_string(),
                ..known
            },
        });
    }
    Ok(Json(List { requests }))
}

fn masked_header((name, value): &(String, String)) -> (String, String) {
    let secret = SECRET_HEADERS.contains(&name.as_str());
    let value = if secret { MASK.to_owned() } else { value.clone() };
    (name.clone(), value)
}
