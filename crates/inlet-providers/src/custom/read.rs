//! What a verified request of one's own says: in HighLevel's words, or as a template reads it.

use inlet_core::{
    Timestamp,
    adapter::{Claim, Item, ItemError, Verified, WebhookRequest},
    address::{EmailAddress, Identity, IdentityKind, Phone},
    channel::Direction,
    inbound::{Attachment, Detail, Email, Inbound, Person, Strength, Who},
    registry::Endpoint,
    seen::SeenKey,
};
use inlet_highlevel::webhook;
use serde_json::{Map, Value};

use super::{
    path::Place,
    template::{Files, Form as Written, FromKind, Source, Template},
};
use crate::{
    form::Form,
    said::{LONGEST_ID, digest, file, international, problem, texter},
};

/// Messages in one request; more are refused, and none is lost: the sender sends them in parts.
const MOST_ITEMS: usize = 1_000;
/// Files of one message.
const MOST_FILES: usize = 20;

/// A message in one of HighLevel's two bodies.
pub(super) fn highlevel(verified: &Verified<'_>) -> Result<Item, ItemError> {
    let said = webhook::read(&verified.request.raw.body, None).map_err(problem)?;
    let id = said
        .external_id
        .or_else(|| request_id(verified.request))
        .ok_or_else(|| {
            problem(
                "it has no altId and no webhook-id, so that a repeat could not be told from a new message: send one",
            )
        })?;
    let mut inbound = said.inbound;
    inbound.detail.verified = Some(verified.strength);
    Ok(Item {
        to: Claim {
            account: None,
            number: inbound.detail.to.clone(),
        },
        key: SeenKey::message(checked(id)?),
        replay: signed_id(verified).map(SeenKey::replay),
        fingerprint: said.fingerprint,
        inbound,
    })
}

/// The messages that a template finds.
pub(super) fn by_template(
    template: &Template,
    verified: &Verified<'_>,
    endpoint: &Endpoint,
) -> Vec<Result<Item, ItemError>> {
    let top = match body(template.body, verified.request) {
        Ok(top) => top,
        Err(error) => return vec![Err(error)],
    };
    let whole = Place { top: &top, item: &top };
    let items: Vec<&Value> = match template.each.as_ref().map(|each| each.follow(whole)) {
        None => vec![&top],
        Some(Some(Value::Array(list))) => list.iter().collect(),
        Some(Some(one)) => vec![one],
        Some(None) => Vec::new(),
    };
    if items.len() > MOST_ITEMS {
        return vec![Err(problem(format!(
            "it brings more than {MOST_ITEMS} messages: send fewer at once"
        )))];
    }
    let reader = Reader {
        template,
        verified,
        endpoint,
        several: template.each.is_some(),
    };
    let places = items.into_iter().map(|item| Place { top: &top, item }).enumerate();
    places
        .filter(|(_, place)| template.wants(*place))
        .map(|(index, place)| reader.item(place, index))
        .collect()
}

fn body(written: Written, request: &WebhookRequest) -> Result<Value, ItemError> {
    match written {
        // The parser names what it expected and where, never what it found.
        Written::Json => serde_json::from_slice(&request.raw.body)
            .map_err(|error| problem(format!("its body is not valid JSON: {error}"))),
        Written::Form => {
            let query = request.raw.target.split_once('?').map(|(_, query)| query.as_bytes());
            let encoded = match request.raw.method.as_str() {
                "GET" => query.unwrap_or_default(),
                _ => &request.raw.body,
            };
            let form = Form::decode(encoded).ok_or_else(|| problem("its form is not in UTF-8"))?;
            Ok(Value::Object(fields(&form)))
        }
    }
}

/// A form as an object: a name that comes more than once becomes a list.
fn fields(form: &Form) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in form.fields() {
        match object.get_mut(name) {
            None => {
                object.insert(name.clone(), Value::from(value.as_str()));
            }
            Some(Value::Array(list)) => list.push(Value::from(value.as_str())),
            Some(one) => *one = Value::Array(vec![one.take(), Value::from(value.as_str())]),
        }
    }
    object
}

/// What the items of one request are read with.
struct Reader<'a> {
    template: &'a Template,
    verified: &'a Verified<'a>,
    endpoint: &'a Endpoint,
    several: bool,
}

impl Reader<'_> {
    /// What the sender signs once only.
    fn signed_once(&self) -> Option<String> {
        match (&self.template.signature, &self.template.jwt) {
            (Some(scheme), _) => scheme.once(self.verified.request).map(ToOwned::to_owned),
            (None, Some(_)) => None,
            (None, None) => signed_id(self.verified),
        }
    }

    fn item(&self, place: Place<'_>, index: usize) -> Result<Item, ItemError> {
        let template = self.template;
        let from = template.from.text(place);
        let from = from.ok_or_else(|| problem("nothing stands where the template looks for `from`"))?;
        let (identity, from) = self.sender(&from)?;
        let to = text(template.to.as_ref(), place).map(|to| match template.from_kind {
            FromKind::Phone => self.number(&to),
            FromKind::Email | FromKind::Id => to,
        });
        let key = SeenKey::message(self.id(place, index)?);
        let who = Person {
            identities: vec![identity],
            name: text(template.name.as_ref(), place),
        };
        let inbound = self.inbound(place, Who::Person(who), (from, to.clone()))?;
        let detail = &inbound.detail;
        let said = [&detail.from, &detail.to, &inbound.body].map(|part| part.as_deref().unwrap_or_default());
        Ok(Item {
            to: Claim {
                account: text(template.account.as_ref(), place),
                number: to,
            },
            key,
            replay: self.signed_once().map(|id| SeenKey::replay(self.of_item(id, index))),
            fingerprint: digest(said),
            inbound,
        })
    }

    fn inbound(&self, place: Place<'_>, who: Who, parties: (String, Option<String>)) -> Result<Inbound, ItemError> {
        let template = self.template;
        let unnamed = |what| problem(format!("the template names no {what} for what it says of itself"));
        let channel = template.channel.of(place).ok_or_else(|| unnamed("channel"))?;
        let direction = match &template.direction {
            None => Direction::Inbound,
            Some(choice) => choice.of(place).ok_or_else(|| unnamed("direction"))?,
        };
        let (from, to) = match direction {
            Direction::Inbound => (Some(parties.0), parties.1),
            // What went out went to whom the template finds, who is the contact all the same.
            Direction::Outbound => (parties.1, Some(parties.0)),
        };
        let html = text(template.html.as_ref(), place);
        let email = channel.is_email().then(|| Email {
            subject: text(template.subject.as_ref(), place),
            html: html.is_some(),
            ..Email::default()
        });
        let attachments = template.attachments.as_ref().map(|files| attachments(files, place));
        Ok(Inbound {
            channel,
            direction,
            who,
            body: html.or_else(|| text(template.text.as_ref(), place)),
            occurred_at: text(template.time.as_ref(), place).as_deref().and_then(moment),
            detail: Detail {
                from,
                to,
                attachments: attachments.unwrap_or_default(),
                email,
                verified: Some(self.verified.strength),
                ..Detail::default()
            },
            files: Vec::new(),
            answers: Vec::new(),
        })
    }

    fn id(&self, place: Place<'_>, index: usize) -> Result<String, ItemError> {
        let own = match &self.template.id {
            Some(source) => source.text(place),
            None => request_id(self.verified.request).map(|id| self.of_item(id, index)),
        };
        checked(own.ok_or_else(|| {
            problem(
                "it has no id, so that a repeat could not be told from a new message: let the template's `id` name one, \
                 or send a webhook-id",
            )
        })?)
    }

    /// The id of an item, from that of the request which may bring several.
    fn of_item(&self, id: String, index: usize) -> String {
        if self.several { format!("{id}/{index}") } else { id }
    }

    /// By what a sender is found, and how it is shown.
    fn sender(&self, raw: &str) -> Result<(Identity, String), ItemError> {
        match self.template.from_kind {
            FromKind::Phone => {
                let number = self.number(raw);
                Ok((texter(&number), number))
            }
            FromKind::Email => {
                let email =
                    EmailAddress::parse(raw).map_err(|why| problem(format!("its sender cannot be used: {why}")))?;
                Ok((Identity::email(&email), raw.to_owned()))
            }
            // The same id at another endpoint is another person's.
            FromKind::Id => Ok((
                Identity {
                    kind: IdentityKind::Opaque,
                    scope: format!("custom/{}", self.endpoint.key.0),
                    value: raw.to_owned(),
                },
                raw.to_owned(),
            )),
        }
    }

    /// A number in E.164, as far as it can be read with certainty.
    fn number(&self, raw: &str) -> String {
        let country = self.template.country.as_deref();
        match Phone::parse(raw, country) {
            Ok(phone) => phone.as_str().to_owned(),
            Err(_) => international(raw),
        }
    }
}

fn text(source: Option<&Source>, place: Place<'_>) -> Option<String> {
    source.and_then(|source| source.text(place))
}

fn attachments(files: &Files, place: Place<'_>) -> Vec<Attachment> {
    let list = files.list.0.iter().flat_map(|path| match path.follow(place) {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    });
    let read = |item| {
        let place = Place { top: place.top, item };
        let url = match &files.url {
            Some(path) => path.text(place),
            None => item.as_str().map(ToOwned::to_owned),
        };
        let content_type = files.content_type.as_ref().and_then(|path| path.text(place));
        Some(file(&url?, content_type.as_deref()))
    };
    list.take(MOST_FILES).filter_map(read).collect()
}

/// The id that a Standard Webhooks request has for itself, the same on each attempt, under the name that its signature
/// goes by.
fn request_id(request: &WebhookRequest) -> Option<String> {
    let svix = request.header("webhook-signature").is_none() && request.header("svix-signature").is_some();
    let id = request.header(if svix { "svix-id" } else { "webhook-id" });
    id.filter(|id| !id.is_empty()).map(ToOwned::to_owned)
}

/// The same where it is signed: whatever comes under it again is a repeat, even if it says something else.
fn signed_id(verified: &Verified<'_>) -> Option<String> {
    request_id(verified.request).filter(|_| verified.strength == Strength::SignedBody)
}

fn checked(id: String) -> Result<String, ItemError> {
    if id.len() > LONGEST_ID {
        return Err(problem(format!("its id is longer than {LONGEST_ID} bytes")));
    }
    Ok(id)
}

/// RFC 3339, or a number of seconds or milliseconds since 1970, told apart by its size. Another time is none: then the
/// time of arrival counts.
fn moment(text: &str) -> Option<Timestamp> {
    /// More seconds than this are in the year 5138, more milliseconds than this in 1973.
    const MOST_SECONDS: i64 = 100_000_000_000;
    match text.split('.').next().unwrap_or_default().parse::<i64>() {
        Ok(seconds) if seconds.abs() < MOST_SECONDS => Timestamp::from_second(seconds).ok(),
        Ok(millis) => Timestamp::from_millisecond(millis).ok(),
        Err(_) => text.trim().parse().ok(),
    }
}
