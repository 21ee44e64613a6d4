//! Webhooks of one's own: for a vendor that has no adapter here, or a system of one's own.
//!
//! Requests prove their origin with a Standard Webhooks signature, with a secret that they bring, or as a template says. They speak HighLevel's
//! body of `POST /conversations/messages/inbound`, the older one of `POST /v1/conversations/messages`, or any JSON or form
//! that the endpoint's template reads. `docs/custom.md` has templates to begin with.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Fetch, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified, WebhookRequest,
    },
    channel::Channel,
    inbound::Strength,
    registry::{Endpoint, Provider},
};

use self::template::Template;
use crate::{
    reply,
    said::{open_file, problem},
};

mod jwt;
mod path;
mod proof;
mod read;
mod sample;
mod signed;
mod template;

/// Speaks one's own language.
#[derive(Clone, Copy, Debug)]
pub struct Custom;

impl Adapter for Custom {
    fn name(&self) -> &'static str {
        "custom"
    }

    fn title(&self) -> &'static str {
        "a webhook of your own"
    }

    fn advice(&self) -> &'static str {
        "Give it to whoever sends; docs/custom.md says what proves a request, and what may be in it."
    }

    fn check(&self, endpoint: &Endpoint) -> Result<(), String> {
        let template = template(endpoint)?;
        if let Some(template) = &template {
            match (&template.signature, &template.jwt) {
                (Some(_), Some(_)) => {
                    return Err("the template has a [signature] and a [jwt]: leave one out".to_owned());
                }
                (Some(scheme), None) => return scheme.check(template.body),
                (None, Some(_)) => return Ok(()),
                (None, None) => {}
            }
        }
        let mut keys = endpoint.secrets.iter().map(proof::Key::read);
        keys.try_for_each(|key| key.map(|_| ()))
    }

    fn channels(&self) -> &'static [Channel] {
        Channel::ALL
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, now: Timestamp) -> Result<Strength, Rejection> {
        let template = template(endpoint).ok().flatten();
        if let Some(scheme) = template.as_ref().and_then(|template| template.signature.as_ref()) {
            return scheme.verify(request, &endpoint.secrets, now);
        }
        if let Some(jwt) = template.as_ref().and_then(|template| template.jwt.as_ref()) {
            return jwt.verify(request, &endpoint.secrets, now);
        }
        let header = template.as_ref().and_then(|template| template.secret_header.as_deref());
        proof::verify(request, &endpoint.secrets, header, now)
    }

    fn parse(&self, verified: &Verified<'_>, endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        match template(endpoint) {
            Ok(Some(template)) => read::by_template(&template, verified, endpoint),
            Ok(None) => vec![read::highlevel(verified)],
            Err(sentence) => vec![Err(problem(sentence))],
        }
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        if reply::store_is_down(outcomes) {
            return reply::again();
        }
        // One's own system is best told at once what is wrong; what was recorded beside it is not recorded twice.
        let malformed = outcomes.iter().find_map(|outcome| match outcome {
            ItemOutcome::Malformed(error) => Some(error),
            ItemOutcome::Stored(_) | ItemOutcome::Parked | ItemOutcome::Refused(_) => None,
        });
        malformed.map_or_else(reply::ok, |error| Reply::sentence(422, &error.to_string()))
    }

    fn reject(&self, rejection: &Rejection) -> Reply {
        match rejection {
            Rejection::Missing(sentence) => Reply::sentence(401, sentence),
            Rejection::Forged(_) | Rejection::NotOurs(_) | Rejection::TooLarge(_) => rejection.reply(),
        }
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["v1"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }

    fn media(&self, url: &str, _endpoint: &Endpoint, _provider: &Provider) -> Option<Fetch> {
        // Whose host it is is not known, so no secret goes there.
        open_file(url)
    }
}

/// The endpoint's template, where it has one.
fn template(endpoint: &Endpoint) -> Result<Option<Template>, String> {
    endpoint.template.as_deref().map(Template::read).transpose()
}
