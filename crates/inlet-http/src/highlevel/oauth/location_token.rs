//! `POST /oauth/locationToken` and `/oauth/location-token`: a location's token for an agency's.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    chance,
    clock::later,
    secret::Secret,
    vouchers::{Voucher, VoucherKind},
};
use inlet_highlevel::{
    fault::Fault,
    oauth::{self, Tokens},
};

use super::{For, Whose, issue, read, sha256};
use crate::{
    approval::REFRESH_LIFETIME,
    highlevel::{Api, caller::Needs, visit::Visit},
};

const NEEDS: Needs = Needs {
    scope: "oauth.write",
    version: true,
};

pub(in super::super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<Tokens, Fault> {
    let ports = visit.api.ports();
    let (head, body) = request.into_parts();
    let holder = visit.admit_agency(&head, &NEEDS).await?;
    let request = Request::from_parts(head, body);
    let (_, body, written) = read(request, ports).await?;
    let (company, location) = oauth::location_token(&body, written)?;
    let (registry, agency) = (&holder.registry, holder.agency()?);
    let location = registry
        .location_by_id(&location)
        .filter(|found| company == agency && found.agency.as_deref() == Some(agency))
        .ok_or_else(Fault::other_location)?;
    let grant = holder
        .grant
        .and_then(|key| registry.grant(key))
        .ok_or_else(Fault::revoked_token)?;
    let app = registry.app(grant.app).ok_or_else(Fault::revoked_token)?;
    let client = app.client.as_ref().ok_or_else(Fault::revoked_token)?;
    let now = ports.clock.now();
    let refresh = Secret::new(chance::path_token(&*ports.chance));
    let voucher = Voucher {
        kind: VoucherKind::Refresh,
        hash: sha256(&refresh),
        app: app.key,
        grant: grant.key,
        location: Some(location.key),
        redirect_uri: None,
        valid_until: later(now, REFRESH_LIFETIME),
    };
    ports.vouchers.issue(voucher, now).await?;
    let made_for = For {
        app,
        client,
        grant: grant.key,
        scopes: &grant.scopes,
        whose: Whose::Location(location),
    };
    Ok(issue(ports, registry, &made_for, Some(refresh)))
}
