//! The page of providers: the address to paste at each vendor, whether anything arrived by it yet, how strongly that was
//! verified, and the last requests.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use inlet_core::{adapter::Adapter, inbound::Strength};
use serde::Deserialize;
use serde_json::json;

use super::{
    ask,
    fault::Fault,
    frame::{Frame, Said, Section, Visit},
    journal::{self, Row},
    words,
};
use crate::state::Shared;

#[derive(Deserialize)]
struct List {
    providers: Vec<Told>,
}

/// A provider as the admin API tells of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) adapter: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    account: Option<String>,
    number: Option<String>,
    unsigned: bool,
    delivery_url: Option<String>,
    sends_by: Option<String>,
    pub(super) added_at: String,
    pub(super) heard_at: Option<String>,
}

impl Told {
    /// The vendor that speaks for it.
    pub(super) fn title(&self, shared: &Shared) -> &'static str {
        let adapter = self.adapter.as_deref().and_then(|name| shared.adapter(name));
        adapter.map_or("By the API", Adapter::title)
    }

    /// Its number, as people write it.
    pub(super) fn number(&self) -> Option<String> {
        self.number.as_deref().map(words::phone)
    }
}

#[derive(Deserialize)]
struct Whole {
    webhook_url: Option<String>,
    advice: Option<String>,
    may_send: bool,
}

#[derive(Deserialize)]
struct Tested {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(rename = "step")]
    name: String,
    ok: bool,
    says: String,
}

#[derive(Template)]
#[template(path = "providers.html")]
struct Page {
    frame: Frame,
    providers: Vec<Card>,
    /// Whether vendors can reach this installation.
    public: bool,
    command: String,
}

/// One provider.
struct Card {
    id: String,
    title: String,
    number: Option<String>,
    account: Option<String>,
    kind: String,
    webhook_url: Option<String>,
    advice: Option<String>,
    delivery_url: Option<String>,
    /// Whether its vendor has an API that can send for it, and whether it does.
    may_send: bool,
    sends: bool,
    /// How its requests are verified, with the colour of its meaning.
    strength: Option<(&'static str, String)>,
    /// What is known of what arrived, with the colour of its meaning.
    arrived: Option<(&'static str, String)>,
    rows: Vec<Row>,
}

/// Requests of one provider that are shown.
const REQUESTS: usize = 20;

/// `GET /l/{location}/providers`
pub(super) async fn show(State(shared): State<Shared>, visit: Visit) -> Result<Response, Fault> {
    let mut providers = Vec::new();
    for told in all(&shared, &visit).await? {
        providers.push(card(&shared, &visit, told).await?);
    }
    let page = Page {
        frame: visit.frame(&shared, Section::Providers),
        providers,
        public: shared.settings.has_public_url,
        command: format!(
            "inlet provider add --location {} --adapter twilio \\\n  --number +1… --secret-env TWILIO_AUTH_TOKEN",
            visit.location.id
        ),
    };
    Ok(visit.show(&page))
}

/// Those of the location.
pub(super) async fn all(shared: &Shared, visit: &Visit) -> Result<Vec<Told>, Fault> {
    let location = Some(visit.location.id.as_str());
    let list: List = ask::get(shared, &ask::query("/providers", &[("location", location)])).await?;
    Ok(list.providers)
}

async fn card(shared: &Shared, visit: &Visit, told: Told) -> Result<Card, Fault> {
    let whole: Whole = ask::get(shared, &format!("/providers/{}", told.id)).await?;
    let requests = if whole.webhook_url.is_some() {
        journal::find(shared, visit, &[("provider", Some(&told.id))]).await?
    } else {
        Vec::new()
    };
    let number = told.number();
    Ok(Card {
        title: told.title(shared).to_owned(),
        strength: strength(shared, &told, whole.webhook_url.is_some()).await,
        arrived: whole.webhook_url.as_ref().map(|_| arrived(&requests, visit)),
        rows: requests
            .iter()
            .take(REQUESTS)
            .map(|one| journal::row(one, visit))
            .collect(),
        number,
        account: told.account,
        kind: told.kind,
        webhook_url: whole.webhook_url,
        advice: whole.advice.filter(|advice| !advice.is_empty()),
        delivery_url: told.delivery_url,
        may_send: whole.may_send,
        sends: told.sends_by.is_some(),
        id: told.id,
    })
}

/// How its requests are verified: told by a sample that is verified as a request would be.
async fn strength(shared: &Shared, told: &Told, has_webhook: bool) -> Option<(&'static str, String)> {
    if !has_webhook {
        return None;
    }
    if told.unsigned {
        return Some((
            "bad",
            "nothing is verified: anyone who knows the address can write".to_owned(),
        ));
    }
    let steps = test(shared, &told.id).await.ok()?;
    let signature = steps.into_iter().find(|step| step.name == "signature")?;
    let weak = [Strength::UrlToken, Strength::Session].map(Strength::words);
    let tone = match signature.ok {
        true if weak.contains(&signature.says.as_str()) => "wait",
        true => "ok",
        false => "bad",
    };
    Some((tone, signature.says))
}

async fn test(shared: &Shared, id: &str) -> Result<Vec<Step>, String> {
    let answer = ask::tell(shared, &format!("/providers/{id}/test"), &json!({})).await?;
    let tested: Result<Tested, _> = serde_json::from_value(answer);
    tested.map(|tested| tested.steps).map_err(|error| error.to_string())
}

/// Whether anything arrived, as far as it is known.
fn arrived(requests: &[journal::Told], visit: &Visit) -> (&'static str, String) {
    match requests.first() {
        Some(last) => last.arrived(visit),
        None => ("", "nothing was refused, parked or failed".to_owned()),
    }
}

/// `POST /l/{location}/providers/{provider}/test`
pub(super) async fn rehearse(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let own = all(&shared, &visit).await?;
    let told = own.iter().find(|told| told.id == id).ok_or(Fault::NotFound)?;
    let outcome = test(&shared, &told.id).await.and_then(|steps| {
        let words: Vec<String> = steps.iter().map(|one| format!("{}: {}", one.name, one.says)).collect();
        let words = words.join(" · ");
        if steps.iter().all(|one| one.ok) {
            Ok(words)
        } else {
            Err(words)
        }
    });
    let done = outcome.as_ref().ok().cloned().unwrap_or_default();
    Ok(visit.back("/providers", &Said::of(outcome, done)))
}

/// What a form says of credentials. An empty field is one that was not filled in.
#[derive(Deserialize)]
pub(super) struct CredentialsForm {
    account: String,
    user: String,
    secret: String,
}

/// `POST /l/{location}/providers/{provider}/credentials`
pub(super) async fn set_credentials(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<CredentialsForm>,
) -> Result<Response, Fault> {
    let own = all(&shared, &visit).await?;
    let told = own.iter().find(|told| told.id == id).ok_or(Fault::NotFound)?;
    let wish = json!({ "account": form.account, "user": form.user, "secret": form.secret });
    let outcome = ask::tell(&shared, &format!("/providers/{}/credentials", told.id), &wish).await;
    let done = format!(
        "{} sends the replies of this provider from now on.",
        told.title(&shared)
    );
    Ok(visit.back("/providers", &Said::of(outcome, done)))
}
