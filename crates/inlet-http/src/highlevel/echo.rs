//! For `script/bench` only: the inbound endpoint without the store. It authenticates, reads the same body by the same
//! code and answers the same reply, so that the two can be compared within one binary.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use inlet_core::{
    change::Change,
    ids::{ContactKey, MessageKey},
    inbound::{Inbound, Who},
    intake::Receipt,
};
use inlet_highlevel::{add_inbound, fault::Fault, reply::MessageProcessed};

use super::{Api, add_inbound_message::NEEDS, call::Call, take_in::understand, visit::Visit};
use crate::state::State as Ports;

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = echo(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn echo(visit: &mut Visit<'_>, request: Request) -> Result<MessageProcessed, Fault> {
    let call = Call::with_body(visit, request, &NEEDS).await?;
    let change = understand(&call, add_inbound::read)?;
    Ok(MessageProcessed::new(&receipt(call.state, &change), &call.state.ids))
}

/// The receipt that the store would give.
fn receipt(ports: &Ports, change: &Change) -> Receipt {
    let now = ports.clock.now();
    let message = MessageKey(ports.keys.next(now));
    let inbound = change.inbound();
    let contact = |inbound: &Inbound| match inbound.who {
        Who::Known(contact) => contact,
        Who::Person(_) => ContactKey(message.0),
    };
    Receipt {
        message,
        contact: inbound.map_or(ContactKey(message.0), contact),
        occurred_at: inbound.and_then(|inbound| inbound.occurred_at).unwrap_or(now),
        email: inbound.is_some_and(|inbound| inbound.channel.is_email()),
        repeated: false,
        differs: false,
    }
}
