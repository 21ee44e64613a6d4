//! What a request of a file becomes, before a provider is added: read as if it had been verified, and not recorded.

use axum::{Json, extract::State};
use inlet_core::{
    adapter::{Item, ItemError, Verified, WebhookRequest},
    ids::EndpointKey,
    inbound::Strength,
    journal::RawRequest,
    registry::Endpoint,
    secret::Secret,
};
use serde::{Deserialize, Serialize};

use crate::{
    admin::{
        fault::{Answer, Fault},
        input::{Input, stamp, word},
    },
    state::Shared,
};

#[derive(Deserialize)]
pub(super) struct Tried {
    adapter: String,
    template: Option<String>,
    request: String,
}

#[derive(Serialize)]
pub(super) struct Becomes {
    ok: bool,
    messages: Vec<Message>,
}

#[derive(Serialize, Default)]
struct Message {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written_at: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<String>,
}

pub(super) async fn run(State(shared): State<Shared>, Input(tried): Input<Tried>) -> Answer<Becomes> {
    let adapter = shared.adapter(&tried.adapter);
    let adapter = adapter.ok_or_else(|| {
        let known: Vec<&str> = shared.adapters.iter().map(|adapter| adapter.name()).collect();
        let name = &tried.adapter;
        Fault::bad(format!("there is no adapter {name}: choose from {}", known.join(", ")))
    })?;
    let endpoint = Endpoint {
        key: EndpointKey(0),
        adapter: tried.adapter,
        token: Secret::default(),
        secrets: Vec::new(),
        unsigned: true,
        template: tried.template,
        created_at: shared.clock.now(),
    };
    adapter.check(&endpoint).map_err(Fault::bad)?;
    let request = read(&tried.request, &shared.settings.public_url);
    let verified = Verified {
        request: &request,
        strength: Strength::Unsigned,
    };
    let messages: Vec<_> = adapter.parse(&verified, &endpoint).into_iter().map(view).collect();
    Ok(Json(Becomes {
        ok: messages.iter().all(|message| message.ok),
        messages,
    }))
}

/// A whole request as it is written on the wire, or its body alone.
fn read(text: &str, public_url: &str) -> WebhookRequest {
    let text = text.replace("\r\n", "\n");
    let whole = text
        .split_once("\n\n")
        .filter(|(head, _)| head.lines().next().is_some_and(|line| line.contains(" HTTP/")));
    let (head, body) = whole.unwrap_or(("POST /in HTTP/1.1", &text));
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let mut next = || words.next().unwrap_or_default().to_owned();
    let (method, target) = (next(), next());
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_lowercase(), value.trim().to_owned()))
    };
    WebhookRequest {
        public_url: public_url.to_owned(),
        raw: RawRequest {
            method,
            target,
            headers: lines.filter_map(header).collect(),
            // The line end of the file is not part of it.
            body: body.strip_suffix('\n').unwrap_or(body).as_bytes().to_vec(),
        },
    }
}

fn view(item: Result<Item, ItemError>) -> Message {
    match item {
        Err(error) => Message {
            says: Some(error.to_string()),
            ..Message::default()
        },
        Ok(item) => {
            let inbound = item.inbound;
            Message {
                ok: true,
                says: None,
                id: Some(item.key.id),
                channel: Some(word(&inbound.channel)),
                direction: Some(word(&inbound.direction)),
                from: inbound.detail.from,
                to: inbound.detail.to,
                account: item.to.account,
                text: inbound.body,
                written_at: inbound.occurred_at.map(stamp),
                files: inbound.detail.attachments.into_iter().map(|file| file.url).collect(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_request_or_its_body() {
        let whole = read("GET /in/x?a=1 HTTP/1.1\r\nX-Key: v: w\r\n\r\n{}\r\n", "https://x");
        assert_eq!(
            (whole.raw.method.as_str(), whole.raw.target.as_str()),
            ("GET", "/in/x?a=1")
        );
        assert_eq!(
            (whole.header("x-key"), whole.raw.body.as_slice()),
            (Some("v: w"), &b"{}"[..])
        );
        for body in ["{\"text\": \"a\n\nb\"}", "a=1&b=2", ""] {
            let alone = read(&format!("{body}\n"), "https://x");
            assert_eq!(
                (alone.raw.method.as_str(), alone.raw.body.as_slice()),
                ("POST", body.as_bytes())
            );
        }
    }
}
