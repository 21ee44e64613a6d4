//! A vendor with a language of one line a message, signed by naming the secret: the doors do not know the difference.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Item, ItemError, ItemOutcome, Moment, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest,
    },
    address::Identity,
    channel::{Channel, Direction},
    inbound::{Detail, Inbound, Person, Strength, Who},
    intake::Refusal,
    registry::Endpoint,
    seen::{SeenKey, fingerprint},
};

/// Lines of `account number id text`; `-` for an account or number that is not said.
#[derive(Debug)]
pub(crate) struct PlainVendor;

impl Adapter for PlainVendor {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn title(&self) -> &'static str {
        "Plain"
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Sms]
    }

    fn claims(&self, request: &WebhookRequest) -> Option<Claim> {
        claim(std::str::from_utf8(&request.raw.body).ok()?.lines().next()?)
    }

    fn handshake(&self, request: &WebhookRequest, endpoint: &Endpoint, _at: &Moment<'_>) -> Option<Reply> {
        let (_, word) = request.raw.target.split_once("?hello=")?;
        let known = inlet_core::secret::Secret::new(word) == endpoint.token;
        Some(Reply {
            status: if known { 200 } else { 403 },
            content_type: None,
            body: String::new(),
        })
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, _now: Timestamp) -> Result<Strength, Rejection> {
        let Some(secret) = request.header("x-secret") else {
            return Err(Rejection::Missing("no secret".to_owned()));
        };
        let fits = |own: &inlet_core::secret::Secret| own.expose() == secret.as_bytes();
        if !endpoint.secrets.iter().any(fits) {
            return Err(Rejection::Forged(format!("the secret does not fit {}", request.url())));
        }
        Ok(Strength::Secret)
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        let body = String::from_utf8_lossy(&verified.request.raw.body).into_owned();
        body.lines().map(item).collect()
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        let again = |outcome: &ItemOutcome| matches!(outcome, ItemOutcome::Refused(Refusal::Unavailable(_)));
        Reply {
            status: if outcomes.iter().any(again) { 503 } else { 200 },
            content_type: Some("text/xml"),
            body: "<Response/>".to_owned(),
        }
    }

    fn sample(&self, _scenario: &Scenario, _at: &Target<'_>, _now: Timestamp) -> WebhookRequest {
        WebhookRequest::default()
    }
}

fn claim(line: &str) -> Option<Claim> {
    let mut words = line.split(' ');
    let mut said = || {
        words
            .next()
            .map(|word| Some(word.to_owned()).filter(|word| word != "-"))
    };
    let (account, number) = (said()?, said()?);
    Some(Claim { account, number })
}

fn item(line: &str) -> Result<Item, ItemError> {
    let error = || ItemError("a line has four words".to_owned());
    let to = claim(line).ok_or_else(error)?;
    let mut words = line.splitn(4, ' ').skip(2);
    let (id, text) = words.next().zip(words.next()).ok_or_else(error)?;
    Ok(Item {
        to,
        key: SeenKey::message(id),
        replay: None,
        fingerprint: fingerprint(text.as_bytes()),
        inbound: Inbound {
            channel: Channel::Sms,
            direction: Direction::Inbound,
            who: Who::Person(Person {
                identities: vec![Identity::page("page", "person")],
                name: None,
            }),
            body: Some(text.to_owned()),
            occurred_at: None,
            detail: Detail::default(),
            files: Vec::new(),
            answers: Vec::new(),
        },
    })
}
