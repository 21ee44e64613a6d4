//! Providers as they are listed and shown.

use axum::{
    Json,
    extract::{Path, State},
};
use inlet_core::{
    ids::made_at,
    registry::{Provider, ProviderKind, Registry},
    usage::{LastUse, Used},
};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        fault::Answer,
        find,
        input::{Asked, stamp, word},
    },
    advice, credentials, webhook_url,
};
use crate::state::Shared;

#[derive(Deserialize)]
pub(super) struct Which {
    location: Option<String>,
}

#[derive(Serialize)]
pub(super) struct List {
    providers: Vec<View>,
}

#[derive(Serialize)]
pub(super) struct View {
    id: String,
    location: String,
    adapter: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    account: Option<String>,
    number: Option<String>,
    unsigned: bool,
    delivery_url: Option<String>,
    /// The destination by which its vendor's own API sends, where that is set.
    sends_by: Option<String>,
    added_at: String,
    /// When somebody's message last came by it; `null` where none did.
    heard_at: Option<String>,
}

pub(super) async fn list(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<List> {
    let registry = shared.directory.registry();
    let only = find::only(&registry, which.location.as_deref())?;
    let all = registry.providers().iter();
    let found = all.filter(|provider| only.is_none_or(|location| provider.location == location));
    let last = find::last_use(&shared, found.clone().map(|provider| provider.location)).await?;
    Ok(Json(List {
        providers: found.map(|provider| view(&registry, (provider, &last))).collect(),
    }))
}

fn view(registry: &Registry, (provider, last): (&Provider, &LastUse)) -> View {
    let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
    View {
        id: provider.id.clone(),
        location: registry
            .location(provider.location)
            .map(|found| found.id.clone())
            .unwrap_or_default(),
        adapter: provider.adapter.clone(),
        kind: kind_text(&provider.kind),
        account: provider.account.clone(),
        number: provider.number.clone(),
        unsigned: endpoint.is_some_and(|endpoint| endpoint.unsigned),
        delivery_url: provider.delivery_url.clone(),
        sends_by: credentials::of(registry, provider).map(|found| found.id.clone()),
        added_at: stamp(made_at(provider.key.0)),
        heard_at: last.get(&Used::Provider(provider.key)).copied().map(stamp),
    }
}

fn kind_text(kind: &ProviderKind) -> String {
    match kind {
        ProviderKind::Sms => "SMS".to_owned(),
        ProviderKind::Email => "Email".to_owned(),
        ProviderKind::Call => "Call".to_owned(),
        ProviderKind::Custom => "Custom".to_owned(),
        ProviderKind::Channels(channels) => {
            let names: Vec<_> = channels.iter().map(word).collect();
            names.join(", ")
        }
    }
}

#[derive(Serialize)]
pub(super) struct Whole {
    #[serde(flatten)]
    provider: View,
    webhook_url: Option<String>,
    advice: Option<&'static str>,
    /// Whether its vendor has an API that can send for it.
    may_send: bool,
}

pub(super) async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> Answer<Whole> {
    let registry = shared.directory.registry();
    let provider = find::provider(&registry, &id)?;
    let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
    let last = find::last_use(&shared, [provider.location]).await?;
    Ok(Json(Whole {
        webhook_url: endpoint.map(|endpoint| webhook_url(&shared, endpoint)),
        advice: endpoint.and_then(|endpoint| advice(&shared, endpoint)),
        may_send: provider.delivery_url.is_none() && credentials::courier(&shared, &provider).is_ok(),
        provider: view(&registry, (&provider, &last)),
    }))
}
