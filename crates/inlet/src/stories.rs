//! Stories from outside: the command line as it is typed, over a real store in a folder of its own, with and without a
//! running server; on PostgreSQL where `INLET_STORIES=postgres`, as those in `tests/it`.

use std::{ffi::OsString, path::Path, thread};

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

mod desk;
#[path = "../tests/it/engine.rs"]
#[expect(
    dead_code,
    clippy::disallowed_methods,
    reason = "what the other stories are told on, of which these need less"
)]
mod engine;
mod refusals;

use engine::Engine;

use crate::{
    cli,
    config::{Config, Sources},
    node::Setup,
    serve,
};

/// What a command answered.
struct Said {
    code: u8,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("not one JSON object: {:?}", self.out))
    }

    fn text(&self, key: &str) -> String {
        let value = self.json();
        value[key]
            .as_str()
            .unwrap_or_else(|| panic!("no {key} in {value}"))
            .to_owned()
    }
}

/// Types a command; `data` is where it looks. It answers in JSON.
fn type_in(data: &Path, arguments: &[&str]) -> Said {
    in_words(data, &[arguments, &["--json"]].concat())
}

/// Types a command that answers in words.
fn in_words(data: &Path, arguments: &[&str]) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut line: Vec<OsString> = vec!["inlet".into()];
    line.extend(arguments.iter().map(OsString::from));
    line.extend(["--data".into(), data.into()]);
    // A story may name a store of its own.
    if !arguments.contains(&"--store") {
        line.extend(Engine::flags(data).into_iter().map(OsString::from));
    }
    let code = cli::run(line, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said {
        code,
        out: text(out),
        err: text(err),
    }
}

fn setup(data: &Path) -> Setup {
    let store = match Engine::of(data) {
        Engine::Sqlite => String::new(),
        Engine::Postgres(url) => url,
    };
    let flags = format!("listen = '127.0.0.1:0'\ndata = '{}'\nstore = '{store}'", data.display());
    let sources = Sources {
        file: None,
        environment: &|_| None,
        flags: flags.parse().unwrap(),
    };
    Setup::of(Config::load(sources).unwrap())
}

/// Runs `story` beside a server over `data`, and ends the server in good order.
fn beside_a_server(data: &Path, story: impl FnOnce(&serve::Welcome)) {
    let (ready, welcome) = std::sync::mpsc::channel();
    let (end, ended) = oneshot::channel::<()>();
    let setup = setup(data);
    let server = thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let started = serve::start(setup).await.unwrap();
            ready.send(started.welcome.clone()).unwrap();
            started.run(async { drop(ended.await) }).await.unwrap();
        });
    });
    story(&welcome.recv().unwrap());
    drop(end);
    server.join().unwrap();
}

/// A location with a Twilio provider and a paused destination; answers the ids of the three.
fn furnish(data: &Path) -> (String, String, String) {
    let location = type_in(
        data,
        &["location", "add", "--name", "Harbour Dental", "--country", "US"],
    )
    .text("id");
    let secret = data.join("secret");
    std::fs::write(&secret, "12345\n").unwrap();
    let secret = secret.display().to_string();
    let provider = [
        "provider",
        "add",
        "--location",
        &location,
        "--adapter",
        "twilio",
        "--number",
        "(415) 555-2671",
    ];
    let provider = type_in(data, &[&provider[..], &["--secret-file", &secret]].concat());
    assert!(provider.text("webhook_url").contains("/in/twilio/"), "{}", provider.out);
    let url = "https://example.com/hook";
    let destination = type_in(data, &["destination", "add", "--location", &location, "--url", url]);
    assert!(destination.text("secret").starts_with("whsec_"));
    assert!(destination.text("public_key").starts_with("-----BEGIN PUBLIC KEY-----"));
    assert_eq!(destination.text("app_id").len(), 24);
    let paused = type_in(data, &["destination", "pause", &destination.text("id")]);
    assert_eq!(paused.text("state"), "paused");
    (location, provider.text("id"), destination.text("id"))
}

#[test]
fn commands_furnish_a_store_without_a_server() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (location, provider, destination) = furnish(data);
    let token = type_in(
        data,
        &["token", "add", "--location", &location, "--scope", "contacts.readonly"],
    );
    assert!(token.text("token").starts_with("pit-"));
    assert_eq!(
        type_in(data, &["token", "revoke", &token.text("id")]).text("id"),
        token.text("id")
    );

    let listed = |verb: &str, key: &str, field: &str| {
        let list = type_in(data, &[verb, "list"]).json();
        list[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one[field].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("location", "locations", "id"), [location.as_str()]);
    assert_eq!(listed("provider", "providers", "number"), ["+14155552671"]);
    assert_eq!(listed("destination", "destinations", "id"), [destination]);
    assert_eq!(listed("token", "tokens", "hint"), [token.text("token").split_off(36)]);
    assert_eq!(
        type_in(data, &["provider", "show", &provider]).text("adapter"),
        "twilio"
    );

    let received = type_in(
        data,
        &[
            "receive",
            "--location",
            &location,
            "--phone",
            "415 555 2672",
            "--body",
            "By hand",
        ],
    );
    let traced = type_in(data, &["trace", "+14155552672"]).json();
    assert_eq!(traced["messages"][0]["id"], received.json()["message_id"]);
    assert_eq!(traced["messages"][0]["body"], "By hand");
    assert_eq!(traced["messages"][0]["deliveries"][0]["status"], "ready");
    let delivery = type_in(data, &["delivery", "list"]).json();
    let delivery = type_in(
        data,
        &["delivery", "show", delivery["deliveries"][0]["id"].as_str().unwrap()],
    );
    assert!(delivery.text("body").contains("InboundMessage"));
    let by_webhook = type_in(data, &["trace", &delivery.text("webhook_id")]).json();
    assert_eq!(by_webhook["messages"][0]["id"], received.json()["message_id"]);
}

#[test]
fn a_webhook_is_traced_from_its_vendor_to_its_delivery() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (_, provider, _) = furnish(data);
    beside_a_server(data, |welcome| {
        assert_eq!(welcome.token, None, "there was a location already");
        assert_eq!(welcome.webhooks.len(), 1);
        let simulate = [
            "simulate",
            "twilio",
            "--provider",
            &provider,
            "--from",
            "+14155552673",
            "--body",
            "Hello",
        ];
        let twice = type_in(data, &[&simulate[..], &["--count", "3", "--repeat"]].concat());
        assert_eq!(twice.json()["answers"]["200"], 6);
        let became = twice.json()["became"].clone();
        assert_eq!(became[1]["repeated"], true);
        assert_eq!(
            became[0]["message_ids"], became[1]["message_ids"],
            "one message of two requests"
        );
        let forged = type_in(data, &[&simulate[..], &["--forge"]].concat());
        assert_eq!(forged.json()["answers"]["403"], 1);
        assert_eq!(forged.json()["became"][0]["verdict"], "refused");

        let traced = type_in(data, &["trace", "+14155552673"]).json();
        let messages = traced["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 3, "repeats are recognised, the forged one is refused");
        assert_eq!(messages[0]["verified"], "signature verified, address and all fields");
        let by_vendor = type_in(data, &["trace", messages[0]["external_id"].as_str().unwrap()]).json();
        assert_eq!(by_vendor["messages"][0]["id"], messages[0]["id"]);

        let refused = type_in(data, &["request", "list", "--verdict", "refused"]).json();
        let refused = refused["requests"][0].clone();
        assert_eq!(refused["target"], "/in/twilio/…");
        let shown = type_in(data, &["request", "show", refused["id"].as_str().unwrap()]);
        assert!(shown.text("body").contains("Body=Hello"));
        let tested = type_in(data, &["provider", "test", &provider]);
        assert_eq!(tested.code, 1, "no public URL is set, so the vendor cannot reach it");
        assert!(tested.out.contains("a sample message is understood"), "{}", tested.out);
    });
    assert_eq!(
        type_in(data, &["location", "list"]).code,
        0,
        "the server has put everything down"
    );
}

#[test]
fn a_first_start_makes_what_it_needs_and_holds_its_folder() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("inlet-data");
    beside_a_server(&data, |welcome| {
        assert!(welcome.token.as_ref().is_some_and(|token| token.starts_with("pit-")));
        assert!(welcome.login.starts_with(&welcome.listening));
        assert!(welcome.warnings.iter().any(|warning| warning.contains("no public URL")));
        let second = type_in(&data, &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(second.code, 1);
        assert!(
            second.err.starts_with("inlet: another Inlet uses the data folder"),
            "{}",
            second.err
        );
        assert!(
            type_in(&data, &["user", "login-link"])
                .text("url")
                .starts_with(&welcome.listening)
        );
    });
    beside_a_server(&data, |welcome| assert_eq!(welcome.token, None, "a token is made once"));
}

#[test]
fn commands_wait_for_one_another() {
    let folder = TempDir::new().unwrap();
    let add = || type_in(folder.path(), &["location", "add", "--name", "One of many"]).text("id");
    let added: Vec<String> = thread::scope(|scope| {
        let typing: Vec<_> = (0..4).map(|_| scope.spawn(add)).collect();
        typing.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let list = type_in(folder.path(), &["location", "list"]).json();
    assert_eq!(list["locations"].as_array().unwrap().len(), added.len());
}
