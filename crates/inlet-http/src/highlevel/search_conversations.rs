//! `GET /conversations/search`: a location's conversations, newest activity first.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_highlevel::{
    fault::Fault,
    query::{Ask, Query},
    read::FoundConversations,
};

use super::{Api, caller::Needs, quirks::found, visit::Visit};

const NEEDS: Needs = Needs {
    scope: "conversations.readonly",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = search(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn search(visit: &mut Visit<'_>, request: Request) -> Result<FoundConversations, Fault> {
    let ports = visit.api.ports();
    let (head, _) = request.into_parts();
    let caller = visit.admit(&head, &NEEDS).await?;
    let query = Query::new(caller.location, &ports.ids, head.uri.query().unwrap_or_default());
    let (mut views, mut total) = match query.search()? {
        Ask::Nothing => (Vec::new(), 0),
        Ask::This(query) => ports.inbox.conversations(&query).await?,
    };
    let all = views.len();
    views.retain(|view| {
        found(
            ports,
            view.last.as_ref().map_or(view.created_at, |last| last.created_at),
        )
    });
    total = total.saturating_sub(u64::try_from(all - views.len()).unwrap_or(u64::MAX));
    Ok(caller.reader(ports)?.found(&views, total))
}
