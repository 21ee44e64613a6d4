//! Gives a provider's webhook another secret: the vendor's was changed, or is about to be.

use axum::{
    Json,
    extract::{Path, State},
};
use inlet_core::{adapter::Adapter, chance, directory::Entry, registry::Endpoint, secret::Secret};
use serde::{Deserialize, Serialize};

use super::checked_secrets;
use crate::{
    admin::{
        fault::{Answer, Fault},
        find,
        input::Input,
    },
    state::Shared,
};

/// Secrets that one webhook may have at once.
const MOST: usize = 8;

#[derive(Deserialize)]
pub(super) struct New {
    secret: Option<String>,
    /// Whether those that it has count as well.
    #[serde(default)]
    keep_old: bool,
}

#[derive(Serialize)]
pub(super) struct Changed {
    id: String,
    /// How many count now.
    secrets: usize,
    /// The destinations that hold a copy of the vendor's secret to send by.
    sends_by: Vec<String>,
}

pub(super) async fn change(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Input(new): Input<New>,
) -> Answer<Changed> {
    let registry = shared.directory.registry();
    let provider = find::provider(&registry, &id)?;
    let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
    let endpoint = endpoint.ok_or_else(|| {
        Fault::conflict("this provider has no webhook, so there is no secret to change: its messages come by the API")
    })?;
    let makes = shared.adapter(&endpoint.adapter).is_some_and(Adapter::makes_secret);
    let mut secrets = match &new.secret {
        Some(secret) => checked_secrets(&shared, &endpoint.adapter, (Some(secret), false))?,
        None if makes => vec![Secret::new(chance::path_token(&*shared.chance))],
        None => {
            return Err(Fault::bad(
                "name the variable or file that holds the new secret with --secret-env or --secret-file",
            ));
        }
    };
    if new.keep_old {
        secrets.extend(endpoint.secrets.iter().cloned());
    }
    if secrets.len() > MOST {
        return Err(Fault::bad(format!(
            "a webhook has {MOST} secrets at most: leave out --keep-old"
        )));
    }
    let changed = Endpoint {
        secrets: secrets.clone(),
        unsigned: false,
        ..endpoint.clone()
    };
    if let Some(adapter) = shared.adapter(&endpoint.adapter) {
        adapter.check(&changed).map_err(Fault::bad)?;
    }
    let beside = |vendor| {
        let of = registry.providers().iter().find(|one| Some(one.key) == vendor);
        of.is_some_and(|one| one.endpoint == Some(endpoint.key))
    };
    let sends_by = registry.destinations().iter().filter(|one| beside(one.vendor));
    let answer = Changed {
        id,
        secrets: secrets.len(),
        sends_by: sends_by.map(|one| one.id.clone()).collect(),
    };
    let entry = Entry::EndpointSecrets(endpoint.key, secrets);
    shared.directory.write(entry).await?;
    Ok(Json(answer))
}
