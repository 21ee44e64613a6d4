//! What a person does beside reading: replays from the inspector, replies, tags, silence, a copy of everything, and forgetting.

use serde_json::json;

use super::{
    driver::DESK,
    house::{House, text},
};
use crate::{harness::cli, receiver::Receiver};

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn a_webhook_is_replayed_from_the_inspector() {
    let house = House::with(&["--allow", "127.0.0.0/8"]);
    let receiver = Receiver::new(|_| (200, ""));
    let add = [
        "destination",
        "add",
        "--location",
        &house.location,
        "--url",
        &receiver.url("/hook"),
    ];
    cli(house.data(), &add);
    let (conversation, message) = house.receive("+14155550101", "Hello");
    receiver.until(|seen| seen.len() == 1);
    let browser = house.browser(DESK);
    browser.goto(&house.url(&format!("/c/{conversation}?m={message}")));
    browser.click("#tab-webhooks");
    browser.until("document.querySelector('#side-webhooks .verdict.ok')");
    browser.click("#side-webhooks button[value=replay]");
    let seen = receiver.until(|seen| seen.len() == 2);
    assert_eq!(
        (&seen[0].id, &seen[0].body),
        (&seen[1].id, &seen[1].body),
        "the same event again"
    );
    browser.until("document.querySelectorAll('#side-webhooks .tries li').length === 2");
    browser.until("document.querySelector('#tab-webhooks').getAttribute('aria-selected') === 'true'");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn a_reply_goes_to_the_delivery_url_and_the_box_is_closed_without_one() {
    let house = House::with(&["--allow", "127.0.0.0/8"]);
    let receiver = Receiver::new(|_| (200, ""));
    let provider = [
        "provider",
        "add",
        "--location",
        &house.location,
        "--type",
        "SMS",
        "--number",
        "+14155550100",
    ];
    let provider = text(
        &cli(
            house.data(),
            &[&provider[..], &["--delivery-url", &receiver.url("/send")]].concat(),
        ),
        "id",
    );
    let message =
        json!({ "type": "SMS", "phone": "+14155550101", "message": "Hi", "conversationProviderId": provider });
    let said = house.api("POST", "/conversations/messages/inbound", Some(&message), 200);
    let (closed, _) = house.receive("+14155550102", "Hi");
    let browser = house.browser(DESK);
    browser.goto(&house.url(&format!("/c/{closed}")));
    browser.until("document.querySelector('.reply.closed')?.textContent.includes('delivery URL')");
    browser.goto(&house.url(&format!("/c/{}", text(&said, "conversationId"))));
    browser.until("document.body.dataset.live === 'on'");
    browser.press('r');
    browser.keys("Good morning");
    browser.click(".reply button");
    let seen = receiver.until(|seen| !seen.is_empty());
    assert!(seen[0].body.contains("Good morning"), "{}", seen[0].body);
    browser.until("document.querySelector('.message.out .bubble')?.textContent === 'Good morning'");
    browser.until("document.querySelector('.reply textarea').value === ''");

    // Whoever wants no messages gets none, and the box says so and keeps what was written.
    browser.press('\u{e00c}');
    browser.press('p');
    browser.click(".toggle[value=SMS]");
    browser.until("document.querySelector('.toggle[value=SMS]').getAttribute('aria-pressed') === 'false'");
    browser.click(".reply textarea");
    browser.keys("Again");
    browser.click(".reply button");
    browser.until("!document.querySelector('.reply .why').hidden");
    assert_eq!(browser.text("document.querySelector('.reply textarea').value"), "Again");
    assert_eq!(receiver.seen().len(), 1);
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn a_contact_is_tagged_silenced_exported_and_forgotten() {
    let house = House::new();
    let maya = house.person("Maya Okafor", "+14155550101", "One");
    house.receive("+14155550101", "Two");
    house.person("Noor Haddad", "+14155550102", "Three");
    let browser = house.browser(DESK);
    browser.goto(&house.url(&format!("/c/{maya}")));
    browser.until("document.body.dataset.live === 'on'");
    browser.press('p');
    browser.until("document.querySelector('.person h2')?.textContent === 'Maya Okafor'");
    browser.click(".add input[name=what]");
    browser.keys("Recall Due\u{e007}");
    browser.until("document.querySelector('.tag')?.textContent.trim() === 'recall due'");
    browser.click(".tag button");
    browser.until("!document.querySelector('.tag')");
    browser.click(".toggle[value='']");
    browser.until("document.querySelector(\".toggle[value='']\").getAttribute('aria-pressed') === 'false'");
    let exported = browser.value("fetch(document.querySelector('a[download]').href).then((answer) => answer.json())");
    assert_eq!(exported["contact"]["phone"], "+14155550101", "{exported}");
    assert_eq!(exported["messages"].as_array().map(Vec::len), Some(2), "{exported}");
    browser.click(".forget summary");
    browser.click(".forget button");
    browser
        .until("[...document.querySelectorAll('.row .name')].map((name) => name.textContent).join() === 'Noor Haddad'");
    browser.goto(&house.url(&format!("/c/{maya}")));
    browser.until("document.body.innerText.includes('There is nothing here')");
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn two_contacts_are_merged_and_parted_again() {
    let house = House::new();
    let first = house.person("Maya Okafor", "+14155550101", "By the first number");
    house.person("Maya Okafor", "+14155550102", "By the second number");
    let browser = house.browser(DESK);
    browser.until("document.querySelectorAll('.row').length === 2");
    browser.goto(&house.url(&format!("/c/{first}?side=contact")));
    browser.until("document.body.dataset.live === 'on'");
    let bubbles = "[...document.querySelectorAll('.bubble')].map((bubble) => bubble.textContent).join('|')";
    browser.click("#side form.reach button");
    browser.until("document.querySelector('#side form.reach button')?.textContent === 'Undo'");
    browser.goto(&house.url(&format!("/c/{first}?side=contact")));
    browser.until(&format!("{bubbles} === 'By the first number|By the second number'"));
    browser.until("document.querySelectorAll('.row').length === 1");
    browser.click("#side form.reach button");
    browser.until("document.querySelector('#side form.reach button')?.textContent === 'Merge'");
    browser.goto(&house.url(&format!("/c/{first}")));
    browser.until(&format!("{bubbles} === 'By the first number'"));
    browser.until("document.querySelectorAll('.row').length === 2");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn a_message_is_found_by_its_words_and_opened_in_its_place() {
    let house = House::new();
    let (conversation, first) = house.receive("+14155550101", "The café on Pine Street, please");
    for number in 0..120 {
        house.receive("+14155550101", &format!("filler {number}"));
    }
    house.person("Noor Haddad", "+14155550102", "Something else");
    let browser = house.browser(DESK);
    let found = "document.querySelector('.hit mark')?.textContent.trim() === 'café'";
    browser.press('/');
    browser.keys("cafe");
    // The index takes up what is new a moment later: until then the page is asked again.
    browser.until(&format!(
        "{found} || (document.body.dataset.live === 'on' && void inlet.show(location.href))"
    ));
    browser.press('\u{e007}');
    browser.until("document.activeElement.closest('.hit')");
    browser.press('\u{e007}');
    browser.until(&format!("document.activeElement.id === 'm-{first}'"));
    browser.until(&format!("location.pathname.endsWith('/c/{conversation}')"));
    browser.until("document.querySelector('a.newer')");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
