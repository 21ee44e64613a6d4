//! Everything that is kept of one person, as one JSON document: the contact as the API shows it, and each message.

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::header;
use inlet_core::{
    ids::{ContactKey, MessageKey},
    inbox::MessageQuery,
    registry::Location,
};
use inlet_highlevel::{contacts::ContactJson, read::Reader};

use super::super::{access::Viewer, fault::Fault, find::find_conversation};
use crate::state::Shared;

/// Messages that are read in one go, so that nobody's whole conversation has to fit into memory.
const STRETCH: usize = 200;

/// How far it has come.
enum Step {
    Head(Bytes),
    Messages(Option<MessageKey>, bool),
    End,
}

/// `GET /l/{location}/c/{conversation}/export`
pub(in super::super) async fn export(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    _: Viewer,
) -> Result<Response, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let contact = super::contact(&shared, &location, &view).await?;
    let json = ContactJson::new(&contact, &location.id, &shared.ids);
    let json = serde_json::to_string(&json).map_err(|_| Fault::Store)?;
    let head = Step::Head(Bytes::from(format!("{{\"contact\":{json},\"messages\":[")));
    let name = format!("attachment; filename=\"person-{conversation}.json\"");
    let parts = stream::try_unfold(head, move |step| {
        let (shared, location) = (Shared::clone(&shared), location.clone());
        async move { go_on(&shared, &location, view.key, step).await }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

async fn go_on(
    shared: &Shared,
    location: &Location,
    contact: ContactKey,
    step: Step,
) -> Result<Option<(Bytes, Step)>, std::io::Error> {
    let (before, first) = match step {
        Step::Head(bytes) => return Ok(Some((bytes, Step::Messages(None, true)))),
        Step::Messages(before, first) => (before, first),
        Step::End => return Ok(None),
    };
    let query = MessageQuery {
        location: location.key,
        contact,
        before,
        channels: Vec::new(),
        limit: STRETCH,
    };
    // An export that breaks off is no JSON: whoever reads it sees that it is not whole.
    let page = shared.inbox.messages(&query).await.map_err(std::io::Error::other)?;
    let registry = shared.directory.registry();
    let reader = Reader {
        location,
        registry: &registry,
        ids: &shared.ids,
        links: &shared.links,
    };
    let mut text = String::new();
    for message in &page.messages {
        if !(first && text.is_empty()) {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(&reader.message(message).flat)?);
    }
    let next = if let Some(last) = page.messages.last().filter(|_| page.more) {
        Step::Messages(Some(last.key), false)
    } else {
        text.push_str("]}\n");
        Step::End
    };
    Ok(Some((Bytes::from(text), next)))
}
