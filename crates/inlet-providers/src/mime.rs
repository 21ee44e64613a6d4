//! Raw MIME over HTTP: for whoever has a mail server and no mail vendor. A mail filter posts each mail as it is (Postfix:
//! a `pipe` to `curl --data-binary @-`), with the secret as a bearer token or as `user:password`.
//!
//! The envelope may come in the query: `?recipient=…&sender=…`. Else the mail's own headers count.

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified, WebhookRequest},
    channel::Channel,
    inbound::Strength,
    registry::Endpoint,
};

use crate::{
    credentials,
    form::Form,
    mail::{self, Envelope, Mail, sample::Sample},
    reply,
    specimen::{headers, post, secret},
};

/// Takes raw MIME.
#[derive(Clone, Copy, Debug)]
pub struct Mime;

impl Adapter for Mime {
    fn name(&self) -> &'static str {
        "mime"
    }

    fn title(&self) -> &'static str {
        "raw MIME"
    }

    fn advice(&self) -> &'static str {
        "Post each mail to it as it is, such as with curl --data-binary @- and the secret in the Authorization header."
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
        let raw = &verified.request.raw;
        let (_, query) = raw.target.split_once('?').unwrap_or_default();
        let query = Form::decode(query.as_bytes()).unwrap_or_default();
        let envelope = Envelope {
            recipient: query.get("recipient").map(ToOwned::to_owned),
            sender: query.get("sender").map(ToOwned::to_owned),
            strength: verified.strength,
            replay: None,
        };
        vec![Mail::read(&raw.body).and_then(|mail| mail.item(envelope))]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        // A mail filter hears what is wrong, and can keep the mail.
        reply::or_stop(outcomes, 400)
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["first", "reply", "html"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        let secret = secret(scenario, at);
        let mut sent = headers(&[("content-type", "message/rfc822"), ("user-agent", "curl/8.14.1")]);
        sent.push(credentials::header(&secret));
        post(at, sent, Sample::new(scenario, at, now).mime())
    }
}
