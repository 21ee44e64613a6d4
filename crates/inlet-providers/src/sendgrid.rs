//! SendGrid Inbound Parse: mails posted as a form, taken apart or, with "Send raw" on, whole.
//!
//! Foreign rules: `twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook` and
//! `…/securing-your-parse-webhooks`, and what SendGrid's own libraries accept.
//!
//! A secret of an endpoint is the public key of its Parse security policy (base64), which then must have signed; or
//! `user:password` as it stands in the URL. A private key (PKCS #8, base64) is a key too, for samples.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Item, ItemError, ItemOutcome, MediaRequest, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest,
    },
    channel::Channel,
    inbound::Strength,
    registry::{Endpoint, Provider},
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

    fn claims(&self, _request: &WebhookRequest) -> Option<Claim> {
        None
    }

    fn verify<'r>(
        &self,
        request: &'r WebhookRequest,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<Verified<'r>, Rejection> {
        let strength = if endpoint.unsigned {
            Strength::Unsigned
        } else {
            signature::verify(request, &endpoint.secrets, now)?
        };
        Ok(Verified { request, strength })
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        vec![message::read(verified)]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        // It has no word for "never again": what cannot be read is in the journal, and SendGrid is done with it.
        mail::reply(outcomes, 200)
    }

    fn reject(&self, rejection: &Rejection) -> Reply {
        reply::refusal(rejection)
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["first", "reply", "html", "raw"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }

    fn media(&self, _url: &str, _endpoint: &Endpoint, _provider: &Provider) -> Option<MediaRequest> {
        None
    }
}
