//! `GET /conversations/messages/email/{id}`: one mail, by its `emailMessageId`. It needs no `Version` header, but a
//! token, unlike HighLevel's older specification of it.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::ids::IdKind;
use inlet_highlevel::{fault::Fault, read::MailJson};

use super::{Api, caller::Needs, named::Named, visit::Visit};

const NEEDS: Needs = Needs {
    scope: "conversations/message.readonly",
    version: false,
};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = show(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn show(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<MailJson, Fault> {
    let ports = visit.api.ports();
    let caller = visit.admit(&request.into_parts().0, &NEEDS).await?;
    let mail = caller.message(ports, IdKind::Email, id).await?;
    if !mail.channel.is_email() {
        return Err(Fault::unknown_message());
    }
    Ok(caller.reader(ports)?.mail(&mail))
}
