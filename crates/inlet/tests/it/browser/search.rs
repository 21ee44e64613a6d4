//! Search and filters: what is typed cuts the list down, stands in the address, and goes again.

use serde_json::json;

use super::{driver::DESK, house::House};

const NAMES: &str = "[...document.querySelectorAll('.row:not(.hit) .name')].map((name) => name.textContent).join('|')";

fn names(expected: &str) -> String {
    format!("{NAMES} === {}", json!(expected))
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn the_list_is_cut_down_by_search_and_filters() {
    let house = House::new();
    house.person("Maya Okafor", "+14155550101", "Is Thursday free?");
    house.person("Noor Haddad", "+14155550102", "Thank you!");
    house.person("Sam Wu", "+442079460958", "Running late");
    let mail = json!({
        "type": "Email", "email": "lena@example.org", "subject": "Invoice 2031", "message": "Attached.", "html": "<p>Attached.</p>"
    });
    house.api("POST", "/conversations/messages/inbound", Some(&mail), 200);
    let browser = house.browser(DESK);
    let all = "lena@example.org|Sam Wu|Noor Haddad|Maya Okafor";
    browser.until(&names(all));

    // The key brings the box, and what is typed is looked for at once.
    browser.press('/');
    browser.keys("okafor");
    browser.until(&names("Maya Okafor"));
    browser.until("location.search === '?q=okafor'");
    browser.reload();
    browser.until(&names("Maya Okafor"));
    browser.until("document.querySelector('#q').value === 'okafor'");
    browser.click("#q");
    browser.value("document.querySelector('#q').select()");
    browser.keys("+44 20 7946 0958");
    browser.until(&names("Sam Wu"));
    browser.value("document.querySelector('#q').select()");
    browser.keys("nobody at all");
    browser.until("!document.querySelector('#empty').hidden && !document.querySelector('.row')");
    browser.click("#empty a");
    browser.until(&names(all));

    // A filter by channel, and off again; Back leads to it again.
    browser.click(".choose-one summary");
    browser.until("[...document.querySelectorAll('.choose-one[open] .menu a')].length > 3");
    let mail =
        "[...document.querySelectorAll('.choose-one[open] .menu a')].find((one) => one.textContent === 'E-mail')";
    browser.value(&format!("{mail}.click()"));
    browser.until(&names("lena@example.org"));
    browser.click(".chip.on");
    browser.until(&names(all));
    browser.back();
    browser.until(&names("lena@example.org"));

    browser.click(".tabs a");
    browser.until("location.search.includes('tab=unread')");
    browser.until(&names("lena@example.org"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
