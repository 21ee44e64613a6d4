//! What the samples of all vendors are made with.

use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
    journal::RawRequest,
    secret::Secret,
};
use sha2::{Digest, Sha256};

/// The id that was asked for; else one that this message at this moment always gets, from 32 hex digits.
pub(crate) fn id_of(scenario: &Scenario, now: Timestamp, shape: impl Fn(&str) -> String) -> String {
    if !scenario.external_id.is_empty() {
        return scenario.external_id.clone();
    }
    let what = format!("{now}\n{}\n{}", scenario.from, scenario.body);
    let digits: String = hex::encode(Sha256::digest(what.as_bytes())).chars().take(32).collect();
    shape(&digits)
}

/// The media type that a link's ending promises.
pub(crate) fn content_type(url: &str) -> &'static str {
    match url.rsplit_once('.').map(|(_, ending)| ending) {
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        Some("mp4") => "video/mp4",
        Some("mp3") => "audio/mpeg",
        Some("pdf") => "application/pdf",
        Some(_) | None => "image/jpeg",
    }
}

/// Headers, as a request keeps them.
pub(crate) fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    pairs.iter().map(owned).collect()
}

/// A webhook posted to where samples are sent.
pub(crate) fn post(at: &Target<'_>, headers: Vec<(String, String)>, body: Vec<u8>) -> WebhookRequest {
    WebhookRequest {
        public_url: at.public_url.to_owned(),
        raw: RawRequest {
            method: "POST".to_owned(),
            target: at.path.to_owned(),
            headers,
            body,
        },
    }
}

/// The first secret of the endpoint; another one for a sample that is to be forged.
pub(crate) fn secret(scenario: &Scenario, at: &Target<'_>) -> Secret {
    let own = at.endpoint.secrets.first().filter(|_| !scenario.forge);
    own.cloned().unwrap_or_else(|| Secret::new("not:the secret"))
}
