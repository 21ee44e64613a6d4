//! The demo's end: a second Inlet stands for HighLevel, and everything that arrived is in its threads, with one call each.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use inlet_core::{
    ids::LocationKey,
    inbox::{ConversationQuery, MessageQuery},
};
use inlet_http::state::Shared;
use serde_json::{Value, json};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use super::{
    listen, open,
    stage::{Line, text},
};
use crate::{
    cli::{Trouble, in_process},
    config::Config,
    node::Node,
};

/// How often, and how many times, the end of the queue is looked for.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 300;
/// Conversations and messages that the demo stays far below.
const MANY: usize = 1_000;

/// The second Inlet, and the destination by which the first one writes to it.
#[derive(Debug)]
pub(super) struct Upstream {
    shared: Shared,
    destination: String,
    running: tokio::task::JoinHandle<Result<(), Trouble>>,
    _data: tempfile::TempDir,
}

impl Upstream {
    /// Starts it, and tells the demo's location of it.
    pub(super) async fn start(
        mut config: Config,
        demo: &Node,
        location: LocationKey,
        end: &CancellationToken,
    ) -> Result<Self, Trouble> {
        let data = tempfile::Builder::new().prefix("inlet-demo-upstream").tempdir();
        let data = data.map_err(|error| Trouble::new(format!("there is no room for a throw-away store: {error}")))?;
        config.data = data.path().to_owned();
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let (listener, address) = listen(config.listen).await?;
        let node = open(config, address).await?;
        let registry = demo.shared.directory.registry();
        let location = registry.location(location).map(|found| found.id.clone());
        let wish = wish(&node, address, &location.unwrap_or_default()).await?;
        let added = in_process(demo.admin(), "POST", "/destinations", Some(&wish)).await?;
        let (shared, over) = (Shared::clone(&node.shared), end.clone().cancelled_owned());
        Ok(Self {
            shared,
            destination: text(&added, "id"),
            running: tokio::spawn(async move { Ok(node.run(listener, None, over).await?) }),
            _data: data,
        })
    }

    /// Waits until all that arrived is upstream, and tells what it took.
    pub(super) async fn tell(
        &self,
        demo: &Shared,
        location: LocationKey,
        admin: axum::Router,
    ) -> Result<Line, Trouble> {
        let mut look = interval(LOOK);
        let (mut here, mut there) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..LOOKS {
            look.tick().await;
            here = bodies(demo, location).await?;
            let registry = self.shared.directory.registry();
            let first = registry.locations().first().map_or(LocationKey(0), |found| found.key);
            there = bodies(&self.shared, first).await?;
            if here == there {
                break;
            }
        }
        let path = format!("/ledger?destination={}", self.destination);
        let ledger = in_process(admin, "GET", &path, None).await?;
        let sum = |key: &str| {
            let days = ledger.get("ledger").and_then(Value::as_array).into_iter().flatten();
            days.filter_map(|day| day.get(key)?.as_u64()).sum::<u64>()
        };
        let (messages, calls, bridge) = (sum("messages"), sum("calls"), sum("bridge_estimate"));
        let missing = here.difference(&there).count();
        Ok(Line {
            what: "all of it, relayed".to_owned(),
            note: format!(
                "{messages} messages in the threads of a second Inlet with {calls} calls; a three-call bridge makes {bridge}"
            ),
            failure: (here != there).then(|| format!("{missing} messages are not upstream")),
            ..Line::default()
        })
    }

    /// Ends it, when the demo has ended.
    pub(super) async fn end(self) -> Result<(), Trouble> {
        let ended = self.running.await;
        ended.map_err(|error| Trouble::new(format!("the demo's second server broke: {error}")))?
    }
}

/// What the demo is told of the second Inlet: its location, a token, and a provider of each sort that HighLevel wants named.
async fn wish(node: &Node, address: SocketAddr, location: &str) -> Result<Value, Trouble> {
    let add = async |path: &str, body: Value| in_process(node.admin(), "POST", path, Some(&body)).await;
    let there = text(
        &add(
            "/locations",
            json!({ "name": "Harbour Dental, at HighLevel", "country": "US" }),
        )
        .await?,
        "id",
    );
    let token = text(&add("/tokens", json!({ "location": there })).await?, "token");
    let mut providers = serde_json::Map::new();
    for (channel, kind) in [("call", "Call"), ("custom_sms", "Custom"), ("custom_email", "Email")] {
        let provider = add("/providers", json!({ "location": there, "type": kind })).await?;
        providers.insert(channel.to_owned(), text(&provider, "id").into());
    }
    let upstream = json!({
        "location": there, "base_url": format!("http://{address}"), "token": token, "providers": providers,
    });
    Ok(json!({ "location": location, "upstream": upstream, "events": ["InboundMessage", "OutboundMessage"] }))
}

/// What the messages of a location say, each with when it was written.
async fn bodies(shared: &Shared, location: LocationKey) -> Result<BTreeSet<(String, i64)>, Trouble> {
    let failed = |error: inlet_core::directory::StoreFault| Trouble::new(error.to_string());
    let query = ConversationQuery::newest(location, MANY);
    let (views, _) = shared.inbox.conversations(&query).await.map_err(failed)?;
    let mut found = BTreeSet::new();
    for view in views {
        let query = MessageQuery {
            location,
            contact: view.key,
            before: None,
            channels: Vec::new(),
            limit: MANY,
        };
        let page = shared.inbox.messages(&query).await.map_err(failed)?;
        let said = page.messages.into_iter();
        found.extend(said.map(|message| (message.body.unwrap_or_default(), message.occurred_at.as_millisecond())));
    }
    Ok(found)
}
