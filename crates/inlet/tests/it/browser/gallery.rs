//! A house full of what there is to look at, for whoever judges the look: the checks of axe, and the pictures of README,
//! which `script/pictures` takes from it.

use std::{path::PathBuf, time::Duration};

use inlet_core::Timestamp;
use serde_json::{Value, json};

use super::{
    driver::{Browser, Size},
    house::{House, text},
};
use crate::{harness::cli, receiver::Receiver};

const LONG: &str = "Wolfeschlegelsteinhausenbergerdorff Bartholomew-Featherstonehaugh von und zu Hohenlohe";
const DATE: &str = "Wed Nov 25 2026 will do, and thank you so much for fitting me in at such short notice!";

/// Somebody's name and number, and what they write how many minutes ago.
type Talk = (&'static str, &'static str, &'static [(i64, &'static str)]);

const TALK: [Talk; 9] = [
    (
        "Tom Berg",
        "+14155550105",
        &[(2900, "Hi, do you take Delta Dental?"), (2880, "And is parking free?")],
    ),
    (
        "Ines Prado",
        "+14155550104",
        &[(1500, "Running ten minutes late, sorry!")],
    ),
    (
        "יעל כהן",
        "+14155550106",
        &[(400, "שלום, אפשר לקבוע תור ליום חמישי? תודה רבה!")],
    ),
    (
        "نور الحداد",
        "+14155550107",
        &[(300, "مرحبا، هل يوجد موعد متاح يوم الخميس بعد الظهر؟")],
    ),
    (
        LONG,
        "+14155550108",
        &[(
            240,
            "https://example.org/a/very/long/address/that/has/no/room/in/a/bubble/and/is/not/to/push/anything/out?of=the&window=1",
        )],
    ),
    (
        "Sam Wu",
        "+14155550103",
        &[
            (95, "Can I move my cleaning to next week?"),
            (94, "Tuesday or Wednesday would be best"),
        ],
    ),
    (
        "Lena Fischer",
        "+14155550102",
        &[(44, "My crown came loose this morning")],
    ),
    ("", "+442079460958", &[(31, "Is this the practice on Pine Street?")]),
    (
        "Maya Okafor",
        "+14155550101",
        &[
            (1460, "Good morning! Is Thursday at 3 still free?"),
            (12, "Actually Wednesday works better"),
            (11, DATE),
        ],
    ),
];

fn ago(minutes: i64) -> String {
    let at = Timestamp::now()
        .checked_sub(Duration::from_secs(60 * u64::try_from(minutes).unwrap()))
        .unwrap();
    at.to_string()
}

/// Fills the house, and names the pages that show what is in it: the list, a thread, a mail, the inspector, the contact, a
/// search, and lists with nothing in them.
pub(crate) fn fill(house: &House) -> Vec<String> {
    let receiver = Receiver::new(|_| (200, ""));
    let data = house.data();
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
            data,
            &[&provider[..], &["--delivery-url", &receiver.url("/send")]].concat(),
        ),
        "id",
    );
    cli(
        data,
        &[
            "destination",
            "add",
            "--location",
            &house.location,
            "--url",
            &receiver.url("/hook"),
        ],
    );
    let (conversation, message) = TALK
        .map(|talk| say(house, &provider, &talk))
        .into_iter()
        .next_back()
        .unwrap();
    let mail = mail(house);
    call(house);
    let of = |query: &str| house.url(&format!("/c/{conversation}{query}"));
    vec![
        house.url(""),
        of(""),
        house.url(&format!("/c/{mail}")),
        of(&format!("?m={message}")),
        of("?side=contact"),
        house.url("?q=thursday"),
        house.url("?q=nobody"),
        house.url("?tab=starred"),
    ]
}

/// Lets somebody write; the conversation and the last message.
fn say(house: &House, provider: &str, &(name, phone, said): &Talk) -> (String, String) {
    let contact = json!({ "locationId": house.location, "name": name, "phone": phone });
    let contact = if name.is_empty() {
        Value::Null
    } else {
        house.api("POST", "/contacts", Some(&contact), 201)
    };
    let mut last = (String::new(), String::new());
    for (minutes, words) in said {
        let message = json!({
            "type": "SMS", "phone": phone, "message": words, "date": ago(*minutes), "conversationProviderId": provider,
        });
        let said = house.api("POST", "/conversations/messages/inbound", Some(&message), 200);
        last = (text(&said, "conversationId"), text(&said, "messageId"));
    }
    if name == "Maya Okafor" {
        let id = contact["contact"]["id"].as_str().unwrap();
        let tags = json!({ "tags": ["patient", "recall due", "insurance: delta"] });
        house.api("POST", &format!("/contacts/{id}/tags"), Some(&tags), 201);
        let words = "It is. Shall I book you in?";
        let sent = json!({ "type": "SMS", "contactId": id, "message": words, "conversationProviderId": provider });
        house.api("POST", "/conversations/messages", Some(&sent), 200);
    }
    last
}

/// A mail with a laid-out body, quotes and two files; its conversation.
fn mail(house: &House) -> String {
    let html = "<h2>Your invoice</h2><p>Dear team,</p><p>please find <b>invoice 2031</b> attached. Let us know by <i>Friday</i>.</p>\
        <table border=1 cellpadding=6><tr><th>Item</th><th>Amount</th></tr><tr><td>Composite, 12 units</td><td>$ 340.00</td></tr></table>\
        <img src=\"https://tracker.example/pixel.gif\"><blockquote>On Monday you wrote: could you send it again?</blockquote>";
    let mail = json!({
        "type": "Email", "email": "billing@northside-dental-supply.example", "emailTo": "desk@harbourdental.example",
        "subject": "Invoice 2031 for November", "message": "Please find it attached.", "html": html, "date": ago(65),
        "attachments": ["https://files.example/invoice-2031.pdf"],
    });
    text(
        &house.api("POST", "/conversations/messages/inbound", Some(&mail), 200),
        "conversationId",
    )
}

/// A call that nobody answered, with its recording.
fn call(house: &House) {
    let calls = text(
        &cli(
            house.data(),
            &["provider", "add", "--location", &house.location, "--type", "Call"],
        ),
        "id",
    );
    let call = json!({
        "type": "Call", "phone": "+14155550109", "conversationProviderId": calls, "date": ago(20),
        "call": { "to": "+14155550100", "from": "+14155550109", "status": "voicemail", "duration": 42 },
    });
    house.api("POST", "/conversations/messages/inbound", Some(&call), 200);
}

/// Where pictures go, in each size, light and dark; README shows two of them.
#[test]
#[ignore = "it needs Chromium: script/pictures"]
fn pictures() {
    let folder =
        PathBuf::from(std::env::var("INLET_PICTURES").expect("run it by script/pictures, which names a folder"));
    let house = House::with(&["--allow", "127.0.0.0/8"]);
    let take = |browser: &Browser, name: &str, sizes: &[Size]| {
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            for &size in sizes {
                browser.resize(size);
                browser.until("document.body.dataset.live === 'on' || document.body.matches('.beside')");
                browser.value("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
                browser.picture(&folder.join(format!("{name}-{scheme}-{}.png", size.0)));
            }
        }
    };
    let sizes = [(1440, 900), (1024, 768), (390, 844)];
    let browser = house.browser(sizes[0]);
    take(&browser, "empty", &sizes);
    let pages = fill(&house);
    let names = [
        "list",
        "inbox",
        "mail",
        "inspector",
        "contact",
        "search",
        "nothing",
        "starred",
    ];
    for (page, name) in pages.iter().zip(names) {
        browser.resize(sizes[0]);
        browser.goto(page);
        browser.until("document.body.dataset.live === 'on'");
        if name == "search" {
            browser.until("document.querySelector('.hit')");
        }
        take(&browser, name, &sizes);
    }
    browser.goto(&pages[1]);
    browser.press('?');
    browser.until("document.querySelector('#help').open");
    take(&browser, "help", &sizes[..1]);
    crowd(&house);
    for section in BESIDE {
        browser.resize(sizes[0]);
        browser.goto(&house.url(&format!("/{section}")));
        take(&browser, section, &sizes);
    }
}

/// The sections beside the inbox.
const BESIDE: [&str; 8] = [
    "contacts",
    "providers",
    "webhooks",
    "forwarding",
    "journal",
    "tokens",
    "people",
    "health",
];

/// People with each role, and a vendor's webhook.
fn crowd(house: &House) {
    let long = "wolfeschlegelsteinhausenbergerdorff@bartholomew.example";
    for (name, role) in [("maya", "owner"), ("jonas", "agent"), (long, "read-only")] {
        let add = [
            "user",
            "add",
            "--name",
            name,
            "--location",
            &house.location,
            "--role",
            role,
        ];
        cli(house.data(), &add);
    }
    let add = ["provider", "add", "--location", &house.location, "--adapter", "twilio"];
    let more = ["--number", "+14155550111", "--account", "AC1", "--unsigned"];
    cli(house.data(), &[&add[..], &more].concat());
}
