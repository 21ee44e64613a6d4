//! `POST /contacts/search`: contacts by a text and by conditions on their fields, page by page.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{
    contacts::{self, FoundContacts},
    fault::Fault,
};

use super::{Call, READ};
use crate::highlevel::{Api, quirks::found, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<FoundContacts, Fault> {
    let call = Call::with_body(visit, request, &READ).await?;
    let location = call.caller.location()?;
    let query = contacts::search(&call.body, location, &call.state.ids)?;
    let (mut contacts, mut total) = call.state.contacts.find(&query).await?;
    let all = contacts.len();
    contacts.retain(|contact| found(call.state, contact.created_at));
    total = total.saturating_sub(u64::try_from(all - contacts.len()).unwrap_or(u64::MAX));
    Ok(FoundContacts::new(&contacts, total, &location.id, &call.state.ids))
}
