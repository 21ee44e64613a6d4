//! `GET /contacts/search/duplicate`: the contact with this address, or else with this number, or nobody.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{contacts::ContactShown, fault::Fault};

use super::{Call, READ};
use crate::highlevel::{Api, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<ContactShown, Fault> {
    let call = Call::bare(visit, request, &READ).await?;
    let query = call.head.uri.query().unwrap_or_default();
    let asked = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.into_owned())
    };
    if asked("locationId").is_none() {
        return Err(Fault::unprocessable(vec!["locationId is required".to_owned()]));
    }
    let (email, number) = (asked("email"), asked("number"));
    if email.is_none() && number.is_none() {
        return Err(Fault::unprocessable(vec!["number or email is required".to_owned()]));
    }
    for value in [email, number].into_iter().flatten() {
        let found = call.state.inbox.by_identity(call.caller.location, &value).await?;
        if let Some(key) = found.first() {
            let contact = call.read(*key).await?;
            return Ok(ContactShown::read(Some(call.shown(&contact)?)));
        }
    }
    Ok(ContactShown::read(None))
}
