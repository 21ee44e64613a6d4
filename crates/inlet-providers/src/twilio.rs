//! Twilio Messaging: SMS and MMS, and WhatsApp, Messenger and RCS, which the same webhook brings.
//!
//! Foreign rules: `twilio.com/docs/messaging/guides/webhook-request`, `…/docs/usage/webhooks/webhooks-security`,
//! `…/docs/usage/webhooks/webhook-shared-keys`, and what Twilio's own libraries accept.
//!
//! A secret of an endpoint is an account's auth token, or a shared key written `webhooks_sharedkey_…:SECRET`, which then
//! signs with SHA-256 only.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Fetch, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest,
    },
    channel::Channel,
    courier::Courier,
    inbound::Strength,
    listing::Lister,
    registry::{Endpoint, Provider},
};

use crate::{form::Form, reply};

mod courier;
mod list;
pub(crate) mod media;
mod message;
pub(crate) mod sample;
pub(crate) mod signature;

/// What Twilio wants to hear: nothing to say to the sender. Plain text would be sent to them as a message.
const EMPTY_TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

/// Speaks Twilio's language.
#[derive(Clone, Copy, Debug)]
pub struct Twilio;

impl Adapter for Twilio {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn title(&self) -> &'static str {
        "Twilio"
    }

    fn advice(&self) -> &'static str {
        "At Twilio, paste it under Phone Numbers > your number > Messaging > \"A message comes in\", HTTP POST, with \
         #rc=3&rp=ct,rt,5xx at its end, so that Twilio comes again."
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Sms, Channel::WhatsApp, Channel::Facebook, Channel::Rcs]
    }

    fn claims(&self, request: &WebhookRequest) -> Option<Claim> {
        message::claim(&fields(request)?)
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, _now: Timestamp) -> Result<Strength, Rejection> {
        signature::verify(request, &endpoint.secrets)
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        let form = fields(verified.request);
        let form = form.ok_or_else(|| {
            ItemError(
                "it is not a form in UTF-8, as Twilio posts a message; JSON of its Event Streams is not read here"
                    .to_owned(),
            )
        });
        vec![form.and_then(|form| message::read(&form, verified.strength))]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        if reply::store_is_down(outcomes) {
            // Twilio tries its fallback URL, and comes again where the webhook's URL ends with `#rc=3&rp=5xx`.
            return reply::again();
        }
        Reply {
            status: 200,
            content_type: Some("text/xml"),
            body: EMPTY_TWIML.to_owned(),
        }
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["mms", "whatsapp", "messenger", "rcs", "stop"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }

    fn lister(&self) -> Option<&'static dyn Lister> {
        Some(&list::Messages)
    }

    fn courier(&self) -> Option<&'static dyn Courier> {
        Some(&courier::Messages)
    }

    fn media(&self, url: &str, endpoint: &Endpoint, provider: &Provider) -> Option<Fetch> {
        media::request(url, endpoint, provider)
    }
}

/// The fields of a request: a form in the body, or in the query of a GET. `None` where they are not UTF-8, or JSON.
fn fields(request: &WebhookRequest) -> Option<Form> {
    let json = |kind: &str| kind.to_ascii_lowercase().contains("json");
    if request.raw.method == "GET" {
        let (_, query) = request.raw.target.split_once('?').unwrap_or_default();
        return Form::decode(query.as_bytes());
    }
    if request.header("content-type").is_some_and(json) {
        return None;
    }
    Form::decode(&request.raw.body)
}
