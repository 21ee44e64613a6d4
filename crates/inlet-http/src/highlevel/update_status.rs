//! `PUT /conversations/messages/{messageId}/status` and `PUT /conversations/messages/email/{id}/status`: a provider's later
//! word on a message that went out. A word that lags behind what is known changes nothing, and is answered with that.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    change::{Change, What},
    channel::Direction,
    ids::IdKind,
    intake::Refusal,
};
use inlet_highlevel::{
    fault::Fault,
    status::{self, Standing},
};

use super::{Api, call::Call, caller::Needs, named::Named, quirks::check_status, take_in::SCOPE, visit::Visit};

const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: true,
};

pub(super) async fn of_message(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    answer(&api, (IdKind::Message, id), request).await
}

pub(super) async fn of_mail(State(api): State<Api>, Named(id): Named<String>, request: Request) -> Response {
    answer(&api, (IdKind::Email, id), request).await
}

async fn answer(api: &Api, (kind, id): (IdKind, String), request: Request) -> Response {
    let mut visit = Visit::open(api);
    let outcome = work(&mut visit, (kind, &id), request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, (kind, id): (IdKind, &str), request: Request) -> Result<Standing, Fault> {
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let (status, error) = status::read(&call.body)?;
    let message = call.caller.message(call.state, kind, id).await?;
    if message.direction == Direction::Inbound {
        return Err(Fault::no_provider_for_message());
    }
    check_status(call.state, message.created_at)?;
    let what = What::Status {
        message: message.key,
        status,
        error,
    };
    let change = Change::later((message.location, message.provider), what);
    match call.record(change).await {
        Ok(_) | Err(Refusal::Stale) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    let message = call.caller.message_at(call.state, message.key).await?;
    Ok(Standing::new(&message, &call.state.ids))
}
