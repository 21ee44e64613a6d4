//! Raw MIME over HTTP: for whoever has a mail server and no mail vendor. A mail filter posts each mail as it is (Postfix:
//! a `pipe` to `curl --data-binary @-`), with the secret as a bearer token or as `user:password`.
//!
//! The envelope may come in the query: `?recipient=…&sender=…`. Else the mail's own headers count.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Item, ItemError, ItemOutcome, MediaRequest, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest,
    },
    channel::Channel,
    inbound::Strength,
    journal::RawRequest,
    registry::{Endpoint, Provider},
    secret::Secret,
};

use crate::{
    credentials,
    form::Form,
    mail::{self, Envelope, Mail, sample::Sample},
    reply,
    specimen::headers,
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

    fn claims(&self, _request: &WebhookRequest) -> Option<Claim> {
        None
    }

    fn verify<'r>(
        &self,
        request: &'r WebhookRequest,
        endpoint: &Endpoint,
        _now: Timestamp,
    ) -> Result<Verified<'r>, Rejection> {
        let strength = if endpoint.unsigned {
            Strength::Unsigned
        } else {
            credentials::verify(request, &endpoint.secrets)?
        };
        Ok(Verified { request, strength })
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
        mail::reply(outcomes, 400)
    }

    fn reject(&self, rejection: &Rejection) -> Reply {
        reply::refusal(rejection)
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["first", "reply", "html"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        let wrong = Secret::new("not:the secret");
        let secret = at
            .endpoint
            .secrets
            .first()
            .filter(|_| !scenario.forge)
            .unwrap_or(&wrong);
        let mut sent = headers(&[("content-type", "message/rfc822"), ("user-agent", "curl/8.14.1")]);
        sent.push(credentials::header(secret));
        WebhookRequest {
            public_url: at.public_url.to_owned(),
            raw: RawRequest {
                method: "POST".to_owned(),
                target: at.path.to_owned(),
                headers: sent,
                body: Sample::new(scenario, at, now).mime(),
            },
        }
    }

    fn media(&self, _url: &str, _endpoint: &Endpoint, _provider: &Provider) -> Option<MediaRequest> {
        None
    }
}
