//! Live: two tabs agree, and a stream that drops goes on without a gap.

use super::{driver::DESK, house::House};
use crate::harness::cli;

const BUBBLES: &str = "[...document.querySelectorAll('.bubble')].map((bubble) => bubble.textContent).join('|')";

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn two_tabs_agree() {
    let house = House::new();
    let maya = house.person("Maya Okafor", "+14155550101", "One");
    house.person("Noor Haddad", "+14155550102", "Two");
    let browser = house.browser(DESK);
    browser.goto(&house.url(&format!("/c/{maya}")));
    browser.open_tab();
    browser.goto(&house.url("?tab=starred"));
    browser.until("document.body.dataset.live === 'on' && !document.querySelector('.row')");

    // Starred in one, it comes into the other's list; read in one, its number goes in both.
    browser.look_at_tab(0);
    browser.until("document.title.startsWith('(2)')");
    browser.press('s');
    browser.press('u');
    browser.until("document.title.startsWith('(1)')");
    browser.look_at_tab(1);
    browser.until("document.title.startsWith('(1)')");
    browser.until("document.querySelectorAll('.row').length === 1 && !document.querySelector('.row.unread')");

    // What comes in is in both, and stays in order.
    house.receive("+14155550101", "Three");
    browser.until("document.querySelector('.row.unread .preview')?.textContent.includes('Three')");
    browser.look_at_tab(0);
    browser.until(&format!("{BUBBLES} === 'One|Three'"));
    browser.until("document.querySelector('.row .name').textContent === 'Maya Okafor'");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn a_stream_that_drops_goes_on_without_a_gap() {
    let mut house = House::new();
    let maya = house.person("Maya Okafor", "+14155550101", "One");
    let browser = house.browser(DESK);
    browser.goto(&house.url(&format!("/c/{maya}")));
    browser.until(&format!("document.body.dataset.live === 'on' && {BUBBLES} === 'One'"));
    browser.value("window.same = true");

    // The server is gone: the page says so, and something is recorded that no stream tells.
    house.stop();
    browser.until("document.body.dataset.live === 'off' && !document.querySelector('#status').hidden");
    let say = |words: &str| {
        let by = [
            "receive",
            "--location",
            &house.location,
            "--phone",
            "+14155550101",
            "--body",
            words,
        ];
        cli(house.data(), &by);
    };
    say("Two");
    say("Three");
    house.start_again();
    browser.until("document.body.dataset.live === 'on'");
    browser.until(&format!("{BUBBLES} === 'One|Two|Three'"));
    browser.until("document.querySelector('.row .badge')?.textContent === '3'");
    house.receive("+14155550101", "Four");
    browser.until(&format!("{BUBBLES} === 'One|Two|Three|Four'"));
    assert_eq!(browser.value("window.same"), true, "without a reload");
}
