//! `GET /conversations/messages/export`: all messages of the location, page by page.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::inbox::Export;
use inlet_highlevel::{
    fault::Fault,
    query::{Ask, Query},
    read::ExportJson,
};

use super::{Api, caller::Needs, visit::Visit};

const NEEDS: Needs = Needs {
    scope: "conversations/message.readonly",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = export(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn export(visit: &mut Visit<'_>, request: Request) -> Result<ExportJson, Fault> {
    let ports = visit.api.ports();
    let (head, _) = request.into_parts();
    let caller = visit.admit(&head, &NEEDS).await?;
    let query = Query::new(caller.location, &ports.ids, head.uri.query().unwrap_or_default());
    let asked = query.export()?;
    let page = match asked.query {
        Ask::Nothing => Export::default(),
        Ask::This(query) => ports.inbox.export(&query).await?,
    };
    Ok(caller.reader(ports)?.export(&page, asked.total))
}
