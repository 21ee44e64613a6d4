//! The upstream tells of itself by its own webhooks, and the relay's door hears it.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use inlet::node::Workers;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    App, Asked, Calls, TURNS, World,
    house::{ask, serve},
    text,
};

/// What HighLevel's app is subscribed to.
const EVENTS: [&str; 5] = [
    "ContactCreate",
    "ContactUpdate",
    "ContactDelete",
    "InboundMessage",
    "OutboundMessage",
];

/// The upstream's webhooks on their way to the relay.
pub(crate) struct Announcements(Workers);

impl Announcements {
    /// Sends all that there is to tell.
    pub(crate) async fn deliver(&self) {
        for _ in 0..TURNS {
            if self.0.deliveries.turn().await.unwrap().claimed == 0 {
                return;
            }
        }
        panic!("it does not come to an end");
    }
}

impl World {
    /// From now on the upstream tells the relay of itself.
    pub(crate) async fn listen(&self) -> Announcements {
        let address = serve(&self.relay, &Calls::default(), &Arc::<App>::default()).await;
        let url = format!("http://{address}{}", self.door().await);
        let wish = json!({ "location": self.joined.there, "url": url, "events": EVENTS });
        ask(&self.upstream, "POST", "/destinations", wish).await;
        Announcements(self.upstream.workers())
    }

    /// The path of the relay's door for the upstream's webhooks.
    pub(crate) async fn door(&self) -> String {
        let url = text(&self.destination().await, "webhook_url");
        let (_, token) = url.rsplit_once('/').unwrap();
        format!("/in/highlevel/{token}")
    }

    /// Somebody sends the relay's door this; answers the status.
    pub(crate) async fn knock(&self, path: &str, headers: &[(&str, String)], body: &Value) -> u16 {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        self.relay.router().oneshot(request).await.unwrap().status().as_u16()
    }

    /// A body as the upstream signs it.
    pub(crate) fn sign(&self, body: &Value) -> String {
        self.upstream.shared.signer.sign(body.to_string().as_bytes())
    }

    /// Where the upstream is.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The upstream's id of the location that is relayed.
    pub(crate) fn upstream_location(&self) -> &str {
        &self.joined.there
    }

    /// HighLevel's API, as a person at the upstream calls it.
    pub(crate) async fn at_upstream(&self, method: &str, path: &str, body: Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.joined.token))
            .header("version", "2021-07-28")
            .header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = self.upstream.router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        assert!(
            status.is_success(),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).unwrap()
    }

    /// Reads a page of whom the upstream has.
    pub(crate) async fn warm(&self, after: Option<&str>) -> Value {
        let path = format!("/destinations/{}/warm", self.joined.destination);
        ask(&self.relay, "POST", &path, json!({ "after": after })).await
    }

    /// All that the upstream was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.calls.lock().unwrap().clone()
    }

    /// The upstream's ids of the only person it has, and of their conversation.
    pub(crate) async fn only_person(&self) -> (String, String) {
        let path = format!("/conversations/search?locationId={}", self.joined.there);
        let found = self.at_upstream("GET", &path, Value::Null).await;
        let only = &found["conversations"][0];
        (text(only, "contactId"), text(only, "id"))
    }

    /// Requests that the relay kept with their reason.
    pub(crate) async fn kept_requests(&self) -> Vec<String> {
        let found = ask(&self.relay, "GET", "/requests", Value::Null).await;
        let all = found["requests"].as_array().unwrap();
        all.iter().map(|one| text(one, "reason")).collect()
    }

    /// Messages that the relay has.
    pub(crate) async fn messages_here(&self) -> usize {
        self.deliveries(Some(self.joined.here)).await.len()
    }

    /// A number of the ledger, on all days.
    pub(crate) async fn ledger_total(&self, key: &str) -> u64 {
        let ledger = self.ledger().await;
        let days = ledger["ledger"].as_array().unwrap();
        days.iter().filter_map(|day| day[key].as_u64()).sum()
    }
}
