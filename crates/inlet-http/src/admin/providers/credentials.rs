//! What opens a vendor's own API, so that it sends what the provider is to send. It is kept sealed, as the secret of the
//! destination that the API is, and shown nowhere.

use axum::{
    Json,
    extract::{Path, State},
};
use inlet_core::{
    adapter::Adapter,
    courier::{Courier, Credentials},
    directory::Entry,
    registry::{Destination, Provider, Registry},
    secret::Secret,
};
use serde::{Deserialize, Serialize};

use super::{Answer, Fault, Input, checked_url, delivery, find};
use crate::state::{Shared, State as Ports};

#[derive(Deserialize)]
pub(super) struct New {
    account: Option<String>,
    user: Option<String>,
    secret: Option<String>,
    base_url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Set {
    id: String,
    destination: String,
    /// Whether the vendor can tell what becomes of a message.
    public: bool,
}

/// `POST /providers/{id}/credentials`
pub(super) async fn set(State(shared): State<Shared>, Path(id): Path<String>, Input(new): Input<New>) -> Answer<Set> {
    let registry = shared.directory.registry();
    let provider = find::provider(&registry, &id)?;
    let courier = courier(&shared, &provider)?;
    if provider.delivery_url.is_some() {
        return Err(Fault::conflict(
            "what this provider is to send goes to its delivery URL already: add another provider for the vendor's own API",
        ));
    }
    let credentials = credentials(&registry, (&provider, courier), &new)?;
    courier.check(&provider, &credentials).map_err(Fault::bad)?;
    let known = of(&registry, &provider);
    let destination = match known {
        Some(known) => known.id.clone(),
        None => add(&shared, (&provider, courier), (&credentials, new.base_url.as_deref())).await?,
    };
    if let Some(known) = known {
        if new.base_url.as_ref().is_some_and(|url| *url != known.url) {
            return Err(Fault::conflict(format!(
                "it calls {}, which does not change: leave --base-url out",
                known.url
            )));
        }
        let entry = Entry::DestinationSecret(known.key, credentials.sealed(), Vec::new());
        shared.directory.write(entry).await?;
    }
    Ok(Json(Set {
        id,
        destination,
        public: shared.settings.has_public_url,
    }))
}

/// The destination that a provider's vendor is, where it is one.
pub(super) fn of<'r>(registry: &'r Registry, provider: &Provider) -> Option<&'r Destination> {
    let mut all = registry.destinations().iter();
    all.find(|destination| destination.vendor == Some(provider.key))
}

/// Who has the vendor send.
pub(super) fn courier(shared: &Ports, provider: &Provider) -> Result<&'static dyn Courier, Fault> {
    let adapter = provider.adapter.as_deref().and_then(|name| shared.adapter(name));
    adapter.and_then(Adapter::courier).ok_or_else(|| {
        let speak = shared.adapters.iter().filter(|adapter| adapter.courier().is_some());
        let names: Vec<&str> = speak.map(|adapter| adapter.name()).collect();
        Fault::bad(format!(
            "only these have an API that sends here: {}. Others are handed what they are to send at a delivery URL",
            names.join(", ")
        ))
    })
}

/// What was said, and where it was not, what the provider and its webhook know.
fn credentials(
    registry: &Registry,
    (provider, courier): (&Provider, &'static dyn Courier),
    new: &New,
) -> Result<Credentials, Fault> {
    let said = |text: &Option<String>| {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let account = said(&new.account).or_else(|| provider.account.clone());
    let account = account.ok_or_else(|| Fault::bad("say with --account whose credentials these are"))?;
    let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
    let user = said(&new.user);
    let own = || {
        endpoint
            .filter(|_| user.is_none())
            .and_then(|endpoint| courier.own_secret(endpoint))
    };
    let secret = said(&new.secret).map(Secret::new).or_else(own);
    Ok(Credentials {
        secret: secret.ok_or_else(|| {
            Fault::bad("name the variable or file that holds the secret with --secret-env or --secret-file")
        })?,
        user: user.unwrap_or_else(|| account.clone()),
        account,
    })
}

async fn add(
    shared: &Shared,
    (provider, courier): (&Provider, &'static dyn Courier),
    (credentials, base): (&Credentials, Option<&str>),
) -> Result<String, Fault> {
    let url = checked_url(&*shared.targets, "--base-url", base.unwrap_or_else(|| courier.base()))?;
    let destination = Destination {
        secret: credentials.sealed(),
        vendor: Some(provider.key),
        ..delivery::outgoing(shared, provider, &url)?
    };
    let id = destination.id.clone();
    shared.directory.write(Entry::Destination(destination)).await?;
    Ok(id)
}
