//! Meta: WhatsApp Cloud, Messenger and Instagram, by one webhook of one app.
//!
//! Foreign rules: `developers.facebook.com/docs/graph-api/webhooks/getting-started`,
//! `…/docs/whatsapp/cloud-api/webhooks/components`, `…/docs/messenger-platform/webhooks` and
//! `…/docs/instagram-platform/webhooks`.
//!
//! What people edit or take back is told since 2024 on Messenger and Instagram
//! (`…/docs/messenger-platform/webhooks/webhook-events/message-edits`), and on WhatsApp where the number is used in the
//! WhatsApp Business app too (`…/documentation/business-messaging/whatsapp/webhooks/reference/messages/edit`, `…/revoke`).
//!
//! A secret of an endpoint is an app secret; one written `token:TOKEN` is an access token instead, which opens WhatsApp's
//! files. The verify token that Meta asks for is the last part of the webhook's address.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Fetch, Item, ItemError, ItemOutcome, Moment, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest,
    },
    channel::Channel,
    inbound::Strength,
    registry::{Endpoint, Provider},
    secret::Secret,
};
use serde_json::Value;

use crate::{form::Form, reply, said::problem};

mod media;
mod messenger;
mod sample;
mod signature;
mod whatsapp;

/// Letters of a challenge, which are echoed; Meta's have ten or so.
const LONGEST_CHALLENGE: usize = 256;

/// Speaks Meta's language.
#[derive(Clone, Copy, Debug)]
pub struct Meta;

impl Adapter for Meta {
    fn name(&self) -> &'static str {
        "meta"
    }

    fn title(&self) -> &'static str {
        "Meta"
    }

    fn advice(&self) -> &'static str {
        "In the app's Webhooks at Meta, paste it as callback URL, with its last part as verify token, and subscribe to \
         messages; for Messenger and Instagram to message_edits too."
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::WhatsApp, Channel::Facebook, Channel::Instagram]
    }

    fn handshake(&self, request: &WebhookRequest, endpoint: &Endpoint, _at: &Moment<'_>) -> Option<Reply> {
        let (_, query) = request.raw.target.split_once('?')?;
        let query = Form::decode(query.as_bytes())?;
        if request.raw.method != "GET" || query.get("hub.mode") != Some("subscribe") {
            return None;
        }
        let known = query
            .get("hub.verify_token")
            .is_some_and(|token| Secret::new(token) == endpoint.token);
        let plain = |challenge: &&str| {
            let plain = challenge
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
            plain && challenge.len() <= LONGEST_CHALLENGE
        };
        let challenge = query.get("hub.challenge").filter(plain).filter(|_| known);
        let (status, body) = challenge.map_or(
            (
                403,
                "the verify token is not this webhook's: it is the last part of the address",
            ),
            |challenge| (200, challenge),
        );
        Some(Reply::sentence(status, body))
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, _now: Timestamp) -> Result<Strength, Rejection> {
        signature::verify(request, &endpoint.secrets)
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        let Ok(body) = serde_json::from_slice::<Value>(&verified.request.raw.body) else {
            return vec![Err(problem("it is not JSON, as Meta posts its events"))];
        };
        let entries = list(&body, "/entry");
        match text(&body, "/object") {
            Some("whatsapp_business_account") => entries
                .iter()
                .flat_map(|entry| whatsapp::read(entry, verified.strength))
                .collect(),
            Some("page") => messenger(entries, Channel::Facebook, verified.strength),
            Some("instagram") => messenger(entries, Channel::Instagram, verified.strength),
            _ => vec![Err(problem(
                "it is about another object than WhatsApp, a page or Instagram",
            ))],
        }
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        // Whatever cannot be read is in the journal: after an hour of anything but 200, Meta turns the webhook off.
        if reply::store_is_down(outcomes) {
            reply::again()
        } else {
            reply::ok()
        }
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["whatsapp", "messenger", "instagram", "postback"]
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }

    fn media(&self, url: &str, endpoint: &Endpoint, _provider: &Provider) -> Option<Fetch> {
        media::request(url, endpoint)
    }

    fn media_leads(&self, url: &str, answer: &[u8]) -> Option<String> {
        media::leads(url, answer)
    }
}

fn messenger(entries: &[Value], channel: Channel, strength: Strength) -> Vec<Result<Item, ItemError>> {
    entries
        .iter()
        .flat_map(|entry| messenger::read(entry, channel, strength))
        .collect()
}

/// The text at a place of a JSON value, where it is not empty.
fn text<'v>(value: &'v Value, place: &str) -> Option<&'v str> {
    value.pointer(place)?.as_str().filter(|text| !text.is_empty())
}

/// The list at a place of a JSON value.
fn list<'v>(value: &'v Value, place: &str) -> &'v [Value] {
    value
        .pointer(place)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// A moment, as a number or as its digits: of seconds, or where it is that large, of milliseconds.
fn moment(value: Option<&Value>) -> Option<Timestamp> {
    let value = value?;
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    if number > 100_000_000_000 {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_second(number).ok()
    }
}

/// A place that was shared, in words.
fn place(name: Option<&str>, address: Option<&str>, coordinates: (&Value, &Value)) -> String {
    let (latitude, longitude) = coordinates;
    let coordinates = format!("{latitude}, {longitude}");
    let lines = [name, address, Some(&coordinates)];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}
