//! `POST /contacts/`: makes a contact, unless its number or address is somebody's. 201.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::ContactChange;
use inlet_highlevel::{
    contacts::{self, ContactShown},
    fault::Fault,
};

use super::{Call, WRITE};
use crate::highlevel::{Api, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::CREATED, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<ContactShown, Fault> {
    let call = Call::with_body(visit, request, &WRITE).await?;
    let fields = contacts::new_fields(&call.body, call.caller.location()?)?;
    let receipt = call.submit(ContactChange::Create(Box::new(fields))).await?;
    let contact = call.read(receipt.contact).await?;
    Ok(ContactShown::read(Some(call.shown(&contact)?)))
}
