//! Records an inbound message that someone typed at the command line, by the same way in as every other.

use axum::{Json, Router, extract::State, routing::post};
use inlet_core::{
    address::{EmailAddress, Identity},
    change::{Change, What},
    channel::{Channel, Direction},
    ids::{ContactKey, IdKind, ProviderKey},
    inbound::{Detail, Email, Inbound, Person, Who},
    registry::Location,
    seen::fingerprint,
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::Input,
};
use crate::state::{Shared, State as Ports};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/receive", post(receive))
}

#[derive(Deserialize)]
struct New {
    location: String,
    contact: Option<String>,
    conversation: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    body: String,
}

#[derive(Serialize)]
struct Received {
    #[serde(rename = "message_id")]
    message: String,
    #[serde(rename = "contact_id")]
    contact: String,
    #[serde(rename = "conversation_id")]
    conversation: String,
}

async fn receive(State(shared): State<Shared>, Input(new): Input<New>) -> Answer<Received> {
    let registry = shared.directory.registry();
    let location = find::location(&registry, &new.location)?;
    let inbound = inbound(&shared, location, &new)?;
    let change = Change {
        location: location.key,
        provider: ProviderKey(inbound.channel.code()),
        keys: Vec::new(),
        fingerprint: fingerprint(new.body.as_bytes()),
        what: What::Message(Box::new(inbound)),
    };
    let answered = shared.intake.submit(vec![change]).await.pop();
    let receipt = answered.ok_or_else(|| Fault::unavailable("the store gave no answer: try again"))??;
    Ok(Json(Received {
        message: shared.ids.message(receipt.message),
        contact: shared.ids.contact(receipt.contact),
        conversation: shared.ids.conversation(receipt.contact),
    }))
}

fn inbound(shared: &Ports, location: &Location, new: &New) -> Result<Inbound, Fault> {
    let by_mail = new.email.is_some();
    Ok(Inbound {
        channel: if by_mail { Channel::Email } else { Channel::Sms },
        direction: Direction::Inbound,
        who: who(shared, location, new)?,
        body: Some(new.body.clone()).filter(|text| !text.is_empty()),
        occurred_at: None,
        detail: Detail {
            source: Some("command line".to_owned()),
            email: by_mail.then(Email::default),
            ..Detail::default()
        },
        files: Vec::new(),
        answers: Vec::new(),
    })
}

fn who(shared: &Ports, location: &Location, new: &New) -> Result<Who, Fault> {
    let person = |identity| {
        Ok(Who::Person(Person {
            identities: vec![identity],
            name: None,
        }))
    };
    match (&new.contact, &new.conversation, &new.phone, &new.email) {
        (Some(id), None, None, None) => known(shared, IdKind::Contact, id),
        (None, Some(id), None, None) => known(shared, IdKind::Conversation, id),
        (None, None, Some(raw), None) => person(Identity::phone(&find::phone(location, "--phone", raw)?)),
        (None, None, None, Some(raw)) => {
            let email = EmailAddress::parse(raw);
            let email = email.map_err(|reason| Fault::bad(format!("--email cannot be read: {reason}")))?;
            person(Identity::email(&email))
        }
        _ => Err(Fault::bad(
            "say whose message it is with one of --contact, --conversation, --phone and --email",
        )),
    }
}

fn known(shared: &Ports, kind: IdKind, id: &str) -> Result<Who, Fault> {
    let key = shared.ids.decode(kind, id);
    let key = key.ok_or_else(|| Fault::missing("there is no such contact or conversation at this location"))?;
    Ok(Who::Known(ContactKey(key)))
}
