//! Requests as Mailgun would post and sign them, for the simulator, the demo and tests.

use form_urlencoded::Serializer;
use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
    secret::Secret,
};
use sha2::{Digest, Sha256};

use super::signature::{is_signing_key, sign};
use crate::{
    mail::sample::Sample,
    multipart,
    specimen::{headers, post},
};

/// A signed mail: the scenario `mime` posts it whole, any other as fields; with files as a multipart.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let sample = Sample::new(scenario, at, now);
    let mut fields = signed(scenario, at, &sample, now);
    fields.push(("recipient", sample.recipient.clone()));
    fields.push(("sender", sample.sender.clone()));
    if scenario.name == "mime" {
        fields.push(("body-mime", String::from_utf8_lossy(&sample.mime()).into_owned()));
    } else {
        fields.extend(taken_apart(&sample));
    }
    let (content_type, body) = encode(&fields, if scenario.name == "mime" { &[] } else { &sample.files });
    post(
        at,
        headers(&[("content-type", &content_type), ("user-agent", "mailgun/treq-22.2.0")]),
        body,
    )
}

/// The time, a token that this mail at this moment always gets, and the signature over both.
fn signed(scenario: &Scenario, at: &Target<'_>, sample: &Sample, now: Timestamp) -> Vec<(&'static str, String)> {
    let wrong = Secret::new("not the signing key");
    let key = at
        .endpoint
        .secrets
        .iter()
        .find(|secret| is_signing_key(secret) && !scenario.forge)
        .unwrap_or(&wrong);
    let timestamp = now.as_second().to_string();
    let digits = hex::encode(Sha256::digest(format!("{now}\n{}", sample.id)));
    let token: String = digits.chars().take(50).collect();
    let signature = String::from_utf8_lossy(&sign(key, &timestamp, &token)).into_owned();
    vec![("timestamp", timestamp), ("token", token), ("signature", signature)]
}

fn taken_apart(sample: &Sample) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("from", sample.from.clone()),
        ("subject", sample.subject.to_owned()),
        ("body-plain", sample.text.clone()),
        ("stripped-text", sample.text.clone()),
        ("message-headers", serde_json::json!(sample.headers()).to_string()),
        ("Message-Id", format!("<{}>", sample.id)),
    ];
    if let Some(html) = &sample.html {
        fields.push(("body-html", html.clone()));
    }
    if !sample.files.is_empty() {
        fields.push(("attachment-count", sample.files.len().to_string()));
    }
    fields
}

/// The form, and its type: a multipart only where there are files, as Mailgun does.
fn encode(fields: &[(&str, String)], files: &[(String, &str, Vec<u8>)]) -> (String, Vec<u8>) {
    if files.is_empty() {
        let mut form = Serializer::new(String::new());
        form.extend_pairs(fields);
        return (
            "application/x-www-form-urlencoded".to_owned(),
            form.finish().into_bytes(),
        );
    }
    let place = |name: &str| format!("Content-Disposition: form-data; name=\"{name}\"");
    let texts = fields
        .iter()
        .map(|(name, value)| (place(name), value.clone().into_bytes()));
    let files = (1..).zip(files).map(|(number, (name, content_type, bytes))| {
        let place = place(&format!("attachment-{number}"));
        (
            format!("{place}; filename=\"{name}\"\r\nContent-Type: {content_type}"),
            bytes.clone(),
        )
    });
    let (cut, body) = multipart::write(&texts.chain(files).collect::<Vec<_>>());
    (format!("multipart/form-data; boundary={cut}"), body)
}
