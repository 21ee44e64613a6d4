//! `POST /oauth/token`: a code, a refresh token or just a client's name for an access token.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    chance,
    clock::later,
    registry::{App, Client, Grant, Registry, Subject},
    secret::Secret,
    vouchers::{Exchange, Exchanged, Voucher, VoucherKind},
};
use inlet_highlevel::{
    fault::Fault,
    oauth::{self, Offer, TokenRequest, Tokens},
    token::AuthClass,
};
use subtle::ConstantTimeEq;

use super::{For, Whose, issue, read, sha256};
use crate::{
    approval::REFRESH_LIFETIME,
    highlevel::{
        Api,
        caller::covers,
        visit::{Visit, short},
    },
    state::State as Ports,
};

pub(in super::super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let visit = Visit::open(&api);
    let outcome = work(api.ports(), request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(ports: &Ports, request: Request) -> Result<Tokens, Fault> {
    short(request.uri())?;
    let (_, body, written) = read(request, ports).await?;
    let asked = oauth::token_request(&body, written)?;
    if find(&ports.directory.registry(), &asked).is_none() {
        // The app may be new, and another node's.
        ports.directory.refresh().await;
    }
    let registry = ports.directory.registry();
    let (app, client) = find(&registry, &asked).ok_or_else(Fault::invalid_client)?;
    match &asked.offer {
        Offer::Code { code, redirect_uri } => {
            let (voucher, refresh) = exchange(ports, app, (VoucherKind::Code, code)).await?;
            let elsewhere = redirect_uri.is_some() && voucher.redirect_uri != *redirect_uri;
            if elsewhere {
                return Err(Fault::invalid_grant("redirect uri"));
            }
            renew(ports, (app, client), &voucher, refresh).await
        }
        Offer::Refresh(token) => {
            let (voucher, refresh) = exchange(ports, app, (VoucherKind::Refresh, token)).await?;
            renew(ports, (app, client), &voucher, refresh).await
        }
        Offer::Client {
            class,
            company,
            location,
        } => {
            let (grant, subject) = granted(&registry, app, (*class, company.as_deref(), location.as_deref()))?;
            let made_for = For {
                app,
                client,
                grant: grant.key,
                scopes: &grant.scopes,
                whose: Whose::of(&subject, &registry).ok_or_else(Fault::no_grant)?,
            };
            Ok(issue(ports, &registry, &made_for, None))
        }
    }
}

/// The app that asks, if it knows its secret.
fn find<'r>(registry: &'r Registry, asked: &TokenRequest) -> Option<(&'r App, &'r Client)> {
    let clients = registry
        .apps()
        .iter()
        .filter_map(|app| Some((app, app.client.as_ref()?)));
    let (app, client) = clients.into_iter().find(|(_, client)| client.id == asked.client_id)?;
    let same = client.secret.ct_eq(&sha256(&asked.client_secret));
    bool::from(same).then_some((app, client))
}

/// Uses a voucher up; it, and the refresh token that takes its place.
async fn exchange(ports: &Ports, app: &App, (kind, given): (VoucherKind, &Secret)) -> Result<(Voucher, Secret), Fault> {
    let now = ports.clock.now();
    let refresh = Secret::new(chance::path_token(&*ports.chance));
    let exchange = Exchange {
        kind,
        hash: sha256(given),
        app: app.key,
        next: sha256(&refresh),
        next_until: later(now, REFRESH_LIFETIME),
    };
    let what = match kind {
        VoucherKind::Code => "authorization code",
        VoucherKind::Refresh => "refresh token",
    };
    match ports.vouchers.exchange(exchange, now).await? {
        Exchanged::Good(voucher) => Ok((voucher, refresh)),
        Exchanged::Again => {
            tracing::warn!(
                app = app.id,
                what,
                "one that was used came again: all that came of it is taken back"
            );
            Err(Fault::invalid_grant(what))
        }
        Exchanged::Unknown => Err(Fault::invalid_grant(what)),
    }
}

async fn renew(
    ports: &Ports,
    (app, client): (&App, &Client),
    voucher: &Voucher,
    refresh: Secret,
) -> Result<Tokens, Fault> {
    let mut registry = ports.directory.registry();
    if registry.grant(voucher.grant).is_none() {
        ports.directory.refresh().await;
        registry = ports.directory.registry();
    }
    let grant = registry.grant(voucher.grant).ok_or_else(Fault::no_grant)?;
    let subject = match voucher.location {
        Some(location) => Subject::Location(location),
        None => grant.subject.clone(),
    };
    let whose = Whose::of(&subject, &registry).filter(|_| covers(&grant.subject, &subject, &registry));
    let made_for = For {
        app,
        client,
        grant: grant.key,
        scopes: &grant.scopes,
        whose: whose.ok_or_else(Fault::no_grant)?,
    };
    Ok(issue(ports, &Arc::clone(&registry), &made_for, Some(refresh)))
}

/// The one grant of an app that covers what is named.
fn granted<'r>(
    registry: &'r Registry,
    app: &App,
    (class, company, location): (Option<AuthClass>, Option<&str>, Option<&str>),
) -> Result<(&'r Grant, Subject), Fault> {
    let location = match location {
        Some(id) => Some(registry.location_by_id(id).ok_or_else(Fault::no_grant)?.key),
        None => None,
    };
    let fits = |grant: &&Grant| match &grant.subject {
        Subject::Location(key) => {
            class != Some(AuthClass::Company) && company.is_none() && location.is_none_or(|it| it == *key)
        }
        Subject::Agency(agency) => {
            let named = company.is_none_or(|id| id == agency);
            let inside = location.is_none_or(|key| covers(&grant.subject, &Subject::Location(key), registry));
            let class_fits = location.is_some() || class != Some(AuthClass::Location);
            named && inside && class_fits
        }
    };
    let own = registry.grants().into_iter();
    let mut fitting = own.filter(|grant| grant.app == app.key && grant.revoked_at.is_none() && fits(grant));
    // Two grants for the same thing are as good as one: the newer one counts.
    let grant = fitting.next_back().ok_or_else(Fault::no_grant)?;
    if fitting.any(|other| other.subject != grant.subject) && location.is_none() && company.is_none() {
        return Err(Fault::no_grant());
    }
    let subject = location.map_or_else(|| grant.subject.clone(), Subject::Location);
    Ok((grant, subject))
}
