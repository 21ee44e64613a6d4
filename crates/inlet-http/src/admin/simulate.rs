//! Sample webhooks, signed as the vendor signs them: the command that asked posts them to the listening address.

use std::time::Duration;

use axum::{Json, Router, extract::State, routing::post};
use inlet_core::{
    adapter::{Scenario, Target},
    clock::later,
    journal::RawRequest,
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::Input,
    providers::webhook_path,
};
use crate::state::Shared;

/// Samples made by one call.
const MOST: usize = 500;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/simulate", post(simulate))
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
    #[serde(default)]
    forge: bool,
    count: usize,
}

#[derive(Serialize)]
struct Samples {
    listening: String,
    requests: Vec<RawRequest>,
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
    let target = Target {
        endpoint,
        provider: &provider,
        public_url: &shared.settings.public_url,
        path: &webhook_path(endpoint),
    };
    let now = shared.clock.now();
    let sample = |index| {
        let scenario = Scenario {
            name: wish.scenario.clone(),
            from: wish.from.clone(),
            body: wish.body.clone(),
            external_id: String::new(),
            media: wish.media.clone(),
            forge: wish.forge,
        };
        // A vendor's id follows from the time, so no two samples are of one moment.
        adapter
            .sample(&scenario, &target, later(now, Duration::from_nanos(index)))
            .raw
    };
    let requests = (0..).take(wish.count).map(sample).collect();
    Ok(Json(Samples { listening, requests }))
}
