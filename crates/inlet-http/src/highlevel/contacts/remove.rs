//! `DELETE /contacts/{contactId}`: forgets a contact, its conversation and its messages.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::ContactChange;
use inlet_highlevel::{contacts::Succeeded, fault::Fault};

use super::{Call, WRITE};
use crate::highlevel::{Api, named::Named, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<Succeeded, Fault> {
    let call = Call::bare(visit, request, &WRITE).await?;
    call.submit(ContactChange::Delete(call.key(id)?)).await?;
    Ok(Succeeded::yes())
}
