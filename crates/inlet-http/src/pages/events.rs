//! News while a page is open: server-sent events that only hint at what changed; the page asks for it.

use std::{convert::Infallible, future::ready, time::Duration};

use axum::{
    extract::{Path, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderName, header};
use inlet_core::ids::{IdCodec, LocationKey};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

use super::{access::Viewer, fault::Fault, find::find_location};
use crate::{live::News, state::Shared};

/// After how long a browser that lost its stream comes back.
const COMES_BACK: Duration = Duration::from_secs(2);
/// How often a quiet stream shows that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// `GET /l/{location}/events`
pub(super) async fn stream(
    State(shared): State<Shared>,
    Path(location): Path<String>,
    _: Viewer,
) -> Result<Response, Fault> {
    let location = find_location(&shared, &location)?.key;
    let place = shared.live.place().ok_or(Fault::Crowded)?;
    let news = news(BroadcastStream::new(shared.live.listen()), location, shared.ids.clone());
    // The place is the stream's: it is free again when the browser goes.
    let news = news.map(move |event| {
        let _ = &place;
        Ok::<_, Infallible>(event)
    });
    let news = news.take_until(shared.live.closed());
    let alive = KeepAlive::new().interval(SIGN_OF_LIFE);
    // A proxy that gathers the answer would keep the news back.
    let headers = [
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Sse::new(news).keep_alive(alive)).into_response())
}

fn news(
    all: impl Stream<Item = Result<News, BroadcastStreamRecvError>>,
    location: LocationKey,
    ids: IdCodec,
) -> impl Stream<Item = Event> {
    let hello = stream::once(ready(Event::default().event("hello").data("{}").retry(COMES_BACK)));
    let hints = all.filter_map(move |news| {
        ready(match news {
            Ok(news) => (news.location == location).then(|| hint(news, &ids)),
            // The page was too slow for us: it must look for itself.
            Err(BroadcastStreamRecvError::Lagged(_)) => Some(Event::default().event("gap").data("{}")),
        })
    });
    hello.chain(hints)
}

fn hint(news: News, ids: &IdCodec) -> Event {
    let message = news.message.map(|message| ids.message(message));
    let data = serde_json::json!({
        "conversation": ids.conversation(news.contact),
        "message": &message,
        "new": news.new,
    });
    let event = Event::default().event("message").data(data.to_string());
    // A message's id begins with its time, so ids of events order by time too.
    match message {
        Some(message) => event.id(message),
        None => event,
    }
}
