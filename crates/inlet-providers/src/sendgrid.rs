//! SendGrid Inbound Parse: mails posted as a form, taken apart or, with "Send raw" on, whole.
//!
//! Foreign rules: `twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook` and
//! `…/securing-your-parse-webhooks`, and what SendGrid's own libraries accept.
//!
//! A secret of an endpoint is the public key of its Parse security policy (base64), which then must have signed; or
//! `user:password` as it stands in the URL. A private key (PKCS #8, base64) is a key too, for samples.

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified, WebhookRequest},
    channel::Channel,
    inbound::Strength,
    registry::Endpoint,
};

use crate::{mail, reply};

mod message;
mod sample;
mod signature;

/// Speaks SendGrid's language.
#[derive(Clone, Copy, Debug)]
pub struct SendGrid;

impl Adapter for SendGrid {
    fn name(&self) -> &'static str {
        "sendgrid"
    }

    fn title(&self) -> &'static str {
        "SendGrid"
    }

    fn advice(&self) -> &'static str {
        "At SendGrid, paste it under Settings > Inbound Parse with the security policy on; where the secret is a password, \
         write it https://USER:PASSWORD@…"
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
        vec![message::read(verified)]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        // It has no word for "never again": what cannot be read is in the journal, and SendGrid is done with it.
        reply::or_stop(outcomes, 200)
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["first", "reply", "html", "raw"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }
}
