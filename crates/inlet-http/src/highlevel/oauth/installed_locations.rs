//! `GET /oauth/installedLocations` and `/oauth/installed-locations`: an agency's locations, and where the app is installed.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    Timestamp,
    registry::{Location, Registry, Subject},
};
use inlet_highlevel::{
    fault::Fault,
    oauth::{Asked, Installed, InstalledPage, Page},
};

use crate::highlevel::{
    Api,
    caller::{Holder, Needs, covers},
    visit::Visit,
};

const NEEDS: Needs = Needs {
    scope: "oauth.readonly",
    version: true,
};

pub(in super::super) async fn older(State(api): State<Api>, request: Request) -> Response {
    answer(&api, Page::Older, request).await
}

pub(in super::super) async fn newer(State(api): State<Api>, request: Request) -> Response {
    answer(&api, Page::Newer, request).await
}

async fn answer(api: &Api, form: Page, request: Request) -> Response {
    let mut visit = Visit::open(api);
    let outcome = work(&mut visit, form, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, form: Page, request: Request) -> Result<InstalledPage, Fault> {
    let (head, _) = request.into_parts();
    let holder = visit.admit_agency(&head, &NEEDS).await?;
    let asked = Asked::read(head.uri.query().unwrap_or_default())?;
    let (registry, agency) = (&holder.registry, holder.agency()?);
    let app = registry.app(holder.app).ok_or_else(Fault::revoked_token)?;
    if asked.company != agency || asked.app != app.id {
        return Err(Fault::other_agency());
    }
    let own = registry.locations().iter();
    let own = own.filter(|location| location.agency.as_deref() == Some(agency));
    let all: Vec<Installed> = own
        .map(|location| (location, since(registry, &holder, location)))
        .filter(|(location, since)| asked.wants(location, since.is_some()))
        .map(|(location, since)| Installed::new(location, &app.id, since))
        .collect();
    Ok(InstalledPage::new(&all, &asked, form, true))
}

/// Since when the app may work at a location.
fn since(registry: &Registry, holder: &Holder, location: &Location) -> Option<Timestamp> {
    let subject = Subject::Location(location.key);
    let grants = registry.grants().into_iter();
    let own = grants.filter(|grant| grant.app == holder.app && grant.revoked_at.is_none());
    own.filter(|grant| covers(&grant.subject, &subject, registry))
        .map(|grant| grant.created_at)
        .min()
}
