//! The empty state: what it tells to do works as it stands there, and the page turns into the inbox by itself.

use std::process::Command;

use super::{driver::DESK, house::House};

/// How soon the first message must be on the screen, in seconds, counted from the start of the shell.
const SOON: u64 = 5;

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn the_line_of_the_empty_page_works_when_pasted() {
    let house = House::new();
    let browser = house.browser(DESK);
    browser.until("document.querySelector('.guide')");
    assert_eq!(browser.value("document.querySelectorAll('.row').length"), 0);
    browser.click(".guide button[value=token]");
    browser.until("document.querySelector('#curl-line').textContent.includes('pit-')");
    browser.until("document.body.dataset.live === 'on'");
    browser.value("window.same = true");
    // What the Copy button puts on the clipboard is the text without the button's own word.
    let line = browser.text("document.querySelector('#curl-line').firstChild.textContent");
    let began = std::time::Instant::now();
    let pasted = Command::new("sh").args(["-c", &line]).output().unwrap();
    let answered = began.elapsed();
    assert!(pasted.status.success(), "{pasted:?}");
    let said = String::from_utf8_lossy(&pasted.stdout);
    assert!(said.contains("messageId"), "{said}");
    browser.until("document.querySelector('.row .preview')?.textContent.includes('Hello Inlet')");
    println!(
        "on the screen {} ms after the shell was started, {} ms after it ended; the mark is 1,000 ms",
        began.elapsed().as_millis(),
        began.elapsed().saturating_sub(answered).as_millis()
    );
    assert!(began.elapsed().as_secs() < SOON);
    assert_eq!(browser.value("window.same"), true, "without a reload");
    browser.until("!document.querySelector('.guide')");
    browser.click(".row > a");
    browser.until("document.querySelector('.bubble')?.textContent === 'Hello Inlet'");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn its_button_sends_the_same_message() {
    let house = House::new();
    let browser = house.browser(DESK);
    browser.click(".guide button[value=simulate]");
    browser.until("document.querySelector('.row .preview')?.textContent.includes('Hello Inlet')");
    browser.until("document.title.startsWith('(1)')");
}
