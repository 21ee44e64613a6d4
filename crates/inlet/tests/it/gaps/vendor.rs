//! Vendors' APIs on loopback, with lists that page.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::header::{AUTHORIZATION, RETRY_AFTER},
    response::{IntoResponse, Response},
};
use inlet_core::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{ACCOUNT, OWN};

/// A vendor's API: it answers what the story says, and remembers what it was asked.
#[derive(Default)]
pub(super) struct Api {
    /// Every list there is, newest message first.
    pub(super) messages: Vec<Value>,
    /// What goes wrong with the next requests, where something does: a status, and in how many seconds it says to come again.
    pub(super) faults: VecDeque<Option<(u16, Option<&'static str>)>>,
    /// The targets, and what came to open them.
    pub(super) asked: Vec<(String, String)>,
}

pub(super) type Shared = Arc<Mutex<Api>>;

/// Serves an API on loopback until the test ends; its address.
pub(super) async fn serve(api: &Shared, answer: fn(&Api, &str) -> Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let handler = move |State(api): State<Shared>, request: Request| async move {
        let mut api = api.lock().unwrap();
        let target = request.uri().path_and_query().unwrap().to_string();
        let opened = request
            .headers()
            .get(AUTHORIZATION)
            .map(|value| value.to_str().unwrap().to_owned());
        api.asked.push((target.clone(), opened.unwrap_or_default()));
        match api.faults.pop_front().flatten() {
            Some((status, wait)) => fault(status, wait),
            None => answer(&api, &target).to_string().into_response(),
        }
    };
    let router = Router::new().fallback(handler).with_state(Arc::clone(api));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

fn fault(status: u16, wait: Option<&str>) -> Response {
    let mut answer = Response::builder().status(status);
    if let Some(wait) = wait {
        answer = answer.header(RETRY_AFTER, wait);
    }
    answer.body(Body::empty()).unwrap()
}

/// Twilio's list, three messages a page; and of a message with a picture, the list of its files.
pub(super) fn twilio(api: &Api, target: &str) -> Value {
    if target.contains("/Media.json") {
        let uri = target.replace(".json", "/ME1.json");
        return json!({ "media_list": [{ "sid": "ME1", "content_type": "image/png", "uri": uri }] });
    }
    let page = target.split_once("&Page=").map_or(0, |(_, page)| page.parse().unwrap());
    let path = target.split_once("&Page=").map_or(target, |(path, _)| path);
    let more = api.messages.len() > (page + 1) * 3;
    json!({
        "messages": api.messages.iter().skip(page * 3).take(3).collect::<Vec<_>>(),
        "next_page_uri": more.then(|| format!("{path}&Page={}", page + 1)),
    })
}

pub(super) fn clicksend(api: &Api, target: &str) -> Value {
    let page = target.split_once("page=").unwrap().1.split('&').next().unwrap();
    let page: usize = page.parse().unwrap();
    json!({ "http_code": 200, "data": {
        "total": api.messages.len(), "per_page": 2, "current_page": page, "last_page": api.messages.len().div_ceil(2),
        "data": api.messages.iter().skip((page - 1) * 2).take(2).collect::<Vec<_>>(),
    }})
}

pub(super) fn twilio_message(sid: &str, (from, to): (&str, &str), at: Timestamp, media: bool) -> Value {
    json!({
        "sid": sid, "account_sid": ACCOUNT, "from": from, "to": to, "body": format!("{sid} was missed"),
        "direction": if from == OWN { "outbound-api" } else { "inbound" }, "status": "received",
        "num_media": if media { "1" } else { "0" }, "messaging_service_sid": null,
        "date_created": at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(), "date_sent": null,
        "subresource_uris": { "media": format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media.json") },
    })
}
