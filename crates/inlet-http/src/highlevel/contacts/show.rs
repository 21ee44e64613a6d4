//! `GET /contacts/{contactId}`: one contact.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{contacts::ContactShown, fault::Fault};

use super::{Call, READ};
use crate::highlevel::{Api, named::Named, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<ContactShown, Fault> {
    let call = Call::bare(visit, request, &READ).await?;
    let contact = call.read(call.key(id)?).await?;
    Ok(ContactShown::read(Some(call.shown(&contact)?)))
}
