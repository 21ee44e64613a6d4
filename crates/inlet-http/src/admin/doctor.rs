//! What `inlet doctor` asks: how things stand with each upstream, found out by harmless calls, one at a time.

use axum::{Json, Router, extract::State, routing::post};
use inlet_core::relay::{Finding, Verdict};
use serde::{Deserialize, Serialize};

use super::{fault::Answer, find, input::Input};
use crate::state::Shared;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/doctor", post(examine))
}

#[derive(Deserialize)]
struct Which {
    location: Option<String>,
    destination: Option<String>,
}

#[derive(Serialize)]
struct Report {
    /// Whether nothing is bad.
    ok: bool,
    checks: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    destination: String,
    location: String,
    check: &'static str,
    verdict: &'static str,
    words: String,
    cure: Option<String>,
}

async fn examine(State(shared): State<Shared>, Input(which): Input<Which>) -> Answer<Report> {
    let registry = shared.directory.registry();
    let wanted = find::upstreams(&registry, (which.location.as_deref(), which.destination.as_deref()))?;
    let mut report = Report {
        ok: true,
        checks: Vec::new(),
    };
    for found in wanted {
        let at = registry
            .location(found.location)
            .map(|at| at.id.clone())
            .unwrap_or_default();
        for finding in shared.reach.examine(found.key).await {
            report.ok &= finding.verdict != Verdict::Bad;
            report.checks.push(shown(finding, (&found.id, &at)));
        }
    }
    Ok(Json(report))
}

fn shown(finding: Finding, (destination, location): (&str, &str)) -> Shown {
    Shown {
        destination: destination.to_owned(),
        location: location.to_owned(),
        check: finding.check,
        verdict: finding.verdict.name(),
        words: finding.words,
        cure: finding.cure,
    }
}
