//! Telnyx: incoming SMS and MMS.
//!
//! Foreign rules: `developers.telnyx.com/docs/messaging/messages/receiving-webhooks`,
//! `…/docs/development/api-fundamentals/webhooks`, and `telnyx/lib/webhook_verification.py` of its Python library.
//!
//! A secret of an endpoint is the account's public key (base64, from Keys & Credentials in Mission Control). A key pair
//! (base64 of its 32-byte seed and its public key) is a key too, for samples.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Fetch, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest, without_template,
    },
    channel::Channel,
    inbound::Strength,
    registry::{Endpoint, Provider},
};

use crate::{reply, said::open_file};

mod message;
mod sample;
mod signature;

/// Speaks Telnyx's language.
#[derive(Clone, Copy, Debug)]
pub struct Telnyx;

impl Adapter for Telnyx {
    fn name(&self) -> &'static str {
        "telnyx"
    }

    fn title(&self) -> &'static str {
        "Telnyx"
    }

    fn advice(&self) -> &'static str {
        "At Telnyx, paste it as the webhook URL of your messaging profile, API version 2."
    }

    fn check(&self, endpoint: &Endpoint) -> Result<(), String> {
        without_template(self.title(), endpoint)?;
        if endpoint
            .secrets
            .iter()
            .all(|secret| signature::public_key(secret).is_some())
        {
            return Ok(());
        }
        Err("the secret is not a public key of Telnyx's: copy it from Keys & Credentials in Mission Control".to_owned())
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Sms]
    }

    fn claims(&self, request: &WebhookRequest) -> Option<Claim> {
        message::claim(&message::payload(request).ok()??)
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, now: Timestamp) -> Result<Strength, Rejection> {
        signature::verify(request, &endpoint.secrets, now)
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        match message::payload(verified.request) {
            Ok(Some(payload)) => vec![message::read(&payload, verified.strength)],
            Ok(None) => Vec::new(),
            Err(error) => vec![Err(error)],
        }
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        // Telnyx comes again twice within its two seconds' patience, then at the failover URL.
        if reply::store_is_down(outcomes) {
            reply::again()
        } else {
            reply::ok()
        }
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["receipt"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }

    fn media(&self, url: &str, _endpoint: &Endpoint, _provider: &Provider) -> Option<Fetch> {
        open_file(url)
    }
}
