//! `DELETE /contacts/{contactId}/tags`: removes the tags that its body names.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::contact::Edit;
use inlet_highlevel::{
    contacts::{self, Tags},
    fault::Fault,
};

use super::{Call, WRITE};
use crate::highlevel::{Api, named::Named, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<Tags, Fault> {
    let call = Call::with_body(visit, request, &WRITE).await?;
    let tags = contacts::tags(&call.body)?;
    let contact = call.edit(id, Edit::RemoveTags(tags)).await?;
    Ok(Tags {
        tags: contact.profile.tags,
    })
}
