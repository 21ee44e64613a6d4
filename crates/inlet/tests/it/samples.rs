//! The inbound call in eight languages, as the page shows it: each whose interpreter is on this machine is run.

use std::{collections::BTreeSet, process::Command};

use serde_json::json;

use crate::{
    harness::{Place, Server, cli},
    http::Client,
};

/// A file of the page, what tells whether it can be run here, and what runs it; the file's path follows.
const RUN: [(&str, &[&str], &[&str]); 8] = [
    ("inbound.sh", &["curl", "--version"], &["sh"]),
    ("inbound.mjs", &["node", "--version"], &["node"]),
    ("inbound.py", &["python3", "--version"], &["python3"]),
    (
        "inbound.php",
        &["php", "-r", "exit((int) !extension_loaded('curl'));"],
        &["php"],
    ),
    ("Inbound.java", &["javac", "--version"], &["java"]),
    ("inbound.go", &["go", "version"], &["go", "run"]),
    ("inbound.rb", &["ruby", "--version"], &["ruby"]),
    ("inbound.ps1", &["pwsh", "-Version"], &["pwsh", "-NoProfile", "-File"]),
];

fn runs(command: &[&str]) -> bool {
    let ran = Command::new(command[0]).args(&command[1..]).output();
    ran.is_ok_and(|ran| ran.status.success())
}

/// What the page shows under a file's name, as it was before it was written as HTML.
fn shown(page: &str, file: &str) -> String {
    let opening = format!("data-file=\"{file}\">");
    let (_, rest) = page
        .split_once(&opening)
        .unwrap_or_else(|| panic!("the page has no {file}"));
    let (text, _) = rest.split_once("</pre>").unwrap();
    let marks = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    marks
        .iter()
        .fold(text.to_owned(), |text, (mark, letter)| text.replace(mark, letter))
}

#[test]
fn each_sample_that_can_run_here_adds_its_message() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let server = Server::start(folder.path(), &[]);
    let mut client = Client::new(server.address, &place.token);
    let first = json!({"type": "SMS", "phone": "+14155552671", "message": "first"});
    let first = client.ask("POST", "/conversations/messages/inbound", Some(&first), 200);
    let link = cli(folder.path(), &["user", "login-link"]);
    let page = logged_in(&mut client, link["url"].as_str().unwrap());

    let mut ran = BTreeSet::new();
    for (file, probe, command) in RUN {
        let text = shown(&page, file).replace("YOUR-TOKEN", &place.token);
        assert!(text.contains(&server.address.to_string()) && text.contains(first["contactId"].as_str().unwrap()));
        let path = folder.path().join(file);
        std::fs::write(&path, text).unwrap();
        if !runs(probe) {
            continue;
        }
        let mut command = command.iter();
        let mut program = Command::new(command.next().unwrap());
        let done = program
            .args(command)
            .arg(&path)
            .env("no_proxy", "127.0.0.1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(
            done.status.success(),
            "{file}: {said} {}",
            String::from_utf8_lossy(&done.stderr)
        );
        assert!(said.contains("messageId"), "{file} said {said}");
        ran.insert(file);
    }
    let thread = format!(
        "/conversations/{}/messages?limit=50",
        first["conversationId"].as_str().unwrap()
    );
    let page = client.ask("GET", &thread, None, 200);
    let messages = page["messages"]["messages"].as_array().unwrap();
    assert_eq!(messages.len(), ran.len() + 1, "each that ran added one: {ran:?}");
    assert!(ran.contains("inbound.py"), "Python is there wherever the tests are");
    println!("samples that ran: {ran:?}");
}

/// The page of samples, as whoever used this login link sees it.
fn logged_in(client: &mut Client, link: &str) -> String {
    let path = link.splitn(4, '/').last().map(|path| format!("/{path}")).unwrap();
    let ours = [("Sec-Fetch-Site", "same-origin")];
    let answer = client.send("POST", &path, &ours, b"").unwrap();
    assert_eq!(answer.status, 303, "{answer:?}");
    let cookie = answer.cookie.unwrap();
    let page = client
        .send("GET", "/docs/inbound", &[("Cookie", &cookie)], b"")
        .unwrap();
    assert_eq!(page.status, 200);
    let explorer = client.send("GET", "/docs", &[("Cookie", &cookie)], b"").unwrap();
    assert!(explorer.body.contains("/conversations/messages/inbound"));
    page.body
}
