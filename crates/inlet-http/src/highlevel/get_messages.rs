//! `GET /conversations/{conversationId}/messages`: one page of a conversation, newest first; the next page is asked for
//! with `lastMessageId`.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::inbox::MessagePage;
use inlet_highlevel::{
    fault::Fault,
    query::{Ask, Query},
    read::MessagesJson,
};

use super::{Api, caller::Needs, get_conversation::find, named::Named, visit::Visit};

const NEEDS: Needs = Needs {
    scope: "conversations/message.readonly",
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = show(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn show(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<MessagesJson, Fault> {
    let ports = visit.api.ports();
    let (head, _) = request.into_parts();
    let caller = visit.admit(&head, &NEEDS).await?;
    let conversation = find(ports, &caller, id).await?.key;
    let query = Query::new(caller.location, &ports.ids, head.uri.query().unwrap_or_default());
    let page = match query.messages(conversation)? {
        Ask::Nothing => MessagePage::default(),
        Ask::This(query) => {
            if let Some(before) = query.before {
                let message = ports.inbox.message(caller.location, before).await?;
                let here = message.is_some_and(|message| message.contact == conversation);
                here.then_some(()).ok_or_else(Fault::unknown_message)?;
            }
            ports.inbox.messages(&query).await?
        }
    };
    Ok(caller.reader(ports)?.messages(&page))
}
