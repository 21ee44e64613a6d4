//! Hostile files in the real page: pictures with scripts, pages, and files that are two things at once, under each type that a
//! sender may claim and under names that are no names. All that the page shows or links to is opened, as somebody would who clicks
//! it: no script of theirs runs and no request leaves, also where the types or the sandbox are gone.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::json;

use super::{
    canary::Canary,
    driver::DESK,
    house::{House, text},
};
use crate::{harness::cli_with, http::Client};

/// What stands in the files, where it can: `JS` is replaced by a script that calls home, `URL` by an address that counts; `\xNN`
/// is a byte. One a line.
const CONTENTS: &str = include_str!("files.txt");

/// What senders say of them.
const TYPES: [&str; 10] = [
    "image/svg+xml",
    "text/html",
    "application/xhtml+xml",
    "text/xml",
    "image/png",
    "audio/mpeg",
    "application/pdf",
    "text/html; charset=utf-7",
    "application/vnd.wap.xhtml+xml",
    "application/javascript",
];

/// What they are called.
const NAMES: [&str; 12] = [
    "picture.svg",
    "page.html",
    "../../../etc/passwd.html",
    "\"><img src=x onerror=JS>.png",
    "a.png\u{202e}gnp.html",
    "x.png.html",
    ".htaccess",
    "javascript:JS",
    "</title><script>JS</script>",
    "con.svg\u{0}.png",
    "{{7*7}}%00%0d%0aContent-Type:text/html",
    "",
];

/// Files of one mail.
const TOGETHER: usize = 24;

/// The bytes of a content.
fn bytes(content: &str) -> Vec<u8> {
    let mut parts = content.split("\\x");
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_at_checked(2).unwrap();
        bytes.push(u8::from_str_radix(byte, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// Mails with every content under every type, posted as a mail server would; how many files they bring.
fn send(house: &House, canary: &Canary, door: &str) -> usize {
    let url = format!("http://{}/leak", canary.address);
    let script = format!("document.title='hit';top.hit=1;parent.hit=1;new Image().src='{url}';fetch('{url}')");
    let arm = |text: &str| text.replace("JS", &script).replace("URL", &url);
    let mut files = Vec::new();
    for content in CONTENTS.lines() {
        for kind in TYPES {
            let name = arm(NAMES[files.len() % NAMES.len()]);
            let (name, body) = (BASE64.encode(name), BASE64.encode(bytes(&arm(content))));
            files.push(format!(
                "--cut\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment; filename=\"=?utf-8?B?{name}?=\"\r\n\r\n{body}\r\n"
            ));
        }
    }
    let mut client = Client::new(house.address(), "12345");
    for (index, together) in files.chunks(TOGETHER).enumerate() {
        let mail = format!(
            "From: sender{index}@example.org\r\nTo: desk@example.com\r\nMessage-ID: <{index}@example.org>\r\nSubject: files\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n\
             --cut\r\nContent-Type: text/plain\r\n\r\nsee there\r\n{}--cut--\r\n",
            together.concat()
        );
        let headers = [("Content-Type", "message/rfc822")];
        let answer = client.send("POST", door, &headers, mail.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    files.len()
}

/// A house with a door for mails.
fn house(flags: &[&str]) -> (House, String) {
    let mut house = House::new();
    house.stop();
    let add = ["provider", "add", "--location", &house.location, "--adapter", "mime"];
    let more = ["--number", "desk@example.com", "--secret-env", "SECRET"];
    let added = cli_with(house.data(), &[&add[..], &more].concat(), &[("SECRET", "12345")]);
    house.start_again_with(flags);
    let url = text(&added, "webhook_url");
    let door = url.splitn(4, '/').last().map(|path| format!("/{path}")).unwrap();
    (house, door)
}

/// Opens all that came; how much of it there was, and how many of the scripts ran.
fn look(flags: &[&str], canary: &Canary) -> (usize, usize) {
    let (house, door) = house(flags);
    let sent = send(&house, canary, &door);
    let browser = house.browser(DESK);
    browser.devtools("Browser.setDownloadBehavior", &json!({ "behavior": "deny" }));
    let mails = sent.div_ceil(TOGETHER);
    browser.until(&format!("document.querySelectorAll('.row').length >= {mails}"));
    let threads = browser.value("[...document.querySelectorAll('.row > a')].map((link) => link.href)");
    let (mut opened, mut ran) = (0, 0);
    for thread in threads.as_array().unwrap() {
        let thread = thread.as_str().unwrap();
        browser.goto(thread);
        browser.until("document.body.dataset.live === 'on'");
        let links = browser.value(
            "[...document.querySelectorAll('#messages a.file, #messages a.picture, #messages audio')].map((one) => one.href || one.src)",
        );
        let clean = "window.hit === undefined && document.title !== 'hit'";
        assert_eq!(browser.value(clean), json!(true), "a script ran in {thread}");
        for link in links.as_array().unwrap() {
            browser.goto(link.as_str().unwrap());
            ran += usize::from(browser.title() == "hit");
            opened += 1;
        }
    }
    assert!(opened >= sent, "{opened} of {sent} were opened");
    (sent, ran)
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_files_do_nothing() {
    let canary = Canary::new();
    let (sent, ran) = look(&[], &canary);
    println!(
        "{sent} hostile files: {ran} scripts run, {} requests left",
        canary.requests()
    );
    assert_eq!((ran, canary.connections()), (0, 0));
}

#[cfg(feature = "sabotage")]
#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_files_do_nothing_under_the_types_that_senders_claim() {
    let canary = Canary::new();
    let (sent, ran) = look(&["--without", "cleaner"], &canary);
    println!(
        "{sent} hostile files under their own types: {ran} scripts run, {} requests left",
        canary.requests()
    );
    assert_eq!((ran, canary.requests()), (0, 0));
}

#[cfg(feature = "sabotage")]
#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_files_do_nothing_without_the_sandbox() {
    let canary = Canary::new();
    let (sent, ran) = look(&["--without", "sandbox"], &canary);
    println!(
        "{sent} hostile files without a sandbox: {ran} scripts run, {} requests left",
        canary.requests()
    );
    assert_eq!((ran, canary.connections()), (0, 0));
}

/// That what runs is noticed.
#[cfg(feature = "sabotage")]
#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_files_are_noticed_where_nothing_guards() {
    let canary = Canary::new();
    let (_, ran) = look(&["--without", "cleaner,sandbox"], &canary);
    assert!(
        ran >= 20 && canary.requests() >= 20,
        "{ran} ran, {} left",
        canary.requests()
    );
}
