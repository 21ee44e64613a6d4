//! `GET /conversations/messages/{messageId}/locations/{locationId}/recording`, and the two forms of a transcription. A
//! recording that stayed with whoever sent it is answered with the way there, for nothing is fetched while somebody waits.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use inlet_core::{
    ids::IdKind,
    inbound::{Attachment, MediaState},
    message::Message,
};
use inlet_highlevel::{
    calls::{sentences, transcript},
    fault::Fault,
};

use super::{
    Api,
    caller::{Caller, Needs},
    named::Named,
    visit::Visit,
};
use crate::{media::kind, state::State as Ports};

const NEEDS: Needs = Needs {
    scope: "conversations/message.readonly",
    version: true,
};

/// What HighLevel says of recordings, whatever they are; ours say it where the bytes say nothing else.
const WAVE: &str = "audio/x-wav";

pub(super) async fn recording(
    State(api): State<Api>,
    Named((message, location)): Named<(String, String)>,
    request: Request,
) -> Response {
    let mut visit = Visit::open(&api);
    match find(&mut visit, (&location, &message), request).await {
        Ok((caller, message)) => {
            let sound = sound(api.ports(), &caller, &message).await;
            visit.pass_on(sound)
        }
        Err(fault) => visit.refuse(&fault),
    }
}

pub(super) async fn transcription(
    State(api): State<Api>,
    Named((location, message)): Named<(String, String)>,
    request: Request,
) -> Response {
    let mut visit = Visit::open(&api);
    let found = find(&mut visit, (&location, &message), request).await;
    // A list as the service answers; the specification has its one element.
    let said = found.and_then(|(_, message)| sentences(&message));
    visit.pass_on(said.map(|sentences| Json(sentences).into_response()))
}

pub(super) async fn transcription_file(
    State(api): State<Api>,
    Named((location, message)): Named<(String, String)>,
    request: Request,
) -> Response {
    let mut visit = Visit::open(&api);
    let found = find(&mut visit, (&location, &message), request).await;
    let text = found.and_then(|(_, message)| {
        let text = transcript(&message)?.to_owned();
        Ok(file(
            ("text/plain; charset=utf-8", "transcription.txt"),
            text.into_bytes(),
        ))
    });
    visit.pass_on(text)
}

/// The caller, and the message of that id at its location.
async fn find(
    visit: &mut Visit<'_>,
    (location, id): (&str, &str),
    request: Request,
) -> Result<(Caller, Message), Fault> {
    let ports = visit.api.ports();
    let caller = visit.admit(&request.into_parts().0, &NEEDS).await?;
    caller.owns(location)?;
    let message = caller.message(ports, IdKind::Message, id).await?;
    Ok((caller, message))
}

/// The first file of a call.
async fn sound(ports: &Ports, caller: &Caller, message: &Message) -> Result<Response, Fault> {
    let first = message.detail.attachments.first();
    let first = first.filter(|_| message.channel.is_call());
    let attachment = first.ok_or_else(Fault::no_recording)?;
    let Some(blob) = blob(ports, attachment) else {
        return elsewhere(attachment);
    };
    let bytes = ports.blobs.get(caller.location, &blob).await?;
    let bytes = bytes.ok_or_else(Fault::no_recording)?;
    let said = match kind(&bytes, true) {
        Some("audio/mpeg") => ("audio/mpeg", "audio.mp3"),
        Some("audio/ogg") => ("audio/ogg", "audio.ogg"),
        Some("audio/mp4") => ("audio/mp4", "audio.m4a"),
        Some(_) | None => (WAVE, "audio.wav"),
    };
    Ok(file(said, bytes))
}

/// Under what the bytes are kept, if they are here.
fn blob(ports: &Ports, attachment: &Attachment) -> Option<String> {
    match &attachment.state {
        MediaState::Kept { blob, .. } => Some(blob.clone()),
        MediaState::Linked => ports.links.own_file(&attachment.url).map(|file| file.blob),
        MediaState::Pending | MediaState::Failed { .. } => None,
    }
}

fn elsewhere(attachment: &Attachment) -> Result<Response, Fault> {
    match attachment.state {
        MediaState::Linked => {
            let place = HeaderValue::from_str(&attachment.url).map_err(|_| Fault::no_recording())?;
            Ok((StatusCode::FOUND, [(header::LOCATION, place)]).into_response())
        }
        MediaState::Pending | MediaState::Kept { .. } | MediaState::Failed { .. } => Err(Fault::no_recording()),
    }
}

/// A file to be kept by whoever asked.
fn file((kind, name): (&'static str, &str), bytes: Vec<u8>) -> Response {
    let manner = format!("Attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, manner),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}
