//! Twilio Voice: how phone calls go, and the voicemails and recordings they leave. All words on one `CallSid` make one
//! message, in whatever order they come.
//!
//! Foreign rules: `twilio.com/docs/usage/webhooks/voice-webhooks`, `…/docs/voice/twiml/record`,
//! `…/docs/voice/api/recording`; signatures and credentials are those of [`crate::twilio`].
//!
//! It takes the status callback of a number and the `recordingStatusCallback` of its recordings. It does not answer calls:
//! where a call comes in, Twilio wants instructions, and these are somebody else's. A recording's callback names no
//! number: it waits for its call, or finds it, where the endpoint serves one provider, or where its address goes on with `?To=%2B1…`.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Fetch, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest,
    },
    channel::Channel,
    inbound::Strength,
    registry::{Endpoint, Provider},
};

use self::word::Word;
use crate::{
    reply,
    said::problem,
    twilio::{media, signature},
};

mod sample;
mod word;

/// Speaks Twilio Voice's language.
#[derive(Clone, Copy, Debug)]
pub struct TwilioVoice;

impl Adapter for TwilioVoice {
    fn name(&self) -> &'static str {
        "twilio-voice"
    }

    fn title(&self) -> &'static str {
        "Twilio Voice"
    }

    fn advice(&self) -> &'static str {
        "At Twilio, paste it under Phone Numbers > your number > Voice > \"Call status changes\", and give it to <Record> or \
         <Dial> as recordingStatusCallback, with #rc=3&rp=ct,rt,5xx at its end, so that Twilio comes again."
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Call]
    }

    fn claims(&self, request: &WebhookRequest) -> Option<Claim> {
        Word::of(request).map(|word| word.claim())
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, _now: Timestamp) -> Result<Strength, Rejection> {
        signature::verify(request, &endpoint.secrets)
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        match Word::of(verified.request) {
            Some(word) => word.read(verified.strength).transpose().into_iter().collect(),
            None => vec![Err(problem("it is not a form in UTF-8, as Twilio posts it"))],
        }
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        if reply::store_is_down(outcomes) {
            reply::again()
        } else {
            reply::ok()
        }
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &[
            "ringing",
            "answered",
            "missed",
            "busy",
            "voicemail",
            "recording",
            "unnamed",
        ]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }

    fn media(&self, url: &str, endpoint: &Endpoint, provider: &Provider) -> Option<Fetch> {
        media::request(url, endpoint, provider)
    }
}
