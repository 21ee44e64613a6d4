//! `inlet import`: old messages go in once, silently, each bad line is named, and a kill in the middle costs nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Place, Server},
    http::Client,
};

/// Lines of the file that is killed in the middle.
const MANY: usize = 3_000;

fn line(number: usize) -> String {
    let phone = format!("+1415555{:04}", number % 7);
    let minute = number % 60;
    let date = format!("2024-07-29T{:02}:{minute:02}:00Z", (number / 60) % 24);
    json!({ "type": "SMS", "phone": phone, "message": format!("old {number}"), "date": date }).to_string()
}

fn write(folder: &Path, lines: &[String]) -> PathBuf {
    let file = folder.join("old.ndjson");
    fs::write(&file, lines.join("\n")).unwrap();
    file
}

/// Runs it to its end: whether it complained, and what it printed.
fn import(data: &Path, file: &Path, place: &Place, more: &[&str]) -> (bool, Value) {
    let output = command(data, file, place, more).arg("--json").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let said = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said} {:?}", output.stderr));
    (output.status.success(), said)
}

fn command(data: &Path, file: &Path, place: &Place, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inlet"));
    command.args(["import"]).arg(file).args(["--location", &place.location]);
    command.args(["--rate", "100000", "--data"]).arg(data);
    command.args(Engine::flags(data)).args(more).stdin(Stdio::null());
    command
}

fn count(data: &Path, sql: &str) -> i64 {
    Engine::number(data, sql)
}

const MESSAGES: &str = "select count(*) from message";
const DELIVERIES: &str = "select count(*) from delivery";
const UNREAD: &str = "select coalesce(sum(unread), 0) from conversation";

#[test]
fn old_messages_go_in_silently_and_each_bad_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let place = Place::make(&data);
    let mail = json!({ "type": "Email", "email": "maya@okafor.studio", "subject": "Plan", "html": "<p>hi</p>", "date": "2024-07-29T10:00:00Z", "direction": "outbound" });
    let mut lines = vec![
        line(0),
        String::new(),
        "{\"type\":".to_owned(),
        mail.to_string(),
        json!({ "type": "SMS", "phone": "+14155550000", "message": "when?" }).to_string(),
        json!({ "type": "sms", "phone": "+14155550000", "message": "x", "date": "2024-07-29" }).to_string(),
        json!({ "type": "SMS", "message": "x", "date": "2024-07-29T10:00:00Z" }).to_string(),
        json!({ "type": "SMS", "phone": "+14155550000", "message": "STOP", "date": "2024-07-29T10:00:00Z", "altId": "SM9" })
            .to_string(),
    ];
    let (ok, said) = import(&data, &write(folder.path(), &lines), &place, &[]);
    assert!(!ok, "lines were refused");
    assert_eq!((&said["recorded"], &said["refused"]), (&json!(3), &json!(4)), "{said}");
    let bad: Vec<(u64, &str)> = said["bad_lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bad| (bad["line"].as_u64().unwrap(), bad["reason"].as_str().unwrap()))
        .collect();
    let expected = [
        (3, "JSON"),
        (5, "date is required"),
        (6, "type must be"),
        (7, "contactId"),
    ];
    assert_eq!(bad.len(), expected.len(), "{bad:?}");
    for ((line, reason), (number, part)) in bad.iter().zip(expected) {
        assert_eq!(*line, number);
        assert!(reason.contains(part), "line {line}: {reason}");
    }
    assert_eq!(count(&data, UNREAD), 0, "nothing is unread");
    assert_eq!(count(&data, DELIVERIES), 0, "nobody is told");
    // What was mended is recorded, and the rest recognised.
    lines[4] = json!({ "type": "SMS", "phone": "+14155550000", "message": "when?", "date": "2024-07-29T11:00:00Z" })
        .to_string();
    for bad in [2, 5, 6] {
        lines[bad].clear();
    }
    // As Windows writes a file.
    lines[0].insert(0, '\u{feff}');
    let (ok, said) = import(&data, &write(folder.path(), &lines), &place, &[]);
    assert!(ok);
    assert_eq!((&said["recorded"], &said["repeated"]), (&json!(1), &json!(3)), "{said}");
    assert_eq!(count(&data, MESSAGES), 4);
    // Out loud where that is asked for, after all that is new.
    let (ok, _) = import(&data, &write(folder.path(), &[line(1)]), &place, &["--announce"]);
    assert!(ok);
    assert_eq!(count(&data, UNREAD), 1);
    assert_eq!(count(&data, "select count(*) from delivery where class = 2"), 1);
    // The old STOP is shown and opts nobody out: what was said long ago may have been taken back since.
    let server = Server::start(&data, &[]);
    let mut client = Client::new(server.address, &place.token);
    let target = format!(
        "/contacts/search/duplicate?locationId={}&number=%2B14155550000",
        place.location
    );
    let found = client.get(&target).unwrap();
    assert!(found.body.contains("+14155550000"), "{}", found.body);
    assert!(!found.body.contains("\"active\""), "{}", found.body);
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let place = Place::make(&data);
    let lines: Vec<String> = (0..MANY).map(line).collect();
    let file = write(folder.path(), &lines);
    let _server = Server::start(&data, &[]);
    for part in 1..=3 {
        let slow = ["--rate", "2000"];
        let mut running = Command::new(env!("CARGO_BIN_EXE_inlet"));
        running
            .args(["import"])
            .arg(&file)
            .args(["--location", &place.location])
            .args(slow);
        running.arg("--data").arg(&data).args(Engine::flags(&data));
        let mut running = running.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let wanted = i64::try_from(MANY * part / 5).unwrap();
        let came = (0..600).any(|_| {
            thread::sleep(Duration::from_millis(50));
            count(&data, MESSAGES) >= wanted
        });
        running.kill().unwrap();
        running.wait().unwrap();
        assert!(came, "the import goes on");
    }
    let before = count(&data, MESSAGES);
    let (ok, said) = import(&data, &file, &place, &[]);
    assert!(ok);
    let number = |key: &str| said[key].as_i64().unwrap();
    assert_eq!(number("repeated"), before, "what was recorded is recognised");
    assert_eq!(number("recorded") + before, i64::try_from(MANY).unwrap());
    let distinct = count(&data, "select count(distinct body) from message");
    assert_eq!((count(&data, MESSAGES), distinct), (3_000, 3_000), "each once");
    println!(
        "import: killed 3 times in {MANY} lines: {before} were there, {} went on, each once",
        number("recorded")
    );
}
