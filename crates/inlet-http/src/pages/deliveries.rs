//! Deliveries of a location as a table, and one of them with its body, its attempts, and what can be done with it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use inlet_core::{backlog::Order, delivery::DeliveryStatus};
use serde::Deserialize;
use serde_json::json;

use super::{
    ask,
    destination::Destination,
    fault::Fault,
    frame::{Frame, Said, Section, Visit},
    moment::Moment,
    words::host,
};
use crate::state::Shared;

/// Deliveries of one table.
const ROWS: &str = "100";

/// Which deliveries a table shows.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Which {
    status: Option<String>,
    destination: Option<String>,
}

#[derive(Deserialize)]
struct List {
    deliveries: Vec<Told>,
}

/// A delivery as the admin API tells of it.
#[derive(Clone, Debug, Deserialize)]
struct Told {
    id: String,
    event: String,
    webhook_id: String,
    location: String,
    destination: String,
    url: String,
    message_id: Option<String>,
    status: String,
    attempts: u32,
    created_at: String,
    due_at: String,
    finished_at: Option<String>,
    last: Option<String>,
}

/// A table of deliveries with the filters above it.
#[derive(Debug, Template)]
#[template(path = "deliveries.html")]
pub(super) struct Deliveries {
    statuses: Vec<Choice>,
    destinations: Vec<Choice>,
    rows: Vec<Row>,
    /// Whether there may be more than are shown.
    more: bool,
    /// Whether a filter holds.
    filtered: bool,
}

#[derive(Debug)]
struct Choice {
    label: String,
    href: String,
    current: bool,
}

#[derive(Debug)]
struct Row {
    href: String,
    event: String,
    host: String,
    tone: &'static str,
    status: &'static str,
    when: Moment,
    note: String,
}

impl Deliveries {
    /// Those of the location to some destinations, or to one of them.
    pub(super) async fn find(
        shared: &Shared,
        visit: &Visit,
        (page, destinations): (&str, &[Destination]),
        which: Which,
    ) -> Result<Self, Fault> {
        let one = which.destination.as_deref();
        let one = one.filter(|id| destinations.iter().any(|destination| destination.id == *id));
        let status = which.status.as_deref().filter(|name| status_of(name).is_some());
        let wanted = [
            ("location", Some(visit.location.id.as_str())),
            ("destination", one),
            ("status", status),
            ("limit", Some(ROWS)),
        ];
        let list: List = ask::get(shared, &ask::query("/deliveries", &wanted)).await?;
        let more = list.deliveries.len().to_string() == ROWS;
        let mut found = list.deliveries;
        found.retain(|told| {
            destinations
                .iter()
                .any(|destination| destination.id == told.destination)
        });
        let address = |status: Option<&str>, destination: Option<&str>| {
            ask::query(&visit.path(page), &[("status", status), ("destination", destination)])
        };
        let shown = [
            (None, "All"),
            (Some("dead"), "Given up"),
            (Some("ready"), "Waiting"),
            (Some("held"), "Held"),
            (Some("delivered"), "Delivered"),
        ];
        let statuses = shown.map(|(name, label)| Choice {
            label: label.to_owned(),
            href: address(name, one),
            current: status == name,
        });
        let each = destinations.iter().map(|destination| Choice {
            label: destination.host().to_owned(),
            href: address(
                status,
                Some(&destination.id).filter(|id| one != Some(*id)).map(String::as_str),
            ),
            current: one == Some(destination.id.as_str()),
        });
        Ok(Self {
            statuses: statuses.into(),
            destinations: each.filter(|_| destinations.len() > 1).collect(),
            rows: found.iter().map(|told| row(told, visit)).collect(),
            more,
            filtered: one.is_some() || status.is_some(),
        })
    }
}

fn row(told: &Told, visit: &Visit) -> Row {
    let (tone, status) = words(&told.status);
    Row {
        href: visit.path(&format!("/deliveries/{}", told.id)),
        event: told.event.clone(),
        host: host(&told.url).to_owned(),
        tone,
        status,
        when: visit.ago(&told.created_at),
        note: note(told, visit),
    }
}

/// How it went so far, in a few words.
fn note(told: &Told, visit: &Visit) -> String {
    let tries = match told.attempts {
        0 => "not tried yet".to_owned(),
        1 => "1 attempt".to_owned(),
        many => format!("{many} attempts"),
    };
    let next = (told.status == "ready" && told.attempts > 0).then(|| format!("next {}", visit.clock(&told.due_at)));
    let last = told.last.clone().filter(|last| !last.is_empty());
    let parts = [last, Some(tries), next];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn status_of(name: &str) -> Option<DeliveryStatus> {
    DeliveryStatus::ALL.iter().copied().find(|status| status.name() == name)
}

/// A delivery's state as people say it, with the colour of its meaning.
fn words(name: &str) -> (&'static str, &'static str) {
    match status_of(name) {
        Some(DeliveryStatus::Ready) => ("wait", "waiting"),
        Some(DeliveryStatus::Leased) => ("wait", "under way"),
        Some(DeliveryStatus::Blocked) => ("wait", "behind an earlier one"),
        Some(DeliveryStatus::Delivered) => ("ok", "delivered"),
        Some(DeliveryStatus::Dead) => ("bad", "given up"),
        Some(DeliveryStatus::Cancelled) => ("", "cancelled"),
        Some(DeliveryStatus::Held) => ("wait", "held"),
        None => ("", "unknown"),
    }
}

#[derive(Deserialize)]
struct Whole {
    #[serde(flatten)]
    told: Told,
    curl: String,
    body: String,
    tries: Vec<Try>,
}

#[derive(Deserialize)]
struct Try {
    at: String,
    took_ms: u64,
    status: Option<u16>,
    error: Option<String>,
    response: Option<String>,
}

#[derive(Template)]
#[template(path = "delivery.html")]
struct Page {
    frame: Frame,
    told: Told,
    tone: &'static str,
    status: &'static str,
    /// The list that it stands in.
    back: String,
    back_title: &'static str,
    when: Moment,
    finished: Option<Moment>,
    /// When it is tried next.
    next: Option<String>,
    message: Option<String>,
    orders: Vec<(Order, &'static str)>,
    curl: String,
    body: String,
    tries: Vec<Attempt>,
}

struct Attempt {
    at: Moment,
    took_ms: u64,
    tone: &'static str,
    answer: String,
    response: Option<String>,
}

/// `GET /l/{location}/deliveries/{delivery}`
pub(super) async fn show(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let whole = own(&shared, &visit, &id).await?;
    let section = section(&shared, &visit, &whole.told).await?;
    let (tone, status) = words(&whole.told.status);
    let now = status_of(&whole.told.status).ok_or(Fault::Store)?;
    let orders = [
        (Order::Replay, "Send again"),
        (Order::Cancel, "Cancel"),
        (Order::Discard, "Discard"),
    ];
    let page = Page {
        frame: visit.frame(&shared, section),
        tone,
        status,
        back: visit.path(section.path()),
        back_title: section.title(),
        when: visit.ago(&whole.told.created_at),
        finished: visit.maybe_ago(whole.told.finished_at.as_ref()),
        next: (now == DeliveryStatus::Ready).then(|| visit.clock(&whole.told.due_at)),
        message: whole.told.message_id.as_ref().map(|id| visit.path(&format!("/m/{id}"))),
        orders: orders.into_iter().filter(|(order, _)| order.fits(now)).collect(),
        curl: whole.curl,
        body: pretty(&whole.body),
        tries: whole.tries.into_iter().map(|one| attempt(one, &visit)).collect(),
        told: whole.told,
    };
    Ok(visit.show(&page))
}

/// `POST /l/{location}/deliveries/{delivery}/{order}`
pub(super) async fn order(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id, order)): Path<(String, String, String)>,
) -> Result<Response, Fault> {
    own(&shared, &visit, &id).await?;
    let done = match order.as_str() {
        "replay" => "It is being sent again.",
        "cancel" => "Cancelled: it is not sent.",
        "discard" => "Put away.",
        _ => return Err(Fault::NotFound),
    };
    let outcome = ask::tell(&shared, &format!("/deliveries/{id}/{order}"), &json!({})).await;
    Ok(visit.back(&format!("/deliveries/{id}"), &Said::of(outcome, done)))
}

/// A delivery of this location; another's is answered like one that is not there.
async fn own(shared: &Shared, visit: &Visit, id: &str) -> Result<Whole, Fault> {
    let whole: Whole = ask::get(shared, &format!("/deliveries/{}", ask::part(id)?)).await?;
    if whole.told.location != visit.location.id {
        return Err(Fault::NotFound);
    }
    Ok(whole)
}

async fn section(shared: &Shared, visit: &Visit, told: &Told) -> Result<Section, Fault> {
    let all = Destination::all(shared, visit).await?;
    let its = all.iter().find(|one| one.id == told.destination);
    Ok(its.map_or(Section::Webhooks, Destination::section))
}

fn attempt(one: Try, visit: &Visit) -> Attempt {
    let answer = match (one.status, one.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error,
        (None, None) => "no answer".to_owned(),
    };
    Attempt {
        at: visit.ago(&one.at),
        took_ms: one.took_ms,
        tone: if one.status.is_some_and(|status| (200..300).contains(&status)) {
            "ok"
        } else {
            "bad"
        },
        answer,
        response: one.response.filter(|text| !text.trim().is_empty()),
    }
}

/// JSON with a line for each field; what is none stays as it is.
fn pretty(body: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(body);
    let value = value.and_then(|value| serde_json::to_string_pretty(&value));
    value.unwrap_or_else(|_| body.to_owned())
}
