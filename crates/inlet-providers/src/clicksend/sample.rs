//! Requests as ClickSend would send them, for the simulator, the demo and tests.

use form_urlencoded::Serializer;
use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
    journal::RawRequest,
};
use serde_json::{Map, Value};

use crate::specimen::{headers, id_of};

/// The number and account that stand in where the provider takes any.
const ANY_NUMBER: &str = "+61477485926";
const ANY_ACCOUNT: &str = "304497";

/// A request: the scenarios `form` and `get`, and for any other name JSON. There is no signature, so a forged one comes
/// to an address that nobody has.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let fields = fields(scenario, at, now);
    let mut path = at.path.to_owned();
    if scenario.forge {
        path.push_str("-guessed");
    }
    let form = || Serializer::new(String::new()).extend_pairs(&fields).finish();
    let (method, target, content_type, body) = match scenario.name.as_str() {
        "get" => ("GET", format!("{path}?{}", form()), "", String::new()),
        "form" => ("POST", path, "application/x-www-form-urlencoded", form()),
        _ => ("POST", path, "application/json", json(&fields)),
    };
    let mut sent = headers(&[("user-agent", "ClickSend/1.0"), ("accept", "*/*")]);
    if !content_type.is_empty() {
        sent.extend(headers(&[("content-type", content_type)]));
    }
    WebhookRequest {
        public_url: at.public_url.to_owned(),
        raw: RawRequest {
            method: method.to_owned(),
            target,
            headers: sent,
            body: body.into_bytes(),
        },
    }
}

fn fields(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> Vec<(&'static str, String)> {
    let number = at.provider.number.as_deref().unwrap_or(ANY_NUMBER).to_owned();
    let account = at.provider.account.as_deref().unwrap_or(ANY_ACCOUNT);
    let (user, subaccount) = account.split_once('/').unwrap_or((account, ""));
    vec![
        ("originalsenderid", number.clone()),
        ("body", scenario.body.clone()),
        ("message", scenario.body.clone()),
        ("sms", scenario.from.clone()),
        ("from", scenario.from.clone()),
        ("to", number),
        ("timestamp", now.as_second().to_string()),
        ("message_id", id_of(scenario, now, str::to_uppercase)),
        ("original_message_id", String::new()),
        ("original_body", String::new()),
        ("user_id", user.to_owned()),
        ("subaccount_id", subaccount.to_owned()),
        ("custom_string", String::new()),
    ]
}

/// As ClickSend writes it: ids of accounts and the time are numbers.
fn json(fields: &[(&'static str, String)]) -> String {
    let value = |name: &str, text: &str| {
        let number = matches!(name, "timestamp" | "user_id" | "subaccount_id");
        let number = number.then(|| text.parse::<i64>().ok()).flatten();
        number.map_or_else(|| Value::from(text), Value::from)
    };
    let object: Map<String, Value> = fields
        .iter()
        .map(|(name, text)| ((*name).to_owned(), value(name, text)))
        .collect();
    Value::Object(object).to_string()
}
