//! What the tests of all vendors share.
#![expect(clippy::unwrap_used, reason = "what a test needs to begin with must be there")]

use std::path::PathBuf;

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Moment, Rejection, Target, WebhookRequest},
    chance::Chance,
    ids::{EndpointKey, LocationKey, ProviderKey},
    inbound::Strength,
    journal::RawRequest,
    registry::{Endpoint, Provider, ProviderKind},
    secret::Secret,
};
use inlet_providers::twilio::Twilio;

/// The secret that the fixtures are signed with.
pub(crate) const SECRET: &str = "12345";
/// The key that `SendGrid`'s fixtures are signed with: a private one of P-256, made for these tests.
pub(crate) const SENDGRID_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQP3FcLuXr3OJZVlIB2i9fIeV7XD3p0Du1XkH6LjcqI2hRANCAASn/2CVzIgZEXiDqQlwBKelR+NPtMTs0LXx5J+henE5q214u4j4iJbNLyG7gVRzORvQEMkHzatb9WR3RxFfL854";
/// Its public half, as SendGrid shows one.
pub(crate) const SENDGRID_PUBLIC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEp/9glcyIGRF4g6kJcASnpUfjT7TE7NC18eSfoXpxOatteLuI+IiWzS8hu4FUczkb0BDJB82rW/Vkd0cRXy/OeA==";
/// A published key of Standard Webhooks, with which fixtures of one's own are signed.
pub(crate) const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The key pair that Telnyx's fixtures are signed with: the first of RFC 8032, 7.1.
pub(crate) const TELNYX_PAIR: &str =
    "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";
/// Its public half.
pub(crate) const TELNYX_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// The secret that other fixtures of one's own bring.
pub(crate) const SENT: &str = "sixteen-letters-or-more";
/// The settings of the chat widget that fixtures were typed into.
pub(crate) const WIDGET: &str = "origins = [\"https://studio.example\"]";
/// The public address that the fixtures were sent to.
pub(crate) const PUBLIC_URL: &str = "https://inbox.example.com";
/// The path of samples.
pub(crate) const PATH: &str = "/in/twilio/a-token";

/// The moment at which samples are made, with no chance in it.
pub(crate) const MOMENT: Moment<'static> = Moment {
    now: Timestamp::constant(1_800_000_000, 0),
    chance: &NoChance,
};

#[derive(Debug)]
struct NoChance;

impl Chance for NoChance {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

pub(crate) fn endpoint(secrets: &[&str]) -> Endpoint {
    Endpoint {
        key: EndpointKey(1),
        adapter: "twilio".to_owned(),
        token: Secret::new("a-token"),
        secrets: secrets.iter().map(|&secret| Secret::new(secret)).collect(),
        unsigned: false,
        template: None,
        created_at: now(),
    }
}

/// The endpoint that an adapter's fixtures were sent to.
pub(crate) fn endpoint_of(adapter: &dyn Adapter) -> Endpoint {
    let secrets: &[&str] = match adapter.name() {
        "clicksend" => &[],
        "custom" => &[WHSEC, SENT, "Basic dXNlcjpwYXNzd29yZDEyMw=="],
        "telnyx" => &[TELNYX_PAIR],
        "sendgrid" => &[SENDGRID_KEY],
        "web-chat" => &[SENT],
        _ => &[SECRET],
    };
    Endpoint {
        adapter: adapter.name().to_owned(),
        template: (adapter.name() == "web-chat").then(|| WIDGET.to_owned()),
        ..endpoint(secrets)
    }
}

pub(crate) fn provider() -> Provider {
    Provider {
        key: ProviderKey(100),
        id: "0123456789abcdef01234567".to_owned(),
        location: LocationKey(1),
        kind: ProviderKind::Sms,
        endpoint: Some(EndpointKey(1)),
        adapter: Some("twilio".to_owned()),
        account: Some("AC0123456789abcdef0123456789abcdef".to_owned()),
        number: Some("+14155550100".to_owned()),
        delivery_url: None,
    }
}

pub(crate) fn target<'a>(endpoint: &'a Endpoint, provider: &'a Provider) -> Target<'a> {
    Target {
        endpoint,
        provider,
        public_url: PUBLIC_URL,
        path: PATH,
    }
}

/// A POST to a full URL.
pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: &str) -> WebhookRequest {
    let host_at = url.find("://").unwrap() + 3;
    let path_at = url.get(host_at..).unwrap().find('/').unwrap() + host_at;
    let (public_url, target) = url.split_at(path_at);
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    WebhookRequest {
        public_url: public_url.to_owned(),
        raw: RawRequest {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: headers.iter().map(owned).collect(),
            body: body.as_bytes().to_vec(),
        },
    }
}

/// How strongly a request is verified under these secrets, or why not.
pub(crate) fn verify(request: &WebhookRequest, secrets: &[&str]) -> Result<Strength, Rejection> {
    let endpoint = endpoint(secrets);
    Twilio
        .verify(request, &endpoint, now())
        .map(|verified| verified.strength)
}

pub(crate) fn fixtures_of(adapter: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(adapter)
}

/// A request as a file: request line, headers, an empty line, the body, and a line end that is not part of it.
pub(crate) fn read_http(text: &str) -> WebhookRequest {
    read_http_bytes(text.as_bytes()).unwrap()
}

/// The same, if it is one.
pub(crate) fn read_http_bytes(file: &[u8]) -> Option<WebhookRequest> {
    let end = file.windows(2).position(|two| two == b"\n\n")?;
    let (head, body) = (String::from_utf8_lossy(file.get(..end)?), file.get(end + 2..)?);
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    };
    Some(WebhookRequest {
        public_url: PUBLIC_URL.to_owned(),
        raw: RawRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: lines.filter_map(header).collect(),
            body: body.strip_suffix(b"\n").unwrap_or(body).to_vec(),
        },
    })
}
