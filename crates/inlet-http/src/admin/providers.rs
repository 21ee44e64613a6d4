//! Providers: add one (with its webhook URL, where an adapter speaks for it), list them, show one, test one, try what a
//! request would become, and ask the vendor for what was missed.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use inlet_core::{
    adapter::Adapter,
    address::EmailAddress,
    chance,
    directory::Entry,
    ids::{EndpointKey, ProviderKey},
    registry::{Destination, Endpoint, Location, Provider, ProviderKind, Registry},
    secret::Secret,
    signature::show_secret,
};
use serde::{Deserialize, Serialize};

mod credentials;
mod delivery;
mod reconcile;
mod rehearse;
mod secret;
mod show;
mod trial;

use super::{
    destinations::checked_url,
    fault::{Answer, Fault},
    find,
    input::Input,
};
use crate::state::{Shared, State as Ports};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/providers", get(show::list).post(add))
        .route("/providers/try", post(trial::run))
        .route("/providers/{id}", get(show::show))
        .route("/providers/{id}/credentials", post(credentials::set))
        .route("/providers/{id}/secret", post(secret::change))
        .route("/providers/{id}/test", post(rehearse::test))
        .route("/providers/{id}/reconcile", post(reconcile::run))
}

#[derive(Deserialize)]
struct New {
    location: String,
    adapter: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    account: Option<String>,
    number: Option<String>,
    secret: Option<String>,
    #[serde(default)]
    unsigned: bool,
    template: Option<String>,
    delivery_url: Option<String>,
    beside: Option<String>,
}

#[derive(Serialize)]
struct Added {
    id: String,
    webhook_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
    /// Whether the world can reach that address.
    public: bool,
    /// The destination behind its delivery URL, and what verifies what comes there: the secret is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
}

impl Added {
    fn new(
        shared: &Ports,
        (provider, delivery): (&Provider, Option<&Destination>),
        endpoint: Option<&Endpoint>,
    ) -> Json<Self> {
        Json(Self {
            id: provider.id.clone(),
            destination: delivery.map(|delivery| delivery.id.clone()),
            secret: delivery.map(|delivery| show_secret(&delivery.secret)),
            public_key: delivery.map(|_| shared.signer.public_pem()),
            webhook_url: endpoint.map(|endpoint| webhook_url(shared, endpoint)),
            advice: endpoint.and_then(|endpoint| advice(shared, endpoint)),
            public: shared.settings.has_public_url,
        })
    }
}

async fn add(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<Added> {
    let registry = shared.directory.registry();
    let location = find::location(&registry, &new.location)?;
    if let Some(other) = new.beside.clone() {
        let endpoint = shared_endpoint(&registry, &other, &new)?;
        return add_beside(&shared, location, endpoint, new).await;
    }
    let provider = provider(&shared, location, &new)?;
    let Some(adapter) = new.adapter.clone() else {
        if new.secret.is_some() || new.unsigned || new.template.is_some() {
            return Err(Fault::bad(
                "a secret, --unsigned and --template go with an --adapter: without one there is no webhook to verify and read",
            ));
        }
        return add_one(&shared, provider, None).await;
    };
    let endpoint = Endpoint {
        key: EndpointKey(shared.keys.next(shared.clock.now())),
        secrets: secrets(&shared, &adapter, &new)?,
        token: Secret::new(chance::path_token(&*shared.chance)),
        unsigned: new.unsigned,
        template: new.template.clone(),
        created_at: shared.clock.now(),
        adapter,
    };
    if let Some(adapter) = shared.adapter(&endpoint.adapter) {
        adapter.check(&endpoint).map_err(Fault::bad)?;
    }
    let provider = Provider {
        endpoint: Some(endpoint.key),
        ..provider
    };
    let delivery = delivery::destination(&shared, &provider)?;
    let added = Added::new(&shared, (&provider, delivery.as_deref()), Some(&endpoint));
    let entry = Entry::Endpoint(endpoint, provider, delivery);
    shared.directory.write(entry).await?;
    Ok(added)
}

/// Adds a provider without a webhook, or at one that is there.
async fn add_one(shared: &Ports, provider: Provider, endpoint: Option<&Endpoint>) -> Answer<Added> {
    let delivery = delivery::destination(shared, &provider)?;
    let added = Added::new(shared, (&provider, delivery.as_deref()), endpoint);
    shared.directory.write(Entry::Provider(provider, delivery)).await?;
    Ok(added)
}

/// Adds a provider whose vendor has one webhook for many numbers, pages or addresses.
async fn add_beside(shared: &Ports, location: &Location, endpoint: &Endpoint, mut new: New) -> Answer<Added> {
    new.adapter = Some(endpoint.adapter.clone());
    let provider = Provider {
        endpoint: Some(endpoint.key),
        ..provider(shared, location, &new)?
    };
    add_one(shared, provider, Some(endpoint)).await
}

fn shared_endpoint<'r>(registry: &'r Registry, other: &str, new: &New) -> Result<&'r Endpoint, Fault> {
    let found = find::provider(registry, other)?
        .endpoint
        .and_then(|key| registry.endpoint(key));
    let endpoint = found.ok_or_else(|| {
        Fault::bad(format!(
            "provider {other} has no webhook to share: name one that `inlet provider show` has a webhook url of"
        ))
    })?;
    if new.secret.is_some() || new.unsigned || new.template.is_some() {
        return Err(Fault::bad(
            "with --beside, secret and template are those of that webhook: leave out the secret, --unsigned and --template",
        ));
    }
    if new.adapter.as_ref().is_some_and(|adapter| *adapter != endpoint.adapter) {
        return Err(Fault::bad(format!(
            "that webhook is one of {}: leave out --adapter",
            endpoint.adapter
        )));
    }
    if new.number.is_none() && new.account.is_none() {
        return Err(Fault::bad(
            "say with --number or --account what of that webhook belongs to this provider",
        ));
    }
    Ok(endpoint)
}

/// The provider as it was asked for, without a webhook.
fn provider(shared: &Ports, location: &Location, new: &New) -> Result<Provider, Fault> {
    let number = new.number.as_deref();
    let number = number.map(|number| checked_number(number, location)).transpose()?;
    unlike_others(
        &shared.directory.registry(),
        location,
        (new.adapter.as_ref(), number.as_ref()),
    )?;
    let url = new.delivery_url.as_deref();
    let url = url.map(|url| checked_url(&*shared.targets, "--delivery-url", url));
    Ok(Provider {
        key: ProviderKey(shared.keys.next(shared.clock.now())),
        id: chance::object_id(&*shared.chance),
        location: location.key,
        kind: checked_kind(shared, new)?,
        endpoint: None,
        adapter: new.adapter.clone(),
        account: new.account.clone(),
        number,
        delivery_url: url.transpose()?,
    })
}

/// Two providers of one number would take each other's messages.
fn unlike_others(
    registry: &Registry,
    location: &Location,
    (adapter, number): (Option<&String>, Option<&String>),
) -> Result<(), Fault> {
    let same = |provider: &&Provider| {
        let numbered = provider.number.is_some() && provider.number.as_ref() == number;
        numbered && provider.location == location.key && provider.adapter.as_ref() == adapter
    };
    match registry.providers().iter().find(same) {
        Some(other) => Err(Fault::conflict(format!(
            "provider {} has this number at this location already: `inlet provider show {}` tells its address",
            other.id, other.id
        ))),
        None => Ok(()),
    }
}

fn checked_kind(shared: &Ports, new: &New) -> Result<ProviderKind, Fault> {
    let adapter = match &new.adapter {
        Some(name) => Some(shared.adapter(name).ok_or_else(|| {
            let known: Vec<&str> = shared.adapters.iter().map(|adapter| adapter.name()).collect();
            Fault::bad(format!("there is no adapter {name}: choose from {}", known.join(", ")))
        })?),
        None => None,
    };
    match (new.kind.as_deref(), adapter) {
        (Some("SMS"), _) => Ok(ProviderKind::Sms),
        (Some("Email"), _) => Ok(ProviderKind::Email),
        (Some("Call"), _) => Ok(ProviderKind::Call),
        (Some("Custom"), _) => Ok(ProviderKind::Custom),
        (Some(other), _) => Err(Fault::bad(format!(
            "there is no type {other}: choose from SMS, Email, Call and Custom"
        ))),
        (None, Some(adapter)) => Ok(ProviderKind::Channels(adapter.channels().to_vec())),
        (None, None) => Err(Fault::bad(
            "say whose webhooks it takes with --adapter twilio, or what API calls it is for with --type SMS, Email, Call or Custom",
        )),
    }
}

/// A number in the form in which vendors' numbers are compared: E.164, without the vendor's prefix; a mail address in
/// lower case. A page's id stays.
fn checked_number(number: &str, location: &Location) -> Result<String, Fault> {
    let number = number.trim();
    let page = number
        .strip_prefix("messenger:")
        .or_else(|| number.strip_prefix("instagram:"));
    if let Some(page) = page {
        return Ok(page.to_owned());
    }
    if number.contains('@') {
        let address = EmailAddress::parse(number).map(|address| address.as_str().to_owned());
        return address.map_err(|reason| Fault::bad(format!("--number cannot be read: {reason}")));
    }
    let bare = number
        .strip_prefix("whatsapp:")
        .or_else(|| number.strip_prefix("rcs:"))
        .unwrap_or(number);
    find::phone(location, "--number", bare).map(|phone| phone.as_str().to_owned())
}

/// The secrets that were given; or one of our own making, where nobody else has to know it.
fn secrets(shared: &Ports, name: &str, new: &New) -> Result<Vec<Secret>, Fault> {
    let makes = shared.adapter(name).is_some_and(Adapter::makes_secret);
    if makes && new.secret.is_none() && !new.unsigned {
        return Ok(vec![Secret::new(chance::path_token(&*shared.chance))]);
    }
    checked_secrets(shared, name, (new.secret.as_deref(), new.unsigned))
}

/// The secrets, a line each: several while one is being rotated, or where a vendor has more than one kind.
fn checked_secrets(shared: &Ports, name: &str, (given, unsigned): (Option<&str>, bool)) -> Result<Vec<Secret>, Fault> {
    let secret = given.map(str::trim).filter(|secret| !secret.is_empty());
    let proves_origin = shared.adapter(name).is_none_or(Adapter::proves_origin);
    match (secret, unsigned) {
        (None, _) if !proves_origin => Ok(Vec::new()),
        // A key in PEM has lines of its own.
        (Some(secret), false) if secret.starts_with("-----BEGIN") => Ok(vec![Secret::new(secret)]),
        (Some(secret), false) => Ok(secret.lines().map(str::trim).map(Secret::new).collect()),
        (None, true) => Ok(Vec::new()),
        (Some(_), true) => Err(Fault::bad("give a secret, or --unsigned, but not both")),
        (None, false) => Err(Fault::bad(format!(
            "{name} signs its webhooks: name the variable or file that holds its secret with --secret-env or --secret-file, or take anything from anyone with --unsigned"
        ))),
    }
}

/// The path of an endpoint's webhook.
pub(super) fn webhook_path(endpoint: &Endpoint) -> String {
    let token = endpoint.token.expose_text().unwrap_or_default();
    format!("/in/{}/{token}", endpoint.adapter)
}

fn webhook_url(shared: &Ports, endpoint: &Endpoint) -> String {
    format!("{}{}", shared.settings.public_url, webhook_path(endpoint))
}

/// What to do with the address at the vendor.
fn advice(shared: &Ports, endpoint: &Endpoint) -> Option<&'static str> {
    shared.adapter(&endpoint.adapter).map(Adapter::advice)
}
