//! Requests as Meta would post and sign them, for the simulator, the demo and tests.

use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
    secret::Secret,
};
use serde_json::{Value, json};

use super::signature::{SIGNATURE, is_app_secret, sign};
use crate::specimen::{content_type, headers, id_of, post};

/// The business account, page or number that stands in for one where the provider takes any.
const ANY: &str = "102290129340398";
/// The number of the phone's own id.
const PHONE_ID: &str = "106540352242922";
/// The number that stands in for one where the provider takes any.
const ANY_NUMBER: &str = "15550783881";

/// A signed request: the scenarios `whatsapp`, `messenger`, `instagram` and `postback`; for any other name, WhatsApp where
/// the provider has a number and Messenger where it has a page.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let page = at
        .provider
        .number
        .as_deref()
        .is_some_and(|number| !number.starts_with('+'));
    let body = match scenario.name.as_str() {
        "messenger" | "postback" => messenger("page", scenario, at, now),
        "instagram" => messenger("instagram", scenario, at, now),
        "whatsapp" => whatsapp(scenario, at, now),
        _ if page => messenger("page", scenario, at, now),
        _ => whatsapp(scenario, at, now),
    };
    let body = escaped(&body.to_string());
    let wrong = Secret::new("not the app secret");
    let secret = at
        .endpoint
        .secrets
        .iter()
        .find(|secret| is_app_secret(secret) && !scenario.forge)
        .unwrap_or(&wrong);
    let signature = sign(secret, body.as_bytes());
    post(
        at,
        headers(&[
            ("content-type", "application/json"),
            ("user-agent", "facebookexternalua"),
            (SIGNATURE, &signature),
        ]),
        body.into_bytes(),
    )
}

fn whatsapp(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> Value {
    let account = at.provider.account.as_deref().unwrap_or(ANY);
    let (account, phone) = account.split_once('/').unwrap_or((account, PHONE_ID));
    let number = at
        .provider
        .number
        .as_deref()
        .unwrap_or(ANY_NUMBER)
        .trim_start_matches('+');
    let from = scenario.from.trim_start_matches('+');
    let id = id_of(scenario, now, |digits| format!("wamid.{digits}"));
    let mut message = json!({ "from": from, "id": id, "timestamp": now.as_second().to_string() });
    let (kind, said) = match scenario.media.first() {
        None => ("text", json!({ "body": scenario.body })),
        Some(url) => {
            let file = url.rsplit('/').next().unwrap_or_default();
            (
                "image",
                json!({ "id": file, "mime_type": content_type(url), "caption": scenario.body }),
            )
        }
    };
    if let Some(message) = message.as_object_mut() {
        message.insert("type".to_owned(), kind.into());
        message.insert(kind.to_owned(), said);
    }
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": number, "phone_number_id": phone },
        "contacts": [{ "profile": { "name": "Sample Sender" }, "wa_id": from }],
        "messages": [message],
    });
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": account, "changes": [{ "value": value, "field": "messages" }] }],
    })
}

fn messenger(object: &str, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> Value {
    let page = at.provider.number.as_deref().unwrap_or(ANY);
    let mid = id_of(scenario, now, |digits| format!("m_{digits}"));
    let file = |url: &String| json!({ "type": "image", "payload": { "url": url } });
    let mut event = json!({
        "sender": { "id": scenario.from },
        "recipient": { "id": page },
        "timestamp": now.as_millisecond(),
    });
    let (kind, said) = if scenario.name == "postback" {
        (
            "postback",
            json!({ "mid": mid, "title": scenario.body, "payload": "SAMPLE" }),
        )
    } else {
        let files: Vec<_> = scenario.media.iter().map(file).collect();
        (
            "message",
            json!({ "mid": mid, "text": scenario.body, "attachments": files }),
        )
    };
    if let Some(event) = event.as_object_mut() {
        event.insert(kind.to_owned(), said);
    }
    json!({ "object": object, "entry": [{ "id": page, "time": now.as_millisecond(), "messaging": [event] }] })
}

/// JSON as Meta writes it: other letters than ASCII and slashes are escaped, and signed so.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut units = [0; 2];
    for letter in json.chars() {
        match letter {
            '/' => text.push_str("\\/"),
            letter if letter.is_ascii() => text.push(letter),
            letter => {
                for unit in letter.encode_utf16(&mut units) {
                    text.push_str(&hex_escape(*unit));
                }
            }
        }
    }
    text
}

fn hex_escape(unit: u16) -> String {
    format!("\\u{unit:04x}")
}
