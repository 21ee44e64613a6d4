//! `DELETE /contacts/{contactId}/notes/{id}`: removes a note.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::Edit;
use inlet_highlevel::{contacts::Succeeded, fault::Fault};

use super::{Call, WRITE};
use crate::highlevel::{Api, named::Named, visit::Visit};

pub(super) async fn handle(
    State(api): State<Api>,
    Named((contact, id)): Named<(String, String)>,
    request: Request,
) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, (&contact, &id), request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, (contact, id): (&str, &str), request: Request) -> Result<Succeeded, Fault> {
    let call = Call::bare(visit, request, &WRITE).await?;
    let key = call.note(contact, id)?;
    call.edit(contact, Edit::RemoveNote(key)).await?;
    Ok(Succeeded::yes())
}
