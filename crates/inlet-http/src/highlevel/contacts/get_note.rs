//! `GET /contacts/{contactId}/notes/{id}`: one note.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{contacts::NoteShown, fault::Fault};

use super::{Call, READ};
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
    let call = Call::bare(visit, request, &READ).await?;
    let key = call.note(contact, id)?;
    let contact = call.read(call.key(contact)?).await?;
    let note = contact.profile.notes.iter().find(|note| note.key == key);
    let note = note.ok_or_else(Fault::unknown_note)?;
    Ok(NoteShown::new(note, &contact, &call.state.ids))
}
