//! Consent: an app asks for access to a location or an agency, and whoever is logged in says yes or no.
//!
//! HighLevel's apps send the browser to `/oauth/chooselocation` or `/v2/oauth/chooselocation`; both are here.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, header};
use inlet_core::registry::{App, Client, Registry, Subject};
use serde::Deserialize;

use super::{
    access::{FormToken, Viewer},
    assets,
    fault::Fault,
    render,
};
use crate::{
    approval::{self, Mismatch, Wish},
    state::{Shared, State as Ports},
};

/// What an app sends along with the browser.
#[derive(Deserialize, Debug)]
pub(super) struct Asked {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    state: String,
}

/// The same again, with the answer.
#[derive(Deserialize, Debug)]
pub(super) struct Answered {
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    #[serde(default)]
    whose: String,
    answer: String,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Page<'a> {
    style: String,
    app: &'a str,
    client_id: &'a str,
    redirect_uri: &'a str,
    host: String,
    state: &'a str,
    scopes: Vec<String>,
    token: FormToken,
    choices: Vec<Choice<'a>>,
}

/// A location or an agency to choose.
struct Choice<'a> {
    value: String,
    name: &'a str,
    note: String,
}

/// `GET /oauth/chooselocation`
pub(super) async fn show(
    State(shared): State<Shared>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let registry = shared.directory.registry();
    let client_id = asked.client_id.as_deref().unwrap_or_default();
    let (app, client) = find(&registry, client_id)?;
    let only = match client.redirect_uris.as_slice() {
        [only] => Some(only.as_str()),
        _ => None,
    };
    let redirect_uri = asked.redirect_uri.as_deref().or(only).unwrap_or_default();
    let scopes = approval::check(client, redirect_uri, &asked.scope)?;
    let page = Page {
        style: assets::style_path(),
        app: &app.name,
        client_id,
        redirect_uri,
        host: origin(redirect_uri),
        state: &asked.state,
        scopes,
        token: viewer.form_token,
        choices: choices(viewer, &shared, &registry),
    };
    let mut response = render(&page).into_response();
    // A browser follows the answer to the form only to where the policy lets forms go.
    let policy = assets::policy(&origin(redirect_uri));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// `POST /oauth/chooselocation`
pub(super) async fn answer(
    State(shared): State<Shared>,
    viewer: Viewer,
    Form(answered): Form<Answered>,
) -> Result<Redirect, Fault> {
    let registry = shared.directory.registry();
    let (app, client) = find(&registry, &answered.client_id)?;
    let redirect_uri = answered.redirect_uri;
    let scopes = approval::check(client, &redirect_uri, &answered.scope)?;
    let state = ("state", answered.state.as_str());
    if answered.answer != "allow" {
        let refused = [("error", "access_denied"), state];
        return Ok(Redirect::to(&approval::back_to(&redirect_uri, &refused)));
    }
    let wish = Wish {
        subject: subject(viewer, &shared, &answered.whose).ok_or(Fault::NotFound)?,
        redirect_uri: redirect_uri.clone(),
        scopes,
    };
    let code = approval::give(&shared, app, wish, shared.clock.now()).await?;
    Ok(Redirect::to(&approval::back_to(
        &redirect_uri,
        &[("code", &code), state],
    )))
}

fn find<'r>(registry: &'r Registry, client_id: &str) -> Result<(&'r App, &'r Client), Fault> {
    let mut clients = registry
        .apps()
        .iter()
        .filter_map(|app| Some((app, app.client.as_ref()?)));
    clients
        .find(|(_, client)| client.id == client_id)
        .ok_or(Fault::UnknownApp)
}

fn origin(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return String::new();
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// The locations that the viewer owns, then the agencies: these open whatever they will ever have, so only whoever runs
/// the installation may choose one.
fn choices<'r>(viewer: Viewer, ports: &Ports, registry: &'r Registry) -> Vec<Choice<'r>> {
    let locations = viewer.owned(ports, registry).into_iter().map(|location| Choice {
        value: format!("location:{}", location.id),
        name: &location.name,
        note: location.id.clone(),
    });
    let mut agencies: Vec<&str> = registry
        .locations()
        .iter()
        .filter(|_| viewer.is_operator())
        .filter_map(|one| one.agency.as_deref())
        .collect();
    agencies.sort_unstable();
    agencies.dedup();
    let agencies = agencies.into_iter().map(|agency| Choice {
        value: format!("agency:{agency}"),
        name: agency,
        note: "the agency: all its locations, those to come too".to_owned(),
    });
    locations.chain(agencies).collect()
}

/// What was chosen, if it was to be chosen.
fn subject(viewer: Viewer, ports: &Ports, chosen: &str) -> Option<Subject> {
    let registry = ports.directory.registry();
    let choices = choices(viewer, ports, &registry);
    choices.iter().find(|choice| choice.value == chosen)?;
    match chosen.split_once(':')? {
        ("location", id) => Some(Subject::Location(registry.location_by_id(id)?.key)),
        ("agency", id) => Some(Subject::Agency(id.to_owned())),
        _ => None,
    }
}

impl From<Mismatch> for Fault {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::RedirectUri => Self::UnknownRedirect,
            Mismatch::Scope => Self::UnknownScope,
        }
    }
}
