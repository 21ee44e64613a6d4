//! The page of forwarding: the real HighLevel as the upstream, how much of its quota is used, what waits, and the ledger
//! of calls with what others would have made.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    ask,
    deliveries::{self, Deliveries},
    destination::{Card, Destination},
    fault::Fault,
    frame::{Frame, Section, Visit},
    words::count,
};
use crate::state::Shared;

#[derive(Deserialize)]
struct Ledger {
    ledger: Vec<Day>,
    forecast: Vec<Forecast>,
}

/// One day of one upstream, as the admin API tells of it.
#[derive(Deserialize)]
struct Day {
    #[serde(rename = "day")]
    date: String,
    messages: u64,
    calls: u64,
    by_kind: BTreeMap<String, u64>,
    bridge_estimate: u64,
    polling_estimate: u64,
}

#[derive(Deserialize)]
struct Forecast {
    destination: String,
    calls: u64,
    expected: u64,
    limit: u64,
}

struct Upstream {
    card: Card,
    location: String,
    quota: Option<Quota>,
}

/// How much of a day's calls is used.
struct Quota {
    used: String,
    limit: String,
    expected: String,
    /// Percent of the limit, at most 100.
    percent: u64,
    /// Whether the day's limit will not do, if it goes on like this.
    short: bool,
}

struct Row {
    date: String,
    messages: String,
    calls: String,
    kinds: String,
    bridge: String,
    polling: String,
}

#[derive(Template)]
#[template(path = "forwarding.html")]
struct Page {
    frame: Frame,
    upstreams: Vec<Upstream>,
    days: Vec<Row>,
    deliveries: Deliveries,
    command: String,
}

/// `GET /l/{location}/forwarding`
pub(super) async fn show(
    State(shared): State<Shared>,
    visit: Visit,
    Query(which): Query<deliveries::Which>,
) -> Result<Response, Fault> {
    let mut destinations = Destination::all(&shared, &visit).await?;
    destinations.retain(|one| one.upstream_location.is_some());
    let location = Some(visit.location.id.as_str());
    let ledger: Ledger = ask::get(&shared, &ask::query("/ledger", &[("location", location)])).await?;
    let deliveries = Deliveries::find(&shared, &visit, ("/forwarding", &destinations), which).await?;
    let upstreams = destinations.iter().map(|one| Upstream {
        card: Card::new(one, &visit),
        location: one.upstream_location.clone().unwrap_or_default(),
        quota: ledger
            .forecast
            .iter()
            .find(|found| found.destination == one.id)
            .map(quota),
    });
    let page = Page {
        frame: visit.frame(&shared, Section::Forwarding),
        upstreams: upstreams.collect(),
        days: ledger.ledger.iter().map(row).collect(),
        deliveries,
        command: format!(
            "inlet destination add --location {} --upstream \\\n  \
             --upstream-location THEIR-LOCATION --token-env HIGHLEVEL_TOKEN",
            visit.location.id
        ),
    };
    Ok(visit.show(&page))
}

fn quota(forecast: &Forecast) -> Quota {
    Quota {
        used: count(forecast.calls),
        limit: count(forecast.limit),
        expected: count(forecast.expected),
        percent: (forecast.calls.saturating_mul(100) / forecast.limit.max(1)).min(100),
        short: forecast.expected > forecast.limit,
    }
}

fn row(day: &Day) -> Row {
    let kinds = day
        .by_kind
        .iter()
        .map(|(kind, calls)| format!("{} {}", count(*calls), words(kind)));
    Row {
        date: day.date.clone(),
        messages: count(day.messages),
        calls: count(day.calls),
        kinds: kinds.collect::<Vec<_>>().join(", "),
        bridge: count(day.bridge_estimate),
        polling: count(day.polling_estimate),
    }
}

/// What calls are made for, as people say it.
fn words(kind: &str) -> &str {
    match kind {
        "post" => "to write messages",
        "upsert" => "to find or make contacts",
        "read_back" => "to read back",
        "token" => "for tokens",
        "warm" => "to learn contacts",
        "doctor" => "to see whether all is well",
        other => other,
    }
}
