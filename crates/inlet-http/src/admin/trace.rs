//! The whole life of a message: found by phone number, e-mail address, the vendor's id, its own id or its webhook's id;
//! told from its arrival to the last attempt of each of its deliveries.

use axum::{Json, Router, extract::State, routing::get};
use inlet_core::{
    address::{EmailAddress, Phone},
    ids::{ContactKey, DeliveryKey, IdKind, LocationKey, MessageKey},
    inbound::{MediaState, Strength},
    inbox::MessageQuery,
    message::Message,
    outbox::DeliveryQuery,
    registry::Location,
};
use serde::{Deserialize, Serialize};

use super::{
    deliveries::{self, AttemptView},
    fault::{Answer, Fault},
    find,
    input::{Asked, stamp, word},
};
use crate::state::{Shared, State as Ports};

/// Messages of one contact that are told, newest first, unless asked otherwise, and at most.
const MESSAGES: usize = 20;
const MOST: usize = 500;
/// Deliveries of one message that are told.
const DELIVERIES: usize = 50;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/trace", get(trace))
}

#[derive(Deserialize)]
struct Which {
    what: String,
    location: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Traced {
    /// Of how many messages of one contact is told: there may be more where so many are told.
    limit: usize,
    messages: Vec<Life>,
}

#[derive(Serialize)]
struct Life {
    id: String,
    external_id: Option<String>,
    location: String,
    conversation_id: String,
    contact_id: String,
    provider_id: String,
    sequence: i64,
    direction: String,
    channel: String,
    status: String,
    verified: &'static str,
    body: Option<String>,
    attachments: Vec<File>,
    occurred_at: String,
    recorded_at: String,
    deliveries: Vec<Told>,
}

#[derive(Serialize)]
struct File {
    url: String,
    state: String,
}

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    delivery: deliveries::View,
    tries: Vec<AttemptView>,
}

async fn trace(State(shared): State<Shared>, Asked(which): Asked<Which>) -> Answer<Traced> {
    let registry = shared.directory.registry();
    let locations: Vec<&Location> = match &which.location {
        Some(id) => vec![find::location(&registry, id)?],
        None => registry.locations().iter().collect(),
    };
    let limit = which.limit.unwrap_or(MESSAGES).clamp(1, MOST);
    let mut messages = Vec::new();
    for location in locations {
        for message in found(&shared, location, which.what.trim(), limit).await? {
            messages.push(life(&shared, location, message).await?);
        }
    }
    if messages.is_empty() {
        return Err(Fault::missing(
            "nothing is recorded under this: `inlet request list` shows what arrived and was not believed or understood",
        ));
    }
    Ok(Json(Traced { limit, messages }))
}

/// The messages of one location that `what` may name.
async fn found(shared: &Ports, location: &Location, what: &str, limit: usize) -> Result<Vec<Message>, Fault> {
    if let Some(key) = named_message(shared, what).await? {
        return Ok(shared.inbox.message(location.key, key).await?.into_iter().collect());
    }
    if let Some(key) = named_contact(shared, what) {
        return latest(shared, location.key, key, limit).await;
    }
    let by_vendor = shared.inbox.by_external_id(location.key, what).await?;
    if !by_vendor.is_empty() {
        return Ok(by_vendor);
    }
    let mut messages = Vec::new();
    for contact in shared.inbox.by_identity(location.key, &normal(location, what)).await? {
        messages.extend(latest(shared, location.key, contact, limit).await?);
    }
    Ok(messages)
}

/// The message behind one of our own ids: its own, its mail's, its event's or one of its deliveries'.
async fn named_message(shared: &Ports, what: &str) -> Result<Option<MessageKey>, Fault> {
    let mut direct = [IdKind::Message, IdKind::Email].into_iter();
    if let Some(key) = direct.find_map(|kind| shared.ids.decode(kind, what)) {
        return Ok(Some(MessageKey(key)));
    }
    let event = shared.ids.decode_webhook(what).map(|event| event.0);
    let Some(key) = event.or_else(|| shared.ids.decode(IdKind::Delivery, what)) else {
        return Ok(None);
    };
    let shown = shared.outbox.show(DeliveryKey(key)).await?;
    Ok(shown.and_then(|(delivery, _, _)| delivery.message))
}

fn named_contact(shared: &Ports, what: &str) -> Option<ContactKey> {
    let mut kinds = [IdKind::Contact, IdKind::Conversation].into_iter();
    kinds.find_map(|kind| shared.ids.decode(kind, what)).map(ContactKey)
}

async fn latest(
    shared: &Ports,
    location: LocationKey,
    contact: ContactKey,
    limit: usize,
) -> Result<Vec<Message>, Fault> {
    let query = MessageQuery {
        location,
        contact,
        before: None,
        channels: Vec::new(),
        limit,
    };
    Ok(shared.inbox.messages(&query).await?.messages)
}

/// A number or address in the form in which it is stored; anything else as it is.
fn normal(location: &Location, what: &str) -> String {
    if let Ok(email) = EmailAddress::parse(what) {
        return email.as_str().to_owned();
    }
    match Phone::parse(what, location.country.as_deref()) {
        Ok(phone) => phone.as_str().to_owned(),
        Err(_) => what.to_owned(),
    }
}

async fn life(shared: &Ports, location: &Location, message: Message) -> Result<Life, Fault> {
    let registry = shared.directory.registry();
    let provider = registry.provider(location.key, message.provider);
    Ok(Life {
        deliveries: told(shared, &message).await?,
        id: shared.ids.message(message.key),
        location: location.id.clone(),
        conversation_id: shared.ids.conversation(message.contact),
        contact_id: shared.ids.contact(message.contact),
        provider_id: provider.map(|found| found.id).unwrap_or_default(),
        sequence: message.seq,
        direction: word(&message.direction),
        channel: word(&message.channel),
        status: word(&message.status),
        verified: message
            .detail
            .verified
            .map_or("by an API token or the command line", Strength::words),
        attachments: message
            .detail
            .attachments
            .into_iter()
            .map(|file| File {
                url: file.url,
                state: file_state(&file.state),
            })
            .collect(),
        external_id: message.external_id,
        body: message.body,
        occurred_at: stamp(message.occurred_at),
        recorded_at: stamp(message.created_at),
    })
}

fn file_state(state: &MediaState) -> String {
    match state {
        MediaState::Linked => "linked".to_owned(),
        MediaState::Pending => "to be fetched".to_owned(),
        MediaState::Kept { size, content_type, .. } => format!("kept, {size} bytes of {content_type}"),
        MediaState::Failed { reason } => format!("not fetched: {reason}"),
    }
}

async fn told(shared: &Ports, message: &Message) -> Result<Vec<Told>, Fault> {
    let query = DeliveryQuery {
        location: Some(message.location),
        message: Some(message.key),
        limit: DELIVERIES,
        ..DeliveryQuery::default()
    };
    let mut deliveries = Vec::new();
    for delivery in shared.outbox.list(&query).await? {
        let shown = shared.outbox.show(delivery.key).await?;
        let tries = shown.map(|(_, _, attempts)| attempts).unwrap_or_default();
        deliveries.push(Told {
            delivery: deliveries::view(shared, &delivery),
            tries: tries.into_iter().map(deliveries::attempt).collect(),
        });
    }
    Ok(deliveries)
}
