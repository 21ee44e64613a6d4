//! Apps: OAuth clients. Add one (its secret is shown this once), list them, consent for one, list and take back grants.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use inlet_core::{
    chance,
    directory::Entry,
    ids::{AppKey, GrantKey, IdKind},
    registry::{App, Client, Grant, Registry, Subject},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    fault::{Answer, Fault},
    find,
    input::{Asked, Input, stamp},
};
use crate::{
    approval::{self, Mismatch, Wish},
    state::{Shared, State as Ports},
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/apps", get(list).post(add))
        .route("/apps/{id}/authorize", post(authorize))
        .route("/grants", get(grants))
        .route("/grants/revoke", post(revoke))
}

#[derive(Deserialize)]
struct New {
    name: String,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Serialize)]
struct Added {
    id: String,
    client_id: String,
    client_secret: String,
}

async fn add(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<Added> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Fault::bad("give the app a name of 1 to 200 characters with --name"));
    }
    find::scopes(&new.scopes)?;
    if let Some(wrong) = new.redirect_uris.iter().find(|uri| !is_web(uri)) {
        return Err(Fault::bad(format!(
            "{wrong} cannot be sent back to: write --redirect-uri as https://host/path, without a fragment"
        )));
    }
    let now = shared.clock.now();
    let id = chance::object_id(&*shared.chance);
    let suffix: String = chance::location_id(&*shared.chance)
        .to_lowercase()
        .chars()
        .take(8)
        .collect();
    let secret = chance::uuid(&*shared.chance);
    let client_id = format!("{id}-{suffix}");
    let app = App {
        key: AppKey(shared.keys.next(now)),
        id: id.clone(),
        name: name.to_owned(),
        client: Some(Client {
            id: client_id.clone(),
            secret: Sha256::digest(secret.as_bytes()).into(),
            redirect_uris: new.redirect_uris,
            scopes: new.scopes,
            created_at: now,
        }),
    };
    shared.directory.write(Entry::App(app)).await?;
    Ok(Json(Added {
        id,
        client_id,
        client_secret: secret,
    }))
}

fn is_web(uri: &str) -> bool {
    let read = uri.parse::<http::Uri>().ok();
    let web = read.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    web && !uri.contains('#') && uri.len() <= 2000
}

#[derive(Serialize)]
struct List {
    apps: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    client_id: Option<String>,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    created_at: Option<String>,
}

async fn list(State(shared): State<Shared>) -> Json<List> {
    let registry = shared.directory.registry();
    let apps = registry.apps().iter().cloned().map(view).collect();
    Json(List { apps })
}

fn view(app: App) -> View {
    let (id, name) = (app.id, app.name);
    match app.client {
        Some(client) => View {
            id,
            name,
            client_id: Some(client.id),
            redirect_uris: client.redirect_uris,
            scopes: client.scopes,
            created_at: Some(stamp(client.created_at)),
        },
        None => View {
            id,
            name,
            client_id: None,
            redirect_uris: Vec::new(),
            scopes: Vec::new(),
            created_at: None,
        },
    }
}

#[derive(Deserialize)]
struct Yes {
    location: Option<String>,
    agency: Option<String>,
    redirect_uri: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Serialize)]
struct Authorized {
    code: String,
    url: String,
}

async fn authorize(State(shared): State<Shared>, Path(id): Path<String>, Input(yes): Input<Yes>) -> Answer<Authorized> {
    let registry = shared.directory.registry();
    let app = find::app(&registry, &id)?;
    let client = app.client.as_ref();
    let client =
        client.ok_or_else(|| Fault::bad("the built-in app asks nobody: `inlet token add` makes its tokens"))?;
    let subject = match (yes.location, yes.agency) {
        (Some(location), None) => Subject::Location(find::location(&registry, &location)?.key),
        (None, Some(agency)) => Subject::Agency(agency),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Fault::bad(
                "say whose things the app may open with --location or --agency, one of the two",
            ));
        }
    };
    let first = client.redirect_uris.first().cloned();
    let redirect_uri = yes.redirect_uri.or(first);
    let redirect_uri = redirect_uri.ok_or_else(|| Fault::bad("the app has no --redirect-uri: add it anew with one"))?;
    let scopes = approval::check(client, &redirect_uri, &yes.scopes.join(" ")).map_err(|mismatch| match mismatch {
        Mismatch::RedirectUri => {
            Fault::bad("the app has not registered this --redirect-uri: `inlet app list` shows those it has")
        }
        Mismatch::Scope => {
            Fault::bad("the app has not registered one of these scopes: `inlet app list` shows those it has")
        }
    })?;
    let wish = Wish {
        subject,
        redirect_uri: redirect_uri.clone(),
        scopes,
    };
    let code = approval::give(&shared, app, wish, shared.clock.now()).await?;
    let url = approval::back_to(&redirect_uri, &[("code", &code)]);
    Ok(Json(Authorized { code, url }))
}

#[derive(Deserialize)]
struct Which {
    app: Option<String>,
}

#[derive(Serialize)]
struct Grants {
    grants: Vec<GrantView>,
}

#[derive(Serialize)]
struct GrantView {
    id: String,
    app: String,
    location: Option<String>,
    agency: Option<String>,
    scopes: Vec<String>,
    created_at: String,
    revoked_at: Option<String>,
}

async fn grants(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<Grants> {
    let registry = shared.directory.registry();
    let only = match &which.app {
        Some(id) => Some(find::app(&registry, id)?.key),
        None => None,
    };
    let mut found = registry.grants();
    found.retain(|grant| only.is_none_or(|app| grant.app == app));
    let grants = found
        .into_iter()
        .map(|grant| shown(&shared, &registry, grant))
        .collect();
    Ok(Json(Grants { grants }))
}

fn shown(shared: &Ports, registry: &Registry, grant: &Grant) -> GrantView {
    let (location, agency) = match &grant.subject {
        Subject::Location(key) => (registry.location(*key).map(|found| found.id.clone()), None),
        Subject::Agency(agency) => (None, Some(agency.clone())),
    };
    GrantView {
        id: shared.ids.encode(IdKind::Grant, grant.key.0),
        app: registry.app(grant.app).map(|app| app.id.clone()).unwrap_or_default(),
        location,
        agency,
        scopes: grant.scopes.clone(),
        created_at: stamp(grant.created_at),
        revoked_at: grant.revoked_at.map(stamp),
    }
}

#[derive(Deserialize)]
struct Revoke {
    grant: String,
}

#[derive(Serialize)]
struct Revoked {
    id: String,
    revoked_at: String,
}

async fn revoke(State(shared): State<Shared>, Input(which): Input<Revoke>) -> Answer<Revoked> {
    let registry = shared.directory.registry();
    let key = shared.ids.decode(IdKind::Grant, &which.grant).map(GrantKey);
    let found = registry.grants().into_iter().find(|grant| Some(grant.key) == key);
    let Some(grant) = found else {
        return Err(Fault::missing(
            "there is no such grant: `inlet app grants` shows the ids of those there are",
        ));
    };
    let at = grant.revoked_at.unwrap_or_else(|| shared.clock.now());
    if grant.revoked_at.is_none() {
        shared.directory.write(Entry::GrantRevoked(grant.key, at)).await?;
    }
    Ok(Json(Revoked {
        id: which.grant,
        revoked_at: stamp(at),
    }))
}
