//! The ledger: the calls that were made to upstreams, and what others would have made.

use std::collections::BTreeMap;

use axum::{Json, Router, extract::State, routing::get};
use inlet_core::{
    Timestamp,
    registry::{Destination, Registry},
    relay::{LedgerDay, Line, Upstream, day},
};
use serde::{Deserialize, Serialize};

use super::{fault::Answer, find, input::Asked};
use crate::state::Shared;

/// Days that are shown unless asked otherwise.
const DAYS: i64 = 30;
const SECONDS_A_DAY: i64 = 86_400;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/ledger", get(list))
}

#[derive(Deserialize)]
struct Which {
    location: Option<String>,
    destination: Option<String>,
    days: Option<i64>,
}

#[derive(Serialize)]
struct Ledger {
    ledger: Vec<Row>,
    forecast: Vec<Forecast>,
}

/// One day of one upstream.
#[derive(Serialize)]
struct Row {
    day: String,
    destination: String,
    location: String,
    messages: u64,
    contacts: u64,
    calls: u64,
    by_kind: BTreeMap<&'static str, u64>,
    /// HighLevel's own webhooks that came, and those of them that told of messages from here.
    webhooks: u64,
    echoes: u64,
    /// What a bridge of three calls a message would have made.
    bridge_estimate: u64,
    /// What polling each contact every five minutes would have made.
    polling_estimate: u64,
}

/// How many calls the day will have at its end, if it goes on like this.
#[derive(Serialize)]
struct Forecast {
    destination: String,
    calls: u64,
    expected: u64,
    limit: u32,
}

async fn list(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<Ledger> {
    let registry = shared.directory.registry();
    let wanted = find::upstreams(&registry, (which.location.as_deref(), which.destination.as_deref()))?;
    let now = shared.clock.now();
    let since = day(now) - which.days.unwrap_or(DAYS).clamp(1, 366) + 1;
    let (mut ledger, mut forecast) = (Vec::new(), Vec::new());
    for found in wanted {
        let Some(upstream) = found.upstream.as_deref() else {
            continue;
        };
        let line = Line {
            location: found.location,
            destination: found.key,
        };
        let days = shared.memory.ledger(line, since).await?;
        forecast.extend(foresee(found, upstream, days.first(), now));
        ledger.extend(days.iter().map(|day| shown(&registry, found, day)));
    }
    ledger.sort_by(|one, other| other.day.cmp(&one.day));
    Ok(Json(Ledger { ledger, forecast }))
}

fn shown(registry: &Registry, destination: &Destination, day: &LedgerDay) -> Row {
    let location = registry.location(destination.location);
    Row {
        day: date(day.day),
        destination: destination.id.clone(),
        location: location.map(|found| found.id.clone()).unwrap_or_default(),
        messages: day.messages,
        contacts: day.contacts,
        calls: day.made(),
        by_kind: day.calls.iter().map(|(kind, count)| (kind.name(), *count)).collect(),
        webhooks: day.heard,
        echoes: day.echoes,
        bridge_estimate: day.bridge(),
        polling_estimate: day.polling(),
    }
}

fn date(day: i64) -> String {
    let at = Timestamp::from_second(day.saturating_mul(SECONDS_A_DAY)).unwrap_or(Timestamp::UNIX_EPOCH);
    let text = at.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

fn foresee(
    destination: &Destination,
    upstream: &Upstream,
    last: Option<&LedgerDay>,
    now: Timestamp,
) -> Option<Forecast> {
    let today = last.filter(|last| last.day == day(now))?;
    let passed = u64::try_from(now.as_second().rem_euclid(SECONDS_A_DAY))
        .unwrap_or(0)
        .max(1);
    Some(Forecast {
        destination: destination.id.clone(),
        calls: today.made(),
        expected: today.made().saturating_mul(86_400) / passed,
        limit: upstream.limits.daily,
    })
}
