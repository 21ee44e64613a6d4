//! `POST /contacts/{contactId}/notes`: writes something about a contact. 201.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::Edit;
use inlet_highlevel::{
    contacts::{self, NoteShown},
    fault::Fault,
};

use super::{Call, WRITE};
use crate::highlevel::{Api, named::Named, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::CREATED, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<NoteShown, Fault> {
    let call = Call::with_body(visit, request, &WRITE).await?;
    let text = contacts::note(&call.body)?;
    let contact = call.edit(id, Edit::AddNote(text)).await?;
    let note = contact.profile.notes.last().ok_or_else(Fault::unknown_note)?;
    Ok(NoteShown::new(note, &contact, &call.state.ids))
}
