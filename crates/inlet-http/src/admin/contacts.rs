//! Contacts that turn out to be one person, and those that turn out to be two after all.

use axum::{Json, Router, extract::State, routing::post};
use inlet_core::{
    change::Change,
    contact::ContactChange,
    ids::{ContactKey, IdKind, LocationKey},
};
use serde::{Deserialize, Serialize};

use super::{
    fault::{Answer, Fault},
    find,
    input::Input,
};
use crate::state::{Shared, State as Ports};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/contacts/merge", post(merge))
        .route("/contacts/unmerge", post(unmerge))
}

#[derive(Deserialize)]
struct Two {
    location: String,
    contact: String,
    into: String,
}

#[derive(Deserialize)]
struct One {
    location: String,
    contact: String,
}

/// The contact that answers now, and its conversation.
#[derive(Serialize)]
struct Answers {
    #[serde(rename = "contact_id")]
    contact: String,
    #[serde(rename = "conversation_id")]
    conversation: String,
    /// Whether that was so before.
    repeated: bool,
}

async fn merge(State(shared): State<Shared>, Input(two): Input<Two>) -> Answer<Answers> {
    let location = find::location(&shared.directory.registry(), &two.location)?.key;
    let change = ContactChange::Merge {
        contact: contact(&shared, &two.contact)?,
        into: contact(&shared, &two.into)?,
    };
    submit(&shared, location, change).await
}

async fn unmerge(State(shared): State<Shared>, Input(one): Input<One>) -> Answer<Answers> {
    let location = find::location(&shared.directory.registry(), &one.location)?.key;
    let change = ContactChange::Unmerge(contact(&shared, &one.contact)?);
    submit(&shared, location, change).await
}

fn contact(shared: &Ports, id: &str) -> Result<ContactKey, Fault> {
    let key = shared.ids.decode(IdKind::Contact, id);
    let key = key.ok_or_else(|| Fault::missing("there is no such contact or conversation at this location"))?;
    Ok(ContactKey(key))
}

async fn submit(shared: &Ports, location: LocationKey, change: ContactChange) -> Answer<Answers> {
    let answered = shared
        .intake
        .submit(vec![Change::contact(location, change)])
        .await
        .pop();
    let receipt = answered.ok_or_else(|| Fault::unavailable("the store gave no answer: try again"))??;
    Ok(Json(Answers {
        contact: shared.ids.contact(receipt.contact),
        conversation: shared.ids.conversation(receipt.contact),
        repeated: receipt.repeated,
    }))
}
