//! Tabs, filters, and what a person does with a conversation.

use axum::body::Body;
use http::{Request, StatusCode, header};
use inlet_core::{channel::Channel, ids::ContactKey};

use crate::house::{HERE, HERE_ID, House, THERE, THERE_ID, text};

async fn mark(house: &House, path: &str, how: &str, origin: &str) -> StatusCode {
    let request = Request::post(format!("{path}/mark"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, origin)
        .body(Body::from(format!("as={how}")));
    house.send(request.unwrap()).await.status()
}

#[tokio::test]
async fn opening_does_not_mark_as_read_and_only_our_own_pages_mark() {
    let house = House::open();
    let maya = house.person(HERE, Some("Maya"), None);
    house.record(text(maya, "Hi", "2026-11-25T11:00:00Z".parse().unwrap()));
    house.stage.contacts.lock().unwrap().get_mut(&maya).unwrap().unread = 2;
    let path = house.thread_path(maya);
    let stands = || {
        let contacts = house.stage.contacts.lock().unwrap();
        (contacts[&maya].unread, contacts[&maya].starred)
    };
    let page = house.get(&path).await;
    assert!(page.body.contains("Mark read"));
    assert_eq!(stands(), (2, false), "opening changed nothing");

    let ours = crate::house::URL;
    assert_eq!(
        mark(&house, &path, "read", "https://evil.example").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(mark(&house, &path, "eaten", ours).await, StatusCode::NOT_FOUND);
    let foreign = path.replace(HERE_ID, THERE_ID);
    assert_eq!(mark(&house, &foreign, "read", ours).await, StatusCode::NOT_FOUND);
    assert_eq!(stands(), (2, false));
    for (how, expected) in [
        ("read", (0, false)),
        ("starred", (0, true)),
        ("unread", (1, true)),
        ("unstarred", (1, false)),
    ] {
        assert_eq!(mark(&house, &path, how, ours).await, StatusCode::SEE_OTHER, "{how}");
        assert_eq!(stands(), expected, "{how}");
    }
    let tools = house.get(&format!("{path}/tools")).await;
    assert!(tools.body.contains("Mark read") && !tools.body.contains("<html"));

    let closed = House::closed();
    let maya = closed.person(HERE, Some("Maya"), None);
    assert_eq!(
        mark(&closed, &closed.thread_path(maya), "read", ours).await,
        StatusCode::UNAUTHORIZED
    );
}

const NAMES: [&str; 3] = ["Unread One", "Starred One", "Old One"];

fn three_people() -> (House, [ContactKey; 3]) {
    let house = House::open();
    let people = NAMES.map(|name| house.person(HERE, Some(name), None));
    for (contact, at) in
        people
            .into_iter()
            .zip(["2026-11-25T11:00:00Z", "2026-11-20T11:00:00Z", "2026-06-01T11:00:00Z"])
    {
        let mut message = text(contact, "Hi", at.parse().unwrap());
        if at.starts_with("2026-11-20") {
            message.channel = Channel::WhatsApp;
        }
        house.record(message);
    }
    {
        let mut contacts = house.stage.contacts.lock().unwrap();
        contacts.get_mut(&people[0]).unwrap().unread = 3;
        contacts.get_mut(&people[1]).unwrap().starred = true;
    }
    (house, people)
}

#[tokio::test]
async fn tabs_and_filters_cut_the_list_and_stay_in_every_link() {
    let (house, people) = three_people();
    let names = NAMES;
    let cases: [(&str, &[&str], &str); 10] = [
        ("?q=Old", &names[2..], "1 conversation<"),
        ("?q=One+is%3Aunread", &names[..1], "1 conversation<"),
        ("", &names, "3 conversations"),
        ("?tab=unread", &names[..1], "1 conversation<"),
        ("?tab=starred", &names[1..2], "1 conversation<"),
        ("?tab=recents", &names[..2], "2 conversations"),
        ("?channel=whatsapp", &names[1..2], "1 conversation<"),
        ("?since=1d", &names[..1], "1 conversation<"),
        ("?to=2026-11-19", &names[2..], "1 conversation<"),
        ("?tab=unread&channel=whatsapp", &[], "no conversations"),
    ];
    for (cut, expected, total) in cases {
        let page = house.get(&format!("/l/{HERE_ID}{cut}")).await;
        let found: Vec<_> = names.into_iter().filter(|name| page.body.contains(*name)).collect();
        assert_eq!(found, expected, "{cut}");
        assert!(page.body.contains(total), "{cut}");
        assert!(
            page.body.contains(">Unread<b>1</b>") && page.body.contains(">Starred<b>1</b>"),
            "{cut}"
        );
        let rows = page.body.split("<li class=\"row").skip(1);
        let escaped = cut.replace('&', "&#38;");
        assert!(
            rows.into_iter().all(|row| row.contains(&format!("{escaped}\""))),
            "{cut}: rows keep the filters"
        );
        let head = house.get(&format!("/l/{HERE_ID}/tabs{cut}")).await;
        assert!(head.body.contains(total) && !head.body.contains("<html"), "{cut}");
    }
    let page = house.get(&format!("/l/{HERE_ID}?tab=unread&channel=whatsapp")).await;
    assert!(
        page.body.contains("channel: WhatsApp") && page.body.contains(&format!("href=\"/l/{HERE_ID}?tab=unread\""))
    );

    let row = |contact, cut: &str| format!("/l/{HERE_ID}/rows/{}{cut}", house.conversation(contact));
    assert_eq!(house.get(&row(people[0], "?tab=unread")).await.status, StatusCode::OK);
    assert_eq!(
        house.get(&row(people[1], "?tab=unread")).await.status,
        StatusCode::NO_CONTENT
    );
    let stranger = house.person(THERE, Some("Stranger"), None);
    assert_eq!(
        house.get(&row(stranger, "?tab=unread")).await.status,
        StatusCode::NOT_FOUND
    );
}
