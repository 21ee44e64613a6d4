//! Requests as one's own system would send and sign them: in HighLevel's words, or as the template reads them.

use form_urlencoded::Serializer;
use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
    channel::{Channel, Direction},
    secret::Secret,
    signature::standard_webhooks,
};
use serde_json::{Value, json};

use super::{
    proof::Key,
    template,
    template::{Choice, Form, Source, Template},
};
use crate::specimen::{content_type, headers, id_of, post, secret};

/// The number that stands in where the provider takes any.
const ANY_NUMBER: &str = "+14155550100";

/// A signed request: the scenario `v1` is HighLevel's older body, any other the newer one or the template's.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let id = id_of(scenario, now, |digits| format!("msg_{digits}"));
    let template = template(at.endpoint).ok().flatten();
    let (content_type, body) = match &template {
        Some(template) => written(template, &by_template(template, (scenario, &id), at, now)),
        None => ("application/json", highlevel(scenario, &id, now).to_string()),
    };
    let mut request = post(
        at,
        headers(&[("content-type", content_type), ("user-agent", "custom/1.0")]),
        body.into_bytes(),
    );
    if let Some(scheme) = template.as_ref().and_then(|template| template.signature.as_ref()) {
        scheme.prove(&mut request, &secret(scenario, at), (&id, now));
        return request;
    }
    if let Some(jwt) = template.as_ref().and_then(|template| template.jwt.as_ref()) {
        jwt.prove(&mut request, &secret(scenario, at), (&id, now));
        return request;
    }
    let header = template.as_ref().and_then(|template| template.secret_header.as_deref());
    prove(&mut request, (at, scenario.forge), &id, now, header);
    request
}

fn prove(
    request: &mut WebhookRequest,
    (at, forge): (&Target<'_>, bool),
    id: &str,
    now: Timestamp,
    header: Option<&str>,
) {
    let keys = at.endpoint.secrets.iter().filter_map(|secret| Key::read(secret).ok());
    // With a public key only its owner signs.
    let Some(key) = keys.into_iter().find(|key| !matches!(key, Key::Public(_))) else {
        return;
    };
    let wrong = Secret::new("this is not the secret");
    match key {
        Key::Signing(secret) => {
            let secret = if forge { wrong } else { secret };
            let signature = standard_webhooks(&secret, id, now, &request.raw.body);
            request.raw.headers.extend(headers(&[
                ("webhook-id", id),
                ("webhook-timestamp", &now.as_second().to_string()),
                ("webhook-signature", &signature),
            ]));
        }
        Key::Sent(secret) => {
            let secret = if forge { wrong } else { secret };
            let text = secret.expose_text().unwrap_or_default();
            let bearer = format!("Bearer {text}");
            let (name, value) = header.map_or(("authorization", bearer.as_str()), |name| (name, text));
            request.raw.headers.extend(headers(&[(name, value)]));
        }
        Key::Public(_) => {}
    }
}

fn highlevel(scenario: &Scenario, id: &str, now: Timestamp) -> Value {
    let at = format!("{now:.3}");
    if scenario.name == "v1" {
        return json!({
            "messageType": "sms", "phone": scenario.from, "body": scenario.body, "source": "custom", "timestamp": at,
        });
    }
    json!({
        "type": "SMS", "phone": scenario.from, "message": scenario.body, "altId": id, "direction": "inbound", "date": at,
        "attachments": scenario.media,
    })
}

/// A request in which each part of the message stands where the template looks for it.
fn by_template(template: &Template, (scenario, id): (&Scenario, &str), at: &Target<'_>, now: Timestamp) -> Value {
    let (mut top, mut item) = (json!({}), json!({}));
    for (path, wanted) in &template.only {
        path.put(&mut top, &mut item, Value::from(wanted.as_str()));
    }
    let number = at.provider.number.as_deref().unwrap_or(ANY_NUMBER);
    let account = at.provider.account.as_deref().unwrap_or("sample");
    let time = now.as_second().to_string();
    let parts = [
        (template.id.as_ref(), id),
        (Some(&template.from), &scenario.from),
        (template.to.as_ref(), number),
        (template.account.as_ref(), account),
        (template.text.as_ref(), &scenario.body),
        (template.time.as_ref(), &time),
        (template.name.as_ref(), "Sample Sender"),
    ];
    for (source, text) in parts {
        if let Some(path) = source.and_then(Source::path) {
            path.put(&mut top, &mut item, Value::from(text));
        }
    }
    choose(&template.channel, Channel::Sms, (&mut top, &mut item));
    if let Some(direction) = &template.direction {
        choose(direction, Direction::Inbound, (&mut top, &mut item));
    }
    if let Some(files) = &template.attachments {
        let media = scenario.media.iter().map(|url| {
            let (mut whole, mut one) = (json!({}), Value::from(url.as_str()));
            if let Some(path) = &files.url {
                one = json!({});
                path.put(&mut whole, &mut one, Value::from(url.as_str()));
            }
            if let Some(path) = &files.content_type {
                path.put(&mut whole, &mut one, Value::from(content_type(url)));
            }
            one
        });
        match files.list.0.as_slice() {
            [list] => list.put(&mut top, &mut item, Value::Array(media.collect())),
            several => {
                for (place, file) in several.iter().zip(media) {
                    place.put(&mut top, &mut item, file);
                }
            }
        }
    }
    finish(template, top, item)
}

/// Puts the text there that stands for `wanted`, or for whichever there is.
fn choose<T: Copy + PartialEq>(choice: &Choice<T>, wanted: T, (top, item): (&mut Value, &mut Value)) {
    let Choice::By { by, words } = choice else { return };
    let word = words
        .iter()
        .find(|(_, one)| **one == wanted)
        .or_else(|| words.iter().next());
    if let Some((word, _)) = word {
        by.put(top, item, Value::from(word.as_str()));
    }
}

/// Puts the item into its list; where there is none, the item is the whole.
fn finish(template: &Template, mut top: Value, item: Value) -> Value {
    match (&template.each, &mut top) {
        (Some(each), _) => each.put(&mut top, &mut Value::Null, Value::Array(vec![item])),
        (None, Value::Object(fields)) => {
            if let Value::Object(own) = item {
                fields.extend(own);
            }
        }
        (None, _) => {}
    }
    top
}

fn written(template: &Template, value: &Value) -> (&'static str, String) {
    match template.body {
        Form::Json => ("application/json", value.to_string()),
        Form::Form => {
            let mut form = Serializer::new(String::new());
            for (name, value) in value.as_object().into_iter().flatten() {
                match value {
                    Value::Array(list) => {
                        form.extend_pairs(list.iter().map(|one| (name, one.as_str().unwrap_or_default())));
                    }
                    one => {
                        form.append_pair(name, one.as_str().unwrap_or_default());
                    }
                }
            }
            ("application/x-www-form-urlencoded", form.finish())
        }
    }
}
