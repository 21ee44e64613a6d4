//! `PUT /conversations/messages/{id}/attachments`: other files of a call by a provider of one's own.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    change::{Change, What},
    channel::Channel,
    ids::IdKind,
    intake::Refusal,
};
use inlet_highlevel::{
    calls::{Replaced, read_attachments},
    fault::Fault,
};

use super::{Api, call::Call, caller::Needs, named::Named, take_in::SCOPE, visit::Visit};

const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, &id, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, id: &str, request: Request) -> Result<Replaced, Fault> {
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let files = read_attachments(&call.body)?;
    let mut message = call.caller.message(call.state, IdKind::Message, id).await?;
    if message.channel != Channel::Call {
        return Err(Fault::fixed_files());
    }
    message.detail.attachments.clone_from(&files);
    let what = What::Attachments {
        message: message.key,
        files,
    };
    match call
        .record(Change::later((message.location, message.provider), what))
        .await
    {
        Ok(_) => Ok(Replaced::new(call.caller.reader(call.state)?.attachments(&message))),
        Err(Refusal::Stale) => Err(Fault::files_on_their_way()),
        Err(refusal) => Err(refusal.into()),
    }
}
