//! The journal's page: requests as they came, what was thought of each and why, and "process again". What opens something
//! is not shown.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Redirect, Response},
};
use inlet_core::journal::RequestVerdict;
use serde::Deserialize;
use serde_json::json;

use super::{
    ask,
    fault::Fault,
    find::message_key,
    frame::{Frame, Said, Section, Visit},
    moment::Moment,
    words::size,
};
use crate::state::Shared;

/// Requests on a page.
const ROWS: usize = 50;
/// Letters of a body that are shown.
const SHOWN: usize = 64_000;

#[derive(Deserialize)]
struct List {
    requests: Vec<Told>,
}

/// A request as the admin API tells of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Told {
    id: String,
    received_at: String,
    verdict: String,
    reason: String,
    status: u16,
    took_ms: u64,
    location: Option<String>,
    provider_ids: Vec<String>,
    method: String,
    target: String,
    message_ids: Vec<String>,
}

impl Told {
    /// That it came, with the colour of what was thought of it.
    pub(super) fn arrived(&self, visit: &Visit) -> (&'static str, String) {
        let (tone, verdict) = words(&self.verdict);
        (
            tone,
            format!("last heard of {}, {verdict}", visit.clock(&self.received_at)),
        )
    }
}

/// A request in one line.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) href: String,
    pub(super) tone: &'static str,
    pub(super) verdict: &'static str,
    pub(super) line: String,
    pub(super) reason: String,
    pub(super) status: u16,
    pub(super) when: Moment,
    /// Whether it can be processed again.
    pub(super) again: bool,
}

/// Which requests are listed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    verdict: Option<String>,
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "journal.html")]
struct Page {
    frame: Frame,
    /// Label, address and whether it holds, of each filter.
    verdicts: Vec<(&'static str, String, bool)>,
    rows: Vec<Row>,
    older: Option<String>,
    parked: bool,
    /// Whether accepted ones are kept too.
    accepted: bool,
    filtered: bool,
}

/// `GET /l/{location}/journal`
pub(super) async fn list(
    State(shared): State<Shared>,
    visit: Visit,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let verdict = which.verdict.as_deref().filter(|name| verdict_of(name).is_some());
    let found = find(
        &shared,
        &visit,
        &[("verdict", verdict), ("before", which.before.as_deref())],
    )
    .await?;
    let address = |verdict: Option<&str>, before: Option<&str>| {
        ask::query(&visit.path("/journal"), &[("verdict", verdict), ("before", before)])
    };
    let shown = [
        (None, "All"),
        (Some("refused"), "Refused"),
        (Some("parked"), "Parked"),
        (Some("failed"), "Failed"),
        (Some("accepted"), "Accepted"),
    ];
    let last = found.last().filter(|_| found.len() == ROWS);
    let page = Page {
        frame: visit.frame(&shared, Section::Journal),
        verdicts: shown
            .map(|(name, label)| (label, address(name, None), verdict == name))
            .into(),
        older: last.map(|last| address(verdict, Some(&last.id))),
        parked: found.iter().any(|told| told.verdict == "parked"),
        accepted: shared.settings.journal_accepted,
        filtered: verdict.is_some() || which.before.is_some(),
        rows: found.iter().map(|told| row(told, &visit)).collect(),
    };
    Ok(visit.show(&page))
}

/// Requests of the location, newest first.
pub(super) async fn find(shared: &Shared, visit: &Visit, wanted: &[(&str, Option<&str>)]) -> Result<Vec<Told>, Fault> {
    let limit = ROWS.to_string();
    let mut pairs = vec![("location", Some(visit.location.id.as_str())), ("limit", Some(&limit))];
    pairs.extend_from_slice(wanted);
    let list: List = ask::get(shared, &ask::query("/requests", &pairs)).await?;
    Ok(list.requests)
}

/// A request in one line.
pub(super) fn row(told: &Told, visit: &Visit) -> Row {
    let (tone, verdict) = words(&told.verdict);
    Row {
        href: visit.path(&format!("/journal/{}", told.id)),
        id: told.id.clone(),
        tone,
        verdict,
        line: format!("{} {}", told.method, told.target),
        reason: told.reason.clone(),
        status: told.status,
        when: visit.ago(&told.received_at),
        again: can_go_again(told),
    }
}

fn verdict_of(name: &str) -> Option<RequestVerdict> {
    RequestVerdict::ALL
        .iter()
        .copied()
        .find(|verdict| verdict.name() == name)
}

/// A verdict with the colour of its meaning.
fn words(name: &str) -> (&'static str, &'static str) {
    match verdict_of(name) {
        Some(verdict) => (tone(verdict), verdict.name()),
        None => ("", "unknown"),
    }
}

fn tone(verdict: RequestVerdict) -> &'static str {
    match verdict {
        RequestVerdict::Accepted => "ok",
        RequestVerdict::Parked => "wait",
        RequestVerdict::Refused | RequestVerdict::Failed => "bad",
    }
}

/// What a verdict means, and what to do.
fn meaning(verdict: RequestVerdict) -> &'static str {
    match verdict {
        RequestVerdict::Accepted => "It became messages, or repeated some that are here already.",
        RequestVerdict::Parked => {
            "It is authentic, but no provider here has its number or account. Add that provider, then process it again."
        }
        RequestVerdict::Refused => {
            "Its origin was not proved, so nothing of it was recorded. Mend the secret or the public address, and have \
             the vendor send it again."
        }
        RequestVerdict::Failed => {
            "It is authentic, but could not be understood or stored. Process it again once the reason is mended."
        }
    }
}

/// Whether it can be processed again: what came by the API is for its sender to mend.
fn can_go_again(told: &Told) -> bool {
    let open = matches!(
        verdict_of(&told.verdict),
        Some(RequestVerdict::Parked | RequestVerdict::Failed)
    );
    open && !told.provider_ids.is_empty()
}

#[derive(Deserialize)]
struct Whole {
    #[serde(flatten)]
    told: Told,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    frame: Frame,
    told: Told,
    tone: &'static str,
    verdict: &'static str,
    meaning: &'static str,
    when: Moment,
    /// Vendor or provider's id of whoever it came for.
    providers: Vec<String>,
    messages: Vec<String>,
    headers: Vec<(String, String)>,
    body: String,
    size: String,
    cut: bool,
    again: bool,
}

/// `GET /l/{location}/journal/{request}`
pub(super) async fn show(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let whole = own(&shared, &visit, &id).await?;
    let verdict = verdict_of(&whole.told.verdict).ok_or(Fault::Store)?;
    let body: String = whole.body.chars().take(SHOWN).collect();
    let page = RequestPage {
        frame: visit.frame(&shared, Section::Journal),
        tone: tone(verdict),
        verdict: verdict.name(),
        meaning: meaning(verdict),
        when: visit.ago(&whole.told.received_at),
        providers: named(&shared, &whole.told),
        messages: whole
            .told
            .message_ids
            .iter()
            .map(|id| visit.path(&format!("/m/{id}")))
            .collect(),
        headers: whole.headers,
        size: size(u64::try_from(whole.body.len()).unwrap_or(u64::MAX)),
        cut: body.len() < whole.body.len(),
        body,
        again: can_go_again(&whole.told),
        told: whole.told,
    };
    Ok(visit.show(&page))
}

/// The providers that a request may be for, by vendor and number.
fn named(shared: &Shared, told: &Told) -> Vec<String> {
    let registry = shared.directory.registry();
    let all = registry.providers().iter();
    let own = all.filter(|provider| told.provider_ids.contains(&provider.id));
    own.map(|provider| {
        let adapter = provider.adapter.as_deref().and_then(|name| shared.adapter(name));
        let title = adapter.map_or("a webhook", |adapter| adapter.title());
        match provider.number.as_deref().or(provider.account.as_deref()) {
            Some(number) => format!("{title} {}", super::words::phone(number)),
            None => title.to_owned(),
        }
    })
    .collect()
}

/// A request of this location; another's is answered like one that is not there.
async fn own(shared: &Shared, visit: &Visit, id: &str) -> Result<Whole, Fault> {
    let whole: Whole = ask::get(shared, &format!("/requests/{}", ask::part(id)?)).await?;
    let registry = shared.directory.registry();
    let by_provider = || {
        let mut providers = registry.providers().iter();
        providers.any(|one| one.location == visit.location.key && whole.told.provider_ids.contains(&one.id))
    };
    let location = whole.told.location.as_ref();
    let here = location.map_or_else(by_provider, |location| *location == visit.location.id);
    if here { Ok(whole) } else { Err(Fault::NotFound) }
}

/// `POST /l/{location}/journal/{request}/process`
pub(super) async fn process(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    own(&shared, &visit, &id).await?;
    let said = again(&shared, std::slice::from_ref(&id)).await;
    Ok(visit.back(&format!("/journal/{id}"), &said))
}

/// `POST /l/{location}/journal/process`: all that are parked here.
pub(super) async fn process_parked(State(shared): State<Shared>, visit: Visit) -> Result<Response, Fault> {
    let parked = find(&shared, &visit, &[("verdict", Some("parked"))]).await?;
    let ids: Vec<String> = parked.into_iter().map(|told| told.id).collect();
    Ok(visit.back("/journal", &again(&shared, &ids).await))
}

async fn again(shared: &Shared, ids: &[String]) -> Said {
    let outcome = ask::tell(shared, "/requests/process", &json!({ "ids": ids })).await;
    let list = outcome.and_then(|answer| serde_json::from_value::<List>(answer).map_err(|error| error.to_string()));
    let requests = match list {
        Ok(list) => list.requests,
        Err(sentence) => return Said::of::<()>(Err(sentence), ""),
    };
    let left: Vec<_> = requests.iter().filter(|told| told.verdict != "accepted").collect();
    match (requests.as_slice(), left.first()) {
        ([one], None) => Said::of(Ok(()), format!("It was {}.", one.reason)),
        (all, None) => Said::of(Ok(()), format!("{} were processed again.", all.len())),
        (all, Some(first)) if all.len() > 1 => {
            let sentence = format!("{} of {} were not recorded: {}", left.len(), all.len(), first.reason);
            Said::of::<()>(Err(sentence), "")
        }
        (_, Some(one)) => Said::of::<()>(Err(format!("It was not recorded: {}", one.reason)), ""),
    }
}

/// `GET /l/{location}/m/{message}`: a message in its place in its conversation.
pub(super) async fn message(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Redirect, Fault> {
    let found = shared
        .inbox
        .message(visit.location.key, message_key(&shared, &id)?)
        .await?;
    let contact = found.ok_or(Fault::NotFound)?.contact;
    let conversation = shared.ids.conversation(contact);
    Ok(Redirect::to(&visit.path(&format!("/c/{conversation}?m={id}#m-{id}"))))
}
