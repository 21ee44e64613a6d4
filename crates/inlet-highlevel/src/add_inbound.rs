//! `POST /conversations/messages/inbound`: from its body to a change in our words, or to the sentences that say what is
//! wrong with it.

use inlet_core::{
    address::{EmailAddress, Identity, Phone},
    change::{Change, What},
    channel::{Channel, Direction},
    clock::Millis,
    ids::{ContactKey, IdCodec, IdKind, MessageKey, ProviderKey},
    inbound::{Attachment, Detail, Email, Inbound, MediaState, Person, Who},
    registry::{Location, Registry},
    seen::{SeenKey, SeenKind, fingerprint},
};

mod body;
#[cfg(test)]
mod tests;

pub(crate) use body::{Body, Named, read_attachments, read_date, read_links};

use crate::{fault::Fault, message_type::RequestType};

/// Letters that an `Idempotency-Key` may have.
const KEY_LENGTH: usize = 255;

/// What a request is read against: where its token belongs, and what there is.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    /// The location of the token.
    pub location: &'a Location,
    /// Who owns what.
    pub registry: &'a Registry,
    /// Turns ids into keys.
    pub ids: &'a IdCodec,
    /// The `Idempotency-Key` header, where one came.
    pub idempotency_key: Option<&'a str>,
}

/// Reads the body of `POST /conversations/messages/inbound`.
pub fn read(door: &Door<'_>, body: &[u8]) -> Result<Change, Fault> {
    door.change(Body::read(body)?)
}

/// Reads the body of `POST /conversations/messages/outbound`: a phone call, whatever direction it names.
pub fn read_outbound_call(door: &Door<'_>, body: &[u8]) -> Result<Change, Fault> {
    let mut body = Body::read(body)?;
    if body.kind != RequestType::Call {
        return Err(Fault::unprocessable(vec!["type must be Call".to_owned()]));
    }
    body.direction = Direction::Outbound;
    door.change(body)
}

impl Door<'_> {
    /// The change that a well-formed body asks for.
    pub(crate) fn change(&self, mut body: Body) -> Result<Change, Fault> {
        let keys = self.keys(body.alt_id.take())?;
        let (provider, channel) = self.provider(body.kind, body.provider_id.as_deref())?;
        let who = self.who(&body)?;
        let answered = body.email_message_id.as_deref().filter(|_| channel.is_email());
        let reply_to = answered.map(|id| self.mail(id)).transpose()?;
        let inbound = inbound(body, channel, who, reply_to);
        Ok(Change {
            location: self.location.key,
            provider,
            keys,
            fingerprint: meaning(&inbound),
            what: What::Message(Box::new(inbound)),
        })
    }

    /// What makes the message itself: the sender's id for it, and the key of the request.
    fn keys(&self, alt_id: Option<String>) -> Result<Vec<SeenKey>, Fault> {
        let mut keys: Vec<_> = alt_id.map(SeenKey::message).into_iter().collect();
        if let Some(key) = self.idempotency_key {
            if key.is_empty() || key.len() > KEY_LENGTH {
                let sentence = format!("Idempotency-Key must be 1 to {KEY_LENGTH} characters long");
                return Err(Fault::unprocessable(vec![sentence]));
            }
            keys.push(SeenKey {
                kind: SeenKind::Idempotency,
                id: key.to_owned(),
            });
        }
        Ok(keys)
    }

    /// The provider it came by, and the channel that the two make: `docs/ConversationProviders.md` of HighLevel's
    /// repository, and what its API does in practice.
    fn provider(&self, kind: RequestType, id: Option<&str>) -> Result<(ProviderKey, Channel), Fault> {
        let Some(id) = id else {
            let needs_one = if kind == RequestType::Call {
                Fault::call_needs_provider
            } else {
                Fault::custom_needs_provider
            };
            let channel = kind.builtin().ok_or_else(needs_one)?;
            return Ok((ProviderKey(channel.code()), channel));
        };
        let provider = self.registry.provider_by_id(self.location.key, id);
        let provider = provider.ok_or_else(Fault::unknown_provider)?;
        let channel = kind.at(&provider.kind).ok_or_else(Fault::provider_mismatch)?;
        Ok((provider.key, channel))
    }

    /// Whose it is. Our own `phone` and `email` count only where neither id is given.
    fn who(&self, body: &Body) -> Result<Who, Fault> {
        match &body.named {
            Named::Contact(id) => self.known(IdKind::Contact, id),
            Named::Conversation(id) => self.known(IdKind::Conversation, id),
            Named::Both { contact, conversation } => {
                match (
                    self.ids.decode(IdKind::Contact, contact),
                    self.ids.decode(IdKind::Conversation, conversation),
                ) {
                    (None, None) => Err(Fault::unknown_contact()),
                    (Some(one), Some(other)) if one == other => Ok(Who::Known(ContactKey(one))),
                    (Some(_), _) | (_, Some(_)) => Err(Fault::bad_request(
                        "contactId and conversationId do not belong together: send one of them, or the two of one contact.",
                    )),
                }
            }
            Named::Person { phone, email } => {
                let country = self.location.country.as_deref();
                person(phone.as_deref(), email.as_deref(), country)
            }
        }
    }

    fn known(&self, kind: IdKind, id: &str) -> Result<Who, Fault> {
        let key = self.ids.decode(kind, id).ok_or_else(Fault::unknown_contact)?;
        Ok(Who::Known(ContactKey(key)))
    }

    fn mail(&self, id: &str) -> Result<MessageKey, Fault> {
        let key = self.ids.decode(IdKind::Email, id).ok_or_else(Fault::unknown_email)?;
        Ok(MessageKey(key))
    }
}

/// The person that our own `phone` and `email` name. `country` serves numbers without a country code.
pub(crate) fn person(phone: Option<&str>, email: Option<&str>, country: Option<&str>) -> Result<Who, Fault> {
    let mut wrong = Vec::new();
    let mut identities = Vec::with_capacity(2);
    match phone.map(|raw| Phone::parse(raw, country)) {
        Some(Ok(phone)) => identities.push(Identity::phone(&phone)),
        Some(Err(why)) => wrong.push(format!("phone cannot be used: {why}")),
        None => {}
    }
    match email.map(EmailAddress::parse) {
        Some(Ok(email)) => identities.push(Identity::email(&email)),
        Some(Err(why)) => wrong.push(format!("email cannot be used: {why}")),
        None => {}
    }
    if wrong.is_empty() {
        Ok(Who::Person(Person { identities, name: None }))
    } else {
        Err(Fault::unprocessable(wrong))
    }
}

/// What a well-formed body says, in our words.
pub(crate) fn inbound(body: Body, channel: Channel, who: Who, reply_to: Option<MessageKey>) -> Inbound {
    let linked = |url| Attachment {
        url,
        content_type: None,
        state: MediaState::Linked,
    };
    let mut detail = Detail {
        attachments: body.attachments.into_iter().map(linked).collect(),
        source: body.source,
        ..Detail::default()
    };
    let mut text = body.message;
    if channel.is_email() {
        let html = body.html.is_some();
        text = body.html.or(text);
        (detail.from, detail.to) = (body.email_from, body.email_to);
        detail.email = Some(Email {
            subject: body.subject,
            html,
            cc: body.email_cc,
            bcc: body.email_bcc,
            reply_to,
            thread: None,
        });
    } else if channel.is_call() {
        let call = body.call.unwrap_or_default();
        detail.call = call.outcome(channel);
        (detail.from, detail.to) = (call.from, call.to);
    }
    fill_in_person(&mut detail, body.direction, &who);
    Inbound {
        channel,
        direction: body.direction,
        who,
        body: text,
        occurred_at: body.date,
        detail,
        files: Vec::new(),
        answers: Vec::new(),
    }
}

/// Shows the person's address as the sender's, or the receiver's of what went out, where the request names no other.
fn fill_in_person(detail: &mut Detail, direction: Direction, who: &Who) {
    let Who::Person(person) = who else { return };
    let place = match direction {
        Direction::Inbound => &mut detail.from,
        Direction::Outbound => &mut detail.to,
    };
    if place.is_none() {
        *place = person.identities.first().map(|identity| identity.value.clone());
    }
}

/// A digest of what a message says, however its JSON was written: to tell whether a repeat says the same.
pub(crate) fn meaning(inbound: &Inbound) -> i64 {
    let (contact, identities) = match &inbound.who {
        Who::Known(contact) => (Some(contact), None),
        Who::Person(person) => (None, Some(&person.identities)),
    };
    let said = (
        inbound.channel.code(),
        inbound.direction.code(),
        (contact, identities),
        &inbound.body,
        inbound.occurred_at.map(|at| Millis::from(at).0),
        &inbound.detail,
    );
    // Plain data with text keys only: it cannot fail to serialise.
    fingerprint(&serde_json::to_vec(&said).unwrap_or_default())
}
