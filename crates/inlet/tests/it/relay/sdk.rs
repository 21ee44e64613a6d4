//! The bytes of our requests: what the relay asks is what HighLevel's own library for Node puts on the wire for the same, as
//! `tests/sdk/recorded_node.js` recorded it. `script/sdk` records it anew.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::world::{Asked, Trial, World};

/// What HighLevel's library put on the wire.
const RECORDED: &str = include_str!("sdk/node.ndjson");
/// The versions that HighLevel has published.
const VERSIONS: [&str; 4] = ["2021-04-15", "2021-07-28", "2023-02-21", "v3"];

/// A request with the names of things in the place of their ids.
#[derive(PartialEq, Debug)]
struct Said {
    method: String,
    target: String,
    /// What it says of itself, as far as it is the same whoever sends it.
    headers: BTreeMap<&'static str, String>,
    body: Value,
}

impl Said {
    fn new((method, target): (&str, &str), header: impl Fn(&str) -> Option<String>, body: &str) -> Self {
        let mut headers = BTreeMap::new();
        let accept = header("accept").unwrap_or_default();
        headers.insert("accept", accept.contains("application/json").to_string());
        headers.insert("content-type", header("content-type").unwrap_or_default());
        let scheme = header("authorization").map(|value| value.split(' ').next().unwrap().to_owned());
        headers.insert("authorization", scheme.unwrap_or_default());
        let version = header("version").unwrap_or_default();
        headers.insert("version", VERSIONS.contains(&version.as_str()).to_string());
        let form = || {
            url::form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect::<Value>()
        };
        let body = serde_json::from_str(body).unwrap_or_else(|_| form());
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body,
        }
    }
}

fn recorded() -> BTreeMap<String, Said> {
    let lines = RECORDED
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| {
            let text = |key: &str| line[key].as_str().unwrap().to_owned();
            let header = |name: &str| line["headers"][name].as_str().map(str::to_owned);
            let (method, target) = (text("method"), text("target"));
            let said = Said::new((&method, &target), header, &text("body"));
            (target.split('?').next().unwrap().to_owned(), said)
        })
        .collect()
}

fn ours(asked: &Asked, names: &[(String, &str)]) -> Said {
    let put = |text: &str| {
        names
            .iter()
            .fold(text.to_owned(), |text, (id, name)| text.replace(id, name))
    };
    let header = |name: &str| in_headers(&asked.headers, name);
    let method = asked.call.split(' ').next().unwrap();
    Said::new((method, &put(&asked.target)), header, &put(&asked.body))
}

fn in_headers(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_requests_are_those_of_highlevels_own_library() {
    // The message is written, its answer lost, and it is read back: each call that there is.
    let fault = "POST /conversations/messages/inbound:timeout-after-write@100%";
    let world = World::with_app(&Trial::fault(fault, 9)).await;
    world.receive(0..1, 1).await;
    world.drain().await;
    world.warm(None).await;
    let (contact, conversation) = world.only_person().await;
    let names = [
        (world.upstream_location().to_owned(), "LOC1"),
        (contact, "CON1"),
        (conversation, "CNV1"),
        ("refresh-0".to_owned(), "OLDREF"),
    ];
    let library = recorded();
    let asked = world.asked();
    let paths: Vec<String> = asked
        .iter()
        .map(|asked| ours(asked, &names).target.split('?').next().unwrap().to_owned())
        .collect();
    let expected = [
        "/oauth/token",
        "/contacts/upsert",
        "/conversations/messages/inbound",
        "/conversations/search",
        "/conversations/CNV1/messages",
        "/contacts/search",
    ];
    assert_eq!(paths, expected);
    for (asked, path) in asked.iter().zip(paths) {
        assert_eq!(ours(asked, &names), library[&path], "{path}");
    }
    assert_eq!(library["/conversations/messages/inbound"].body["altId"], json!("SM0"));
}
