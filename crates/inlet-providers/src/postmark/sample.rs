//! Requests as Postmark would post them, for the simulator, the demo and tests.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
};
use serde_json::{Value, json};

use crate::{
    credentials,
    mail::sample::Sample,
    specimen::{headers, post, secret},
};

/// A mail: in the scenario `raw` with its MIME beside it.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let sample = Sample::new(scenario, at, now);
    let raw = (scenario.name == "raw").then(|| String::from_utf8_lossy(&sample.mime()).into_owned());
    let secret = secret(scenario, at);
    let mut sent = headers(&[("content-type", "application/json"), ("user-agent", "Postmark")]);
    sent.push(credentials::header(&secret));
    post(at, sent, body(&sample, raw.as_deref()).to_string().into_bytes())
}

fn body(sample: &Sample, raw: Option<&str>) -> Value {
    let pair = |(name, value): (&str, String)| json!({ "Name": name, "Value": value });
    let own = ["From", "To", "Subject", "Date"];
    let others = sample.headers().into_iter().filter(|(name, _)| !own.contains(name));
    let file = |(name, content_type, bytes): &(String, &str, Vec<u8>)| json!({ "Name": name, "Content": BASE64.encode(bytes), "ContentType": content_type, "ContentLength": bytes.len() });
    json!({
        "MessageStream": "inbound",
        "From": sample.sender,
        "FromFull": { "Email": sample.sender, "Name": "Sample Sender", "MailboxHash": "" },
        "ToFull": [{ "Email": sample.recipient, "Name": "", "MailboxHash": "" }],
        "CcFull": [],
        "OriginalRecipient": sample.recipient,
        "Subject": sample.subject,
        "MessageID": sample.id,
        "Date": sample.date,
        "TextBody": sample.text,
        "HtmlBody": sample.html.clone().unwrap_or_default(),
        "Headers": others.map(pair).collect::<Vec<_>>(),
        "Attachments": sample.files.iter().map(file).collect::<Vec<_>>(),
        "RawEmail": raw,
    })
}
