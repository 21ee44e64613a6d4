//! Postmark inbound: mails posted as JSON, taken apart, with the raw MIME beside them where that is wished.
//!
//! Foreign rules: `postmarkapp.com/developer/webhooks/inbound-webhook` and
//! `postmarkapp.com/support/article/understanding-inbound-webhook-retries-in-postmark`.
//!
//! Postmark signs nothing: a secret of an endpoint is the `user:password` that stands in the URL.

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified, WebhookRequest},
    channel::Channel,
    inbound::Strength,
    registry::Endpoint,
};

use crate::{credentials, mail, reply};

mod message;
mod sample;

/// Tells Postmark not to come again; anything else but 200 does.
const STOP: u16 = 403;

/// Speaks Postmark's language.
#[derive(Clone, Copy, Debug)]
pub struct Postmark;

impl Adapter for Postmark {
    fn name(&self) -> &'static str {
        "postmark"
    }

    fn title(&self) -> &'static str {
        "Postmark"
    }

    fn advice(&self) -> &'static str {
        "At Postmark, paste it as the inbound stream's webhook, written https://USER:PASSWORD@… with the secret."
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Email]
    }

    fn largest_body(&self) -> usize {
        mail::LARGEST
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, _now: Timestamp) -> Result<Strength, Rejection> {
        credentials::verify(request, &endpoint.secrets)
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        vec![message::read(verified)]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        reply::or_stop(outcomes, STOP)
    }

    fn reject(&self, rejection: &Rejection) -> Reply {
        let mut reply = rejection.reply();
        // Not 403, after which a mail would never come again though the password in the URL was mended.
        reply.status = match rejection {
            Rejection::Missing(_) | Rejection::Forged(_) => 401,
            Rejection::NotOurs(_) | Rejection::TooLarge(_) => STOP,
        };
        reply
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["first", "reply", "html", "raw"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }
}
