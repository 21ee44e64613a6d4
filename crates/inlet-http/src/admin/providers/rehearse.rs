//! Tests a provider without a vendor: a webhook as the vendor would sign it is verified and understood here, and
//! nothing is recorded.

use axum::{
    Json,
    extract::{Path, State},
};
use inlet_core::{
    adapter::{Adapter, Scenario, Target, WebhookRequest},
    registry::Endpoint,
};
use serde::Serialize;

use super::webhook_path;
use crate::{
    admin::{
        fault::{Answer, Fault},
        find,
    },
    state::{Shared, State as Ports},
};

#[derive(Serialize)]
pub(super) struct Tested {
    ok: bool,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    #[serde(rename = "step")]
    name: &'static str,
    ok: bool,
    says: String,
}

pub(super) async fn test(State(shared): State<Shared>, Path(id): Path<String>) -> Answer<Tested> {
    let registry = shared.directory.registry();
    let provider = find::provider(&registry, &id)?;
    let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
    let Some(endpoint) = endpoint else {
        return Err(Fault::conflict(
            "this provider has no webhook to test: its messages come by POST /conversations/messages/inbound",
        ));
    };
    let adapter = shared
        .adapter(&endpoint.adapter)
        .ok_or_else(|| Fault::unavailable(format!("this version of Inlet does not speak {}", endpoint.adapter)))?;
    let target = Target {
        endpoint,
        provider: &provider,
        public_url: &shared.settings.public_url,
        path: &webhook_path(endpoint),
    };
    let scenario = Scenario {
        from: "+14155550100".to_owned(),
        body: "A test of this provider".to_owned(),
        ..Scenario::default()
    };
    let request = adapter.sample(&scenario, &target, shared.clock.now());
    let mut steps = vec![public(&shared)];
    steps.extend(understood(&shared, adapter, endpoint, &request));
    let ok = steps.iter().all(|step| step.ok);
    Ok(Json(Tested { ok, steps }))
}

/// Whether the vendor can reach us at all.
fn public(shared: &Ports) -> Step {
    let ok = shared.settings.has_public_url;
    Step {
        name: "public address",
        ok,
        says: if ok {
            format!("the vendor calls {}", shared.settings.public_url)
        } else {
            "no public URL is set, so no vendor can reach this machine: start `inlet serve` with --public-url"
                .to_owned()
        },
    }
}

fn understood(shared: &Ports, adapter: &dyn Adapter, endpoint: &Endpoint, request: &WebhookRequest) -> Vec<Step> {
    let verified = match adapter.verify(request, endpoint, shared.clock.now()) {
        Ok(verified) => verified,
        Err(rejection) => return vec![step("signature", Err(rejection.to_string()))],
    };
    let strength = verified.strength.words().to_owned();
    let items = adapter.parse(&verified, endpoint);
    let read = match items.into_iter().next() {
        Some(Ok(_)) => Ok("a sample message is understood".to_owned()),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("a sample message is not understood".to_owned()),
    };
    vec![step("signature", Ok(strength)), step("message", read)]
}

fn step(name: &'static str, result: Result<String, String>) -> Step {
    Step {
        name,
        ok: result.is_ok(),
        says: result.unwrap_or_else(|reason| reason),
    }
}
