//! A webhook: signed both ways and posted, the same bytes on every attempt.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header::InvalidHeaderValue};
use inlet_core::{
    Timestamp,
    clock::Clock,
    delivery::{Attempt, Delivery, Destination, Outcome},
    directory::Directory,
    ids::IdCodec,
    registry,
    signature::{BodySigner, standard_webhooks_by},
};

use crate::{
    classify::{answered, unanswered},
    client::{Answer, Client, Failure, Limits, Request},
};

/// What a webhook sender is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Says where a destination is and what its secret is.
    pub directory: Arc<dyn Directory>,
    /// Tells the time of each attempt.
    pub clock: Arc<dyn Clock>,
    /// Makes webhook ids from events.
    pub ids: IdCodec,
    /// Signs bodies as HighLevel does.
    pub signer: BodySigner,
    /// Makes the calls.
    pub client: Client,
    /// How long an answer may take, and how much of it is read.
    pub limits: Limits,
}

/// Sends events to webhooks.
#[derive(Clone, Debug)]
pub struct Webhooks(Parts);

impl Webhooks {
    /// A sender.
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// `X-GHL-Signature` as HighLevel has it, the three headers of Standard Webhooks 1.0.0, and our own.
    fn headers(
        &self,
        delivery: &Delivery,
        destination: &registry::Destination,
        at: Timestamp,
    ) -> Result<HeaderMap, InvalidHeaderValue> {
        let body = delivery.body.as_bytes();
        let id = self.0.ids.webhook(delivery.event);
        let signature = standard_webhooks_by(destination.secrets(at), &id, at, body);
        let mut headers = HeaderMap::with_capacity(7);
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("x-ghl-signature", HeaderValue::try_from(self.0.signer.sign(body))?);
        headers.insert("webhook-id", HeaderValue::try_from(id)?);
        headers.insert("webhook-timestamp", HeaderValue::from(at.as_second()));
        headers.insert("webhook-signature", HeaderValue::try_from(signature)?);
        headers.insert("x-inlet-event-type", HeaderValue::from_static(delivery.kind.name()));
        headers.insert("x-inlet-attempt", HeaderValue::from(delivery.attempt));
        Ok(headers)
    }

    async fn post(&self, url: &str, headers: HeaderMap, delivery: &Delivery) -> Result<Answer, Failure> {
        let request = Request {
            method: Method::POST,
            url,
            headers,
            body: Bytes::copy_from_slice(delivery.body.as_bytes()),
        };
        self.0.client.send(request, &self.0.limits).await
    }
}

#[async_trait]
impl Destination for Webhooks {
    async fn send(&self, delivery: &Delivery) -> (Attempt, Outcome) {
        let started_at = self.0.clock.now();
        let begun = self.0.clock.monotonic();
        let mut attempt = Attempt::begun(started_at);
        let registry = self.0.directory.registry();
        let Some(destination) = registry.destination(delivery.destination) else {
            attempt.error = Some("not sent: its destination is no longer there".to_owned());
            let reason = "destination_gone";
            return (attempt, Outcome::Dead { reason });
        };
        let Ok(headers) = self.headers(delivery, destination, started_at) else {
            attempt.error = Some("not sent: its headers cannot be signed".to_owned());
            let reason = "unsignable";
            return (attempt, Outcome::Dead { reason });
        };
        let answer = self.post(&destination.url, headers, delivery).await;
        attempt.took = self.0.clock.monotonic().saturating_sub(begun);
        match answer {
            Ok(answer) => {
                let (outcome, error) = answered(&answer, self.0.clock.now());
                attempt.status = Some(answer.status);
                attempt.error = error;
                attempt.response = Some(String::from_utf8_lossy(&answer.body).into_owned());
                (attempt, outcome)
            }
            Err(failure) => {
                attempt.error = Some(failure.to_string());
                (attempt, unanswered(&failure))
            }
        }
    }
}
