//! `POST /conversations/messages`: records a message that goes out, and promises it to the provider that is to send it.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{ids::ContactKey, intake::Receipt, message::Message};
use inlet_highlevel::{fault::Fault, send::Sending, status::Standing};

use super::{
    Api,
    call::Call,
    caller::Needs,
    keep::{self, Arrival},
    take_in::{SCOPE, door},
    visit::Visit,
};
use crate::sending;

const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: true,
};

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<Standing, Fault> {
    let began = visit.api.state.clock.monotonic();
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let outcome = record(&call).await;
    let answer = match &outcome {
        Ok(receipt) => standing(&call, receipt).await,
        Err(fault) => Err(fault.clone()),
    };
    let arrival = Arrival {
        began,
        location: call.caller.location,
        head: call.head,
        body: call.body,
    };
    keep::note(call.state, arrival, &outcome).await;
    answer
}

async fn record(call: &Call<'_>) -> Result<Receipt, Fault> {
    let sending = Sending::read(&call.body)?;
    let door = door(call)?;
    let (kind, id) = sending.contact();
    let key = call.state.ids.decode(kind, id).map(ContactKey);
    let contact = call.read(key.ok_or_else(Fault::unknown_contact)?).await?;
    let answered = match sending.answers(&door)? {
        Some(message) => Some((message, call.caller.message_at(call.state, message).await?.external_id)),
        None => None,
    };
    let change = sending.change(&door, &contact, answered)?;
    Ok(call.record(change).await?)
}

async fn standing(call: &Call<'_>, receipt: &Receipt) -> Result<Standing, Fault> {
    let message = call.caller.message_at(call.state, receipt.message).await?;
    let standing = Standing::new(&message, &call.state.ids);
    Ok(standing.remarked((!is_taken(call, &message)).then_some(NOBODY)))
}

/// What is said of a message that was recorded, but that nobody will send.
const NOBODY: &str = "Recorded only: its provider has no delivery URL and no credentials to send by, and no destination asks for ProviderOutboundMessage.";

fn is_taken(call: &Call<'_>, message: &Message) -> bool {
    let registry = &call.caller.registry;
    let provider = registry.provider(message.location, message.provider);
    provider.is_some_and(|provider| sending::is_taken(call.state, registry, message, &provider))
}
