//! Requests as Telnyx would send and sign them, for the simulator, the demo and tests.

use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
};
use serde_json::{Value, json};

use super::signature::{SIGNATURE, TIMESTAMP, sign};
use crate::specimen::{content_type, headers, id_of, post};

/// The number and messaging profile that stand in where the provider takes any.
const ANY_NUMBER: &str = "+13125550100";
const ANY_PROFILE: &str = "740572b6-099c-44a1-89b9-6c92163bc68d";

/// An event, signed where the endpoint has a key pair: the scenario `receipt` tells of a message that was sent, any other
/// brings one.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let body = event(scenario, at, now).to_string().into_bytes();
    let timestamp = now.as_second().to_string();
    let mut sent = headers(&[
        ("content-type", "application/json"),
        ("user-agent", "telnyx-webhooks"),
        (TIMESTAMP, &timestamp),
    ]);
    let signature = at
        .endpoint
        .secrets
        .iter()
        .find_map(|secret| sign(secret, &timestamp, &body));
    if let Some(mut signature) = signature {
        if scenario.forge {
            // Another letter in front is another signature.
            let other = if signature.starts_with('A') { "B" } else { "A" };
            signature.replace_range(..1, other);
        }
        sent.extend(headers(&[(SIGNATURE, &signature)]));
    }
    post(at, sent, body)
}

fn event(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> Value {
    let id = id_of(scenario, now, uuid);
    let number = at.provider.number.as_deref().unwrap_or(ANY_NUMBER);
    let profile = at.provider.account.as_deref().unwrap_or(ANY_PROFILE);
    let moment = format!("{now:.3}");
    let media = scenario
        .media
        .iter()
        .map(|url| json!({ "url": url, "content_type": content_type(url), "sha256": null, "size": null }));
    let media: Vec<Value> = media.collect();
    let receipt = scenario.name == "receipt";
    json!({
        "data": {
            "record_type": "event",
            "event_type": if receipt { "message.finalized" } else { "message.received" },
            "id": id_of(scenario, now, |digits| uuid(&digits.chars().rev().collect::<String>())),
            "occurred_at": moment,
            "payload": {
                "record_type": "message",
                "id": id,
                "direction": if receipt { "outbound" } else { "inbound" },
                "type": if media.is_empty() { "SMS" } else { "MMS" },
                "from": { "phone_number": scenario.from, "carrier": "", "line_type": "long_code" },
                "to": [{ "phone_number": number, "carrier": "Telnyx", "line_type": "long_code", "status": "webhook_delivered" }],
                "cc": [],
                "text": scenario.body,
                "media": media,
                "encoding": "UTF-8",
                "parts": 1,
                "messaging_profile_id": profile,
                "received_at": moment,
                "tags": [],
                "errors": [],
            },
        },
        "meta": { "attempt": 1, "delivered_to": format!("{}{}", at.public_url, at.path) },
    })
}

/// 32 hex digits as Telnyx writes an id.
fn uuid(digits: &str) -> String {
    let dashed = digits.chars().enumerate().map(|(index, digit)| match index {
        8 | 12 | 16 | 20 => format!("-{digit}"),
        _ => digit.to_string(),
    });
    dashed.collect()
}
