//! A request as it came in, with what opens doors left out.

use inlet_core::journal::KeptRequest;

use crate::pages::row::Setting;

/// Bytes of a body that are shown.
const SHOWN: usize = 64_000;
/// Headers whose value opens a door.
const SECRET: [&str; 3] = ["authorization", "cookie", "idempotency-key"];

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) tone: &'static str,
    pub(super) verdict: &'static str,
    pub(super) reason: String,
    pub(super) when: String,
    pub(super) took: String,
    pub(super) status: u16,
    pub(super) curl: String,
}

impl Request {
    pub(super) fn new(kept: &KeptRequest, setting: Setting<'_>) -> Self {
        let target = masked(&kept.raw.target);
        let headers: Vec<_> = kept.raw.headers.iter().map(header).collect();
        let shown = kept.raw.body.get(..SHOWN).unwrap_or(&kept.raw.body);
        let body = String::from_utf8_lossy(shown).into_owned();
        let base = &setting.state.settings.public_url;
        let mut curl = format!("curl -X {} {}", kept.raw.method, quoted(&format!("{base}{target}")));
        let sent = headers
            .iter()
            .filter(|(name, _)| name != "host" && name != "content-length");
        for (name, value) in sent {
            curl = format!("{curl} \\\n  -H {}", quoted(&format!("{name}: {value}")));
        }
        if !body.is_empty() {
            curl = format!("{curl} \\\n  --data-raw {}", quoted(&body));
        }
        Self {
            line: format!("{} {target}", kept.raw.method),
            tone: if kept.status < 300 { "ok" } else { "bad" },
            verdict: kept.verdict.name(),
            reason: kept.reason.clone(),
            when: setting.zone.ago(kept.received_at, setting.now).full,
            took: format!("{} ms", kept.took.as_millis()),
            status: kept.status,
            headers,
            body,
            curl,
        }
    }
}

/// The path of a webhook holds a secret.
fn masked(target: &str) -> String {
    match target.strip_prefix("/in/").and_then(|rest| rest.split_once('/')) {
        Some((adapter, _)) => format!("/in/{adapter}/…"),
        None => target.to_owned(),
    }
}

fn header((name, value): &(String, String)) -> (String, String) {
    let shown = if SECRET.contains(&name.as_str()) { "…" } else { value };
    (name.clone(), shown.to_owned())
}

/// For a shell, as one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_doors_is_not_shown() {
        let cases = [
            ("/in/twilio/verysecret?x=1", "/in/twilio/…"),
            ("/conversations/messages/inbound", "/conversations/messages/inbound"),
        ];
        for (target, shown) in cases {
            assert_eq!(masked(target), shown);
        }
        let token = ("authorization".to_owned(), "Bearer pit-1".to_owned());
        assert_eq!(header(&token).1, "…");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
