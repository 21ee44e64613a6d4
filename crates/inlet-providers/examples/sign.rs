//! Exchanges vendors' requests with a script: those of `tests/sdk/` hold both sides against the vendors' own libraries.
//!
//! Reads one JSON object a line and answers each with one line. `{"sample": {"adapter", "secret", "path", "public_url",
//! "name", "from", "body", "media", "at"}}` is answered with the signed request, `{"verify": {"adapter", "secrets",
//! "public_url", "target", "method", "headers", "body", "at"}}` with `{"accepted": true}` or `{"accepted": false, "reason":
//! "…"}`. Where no adapter is named it is Twilio; `at` is the moment, in seconds.
#![expect(clippy::print_stdout, reason = "it talks to a script over its standard output")]

use std::io::{self, BufRead};

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Scenario, Target, WebhookRequest},
    ids::{EndpointKey, LocationKey, ProviderKey},
    journal::RawRequest,
    registry::{Endpoint, Provider, ProviderKind},
    secret::Secret,
};
use inlet_providers::ALL;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let answer = match (asked.get("sample"), asked.get("verify")) {
            (Some(wanted), _) => sample(adapter(wanted)?, wanted),
            (None, Some(request)) => verify(adapter(request)?, request),
            (None, None) => return Err("a line is either {\"sample\": …} or {\"verify\": …}".into()),
        };
        println!("{answer}");
    }
    Ok(())
}

fn adapter(asked: &Value) -> Result<&'static dyn Adapter, String> {
    let name = asked.get("adapter").and_then(Value::as_str).unwrap_or("twilio");
    let found = ALL.iter().copied().find(|adapter| adapter.name() == name);
    found.ok_or_else(|| format!("there is no adapter {name}"))
}

fn at(asked: &Value) -> Timestamp {
    let seconds = asked.get("at").and_then(Value::as_i64).unwrap_or_default();
    Timestamp::from_second(seconds).unwrap_or_default()
}

fn sample(adapter: &dyn Adapter, wanted: &Value) -> Value {
    let scenario = Scenario {
        name: text(wanted, "name"),
        from: text(wanted, "from"),
        body: text(wanted, "body"),
        media: texts(wanted, "media"),
        ..Scenario::default()
    };
    let (endpoint, provider) = (endpoint(adapter, vec![text(wanted, "secret")]), provider());
    let (public_url, path) = (text(wanted, "public_url"), text(wanted, "path"));
    let target = Target {
        endpoint: &endpoint,
        provider: &provider,
        public_url: &public_url,
        path: &path,
    };
    let request = adapter.sample(&scenario, &target, at(wanted));
    json!({
        "url": request.url(),
        "headers": request.raw.headers,
        "body": String::from_utf8_lossy(&request.raw.body),
    })
}

fn verify(adapter: &dyn Adapter, sent: &Value) -> Value {
    let header = |pair: &Value| {
        let name = pair.get(0)?.as_str()?;
        Some((name.to_owned(), pair.get(1)?.as_str()?.to_owned()))
    };
    let headers = sent.get("headers").and_then(Value::as_array);
    let request = WebhookRequest {
        public_url: text(sent, "public_url"),
        raw: RawRequest {
            method: text(sent, "method"),
            target: text(sent, "target"),
            headers: headers.into_iter().flatten().filter_map(header).collect(),
            body: text(sent, "body").into_bytes(),
        },
    };
    let endpoint = endpoint(adapter, texts(sent, "secrets"));
    match adapter.verify(&request, &endpoint, at(sent)) {
        Ok(_) => json!({ "accepted": true }),
        Err(rejection) => json!({ "accepted": false, "reason": rejection.to_string() }),
    }
}

fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(object: &Value, name: &str) -> Vec<String> {
    let list = object.get(name).and_then(Value::as_array);
    let found = list.into_iter().flatten().filter_map(Value::as_str);
    found.map(ToOwned::to_owned).collect()
}

fn endpoint(adapter: &dyn Adapter, secrets: Vec<String>) -> Endpoint {
    Endpoint {
        key: EndpointKey(1),
        adapter: adapter.name().to_owned(),
        token: Secret::default(),
        secrets: secrets.into_iter().map(Secret::new).collect(),
        unsigned: false,
        template: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn provider() -> Provider {
    Provider {
        key: ProviderKey(1),
        id: String::new(),
        location: LocationKey(1),
        kind: ProviderKind::Sms,
        endpoint: Some(EndpointKey(1)),
        adapter: None,
        account: None,
        number: Some("+14155550100".to_owned()),
        delivery_url: None,
    }
}
