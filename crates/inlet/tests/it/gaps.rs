//! What vendors kept while nobody listened is asked for and recorded once, as if it had come in time: against vendors on
//! loopback that page, lose patience, break, and repeat what is here already.

use std::{fs, path::Path, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, http::header::AUTHORIZATION};
use inlet::node::{Node, Workers};
use inlet_core::{
    Timestamp,
    adapter::{Adapter, Scenario, Target},
    clock::{Clock, later},
    gaps::{Ask, Compared, Obstacle},
    registry::Provider,
};
use inlet_providers::twilio::Twilio;
use serde_json::{Value, json};
use tower::ServiceExt;

use self::vendor::{Shared, clicksend, serve, twilio, twilio_message};
use crate::{
    hand::{Hand, open},
    harness::{cli, cli_with},
};

mod patience;
mod vendor;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const OWN: &str = "+14155550100";
const MINUTE: Duration = Duration::from_mins(1);

struct World {
    _folder: tempfile::TempDir,
    clock: Arc<Hand>,
    node: Node,
    workers: Workers,
    provider: Provider,
    token: String,
    location: String,
}

impl World {
    async fn new(base: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let location = text(&cli(data, &["location", "add", "--name", "Studio"]), "id");
        let token = text(&cli(data, &["token", "add", "--location", &location]), "token");
        let secret = data.join("secret");
        fs::write(&secret, "12345").unwrap();
        let add = [
            "provider",
            "add",
            "--location",
            &location,
            "--adapter",
            "twilio",
            "--account",
            ACCOUNT,
        ];
        let more = ["--number", OWN, "--secret-file", secret.to_str().unwrap()];
        let id = text(&cli(data, &[&add[..], &more].concat()), "id");
        // What was before the webhook was made is nobody's.
        let clock = Hand::at(Timestamp::from_second(Timestamp::now().as_second() + 3_600).unwrap());
        let node = open(data, &format!("reconcile.twilio = '{base}/'"), &clock).await;
        let registry = node.shared.directory.registry();
        let provider = registry
            .providers()
            .iter()
            .find(|provider| provider.id == id)
            .unwrap()
            .clone();
        Self {
            workers: node.workers(),
            _folder: folder,
            clock,
            node,
            provider,
            token,
            location,
        }
    }

    /// Brings a message by its webhook; the status of the answer.
    async fn webhook(&self, sid: &str, from: &str) -> u16 {
        let registry = self.node.shared.directory.registry();
        let endpoint = self.provider.endpoint.and_then(|key| registry.endpoint(key)).unwrap();
        let path = format!("/in/twilio/{}", endpoint.token.expose_text().unwrap());
        let target = Target {
            endpoint,
            provider: &self.provider,
            public_url: &self.node.shared.settings.public_url,
            path: &path,
        };
        let scenario = Scenario {
            from: from.to_owned(),
            body: format!("{sid} was missed"),
            external_id: sid.to_owned(),
            ..Scenario::default()
        };
        let sample = Twilio.sample(&scenario, &target, self.clock.now());
        let mut request = Request::post(sample.raw.target);
        for (name, value) in sample.raw.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(sample.raw.body)).unwrap();
        self.node.router().oneshot(request).await.unwrap().status().as_u16()
    }

    async fn get(&self, target: &str) -> Value {
        let request = Request::get(target)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header("version", "2021-04-15")
            .body(Body::empty())
            .unwrap();
        let answer = self.node.router().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// What the messages of so many conversations say, and when they were written.
    async fn bodies(&self, conversations: usize) -> Vec<(String, String)> {
        let found = self
            .get(&format!("/conversations/search?locationId={}", self.location))
            .await;
        assert_eq!(found["total"], json!(conversations), "{found}");
        let mut bodies = Vec::new();
        for conversation in found["conversations"].as_array().unwrap() {
            let page = self
                .get(&format!("/conversations/{}/messages", text(conversation, "id")))
                .await;
            for message in page["messages"]["messages"].as_array().unwrap() {
                bodies.push((text(message, "body"), text(message, "dateAdded")));
            }
        }
        bodies.sort();
        bodies
    }

    async fn turn(&mut self) -> (usize, usize, usize, usize) {
        let Compared {
            recorded,
            known,
            unassigned,
            refused,
            ..
        } = self.workers.gaps.turn().await.unwrap();
        (recorded, known, unassigned, refused)
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value}"))
        .to_owned()
}

/// What Twilio has: in its eight minutes, and from before the webhook was made.
fn missed(world: &World, from: &str) -> Vec<Value> {
    let at = |minutes: u32| later(world.clock.now(), minutes * MINUTE);
    let before = world.clock.now().checked_sub(24 * 60 * MINUTE).unwrap();
    let list = [
        ("SM8", (from, OWN), at(8), false),
        ("SM7", (OWN, from), at(7), false),
        ("SM6", (from, "+14155550999"), at(6), false),
        ("MM5", ("+14155550120", OWN), at(5), true),
        ("SM4", (from, OWN), at(4), false),
        ("SM3", (from, OWN), at(3), false),
        ("SM2", (from, OWN), at(2), false),
        ("SM1", (from, OWN), before, false),
    ];
    list.map(|(sid, ends, at, media)| twilio_message(sid, ends, at, media))
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_kept_is_recorded_once_whatever_its_list_does() {
    let api = Shared::default();
    let mut world = World::new(&serve(&api, twilio).await).await;
    let from = "+14155550119";
    api.lock().unwrap().messages = missed(&world, from);
    let begun = world.clock.now();
    world.clock.advance(3 * MINUTE);
    assert_eq!(world.webhook("SM3", from).await, 200, "one came in time");
    world.clock.advance(60 * MINUTE);

    api.lock().unwrap().faults = [Some((429, Some("90")))].into();
    assert_eq!(world.turn().await, (0, 0, 0, 0), "too many requests");
    world.clock.advance(MINUTE);
    world.turn().await;
    assert_eq!(api.lock().unwrap().asked.len(), 1, "it waits as long as it was told");
    world.clock.advance(MINUTE);
    api.lock().unwrap().faults = [None, Some((500, None))].into();
    assert_eq!(world.turn().await, (1, 0, 1, 0), "the second page is broken");
    world.clock.advance(MINUTE);
    assert_eq!(world.turn().await, (3, 1, 0, 0), "it goes on there");
    let asked = api.lock().unwrap().asked.clone();
    assert!(
        asked
            .iter()
            .all(|(_, opened)| opened == "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjoxMjM0NQ==")
    );
    assert_eq!(
        asked.len(),
        6,
        "three pages and a list of files, two of them twice: {asked:?}"
    );

    assert_eq!(world.turn().await, (0, 0, 0, 0), "not due");
    world.clock.advance(15 * MINUTE);
    assert_eq!(world.turn().await, (0, 4, 1, 0), "the last hour is there");
    assert_eq!(world.webhook("SM8", from).await, 200, "it comes late");

    let bodies = world.bodies(2).await;
    let expected = [5, 2, 3, 4, 8].map(|minute| {
        let sid = if minute == 5 { "MM" } else { "SM" };
        let date = later(begun, minute * MINUTE).strftime("%Y-%m-%dT%H:%M:%S.000Z");
        (format!("{sid}{minute} was missed"), date.to_string())
    });
    assert_eq!(bodies, expected, "each at its time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_where_it_broke_off_and_its_key_goes_nowhere_else() {
    let api = Shared::default();
    let base = serve(&api, twilio).await;
    let world = World::new(&base).await;
    let at = world.clock.now();
    let message = |number: usize| twilio_message(&format!("SM{number}"), ("+14155550119", OWN), at, false);
    api.lock().unwrap().messages = (0..7).map(message).collect();
    let ask = |page: Option<String>| Ask {
        location: world.provider.location,
        provider: world.provider.key,
        since: Timestamp::UNIX_EPOCH,
        page,
    };
    let reconcile = &world.node.shared.reconcile;
    let first = reconcile.page(&ask(None)).await.unwrap();
    assert_eq!((first.listed, first.recorded), (3, 3));
    let next = first.next.unwrap();
    assert!(next.starts_with(&base) && next.contains("&Page=1"), "{next}");
    for (status, later) in [
        (500, true),
        (503, true),
        (429, true),
        (401, false),
        (403, false),
        (404, false),
    ] {
        api.lock().unwrap().faults = [Some((status, None))].into();
        let obstacle = reconcile.page(&ask(Some(next.clone()))).await.unwrap_err();
        assert_eq!(
            matches!(obstacle, Obstacle::Later { .. }),
            later,
            "{status}: {obstacle}"
        );
    }
    let second = reconcile.page(&ask(Some(next))).await.unwrap();
    assert_eq!((second.listed, second.recorded), (3, 3));
    let asked = api.lock().unwrap().asked.len();
    for foreign in [
        "http://evil.example/2010-04-01/x",
        &format!("{base}.evil.example/"),
        &format!("{base}@evil.example/"),
    ] {
        let refused = reconcile.page(&ask(Some(foreign.to_string()))).await;
        assert!(matches!(refused, Err(Obstacle::Unable(_))), "{foreign}: {refused:?}");
    }
    assert_eq!(api.lock().unwrap().asked.len(), asked);
}

/// A provider of `ClickSend` in a folder of its own; its id.
fn clicksend_provider(data: &Path) -> String {
    let location = text(&cli(data, &["location", "add", "--name", "Studio"]), "id");
    let secret = data.join("secret");
    fs::write(&secret, "api:maya:a-key").unwrap();
    let add = ["provider", "add", "--location", &location, "--adapter", "clicksend"];
    let more = ["--account", "304497", "--number", "+61477485926", "--secret-file"];
    text(
        &cli(data, &[&add[..], &more, &[secret.to_str().unwrap()]].concat()),
        "id",
    )
}

/// A message that came so many minutes ago.
fn clicksend_message(minutes: i64) -> Value {
    json!({
        "timestamp": (Timestamp::now().as_second() - minutes * 60).to_string(), "from": "+61429912603",
        "to": "+61477485926", "body": format!("number {minutes}"), "original_body": "", "original_message_id": "",
        "custom_string": "", "message_id": format!("1F12D781-{minutes}"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reconciles_clicksend_by_command() {
    let api = Shared::default();
    let base = serve(&api, clicksend).await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let id = clicksend_provider(data);
    // The last two are older than a day.
    api.lock().unwrap().messages = [0, 1, 2, 2_000, 3_000].map(clicksend_message).to_vec();
    let variables = [("INLET_RECONCILE_CLICKSEND", base.as_str())];
    let counts = |listed: u32, recorded: u32| json!({ "listed": listed, "recorded": recorded, "known": listed - recorded, "unassigned": 0, "refused": 0 });
    let reconcile = ["provider", "reconcile", &id];
    assert_eq!(cli_with(data, &reconcile, &variables), counts(3, 3));
    assert_eq!(cli_with(data, &reconcile, &variables), counts(3, 0), "and once more");
    let since = [&reconcile[..], &["--since", "2020-01-01T00:00:00Z"]].concat();
    assert_eq!(cli_with(data, &since, &variables), counts(5, 2));
    let asked = api.lock().unwrap().asked.clone();
    assert_eq!(asked.len(), 9, "three pages each time: {asked:?}");
    assert!(
        asked.iter().all(|(_, opened)| opened == "Basic bWF5YTphLWtleQ=="),
        "{asked:?}"
    );
}
