//! `POST /contacts/upsert`: makes a contact, or changes the one with this address or number.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::ContactChange;
use inlet_highlevel::{
    contacts::{self, Upserted},
    fault::Fault,
};

use super::{Call, WRITE};
use crate::highlevel::{Api, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<Upserted, Fault> {
    let call = Call::with_body(visit, request, &WRITE).await?;
    let fields = contacts::new_fields(&call.body, call.caller.location()?)?;
    let receipt = call.submit(ContactChange::Upsert(Box::new(fields))).await?;
    let contact = call.read(receipt.contact).await?;
    Ok(Upserted {
        new: !receipt.repeated,
        contact: call.shown(&contact)?,
    })
}
