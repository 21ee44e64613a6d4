//! Sample webhooks, signed as the vendor signs them: the command that asked posts them to the listening address, and asks
//! then what became of them.

use std::time::Duration;

use axum::{Json, Router, extract::State, routing::post};
use inlet_core::{
    adapter::{Adapter, Scenario, Target, Verified, WebhookRequest},
    clock::later,
    inbound::Strength,
    journal::{KeptRequest, RawRequest, RequestQuery},
    registry::Endpoint,
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::Input,
    providers::webhook_path,
};
use crate::state::{Shared, State as Ports};

/// Samples made by one call.
const MOST: usize = 500;
/// The newest requests of the journal, among which one that was sent just now is looked for.
const NEWEST: usize = 50;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/simulate", post(simulate))
        .route("/simulate/became", post(became))
}

#[derive(Deserialize)]
struct Wish {
    adapter: String,
    provider: String,
    from: String,
    body: String,
    #[serde(default)]
    scenario: String,
    #[serde(default)]
    media: Vec<String>,
    /// How many of a hundred are signed wrongly.
    #[serde(default)]
    forge: usize,
    /// How many of a hundred are sent twice.
    #[serde(default)]
    repeat: usize,
    count: usize,
}

#[derive(Serialize)]
struct Samples {
    listening: String,
    requests: Vec<Sample>,
}

#[derive(Serialize)]
struct Sample {
    request: RawRequest,
    /// Whether it is sent twice.
    repeat: bool,
}

async fn simulate(State(shared): State<Shared>, Input(wish): Input<Wish>) -> Answer<Samples> {
    let listening = shared.settings.listening.clone();
    if listening.is_empty() {
        return Err(Fault::conflict(
            "nothing is listening: start `inlet serve` in another terminal, then try again",
        ));
    }
    if !(1..=MOST).contains(&wish.count) {
        return Err(Fault::bad(format!("one call makes 1 to {MOST} samples")));
    }
    let registry = shared.directory.registry();
    let provider = find::provider(&registry, &wish.provider)?;
    let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
    let endpoint = endpoint
        .filter(|endpoint| endpoint.adapter == wish.adapter)
        .ok_or_else(|| {
            Fault::bad(format!(
                "provider {} is not one of {}: `inlet provider list` shows whose is whose",
                wish.provider, wish.adapter
            ))
        })?;
    let adapter = shared.adapter(&wish.adapter);
    let adapter =
        adapter.ok_or_else(|| Fault::bad(format!("this version of Inlet does not speak {}", wish.adapter)))?;
    checked_scenario(adapter, &wish.scenario)?;
    let target = Target {
        endpoint,
        provider: &provider,
        public_url: &shared.settings.public_url,
        path: &webhook_path(endpoint),
    };
    let now = shared.clock.now();
    let sample = |index: usize| {
        let scenario = Scenario {
            name: wish.scenario.clone(),
            from: wish.from.clone(),
            body: wish.body.clone(),
            external_id: String::new(),
            media: wish.media.clone(),
            forge: is_among(index, wish.forge),
        };
        // A vendor's id follows from the time, so no two samples are of one moment.
        let moment = later(now, Duration::from_nanos(u64::try_from(index).unwrap_or_default()));
        Sample {
            request: adapter.sample(&scenario, &target, moment).raw,
            // Half a hundred further on, so that what is sent twice is seldom what is signed wrongly.
            repeat: is_among(index + 50, wish.repeat),
        }
    };
    let requests = (0..).take(wish.count).map(sample).collect();
    Ok(Json(Samples { listening, requests }))
}

/// Whether the one at `index` is among those `percent` of a hundred, which are spread evenly.
fn is_among(index: usize, percent: usize) -> bool {
    let up_to = |index: usize| index * percent / 100;
    up_to(index) < up_to(index + 1)
}

fn checked_scenario(adapter: &dyn Adapter, name: &str) -> Result<(), Fault> {
    let known = adapter.scenarios();
    if name.is_empty() || known.contains(&name) {
        return Ok(());
    }
    Err(Fault::bad(format!(
        "{} has no scenario {name}: choose from {}, or leave --scenario out for the plainest message",
        adapter.name(),
        known.join(", ")
    )))
}

#[derive(Deserialize)]
struct Sent {
    provider: String,
    request: RawRequest,
}

#[derive(Serialize)]
struct Became {
    message_ids: Vec<String>,
    verdict: Option<&'static str>,
    reason: Option<String>,
}

/// What became of a sample that was sent: the messages, or what the journal says.
async fn became(State(shared): State<Shared>, Input(sent): Input<Sent>) -> Answer<Became> {
    let registry = shared.directory.registry();
    let provider = find::provider(&registry, &sent.provider)?;
    let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
    let mut message_ids = Vec::new();
    for id in endpoint.map_or_else(Vec::new, |endpoint| external_ids(&shared, endpoint, &sent.request)) {
        let found = shared.inbox.by_external_id(provider.location, &id).await?;
        message_ids.extend(found.iter().map(|message| shared.ids.message(message.key)));
    }
    let kept = if message_ids.is_empty() {
        in_journal(&shared, &sent.request).await?
    } else {
        None
    };
    Ok(Json(Became {
        message_ids,
        verdict: kept.as_ref().map(|kept| kept.verdict.name()),
        reason: kept.map(|kept| kept.reason),
    }))
}

/// The vendor's ids of what a sample says.
fn external_ids(shared: &Ports, endpoint: &Endpoint, sample: &RawRequest) -> Vec<String> {
    let request = WebhookRequest {
        public_url: shared.settings.public_url.clone(),
        raw: sample.clone(),
    };
    let verified = Verified {
        request: &request,
        strength: Strength::Unsigned,
    };
    let adapter = shared.adapter(&endpoint.adapter);
    let items = adapter.map_or_else(Vec::new, |adapter| adapter.parse(&verified, endpoint));
    items.into_iter().flatten().map(|item| item.key.id).collect()
}

async fn in_journal(shared: &Ports, sample: &RawRequest) -> Result<Option<KeptRequest>, Fault> {
    let newest = RequestQuery {
        limit: NEWEST,
        ..RequestQuery::default()
    };
    let newest = shared.journal.list(&newest).await?;
    // Of a long body the journal has the beginning.
    let same = |kept: &KeptRequest| kept.raw.target == sample.target && sample.body.starts_with(&kept.raw.body);
    Ok(newest.into_iter().find(same))
}
