//! `POST /conversations/messages/upload`: keeps files, and answers with the links under which they can be sent.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use futures_util::TryStreamExt;
use inlet_core::links::HandedIn;
use inlet_highlevel::{
    fault::Fault,
    upload::{FIELD, Form, MOST_BYTES, MOST_FILES, Uploaded, no_form, too_large},
};
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::{Api, caller::Needs, get_conversation::find, take_in::SCOPE, visit::Visit};

const NEEDS: Needs = Needs {
    scope: SCOPE,
    version: true,
};
/// Bytes of the form beside its files, at most.
const REST: usize = 64 * 1024;

pub(super) async fn handle(State(api): State<Api>, request: Request) -> Response {
    let mut visit = Visit::open(&api);
    let outcome = work(&mut visit, request).await;
    visit.close(StatusCode::OK, outcome)
}

async fn work(visit: &mut Visit<'_>, request: Request) -> Result<Uploaded, Fault> {
    let ports = visit.api.ports();
    let (head, body) = request.into_parts();
    let caller = visit.admit(&head, &NEEDS).await?;
    let form = read(&head.headers, body).await?;
    let key = form.check(caller.location()?, &ports.ids)?;
    find(ports, &caller, &ports.ids.conversation(key)).await?;
    let mut uploaded_files = BTreeMap::new();
    for (name, bytes) in form.files {
        let file = HandedIn {
            location: caller.location,
            blob: ports.blobs.put(caller.location, bytes).await?,
            name: name.clone(),
        };
        uploaded_files.insert(name, ports.links.file_url(&file));
    }
    Ok(Uploaded { uploaded_files })
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Form, Fault> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|_| no_form())?;
    let sizes = SizeLimit::new()
        .whole_stream(most(MOST_FILES * MOST_BYTES + REST))
        .per_field(most(REST))
        .for_field(FIELD, most(MOST_BYTES));
    let constraints = Constraints::new().size_limit(sizes);
    let mut parts = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        take(&mut form, part).await?;
    }
    Ok(form)
}

async fn take(form: &mut Form, mut part: Field<'_>) -> Result<(), Fault> {
    let name = part.name().unwrap_or_default().to_owned();
    if name == FIELD {
        let file = part.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(|error| broken(&error))? {
            bytes.extend_from_slice(&chunk);
        }
        return form.add(&file, bytes);
    }
    let text = part.text().await.map_err(|error| broken(&error))?;
    let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    match name.as_str() {
        "locationId" => form.location = text,
        "contactId" => form.contact = text,
        "conversationId" => form.conversation = text,
        _ => {}
    }
    Ok(())
}

fn most(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// What is wrong with a form that cannot be read to its end.
fn broken(error: &multer::Error) -> Fault {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => too_large(),
        multer::Error::StreamReadFailed(_) => Fault::too_slow(),
        _ => Fault::upload(
            400,
            "the form cannot be read: each part needs its headers, and the last one its end",
        ),
    }
}
