//! What a person does with a conversation: read, unread, starred. Each goes through the one way in.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{Html, Redirect},
};
use inlet_core::{
    change::{Change, Mark},
    intake::Refusal,
};
use serde::Deserialize;

use super::{access::Viewer, cut::Cut, fault::Fault, find::find_conversation, inbox::drawn, render, thread::Tools};
use crate::state::Shared;

/// How a conversation is to be marked.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct MarkForm {
    #[serde(rename = "as")]
    mark: String,
}

/// `GET /l/{location}/c/{conversation}/tools`: what can be done with a conversation, after it changed.
pub(super) async fn tools(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    drawn(shared, location, (viewer, cut), move |setting| {
        render(&Tools::new(&view, setting))
    })
    .await
}

/// `POST /l/{location}/c/{conversation}/mark`: opening does not mark as read, only this does.
pub(super) async fn mark(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(cut): Query<Cut>,
    Form(form): Form<MarkForm>,
) -> Result<Redirect, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let mark = match form.mark.as_str() {
        "read" => Mark::Read,
        "unread" => Mark::Unread,
        "starred" => Mark::Starred,
        "unstarred" => Mark::Unstarred,
        _ => return Err(Fault::NotFound),
    };
    let marked = shared.intake.submit(vec![Change::mark(location.key, view.key, mark)]);
    match marked.await.pop() {
        Some(Ok(_)) => {
            let query = cut.with(&[]);
            Ok(Redirect::to(&format!("/l/{}/c/{conversation}{query}", location.id)))
        }
        Some(Err(Refusal::NoSuchContact)) => Err(Fault::NotFound),
        Some(Err(_)) | None => Err(Fault::Store),
    }
}
