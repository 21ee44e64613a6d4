//! `PUT /contacts/{contactId}/notes/{id}`: writes a note anew.

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

pub(super) async fn handle(
    State(api): State<Api>,
    Named((contact, id)): Named<(String, String)>,
    request: Request,
) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, (&contact, &id), request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, (contact, id): (&str, &str), request: Request) -> Result<NoteShown, Fault> {
    let call = Call::with_body(visit, request, &WRITE).await?;
    let text = contacts::note(&call.body)?;
    let key = call.note(contact, id)?;
    let contact = call.edit(contact, Edit::EditNote(key, text)).await?;
    let note = contact.profile.notes.iter().find(|note| note.key == key);
    let note = note.ok_or_else(Fault::unknown_note)?;
    Ok(NoteShown::new(note, &contact, &call.state.ids))
}
