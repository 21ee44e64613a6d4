//! On a phone: one pane at a time, and a way back.

use super::{driver::PHONE, house::House};

const SHOWN: &str = "['list', 'thread', 'side'].filter((id) => document.getElementById(id).offsetParent).join('|')";

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn a_phone_shows_one_pane_at_a_time() {
    let house = House::new();
    house.person(
        "Wolfeschlegelsteinhausenbergerdorff Bartholomew-Featherstonehaugh",
        "+14155550101",
        "https://example.org/a/very/long/address/that/has/no/room/on/a/phone/and/is/not/to/push/anything/out/of/the/window",
    );
    let browser = house.browser(PHONE);
    let shown = |panes: &str| browser.until(&format!("{SHOWN} === '{panes}'"));
    let fits = || assert_eq!(browser.value("document.documentElement.scrollWidth"), 390);
    shown("list");
    fits();
    browser.click(".row > a");
    shown("thread");
    fits();
    browser.click("a.inspect");
    shown("side");
    fits();
    browser.click("#side .close");
    shown("thread");
    browser.click("a.back");
    shown("list");
    browser.back();
    shown("thread");
}
