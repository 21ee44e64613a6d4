//! ClickSend: incoming SMS, as JSON, as a form or in a query, as its rule `webhook_type` says.
//!
//! Foreign rules: `developers.clicksend.com/docs/automations/sms`, and what ClickSend's own n8n integration reads. ClickSend
//! signs nothing and sends no secret, so the unguessable address is the only proof there is; the account it names is
//! checked as well, by the routing to its provider.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Item, ItemError, ItemOutcome, Rejection, Reply, Scenario, Target, Verified, WebhookRequest,
        without_template,
    },
    channel::{Channel, Direction},
    inbound::{Detail, Inbound, Person, Strength, Who},
    listing::Lister,
    registry::Endpoint,
    secret::Secret,
    seen::SeenKey,
};

use crate::{
    form::Form,
    reply,
    said::{LONGEST_ID, digest, international, problem, texter},
};

mod list;
mod sample;

/// Speaks ClickSend's language.
#[derive(Clone, Copy, Debug)]
pub struct ClickSend;

impl Adapter for ClickSend {
    fn name(&self) -> &'static str {
        "clicksend"
    }

    fn title(&self) -> &'static str {
        "ClickSend"
    }

    fn advice(&self) -> &'static str {
        "At ClickSend, paste it into an inbound SMS rule with the action URL, and keep it to yourself: it is the only proof \
         there is."
    }

    fn proves_origin(&self) -> bool {
        false
    }

    fn check(&self, endpoint: &Endpoint) -> Result<(), String> {
        without_template(self.title(), endpoint)?;
        let opens = |secret: &Secret| secret.expose_text().is_some_and(|text| text.starts_with(list::API));
        if !endpoint.unsigned && endpoint.secrets.iter().all(opens) {
            return Ok(());
        }
        Err("ClickSend neither signs its webhooks nor sends a secret: leave out --unsigned, and any secret but the key of \
             its API, written api:USERNAME:KEY, with which missed messages are listed"
            .to_owned())
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::Sms]
    }

    fn claims(&self, request: &WebhookRequest) -> Option<Claim> {
        fields(request).map(|form| claim(&form))
    }

    fn prove(&self, request: &WebhookRequest, _endpoint: &Endpoint, _now: Timestamp) -> Result<Strength, Rejection> {
        let strength = fields(request).map(|_| Strength::UrlToken);
        strength.ok_or_else(|| {
            Rejection::NotOurs("it is neither a JSON object nor a form in UTF-8, as ClickSend sends".to_owned())
        })
    }

    fn parse(&self, verified: &Verified<'_>, _endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        let form = fields(verified.request).unwrap_or_default();
        vec![read(&form, verified.strength)]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        // When ClickSend comes again is published nowhere; what it was not told of stays in its list of inbound SMS.
        if reply::store_is_down(outcomes) {
            reply::again()
        } else {
            reply::ok()
        }
    }

    fn scenarios(&self) -> &'static [&'static str] {
        &["form", "get"]
    }

    fn lister(&self) -> Option<&'static dyn Lister> {
        Some(&list::InboundSms)
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        sample::make(scenario, at, now)
    }
}

/// The fields, by whichever way the rule at ClickSend sends them.
fn fields(request: &WebhookRequest) -> Option<Form> {
    if request.raw.method == "GET" {
        let (_, query) = request.raw.target.split_once('?').unwrap_or_default();
        return Form::decode(query.as_bytes());
    }
    let body = &request.raw.body;
    // Told by its first byte: what the header says has been wrong.
    if body.trim_ascii_start().starts_with(b"{") {
        return Form::of_json(body);
    }
    Form::decode(body)
}

fn claim(form: &Form) -> Claim {
    let account = match (form.get("user_id"), form.get("subaccount_id")) {
        (Some(user), Some(subaccount)) => format!("{user}/{subaccount}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        // ClickSend always names it: without it, the message is for no account that a provider may have.
        (None, None) => String::new(),
    };
    Claim {
        account: Some(account),
        number: first(form, &["to", "originalsenderid"]).map(international),
    }
}

fn read(form: &Form, strength: Strength) -> Result<Item, ItemError> {
    let id = first(form, &["message_id", "messageid"]).ok_or_else(|| {
        problem(
            "it has no message_id, so it is not a message: this address is for an inbound SMS rule with the action URL",
        )
    })?;
    if id.len() > LONGEST_ID {
        return Err(problem("its message_id is longer than any that ClickSend gives"));
    }
    let body = first(form, &["body", "message"]);
    if body.is_none() && form.get("status").is_some() {
        return Err(problem(
            "it tells how a message that was sent stands (a delivery receipt), and brings no new one: this address is \
             for inbound SMS",
        ));
    }
    let sender = first(form, &["from", "sms"]).ok_or_else(|| problem("it has no from"))?;
    let (from, to) = (
        international(sender),
        first(form, &["to", "originalsenderid"]).map(international),
    );
    let said = [&from, to.as_deref().unwrap_or_default(), body.unwrap_or_default()];
    Ok(Item {
        to: claim(form),
        key: SeenKey::message(id),
        replay: None,
        fingerprint: digest(said),
        inbound: Inbound {
            channel: Channel::Sms,
            direction: Direction::Inbound,
            who: Who::Person(Person {
                identities: vec![texter(&from)],
                name: None,
            }),
            body: body.map(ToOwned::to_owned),
            occurred_at: first(form, &["timestamp", "timestamp_send"]).and_then(moment),
            detail: Detail {
                from: Some(from),
                to,
                verified: Some(strength),
                ..Detail::default()
            },
            files: Vec::new(),
            answers: Vec::new(),
        },
    })
}

/// The first of these fields that says something: newer and older spellings of one thing.
fn first<'f>(form: &'f Form, names: &[&str]) -> Option<&'f str> {
    names.iter().find_map(|name| form.get(name))
}

/// Seconds since 1970. Another time is none: then the time of arrival counts.
fn moment(seconds: &str) -> Option<Timestamp> {
    Timestamp::from_second(seconds.parse().ok()?).ok()
}
