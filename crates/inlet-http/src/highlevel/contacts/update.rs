//! `PUT /contacts/{contactId}`: changes the fields that are given; what is given as null is cleared.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::Edit;
use inlet_highlevel::{
    contacts::{self, ContactShown},
    fault::Fault,
};

use super::{Call, WRITE};
use crate::highlevel::{Api, named::Named, quirks::check_contact_fields, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<ContactShown, Fault> {
    let call = Call::with_body(visit, request, &WRITE).await?;
    check_contact_fields(call.state, &call.body)?;
    let fields = contacts::changed_fields(&call.body, call.caller.location()?)?;
    let contact = call.edit(id, Edit::Fields(Box::new(fields))).await?;
    Ok(ContactShown::changed(call.shown(&contact)?))
}
