//! Mailgun Routes: mails that a route's `forward()` or `store(notify=…)` posts, taken apart into fields, or whole, as raw
//! MIME, where the address ends with `mime`.
//!
//! Foreign rules: Mailgun's user manual (receive, forward and store; securing webhooks; retries), and what its PHP library
//! accepts.
//!
//! A secret of an endpoint is an HTTP webhook signing key; one written `api:KEY` is an API key instead, which opens the
//! files of stored mails.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Fetch, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified, WebhookRequest,
    },
    channel::Channel,
    inbound::Strength,
    registry::{Endpoint, Provider},
};

use crate::{mail, posted::Posted, reply, said::problem};

mod message;
mod sample;
mod signature;

/// Tells Mailgun not to come again; anything else but 200 does.
const STOP: u16 = 406;

/// Speaks Mailgun's language.
#[derive(Clone, Copy, Debug)]
pub struct Mailgun;

impl Adapter for Mailgun {
    fn name(&self) -> &'static str {
        "mailgun"
    }

    fn title(&self) -> &'static str {
        "Mailgun"
    }

    fn advice(&self) -> &'static str {
        "At Mailgun, create a route under Receiving with forward(\"ADDRESS\"); with ?mime at its end the mail comes whole."
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Email]
    }

    fn largest_body(&self) -> usize {
        mail::LARGEST
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, now: Timestamp) -> Result<Strength, Rejection> {
        signature::verify(request, &endpoint.secrets, now)
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        let posted = Posted::read(verified.request);
        let posted = posted.ok_or_else(|| problem("it is not a form, as Mailgun posts a mail"));
        vec![posted.and_then(|posted| message::read(&posted, verified.strength))]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        reply::or_stop(outcomes, STOP)
    }

    fn reject(&self, rejection: &Rejection) -> Reply {
        let mut reply = rejection.reply();
        // What does not fit a key may fit tomorrow, when the key is mended: Mailgun tries for eight hours.
        if matches!(rejection, Rejection::NotOurs(_) | Rejection::TooLarge(_)) {
            reply.status = STOP;
        }
        reply
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["first", "reply", "html", "mime"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }

    fn media(&self, url: &str, endpoint: &Endpoint, _provider: &Provider) -> Option<Fetch> {
        message::media(url, endpoint)
    }
}
