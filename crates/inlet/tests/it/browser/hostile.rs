//! Hostile mails and files in the real page: no script of theirs runs and no request leaves, also where the cleaner or the
//! sandbox is gone. What is tried is OWASP's XSS filter evasion cheat sheet, HTML5 Security Cheatsheet's vectors, mutation
//! XSS, CSS and markup that load by themselves, and files that are not what they say.

use serde_json::json;

use super::{canary::Canary, driver::DESK, house::House};

/// What runs or loads, where it can: `JS` is replaced by a script that calls home, `URL` by an address that counts.
const PAYLOADS: &str = include_str!("payloads.txt");
/// Ways in which each is dressed.
const DRESSES: [(&str, &str); 4] = [
    ("plain", "PAYLOAD"),
    ("in a table", "<table><tr><td>PAYLOAD</td></tr></table>"),
    (
        "behind a broken attribute",
        "<p title=\"\">PAYLOAD</p><a href='x' title='\">PAYLOAD",
    ),
    (
        "in a document",
        "<!doctype html><html><head><title>x</title></head><body>PAYLOAD</body></html>",
    ),
];

/// Sends every payload in every dress, as a mail and as what surrounds it.
fn send(house: &House, canary: &Canary) -> usize {
    let url = format!("http://{}/leak", canary.address);
    let script = format!("top.hit=1;parent.hit=1;new Image().src='{url}'");
    let mut sent = 0;
    for (index, payload) in PAYLOADS.lines().filter(|line| !line.is_empty()).enumerate() {
        let payload = payload.replace("JS", &script).replace("URL", &url);
        for (name, dress) in DRESSES {
            let mail = json!({
                "type": "Email",
                "email": format!("sender{}@example.org", index % 8),
                "subject": format!("{index} {name} {payload}"),
                "message": payload,
                "html": dress.replace("PAYLOAD", &payload),
            });
            house.api("POST", "/conversations/messages/inbound", Some(&mail), 200);
            sent += 1;
        }
        let text = json!({ "type": "SMS", "phone": format!("+1415555010{}", index % 8), "message": payload });
        house.api("POST", "/conversations/messages/inbound", Some(&text), 200);
        sent += 1;
    }
    sent
}

/// Opens every conversation to its beginning, and each inspector's parts of one message; what ran, and what called.
fn look(house: &House, canary: &Canary) {
    let sent = send(house, canary);
    assert!(sent >= 200, "{sent} are too few");
    let browser = house.browser(DESK);
    browser.until("document.querySelectorAll('.row').length >= 16");
    let threads = browser.value("[...document.querySelectorAll('.row > a')].map((link) => link.href)");
    let mut frames = 0;
    for thread in threads.as_array().unwrap() {
        browser.goto(thread.as_str().unwrap());
        browser.until("document.body.dataset.live === 'on'");
        // Frames are drawn when they come into view: all of them are brought there.
        browser.value("document.querySelectorAll('iframe').forEach((frame) => { frame.loading = 'eager'; })");
        // What is older comes when the beginning of the thread is in view.
        browser.until("(document.querySelector('#thread .scroll').scrollTop = -1e9, !document.querySelector('a.older:not(.newer)'))");
        browser.value("document.querySelectorAll('iframe').forEach((frame) => { frame.loading = 'eager'; frame.scrollIntoView(); })");
        frames += browser
            .value("document.querySelectorAll('iframe').length")
            .as_u64()
            .unwrap();
        browser.value("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        assert_eq!(
            browser.value("window.hit ?? null"),
            json!(null),
            "a script ran in {thread}"
        );
    }
    assert!(frames >= 150, "{frames} mails were framed");
    println!(
        "{sent} hostile messages, {frames} framed: 0 scripts run, {} requests left",
        canary.requests()
    );
    assert_eq!(canary.requests(), 0);
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_mails_do_nothing() {
    let canary = Canary::new();
    look(&House::new(), &canary);
    assert_eq!(canary.connections(), 0);
}

/// That a script which runs, and a picture that loads, are noticed.
#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_is_noticed_where_nothing_guards() {
    let canary = Canary::new();
    let browser = super::driver::Browser::open(DESK);
    browser.goto(&canary.trap());
    browser.until("window.hit === 1");
    assert!(canary.requests() > 0);
}

#[cfg(feature = "sabotage")]
#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_mails_do_nothing_without_the_cleaner() {
    // One thing no policy can forbid a frame: `rel=preconnect` opens a connection, on which nothing is sent.
    look(&House::with(&["--without", "cleaner"]), &Canary::new());
}

#[cfg(feature = "sabotage")]
#[test]
#[ignore = "it needs Chromium: script/browser"]
fn hostile_mails_do_nothing_without_the_sandbox() {
    let canary = Canary::new();
    look(&House::with(&["--without", "sandbox"]), &canary);
    assert_eq!(canary.connections(), 0);
}
