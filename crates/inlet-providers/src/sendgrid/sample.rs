//! Requests as SendGrid would post and sign them, for the simulator, the demo and tests.

use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
};

use super::signature::{SIGNATURE, TIMESTAMP, sign};
use crate::{
    credentials,
    mail::sample::Sample,
    multipart,
    specimen::{headers, post, secret},
};

/// A mail: the scenario `raw` posts it whole, any other as fields. It is signed where the endpoint has a private key.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let sample = Sample::new(scenario, at, now);
    let (cut, body) = multipart::write(&parts(scenario, &sample));
    let content_type = format!("multipart/form-data; boundary={cut}");
    let mut sent = headers(&[("content-type", &content_type), ("user-agent", "SendGrid")]);
    // What is forged is signed at another time than it says.
    let timestamp = now.as_second();
    let signed_at = if scenario.forge { timestamp - 1 } else { timestamp };
    let mut secrets = at.endpoint.secrets.iter();
    match secrets.find_map(|secret| sign(secret, &signed_at.to_string(), &body)) {
        Some(signature) => {
            sent.extend(headers(&[(SIGNATURE, &signature), (TIMESTAMP, &timestamp.to_string())]));
        }
        None => sent.push(credentials::header(&secret(scenario, at))),
    }
    post(at, sent, body)
}

fn parts(scenario: &Scenario, sample: &Sample) -> Vec<(String, Vec<u8>)> {
    let place = |name: &str| format!("Content-Disposition: form-data; name=\"{name}\"");
    let envelope = serde_json::json!({ "to": [sample.recipient], "from": sample.sender });
    let mut parts = vec![(place("envelope"), envelope.to_string().into_bytes())];
    if scenario.name == "raw" {
        parts.push((place("email"), sample.mime()));
        return parts;
    }
    let lines = sample
        .headers()
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}\n"));
    let charsets = serde_json::json!({ "to": "UTF-8", "from": "UTF-8", "subject": "UTF-8", "text": "utf-8" });
    parts.push((place("headers"), lines.collect::<Vec<_>>().concat().into_bytes()));
    parts.push((place("charsets"), charsets.to_string().into_bytes()));
    parts.push((place("from"), sample.from.clone().into_bytes()));
    parts.push((place("subject"), sample.subject.as_bytes().to_vec()));
    parts.push((place("text"), sample.text.clone().into_bytes()));
    parts.extend(
        sample
            .html
            .iter()
            .map(|html| (place("html"), html.clone().into_bytes())),
    );
    parts.push((place("attachments"), sample.files.len().to_string().into_bytes()));
    for (number, (name, content_type, bytes)) in (1..).zip(&sample.files) {
        let place = place(&format!("attachment{number}"));
        parts.push((
            format!("{place}; filename=\"{name}\"\r\nContent-Type: {content_type}"),
            bytes.clone(),
        ));
    }
    parts
}
