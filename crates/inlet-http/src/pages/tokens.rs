//! The page of tokens for HighLevel's API: which there are and what they may do; a new one is shown this once.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, RawForm, State},
    response::Response,
};
use inlet_highlevel::token::SCOPES;
use serde::Deserialize;
use serde_json::json;

use super::{
    ask,
    fault::Fault,
    frame::{Frame, Said, Section, Visit},
    moment::Moment,
};
use crate::state::Shared;

#[derive(Deserialize)]
struct List {
    tokens: Vec<Told>,
}

/// A token as the admin API tells of it.
#[derive(Deserialize)]
struct Told {
    id: String,
    hint: String,
    scopes: Vec<String>,
    created_at: String,
    revoked_at: Option<String>,
    used_at: Option<String>,
}

struct Row {
    id: String,
    hint: String,
    scopes: Vec<String>,
    made: Moment,
    revoked: Option<Moment>,
    used: Option<Moment>,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// Scopes by what they are about.
    scopes: Vec<(String, Vec<&'static str>)>,
    /// A token that was just made.
    fresh: Option<String>,
}

/// `GET /l/{location}/tokens`
pub(super) async fn show(State(shared): State<Shared>, visit: Visit) -> Result<Response, Fault> {
    let page = page(&shared, &visit, None).await?;
    Ok(visit.show(&page))
}

/// `POST /l/{location}/tokens`: the answer is the page itself, for the token is shown nowhere else.
pub(super) async fn add(State(shared): State<Shared>, visit: Visit, RawForm(form): RawForm) -> Result<Response, Fault> {
    let fields = form_urlencoded::parse(&form);
    let scopes: Vec<String> = fields
        .filter(|(name, _)| name == "scope")
        .map(|(_, scope)| scope.into_owned())
        .collect();
    let wish = json!({ "location": visit.location.id, "scopes": scopes });
    match ask::tell(&shared, "/tokens", &wish).await {
        Ok(answer) => {
            let fresh = ask::text(&answer, "token").map(str::to_owned);
            Ok(visit.show(&page(&shared, &visit, fresh).await?))
        }
        Err(sentence) => Ok(visit.back("/tokens", &Said::of::<()>(Err(sentence), ""))),
    }
}

/// `POST /l/{location}/tokens/{token}/revoke`
pub(super) async fn revoke(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    if !all(&shared, &visit).await?.iter().any(|told| told.id == id) {
        return Err(Fault::NotFound);
    }
    let outcome = ask::tell(&shared, "/tokens/revoke", &json!({ "token": id })).await;
    Ok(visit.back(
        "/tokens",
        &Said::of(outcome, "Revoked: whoever brings it is refused from now on."),
    ))
}

async fn all(shared: &Shared, visit: &Visit) -> Result<Vec<Told>, Fault> {
    let location = Some(visit.location.id.as_str());
    let list: List = ask::get(shared, &ask::query("/tokens", &[("location", location)])).await?;
    Ok(list.tokens)
}

async fn page(shared: &Shared, visit: &Visit, fresh: Option<String>) -> Result<Page, Fault> {
    let mut rows: Vec<Row> = all(shared, visit)
        .await?
        .into_iter()
        .map(|told| row(told, visit))
        .collect();
    rows.reverse();
    rows.sort_by_key(|row| row.revoked.is_some());
    Ok(Page {
        frame: visit.frame(shared, Section::Tokens),
        rows,
        scopes: by_subject(),
        fresh,
    })
}

fn row(told: Told, visit: &Visit) -> Row {
    Row {
        made: visit.ago(&told.created_at),
        revoked: visit.maybe_ago(told.revoked_at.as_ref()),
        used: visit.maybe_ago(told.used_at.as_ref()),
        id: told.id,
        hint: told.hint,
        scopes: told.scopes,
    }
}

/// All scopes, by the word before the slash.
fn by_subject() -> Vec<(String, Vec<&'static str>)> {
    let mut subjects: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for scope in SCOPES {
        let subject = scope.split(['/', '.']).next().unwrap_or(scope);
        subjects.entry(subject.to_owned()).or_default().push(scope);
    }
    subjects.into_iter().collect()
}
