//! `GET /locations/{locationId}`: a location, for its own token or its agency's.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::registry::Subject;
use inlet_highlevel::{fault::Fault, locations::LocationShown};

use super::{
    Api,
    caller::{Needs, covers},
    named::Named,
    visit::Visit,
};

const NEEDS: Needs = Needs {
    scope: "locations.readonly",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<LocationShown, Fault> {
    let holder = visit.admit_holder(&request.into_parts().0, &NEEDS).await?;
    let location = holder.registry.location_by_id(id).ok_or_else(Fault::other_location)?;
    if !covers(&holder.subject, &Subject::Location(location.key), &holder.registry) {
        return Err(Fault::other_location());
    }
    Ok(LocationShown::new(location))
}
