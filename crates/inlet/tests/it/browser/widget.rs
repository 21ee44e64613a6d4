//! The chat widget in a page of another site: what the visitor writes is in the inbox, what is answered there is in the widget,
//! without a reload and after one.

use std::fs;

use serde_json::{Value, json};

use super::{
    canary::Canary,
    driver::{Browser, DESK, ENTER},
    house::{House, text},
};
use crate::harness::cli;

const LOG: &str = "[...root.querySelectorAll('#log p')].map((line) => line.textContent).join('|')";

/// Puts the widget's line into the page.
fn install(browser: &Browser, page: &str, address: &str) {
    browser.goto(page);
    browser.value(&format!(
        "void document.body.append(Object.assign(document.createElement('script'), {{ src: {} }}))",
        json!(address)
    ));
    browser.until("window.root = [...document.body.children].map((one) => one.shadowRoot).find(Boolean)");
}

/// Adds a widget for pages of a site; its provider's id and its address.
fn widget(house: &House, site: &Canary) -> (String, String) {
    let settings = format!("origins = [\"http://{}\"]\ngreeting = \"Hello!\"", site.address);
    let file = house.data().join("widget.toml");
    fs::write(&file, settings).unwrap();
    let add = [
        "provider",
        "add",
        "--location",
        &house.location,
        "--adapter",
        "web-chat",
    ];
    let settings = ["--template", file.to_str().unwrap()];
    let added = cli(house.data(), &[&add[..], &settings].concat());
    let url = text(&added, "webhook_url");
    let (_, path) = url.split_once("/in/").unwrap();
    (text(&added, "id"), house.site(&format!("/in/{path}")))
}

/// Answers by the API, to whoever wrote last.
fn say(house: &House, provider: &str, words: &str) {
    let search = format!("/conversations/search?locationId={}", house.location);
    let chat = house.api("GET", &search, None, 200);
    let contact: &Value = &chat["conversations"][0]["contactId"];
    let body = json!({
        "type": "Live_Chat", "contactId": contact, "conversationProviderId": provider, "message": words,
    });
    house.api("POST", "/conversations/messages", Some(&body), 200);
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn an_answer_in_the_inbox_is_in_the_visitors_widget() {
    let (house, site) = (House::new(), Canary::new());
    let (provider, address) = widget(&house, &site);
    let visitor = Browser::open(DESK);
    install(&visitor, &site.trap(), &address);
    visitor.value("void root.getElementById('open').click()");
    visitor.keys("Is Saturday free?");
    visitor.press(ENTER);
    visitor.until("root.querySelector('#log small')?.textContent === 'Sent'");

    let desk = house.browser(DESK);
    desk.click(".row > a");
    desk.until("document.querySelector('.bubble')?.textContent === 'Is Saturday free?'");
    desk.click("form.reply textarea");
    desk.keys("Yes, at ten");
    desk.click("form.reply button");
    visitor.until(&format!("{LOG} === 'Hello!|Is Saturday free?|Yes, at ten'"));
    // What the page shows has arrived, and the inbox says so by itself.
    desk.until("document.querySelector('.message.out .tick')?.title === 'delivered'");

    // While the panel is closed, what is new is counted; while the page is gone, nothing is lost.
    visitor.value("void root.getElementById('close').click()");
    say(&house, &provider, "Or at noon");
    visitor.until("root.getElementById('count').textContent === '1' && !root.getElementById('count').hidden");
    visitor.goto("about:blank");
    say(&house, &provider, "<b>Which one?</b>");
    install(&visitor, &site.trap(), &address);
    visitor.until(&format!(
        "{LOG} === 'Hello!|Is Saturday free?|Yes, at ten|Or at noon|<b>Which one?</b>'"
    ));
    visitor.until("root.getElementById('count').textContent === '2'");
    visitor.value("void root.getElementById('open').click()");
    visitor.until("root.getElementById('count').hidden");
}
