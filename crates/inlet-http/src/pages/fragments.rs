//! Parts of the inbox that the script asks for when something changed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
};
use http::StatusCode;
use inlet_core::inbox::ConversationQuery;

use super::{
    access::Viewer,
    bubble::Bubble,
    cut::Cut,
    fault::Fault,
    find::{find_conversation, find_location, message_key, messages},
    inbox::{asked, conversations, draw_head, drawn},
    inspect::{Inspector, gather},
    render,
    row::Row,
    thread::below,
};
use crate::state::Shared;

/// Some messages of a thread.
#[derive(Debug, Template)]
#[template(path = "bubbles.html")]
struct Bubbles {
    bubbles: Vec<Bubble>,
}

/// `GET /l/{location}/rows/{conversation}`: one row of the list, or 204 where it is not in the part that is shown.
pub(super) async fn row(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Response, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let query = ConversationQuery {
        contact: Some(view.key),
        ..ConversationQuery::newest(location.key, 1)
    };
    let asked = asked(&shared, &location, (&viewer, &cut), query);
    let (views, _) = conversations(&shared, asked.people.as_ref()).await?;
    let Some(view) = views.into_iter().next() else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    drawn(shared, location, (viewer, cut), move |setting| {
        render(&Row::new(&view, None, setting)).into_response()
    })
    .await
}

/// `GET /l/{location}/tabs`: what stands above the list.
pub(super) async fn tabs(
    State(shared): State<Shared>,
    Path(location): Path<String>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let location = find_location(&shared, &location)?;
    let query = ConversationQuery::newest(location.key, 0);
    let asked = asked(&shared, &location, (&viewer, &cut), query);
    let (_, total) = conversations(&shared, asked.people.as_ref()).await?;
    let tallies = shared.inbox.tallies(location.key).await?;
    drawn(shared, location, (viewer, cut), move |setting| {
        let here = format!("/l/{}", setting.location.id);
        render(&draw_head(&here, total, tallies, setting))
    })
    .await
}

/// `GET /l/{location}/c/{conversation}/after/{message}`: what came below a message, or 205 where the page must be drawn
/// anew because something came in between, or too much.
pub(super) async fn after(
    State(shared): State<Shared>,
    Path((location, conversation, message)): Path<(String, String, String)>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Response, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let last = message_key(&shared, &message)?;
    let newest = messages(&shared, &location, view.key, None).await?.messages;
    let Some(last) = newest.iter().find(|message| message.key == last).cloned() else {
        return Ok(StatusCode::RESET_CONTENT.into_response());
    };
    drawn(shared, location, (viewer, cut), move |setting| {
        match below(newest, &last, setting) {
            Some(bubbles) => render(&Bubbles { bubbles }).into_response(),
            None => StatusCode::RESET_CONTENT.into_response(),
        }
    })
    .await
}

/// `GET /l/{location}/c/{conversation}/m/{message}`: one message, after it changed.
pub(super) async fn message(
    State(shared): State<Shared>,
    Path((location, conversation, message)): Path<(String, String, String)>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let key = message_key(&shared, &message)?;
    let found = shared.inbox.message(location.key, key).await?;
    let found = found.filter(|found| found.contact == view.key).ok_or(Fault::NotFound)?;
    drawn(shared, location, (viewer, cut), move |setting| {
        let bubbles = vec![Bubble::new(&found, None, setting)];
        render(&Bubbles { bubbles })
    })
    .await
}

/// `GET /l/{location}/c/{conversation}/m/{message}/inspect`: what became of one message, as it stands now.
pub(super) async fn inspect(
    State(shared): State<Shared>,
    Path((location, conversation, message)): Path<(String, String, String)>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let gathered = gather(&shared, &location, &view, message_key(&shared, &message)?).await?;
    drawn(shared, location, (viewer, cut), move |setting| {
        render(&Inspector::new(&gathered, setting))
    })
    .await
}
