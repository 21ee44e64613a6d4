//! What the samples of all vendors are made with.

use inlet_core::{Timestamp, adapter::Scenario};
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
