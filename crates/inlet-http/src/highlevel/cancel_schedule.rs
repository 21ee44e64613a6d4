//! `DELETE /conversations/messages/{id}/schedule` and `DELETE /conversations/messages/email/{id}/schedule`: takes back a
//! message that was to be sent later. First its promises, then its status: whoever asks again after a crash between the
//! two finishes it.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    backlog::{Order, Told},
    change::{Change, What},
    channel::MessageStatus,
    delivery::DeliveryStatus,
    event::EventKind,
    ids::{IdKind, MessageKey},
    intake::Refusal,
    outbox::DeliveryQuery,
};
use inlet_highlevel::{fault::Fault, send::ScheduleCancelled};

use super::{Api, call::Call, caller::Needs, named::Named, take_in::SCOPE, visit::Visit};

const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: true,
};
/// Promises of one message, at most: one a destination.
const MOST: usize = 1000;
/// What is said of a message that was taken back.
const WHY: &str = "cancelled before it was sent";

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

async fn work(visit: &mut Visit<'_>, (kind, id): (IdKind, &str), request: Request) -> Result<ScheduleCancelled, Fault> {
    let call = Call::bare(visit, request, &NEEDS).await?;
    let message = call.caller.message(call.state, kind, id).await?;
    if message.status != MessageStatus::Scheduled {
        return Err(Fault::not_scheduled());
    }
    cancel(&call, message.key).await?;
    let word = What::Status {
        message: message.key,
        status: MessageStatus::Failed,
        error: Some(WHY.to_owned()),
    };
    match call
        .record(Change::later((message.location, message.provider), word))
        .await
    {
        Ok(_) | Err(Refusal::Stale) => Ok(ScheduleCancelled::default()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Cancels all promises of the message, unless its provider has it already or is being told.
async fn cancel(call: &Call<'_>, message: MessageKey) -> Result<(), Fault> {
    let query = DeliveryQuery {
        location: Some(call.caller.location),
        message: Some(message),
        limit: MOST,
        ..DeliveryQuery::default()
    };
    let mut promised = call.state.outbox.list(&query).await?;
    // Where the provider has it, nothing is taken back from anybody.
    promised.sort_by_key(|delivery| delivery.kind != EventKind::ProviderOutboundMessage);
    for delivery in promised {
        match call.state.backlog.order(delivery.key, Order::Cancel).await? {
            Told::Done | Told::Missing | Told::Unfit(DeliveryStatus::Cancelled | DeliveryStatus::Dead) => {}
            Told::Unfit(_) if delivery.kind == EventKind::ProviderOutboundMessage => return Err(Fault::not_scheduled()),
            Told::Unfit(_) => {}
        }
    }
    Ok(())
}
