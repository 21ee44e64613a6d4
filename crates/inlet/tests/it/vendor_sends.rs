//! What a provider is to send goes out by its vendor's own API, once each whatever happens, and what the vendor tells of it
//! comes back: against a Twilio on loopback.

use std::{fs, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, http::header::AUTHORIZATION};
use inlet::node::{Node, Workers};
use inlet_core::{
    Timestamp,
    channel::MessageStatus,
    ids::{IdKind, MessageKey},
    message::Message,
    schedule::Schedule,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use self::twilio::{Twilio, signature};
use crate::{
    engine::Engine,
    hand::{Hand, open},
    harness::{Server, cli, cli_with},
    http::Client,
    pages::{location, says},
    visitor::Visitor,
};

mod twilio;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const OWN: &str = "+14155550100";
const TOKEN: &str = "12345";
const PUBLIC: &str = "https://inbox.example.com";
const TAKEN: Option<(u16, &str)> = Some((201, r#"{"sid":"SM1","status":"queued"}"#));

/// What Twilio tells.
type Form<'a> = &'a [(&'a str, &'a str)];

struct World {
    folder: tempfile::TempDir,
    clock: Arc<Hand>,
    node: Node,
    workers: Workers,
    token: String,
    contact: String,
    provider: String,
    webhook: String,
}

fn text(value: &Value, key: &str) -> String {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

impl World {
    async fn new(api: &Twilio) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let location = text(&cli(data, &["location", "add", "--name", "Studio"]), "id");
        let token = text(&cli(data, &["token", "add", "--location", &location]), "token");
        let secret = data.join("secret");
        fs::write(&secret, TOKEN).unwrap();
        let add = ["provider", "add", "--location", &location, "--adapter", "twilio"];
        let more = ["--number", OWN, "--secret-file", secret.to_str().unwrap()];
        let added = cli(data, &[&add[..], &more].concat());
        let provider = text(&added, "id");
        let set = [
            "provider",
            "credentials",
            &provider,
            "--account",
            ACCOUNT,
            "--base-url",
            &api.base,
        ];
        cli(data, &set);
        let clock = Hand::at(Timestamp::from_second(Timestamp::now().as_second() + 3_600).unwrap());
        let node = open(data, &format!("public_url = '{PUBLIC}'"), &clock).await;
        let mut world = Self {
            workers: node.workers(),
            webhook: text(&added, "webhook_url").rsplit('/').next().unwrap().to_owned(),
            folder,
            clock,
            node,
            token,
            contact: String::new(),
            provider,
        };
        let wrote =
            json!({"type": "SMS", "phone": "+14155552671", "message": "Hi", "conversationProviderId": world.provider});
        let wrote = world.api("/conversations/messages/inbound", &wrote).await;
        world.contact = text(&wrote, "contactId");
        world
    }

    async fn api(&self, path: &str, body: &Value) -> Value {
        let request = Request::post(path)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header("version", "2021-04-15")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.node.router().oneshot(request).await.unwrap();
        let (status, body) = (
            answer.status(),
            axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap(),
        );
        assert!(status.is_success(), "{status}: {body:?}");
        serde_json::from_slice(&body).unwrap()
    }

    /// Writes a reply; its id.
    async fn reply(&self, words: &str) -> String {
        let body = json!({"type": "SMS", "contactId": self.contact, "message": words, "conversationProviderId": self.provider});
        text(&self.api("/conversations/messages", &body).await, "messageId")
    }

    async fn turn(&self) -> usize {
        self.workers.deliveries.turn().await.unwrap().claimed
    }

    async fn message(&self, id: &str) -> Message {
        let shared = &self.node.shared;
        let key = MessageKey(shared.ids.decode(IdKind::Message, id).unwrap());
        let location = shared.directory.registry().locations()[0].key;
        shared.inbox.message(location, key).await.unwrap().unwrap()
    }

    async fn stands(&self, id: &str) -> (MessageStatus, Option<String>) {
        let message = self.message(id).await;
        (message.status, message.detail.error)
    }

    /// Twilio tells what became of a message; the status of the answer.
    async fn told(&self, id: &str, form: Form<'_>, key: &str) -> u16 {
        let target = format!("/in/twilio/{}/status/{id}", self.webhook);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(&target)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature(key, &format!("{PUBLIC}{target}"), form))
            .body(Body::from(body))
            .unwrap();
        self.node.router().oneshot(request).await.unwrap().status().as_u16()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_goes_out_once_and_what_becomes_of_it_comes_back() {
    let api = Twilio::new().await;
    let world = World::new(&api).await;
    api.answer([TAKEN]);
    let id = world.reply("See you at ten").await;
    assert_eq!((world.turn().await, world.turn().await), (1, 0));
    let calls = api.calls();
    assert_eq!(calls.len(), 1);
    let head = &calls[0].head;
    assert!(
        head.starts_with(&format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1")),
        "{head}"
    );
    assert!(
        head.contains("Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjoxMjM0NQ=="),
        "{head}"
    );
    let tell = format!("{PUBLIC}/in/twilio/{}/status/{id}", world.webhook);
    let form = [
        ("Body", "See you at ten"),
        ("From", OWN),
        ("StatusCallback", &tell),
        ("To", "+14155552671"),
    ];
    let expected = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(calls[0].form.clone().into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(world.stands(&id).await.0, MessageStatus::Queued);

    let sid = ("MessageSid", "SM1");
    let cases: [(Form<'_>, u16, MessageStatus); 5] = [
        (&[sid, ("MessageStatus", "sent")], 204, MessageStatus::Sent),
        (&[sid, ("MessageStatus", "delivered")], 204, MessageStatus::Delivered),
        (&[sid, ("MessageStatus", "sent")], 204, MessageStatus::Delivered),
        (
            &[sid, ("MessageStatus", "of another kind")],
            204,
            MessageStatus::Delivered,
        ),
        (&[sid], 400, MessageStatus::Delivered),
    ];
    for (form, status, then) in cases {
        assert_eq!(
            (world.told(&id, form, TOKEN).await, world.stands(&id).await.0),
            (status, then),
            "{form:?}"
        );
    }
    let read = [sid, ("MessageStatus", "read")];
    assert_eq!(world.told(&id, &read, "another token").await, 403);
    assert_eq!(world.told("nobody", &read, TOKEN).await, 404);
    assert_eq!(world.stands(&id).await.0, MessageStatus::Delivered);
    assert_eq!(Engine::number(world.folder.path(), "select count(*) from message"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_refuses_stands_on_the_message_in_words() {
    let api = Twilio::new().await;
    let world = World::new(&api).await;
    api.answer([
        Some((400, r#"{"code":21610,"message":"unsubscribed","status":400}"#)),
        TAKEN,
    ]);
    let refused = world.reply("Are you there?").await;
    assert_eq!((world.turn().await, world.turn().await), (1, 0));
    let words = "Twilio: they answered STOP to this number (21610)";
    assert_eq!(
        world.stands(&refused).await,
        (MessageStatus::Failed, Some(words.to_owned()))
    );

    let lost = world.reply("And now?").await;
    world.turn().await;
    let form = [
        ("MessageSid", "SM1"),
        ("MessageStatus", "undelivered"),
        ("ErrorCode", "30003"),
    ];
    assert_eq!(world.told(&lost, &form, TOKEN).await, 204);
    let words = "Twilio: their phone is off or out of reach (30003)";
    assert_eq!(
        world.stands(&lost).await,
        (MessageStatus::Undelivered, Some(words.to_owned()))
    );
    assert_eq!(api.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_mended_is_tried_again_and_what_nobody_knows_is_not() {
    let api = Twilio::new().await;
    let world = World::new(&api).await;
    api.answer([Some((401, r#"{"code":20003}"#)), Some((429, "{}")), TAKEN]);
    let mended = world.reply("By the wrong token first").await;
    for _ in 0..3 {
        assert_eq!(world.turn().await, 1);
        world.clock.advance(Duration::from_mins(5));
    }
    assert_eq!(
        (world.stands(&mended).await.0, api.calls().len()),
        (MessageStatus::Queued, 3)
    );

    api.answer([None, None]);
    let (heard, unheard) = (
        world.reply("Its answer is lost").await,
        world.reply("And of this no word comes").await,
    );
    assert_eq!(world.turn().await, 2);
    assert_eq!(world.told(&heard, &[("MessageStatus", "queued")], TOKEN).await, 204);
    world.clock.advance(Duration::from_secs(61));
    assert_eq!(
        (world.turn().await, world.turn().await, api.calls().len()),
        (2, 0, 5),
        "it is not called again"
    );
    assert_eq!(world.stands(&heard).await, (MessageStatus::Queued, None));
    let (status, why) = world.stands(&unheard).await;
    assert!(status == MessageStatus::Failed && why.unwrap().contains("nobody knows whether it was sent"));
    assert_eq!(
        world.told(&unheard, &[("MessageStatus", "delivered")], TOKEN).await,
        204
    );
    assert_eq!(
        world.stands(&unheard).await.0,
        MessageStatus::Delivered,
        "a late word tells"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_does_not_stay_on_its_way() {
    let api = Twilio::new().await;
    let world = World::new(&api).await;
    let delays = Schedule::Standard.delays();
    let tries = delays.len() + 1;
    api.answer(vec![Some((401, r#"{"code":20003}"#)); tries]);
    let id = world.reply("By a token that nobody mends").await;
    for delay in delays {
        assert_eq!(world.turn().await, 1);
        assert_eq!(world.stands(&id).await, (MessageStatus::Pending, None));
        world
            .clock
            .advance(Duration::from_secs(u64::from(delay + delay / 4 + 1)));
    }
    assert_eq!(world.turn().await, 1);
    let (status, why) = world.stands(&id).await;
    assert_eq!(status, MessageStatus::Failed);
    assert!(why.as_deref().unwrap().starts_with("given up: "), "{why:?}");
    assert_eq!((world.turn().await, api.calls().len()), (0, tries));
}

#[test]
fn credentials_are_checked_and_kept_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let location = text(&cli(data, &["location", "add", "--name", "Studio"]), "id");
    let add = [
        "provider",
        "add",
        "--location",
        &location,
        "--adapter",
        "twilio",
        "--number",
        OWN,
    ];
    let secret = [("SECRET", "a-token-in-the-clear"), ("OTHER", "another-in-the-clear")];
    let added = cli_with(data, &[&add[..], &["--secret-env", "SECRET"]].concat(), &secret);
    let provider = text(&added, "id");
    let of = |more: &[&str]| {
        let set = ["provider", "credentials", &provider];
        cli_with(data, &[&set[..], more].concat(), &secret)
    };
    let first = of(&["--account", ACCOUNT]);
    let second = of(&["--account", ACCOUNT, "--user", "SK1", "--secret-env", "OTHER"]);
    assert_eq!(first["destination"], second["destination"], "it is replaced, not added");
    let shown = cli(data, &["provider", "show", &provider]);
    assert_eq!(shown["sends_by"], first["destination"]);
    let listed = cli(data, &["destination", "list"]);
    assert_eq!(listed["destinations"][0]["url"], "https://api.twilio.com");
    for said in [shown.to_string(), listed.to_string()] {
        assert!(!said.contains("in-the-clear"), "{said}");
    }
    for entry in fs::read_dir(data).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap_or_default();
        let found = bytes.windows(12).any(|window| window == b"in-the-clear");
        assert!(!found, "a secret stands in a file");
    }
}

#[test]
fn the_box_opens_once_the_page_of_providers_has_the_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let (here, token) = location(data, "Studio");
    let add = [
        "provider",
        "add",
        "--location",
        &here,
        "--adapter",
        "twilio",
        "--number",
        OWN,
    ];
    let secret = [("SECRET", TOKEN)];
    let provider = text(
        &cli_with(data, &[&add[..], &["--secret-env", "SECRET"]].concat(), &secret),
        "id",
    );
    let server = Server::start(data, &[]);
    let body = json!({"type": "SMS", "phone": "+14155552671", "message": "Hi", "conversationProviderId": provider});
    let wrote = Client::new(server.address, &token).ask("POST", "/conversations/messages/inbound", Some(&body), 200);
    let mut visitor = Visitor::log_in(data, &server);
    let thread = format!("/l/{here}/c/{}", text(&wrote, "conversationId"));
    says(&visitor.page(&thread), &["Nobody would send it: set the vendor"]);
    let providers = format!("/l/{here}/providers");
    says(
        &visitor.page(&providers),
        &["Let Twilio send replies", "nobody sends them"],
    );
    let set = format!("{providers}/{provider}/credentials");
    let wrong = visitor.press(&set, "account=Studio&user=&secret=", &providers);
    says(&wrong, &["the account is written AC…"]);
    let right = visitor.press(&set, &format!("account={ACCOUNT}&user=&secret="), &providers);
    says(
        &right,
        &[
            "Twilio sends the replies of this provider from now on.",
            "Twilio sends them",
        ],
    );
    says(&visitor.page(&thread), &["Reply by SMS from +1 (415) 555-0100"]);
}
