//! What the widget asks for, and how it is told what was answered.

use inlet_core::{
    Timestamp,
    adapter::{Rejection, Reply, WebhookRequest},
    address::Identity,
    listening::{Listener, Listening, Said},
    registry::Endpoint,
};
use serde_json::{Value, json};

use super::{own, posted, settings::Settings, visitor};

/// Messages that a page may say it shows: the widget names its newest.
const MOST_SHOWN: usize = 500;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answers;

impl Listening for Answers {
    fn asked(
        &self,
        request: &WebhookRequest,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Option<Result<Listener, Rejection>> {
        posted(request)?.shows?;
        Some(visitor(request, endpoint, now).map(|(visitor, posted)| Listener {
            identity: Identity::page(&Settings::widget(endpoint), &visitor),
            own: own(&visitor),
            known: posted.shows.into_iter().flatten().take(MOST_SHOWN).collect(),
            waits: posted.waits,
        }))
    }

    fn tell(&self, said: &[Said]) -> Reply {
        let message = |one: &Said| -> Value {
            json!({
                "id": one.id,
                "own": one.own,
                "text": one.text,
                "files": one.files,
                "at": one.at.to_string(),
            })
        };
        let messages: Vec<Value> = said.iter().map(message).collect();
        Reply {
            status: 200,
            content_type: Some("application/json"),
            body: json!({ "messages": messages }).to_string(),
        }
    }
}
