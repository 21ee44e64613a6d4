//! What became of each promise about a message, and what a person can have done with it: sent again, not sent, put away.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{Path, Query, State},
    response::Redirect,
};
use inlet_core::{
    Timestamp,
    backlog::{Order, Told},
    delivery::{Attempt, DeliveryStatus},
    ids::{DeliveryKey, DestinationKey, IdKind},
    message::Message,
    outbox::DeliveryView,
    registry::{Destination, UPSTREAM, VENDOR},
    relay::{Line, Posted, Subject},
};
use serde::Deserialize;

use super::super::{
    cut::Cut,
    fault::Fault,
    find::{find_location, message_key},
    row::Setting,
    words,
};
use crate::state::Shared;

/// A promise to a destination, with its attempts.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) tone: &'static str,
    pub(super) host: String,
    /// Whether it goes to an upstream.
    pub(super) upstream: bool,
    /// What it is for: a webhook, the upstream, or a vendor that sends.
    pub(super) way: &'static str,
    pub(super) url: String,
    pub(super) event: &'static str,
    pub(super) status: &'static str,
    pub(super) webhook_id: String,
    pub(super) next: Option<String>,
    pub(super) attempts: Vec<Tried>,
    /// What the upstream calls it, or what is not known of it.
    pub(super) posted: Option<String>,
    /// Where orders for it go, and those that fit: the name of each and its label.
    pub(super) action: String,
    pub(super) orders: Vec<(&'static str, &'static str)>,
}

/// One attempt.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) at: String,
    pub(super) took: String,
    pub(super) answer: String,
    pub(super) response: Option<String>,
}

/// What upstreams are known to have of a message.
pub(super) async fn posted(
    shared: &Shared,
    message: &Message,
    deliveries: &[(DeliveryView, Vec<Attempt>)],
) -> Result<HashMap<DestinationKey, Posted>, Fault> {
    let registry = shared.directory.registry();
    let mut posted = HashMap::new();
    for (view, _) in deliveries {
        let destination = registry.destination(view.destination);
        if destination.is_none_or(|found| found.upstream.is_none()) {
            continue;
        }
        let line = Line {
            location: message.location,
            destination: view.destination,
        };
        let subject = Subject {
            message: message.key,
            contact: message.contact,
            identities: &[],
            reply_to: None,
        };
        let standing = shared.memory.standing(line, subject).await?;
        posted.extend(standing.posted.map(|posted| (view.destination, posted)));
    }
    Ok(posted)
}

/// A promise as it is shown.
pub(super) fn delivery(
    view: &DeliveryView,
    attempts: &[Attempt],
    posted: Option<&Posted>,
    setting: Setting<'_>,
) -> Delivery {
    let registry = setting.state.directory.registry();
    let destination = registry.destination(view.destination);
    let url = destination.map(|found| found.url.clone());
    let ids = &setting.state.ids;
    let message = view.message.map(|message| ids.message(message)).unwrap_or_default();
    let below = format!(
        "/c/{}/m/{message}/orders/{}",
        ids.conversation(view.lane),
        ids.encode(IdKind::Delivery, view.key.0)
    );
    let url = url.unwrap_or_else(|| "a destination that is gone".to_owned());
    let clock = |at: Timestamp| setting.zone.ago(at, setting.now).full;
    let waits = view.status == DeliveryStatus::Ready || view.status == DeliveryStatus::Held;
    Delivery {
        tone: match view.status {
            DeliveryStatus::Delivered => "ok",
            DeliveryStatus::Dead => "bad",
            DeliveryStatus::Ready
            | DeliveryStatus::Leased
            | DeliveryStatus::Blocked
            | DeliveryStatus::Held
            | DeliveryStatus::Cancelled => "wait",
        },
        host: words::host(&url).to_owned(),
        upstream: destination.is_some_and(|found| found.upstream.is_some()),
        way: way(destination),
        posted: posted.map(|posted| match posted {
            Posted::Sent(there) => format!("its id there is {}", there.id),
            Posted::Uncertain { since } => {
                format!("nobody knows whether it was written there, since {}", clock(*since))
            }
        }),
        action: setting.address(&below, &[]),
        orders: match setting.only_looks() {
            Some(_) => Vec::new(),
            None => orders(view.status),
        },
        event: view.kind.name(),
        status: view.status.name(),
        webhook_id: setting.state.ids.webhook(view.event),
        next: waits.then(|| clock(view.due_at)),
        attempts: attempts
            .iter()
            .map(|one| Tried {
                at: clock(one.started_at),
                took: format!("{} ms", one.took.as_millis()),
                answer: answer(one),
                response: one.response.clone().filter(|text| !text.trim().is_empty()),
            })
            .collect(),
        url,
    }
}

fn way(destination: Option<&Destination>) -> &'static str {
    match destination.map(Destination::kind) {
        Some(UPSTREAM) => "Forwarded to",
        Some(VENDOR) => "Sent by",
        Some(_) | None => "Webhook to",
    }
}

/// What can be done with a promise that stands so.
fn orders(status: DeliveryStatus) -> Vec<(&'static str, &'static str)> {
    let replay = match status {
        DeliveryStatus::Delivered => "Replay",
        DeliveryStatus::Dead
        | DeliveryStatus::Held
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Ready
        | DeliveryStatus::Leased
        | DeliveryStatus::Blocked => "Retry",
    };
    let all = [
        (Order::Replay, replay),
        (Order::Cancel, "Do not send"),
        (Order::Discard, "Discard"),
    ];
    all.into_iter()
        .filter(|(order, _)| order.fits(status))
        .map(|(order, label)| (order.name(), label))
        .collect()
}

/// What came of an attempt, in a word.
pub(super) fn answer(attempt: &Attempt) -> String {
    match (attempt.status, &attempt.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error.clone(),
        (None, None) => "no answer".to_owned(),
    }
}

/// What is to be done with a promise.
#[derive(Clone, Debug, Deserialize)]
pub(in super::super) struct OrderForm {
    order: String,
}

/// `POST /l/{location}/c/{conversation}/m/{message}/orders/{delivery}`
pub(in super::super) async fn order(
    State(shared): State<Shared>,
    Path((location, conversation, message, delivery)): Path<(String, String, String, String)>,
    Query(cut): Query<Cut>,
    Form(form): Form<OrderForm>,
) -> Result<Redirect, Fault> {
    let location = find_location(&shared, &location)?;
    let about = message_key(&shared, &message)?;
    let key = shared.ids.decode(IdKind::Delivery, &delivery).map(DeliveryKey);
    let found = shared.outbox.show(key.ok_or(Fault::NotFound)?).await?;
    let (view, ..) = found.ok_or(Fault::NotFound)?;
    if view.location != location.key || view.message != Some(about) {
        return Err(Fault::NotFound);
    }
    let orders = [Order::Replay, Order::Cancel, Order::Discard];
    let order = orders.into_iter().find(|order| order.name() == form.order);
    match shared.backlog.order(view.key, order.ok_or(Fault::NotFound)?).await? {
        // What does not fit any more has gone on in the meantime: the page shows how it stands now.
        Told::Done | Told::Unfit(_) => {
            let query = cut.with(&[("m", &message)]);
            Ok(Redirect::to(&format!("/l/{}/c/{conversation}{query}", location.id)))
        }
        Told::Missing => Err(Fault::NotFound),
    }
}
