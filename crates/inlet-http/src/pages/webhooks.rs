//! The page of webhooks: how each destination is doing, what was sent to it, what was given up, and the buttons for both.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    ask,
    deliveries::{self, Deliveries},
    destination::{Card, Destination},
    fault::Fault,
    frame::{Frame, Said, Section, Visit},
};
use crate::state::Shared;

#[derive(Template)]
#[template(path = "webhooks.html")]
struct Page {
    frame: Frame,
    cards: Vec<Card>,
    deliveries: Deliveries,
    /// What adds a destination.
    command: String,
}

/// `GET /l/{location}/webhooks`
pub(super) async fn show(
    State(shared): State<Shared>,
    visit: Visit,
    Query(which): Query<deliveries::Which>,
) -> Result<Response, Fault> {
    let mut destinations = Destination::all(&shared, &visit).await?;
    destinations.retain(|one| one.upstream_location.is_none());
    let deliveries = Deliveries::find(&shared, &visit, ("/webhooks", &destinations), which).await?;
    let page = Page {
        frame: visit.frame(&shared, Section::Webhooks),
        cards: destinations.iter().map(|one| Card::new(one, &visit)).collect(),
        deliveries,
        command: format!(
            "inlet destination add --location {} --url https://example.com/hook",
            visit.location.id
        ),
    };
    Ok(visit.show(&page))
}

/// What a button of a destination says beside its verb.
#[derive(Debug, Default, Deserialize)]
pub(super) struct How {
    /// Whether what was held is sent.
    release: Option<String>,
}

/// `POST /l/{location}/destinations/{destination}/{verb}`
pub(super) async fn change(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id, verb)): Path<(String, String, String)>,
    Form(how): Form<How>,
) -> Result<Response, Fault> {
    let own = Destination::all(&shared, &visit).await?;
    let destination = own.iter().find(|one| one.id == id).ok_or(Fault::NotFound)?;
    let release = how.release.is_some();
    let (path, body, done) = match verb.as_str() {
        "pause" => ("pause", json!({}), "Paused: what comes waits until it is resumed."),
        "resume" => ("resume", json!({}), "Resumed."),
        "disable" => (
            "disable",
            json!({}),
            "Disabled: what comes is held until it is enabled.",
        ),
        "enable" if release => (
            "enable",
            json!({ "release": true }),
            "Enabled: what was held is being sent.",
        ),
        "enable" => (
            "enable",
            json!({}),
            "Enabled: what was held stays held until it is replayed.",
        ),
        "replay-dead" | "replay-held" => {
            let status = verb.trim_start_matches("replay-");
            let outcome = ask::tell(&shared, "/replays", &json!({ "destination": id, "status": status })).await;
            let count = outcome
                .as_ref()
                .ok()
                .and_then(|answer| answer.get("deliveries")?.as_u64());
            let done = format!("{} are being sent again.", count.unwrap_or_default());
            return Ok(visit.back(destination.section().path(), &Said::of(outcome, done)));
        }
        _ => return Err(Fault::NotFound),
    };
    let outcome = ask::tell(&shared, &format!("/destinations/{id}/{path}"), &body).await;
    Ok(visit.back(destination.section().path(), &Said::of(outcome, done)))
}
