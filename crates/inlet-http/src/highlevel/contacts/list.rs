//! `GET /contacts/`: the older list of contacts, newest first.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{
    contacts::{self, ContactList, Listed},
    fault::Fault,
};

use super::{Call, READ};
use crate::highlevel::{Api, visit::Visit};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<ContactList, Fault> {
    let call = Call::bare(visit, request, &READ).await?;
    let location = call.caller.location()?;
    let query = call.head.uri.query().unwrap_or_default();
    let mut asked = Listed::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        let place = match &*name {
            "locationId" => &mut asked.location,
            "query" => &mut asked.query,
            "limit" => &mut asked.limit,
            "startAfterId" => &mut asked.start_after,
            _ => continue,
        };
        *place = Some(value.into_owned());
    }
    let query = contacts::list(&asked, location, &call.state.ids)?;
    let (found, total) = call.state.contacts.find(&query).await?;
    Ok(ContactList::new(&found, total, &location.id, &call.state.ids))
}
