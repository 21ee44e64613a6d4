//! Deliveries: list them, show one with its body and attempts, and say what becomes of it.

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use inlet_core::{
    backlog::{Order, Told},
    delivery::{Attempt, DeliveryStatus},
    ids::{DeliveryKey, IdKind},
    outbox::{DeliveryQuery, DeliveryView},
    signature::standard_webhooks_by,
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::{Asked, millis, stamp},
};
use crate::state::{Shared, State as Ports};

/// Rows of a list, unless asked otherwise, and at most.
const LIMIT: usize = 50;
const MOST: usize = 1_000;
/// How far deliveries of one state are counted.
const MOST_COUNTED: usize = 10_000;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/deliveries", get(list))
        .route("/deliveries/counts", get(count))
        .route("/deliveries/{id}", get(show))
        .route("/deliveries/{id}/{verb}", post(order))
}

#[derive(Deserialize)]
struct Which {
    location: Option<String>,
    destination: Option<String>,
    status: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct List {
    deliveries: Vec<View>,
}

/// A delivery as the admin API shows it.
#[derive(Serialize)]
pub(super) struct View {
    id: String,
    event: &'static str,
    webhook_id: String,
    location: String,
    destination: String,
    url: String,
    conversation_id: String,
    /// None, where the event is about a contact.
    message_id: Option<String>,
    status: &'static str,
    attempts: u32,
    created_at: String,
    due_at: String,
    finished_at: Option<String>,
    last: Option<String>,
}

/// One attempt as the admin API shows it.
#[derive(Serialize)]
pub(super) struct AttemptView {
    at: String,
    took_ms: u64,
    status: Option<u16>,
    error: Option<String>,
    response: Option<String>,
}

async fn list(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<List> {
    let registry = shared.directory.registry();
    let mut query = DeliveryQuery {
        limit: which.limit.unwrap_or(LIMIT).min(MOST),
        ..DeliveryQuery::default()
    };
    if let Some(id) = &which.location {
        query.location = Some(find::location(&registry, id)?.key);
    }
    if let Some(id) = &which.destination {
        query.destination = Some(find::destination(&registry, id)?.key);
    }
    query.status = which.status.as_deref().map(checked_status).transpose()?;
    let found = shared.outbox.list(&query).await?;
    Ok(Json(List {
        deliveries: found.iter().map(|delivery| view(&shared, delivery)).collect(),
    }))
}

#[derive(Deserialize)]
struct Whose {
    location: String,
}

#[derive(Serialize)]
struct Counted {
    /// How far each was counted.
    limit: usize,
    counts: Vec<CountView>,
}

/// How the deliveries to a destination stand.
#[derive(Serialize)]
struct CountView {
    destination: String,
    pending: usize,
    oldest_due_at: Option<String>,
    dead: usize,
    held: usize,
}

async fn count(State(shared): State<Shared>, Asked(whose): Asked<Whose>) -> Answer<Counted> {
    let registry = shared.directory.registry();
    let location = find::location(&registry, &whose.location)?;
    let found = shared.backlog.counts(Some(location.key), MOST_COUNTED).await?;
    let counts = found.into_iter().map(|one| CountView {
        destination: registry
            .destination(one.destination)
            .map(|found| found.id.clone())
            .unwrap_or_default(),
        pending: one.pending,
        oldest_due_at: one.oldest.map(stamp),
        dead: one.dead,
        held: one.held,
    });
    Ok(Json(Counted {
        limit: MOST_COUNTED,
        counts: counts.collect(),
    }))
}

pub(super) fn checked_status(name: &str) -> Result<DeliveryStatus, Fault> {
    let all = DeliveryStatus::ALL;
    all.iter().copied().find(|status| status.name() == name).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|status| status.name()).collect();
        Fault::bad(format!("there is no status {name}: choose from {}", known.join(", ")))
    })
}

/// A delivery in words and outside ids.
pub(super) fn view(shared: &Ports, delivery: &DeliveryView) -> View {
    let registry = shared.directory.registry();
    let destination = registry.destination(delivery.destination);
    let location = registry.location(delivery.location);
    View {
        id: shared.ids.encode(IdKind::Delivery, delivery.key.0),
        event: delivery.kind.name(),
        webhook_id: shared.ids.webhook(delivery.event),
        location: location.map(|found| found.id.clone()).unwrap_or_default(),
        destination: destination.map(|found| found.id.clone()).unwrap_or_default(),
        url: destination.map(|found| found.url.clone()).unwrap_or_default(),
        conversation_id: shared.ids.conversation(delivery.lane),
        message_id: delivery.message.map(|message| shared.ids.message(message)),
        status: delivery.status.name(),
        attempts: delivery.attempts,
        created_at: stamp(delivery.created_at),
        due_at: stamp(delivery.due_at),
        finished_at: delivery.finished_at.map(stamp),
        last: delivery.last.clone(),
    }
}

/// An attempt in words.
pub(super) fn attempt(attempt: Attempt) -> AttemptView {
    AttemptView {
        at: stamp(attempt.started_at),
        took_ms: millis(attempt.took),
        status: attempt.status,
        error: attempt.error,
        response: attempt.response,
    }
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    delivery: View,
    /// A line that makes the attempt once more, signed anew; empty where there is none.
    curl: String,
    body: String,
    tries: Vec<AttemptView>,
}

async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> Answer<Whole> {
    let key = shared.ids.decode(IdKind::Delivery, &id).map(DeliveryKey);
    let found = match key {
        Some(key) => shared.outbox.show(key).await?,
        None => None,
    };
    let (delivery, body, attempts) = found
        .ok_or_else(|| Fault::missing("there is no such delivery: `inlet delivery list` shows those there are"))?;
    Ok(Json(Whole {
        delivery: view(&shared, &delivery),
        curl: curl(&shared, &delivery, &body),
        body,
        tries: attempts.into_iter().map(attempt).collect(),
    }))
}

/// The attempt as a shell makes it, signed at this moment: a receiver refuses what was signed long ago. A vendor's own API and
/// the upstream are called in other ways, and what opens them is shown nowhere.
fn curl(shared: &Ports, delivery: &DeliveryView, body: &str) -> String {
    let registry = shared.directory.registry();
    let destination = registry.destination(delivery.destination);
    let Some(destination) = destination.filter(|found| found.vendor.is_none() && found.upstream.is_none()) else {
        return String::new();
    };
    let (now, id) = (shared.clock.now(), shared.ids.webhook(delivery.event));
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-ghl-signature", shared.signer.sign(body.as_bytes())),
        ("webhook-timestamp", now.as_second().to_string()),
        (
            "webhook-signature",
            standard_webhooks_by(destination.secrets(now), &id, now, body.as_bytes()),
        ),
        ("webhook-id", id),
        ("x-inlet-event-type", delivery.kind.name().to_owned()),
        ("x-inlet-attempt", delivery.attempts.max(1).to_string()),
    ];
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}"))))
        .collect();
    format!(
        "curl -X POST {} {} --data-raw {}",
        quoted(&destination.url),
        headers.join(" "),
        quoted(body)
    )
}

/// A word for a shell, whatever stands in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[derive(Serialize)]
struct Ordered {
    id: String,
    done: &'static str,
}

async fn order(State(shared): State<Shared>, Path((id, verb)): Path<(String, String)>) -> Answer<Ordered> {
    let orders = [Order::Replay, Order::Cancel, Order::Discard];
    let order = orders
        .into_iter()
        .find(|order| order.name() == verb)
        .ok_or_else(|| Fault::missing("a delivery can be told to replay, cancel or discard"))?;
    let told = match shared.ids.decode(IdKind::Delivery, &id).map(DeliveryKey) {
        Some(key) => shared.backlog.order(key, order).await?,
        None => Told::Missing,
    };
    match told {
        Told::Done => Ok(Json(Ordered { id, done: order.name() })),
        Told::Missing => Err(Fault::missing(
            "there is no such delivery: `inlet delivery list` shows those there are",
        )),
        Told::Unfit(status) => Err(Fault::conflict(unfit(order, status))),
    }
}

fn unfit(order: Order, status: DeliveryStatus) -> String {
    let (verb, state) = (order.name(), status.name());
    match status {
        DeliveryStatus::Leased => {
            format!("it is under way right now: {verb} it when it has ended, in half a minute at most")
        }
        DeliveryStatus::Ready | DeliveryStatus::Blocked => {
            format!("it is {state}, so it is sent anyway: `cancel` is what can be done to it")
        }
        DeliveryStatus::Delivered | DeliveryStatus::Cancelled => {
            format!("it is {state} already: `replay` is what can be done to it")
        }
        DeliveryStatus::Dead => "it was given up already: it can be replayed or discarded".to_owned(),
        DeliveryStatus::Held => format!("it is held and cannot be told to {verb}"),
    }
}
