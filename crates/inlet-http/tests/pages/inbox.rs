//! The list, the thread and their fragments.

use std::time::Duration;

use http::StatusCode;
use inlet_core::{
    Timestamp,
    channel::{Channel, Direction, MessageStatus},
    ids::{IdKind, ProviderKey},
};

use crate::house::{HERE, HERE_ID, House, THERE, THERE_ID, URL, text};

fn ago(minutes: u64) -> Timestamp {
    let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    now.checked_sub(Duration::from_secs(60 * minutes)).unwrap()
}

/// Where each of `parts` stands, in this order.
fn in_order(body: &str, parts: &[&str]) -> bool {
    let places: Vec<_> = parts.iter().map(|part| body.find(part)).collect();
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[tokio::test]
async fn the_list_tells_who_what_and_when_newest_first() {
    let house = House::open();
    let maya = house.person(HERE, Some("Maya Okafor"), Some("+14155550119"));
    house.stage.contacts.lock().unwrap().get_mut(&maya).unwrap().unread = 2;
    let nameless = house.person(HERE, None, Some("+15550142277"));
    let mut sent = text(nameless, "See you\n on Monday", ago(130));
    sent.direction = Direction::Outbound;
    house.record(sent);
    house.record(text(maya, "Could I move Thursday?", ago(4)));
    let stranger = house.person(THERE, Some("Someone Else"), None);
    house.record(text(stranger, "Not for Harbour Dental", ago(1)));

    let page = house.get(&format!("/l/{HERE_ID}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let parts = [
        "(1) Inbox · Harbour Dental",
        "2 conversations",
        "Maya Okafor",
        ">4m<",
        "Could I move Thursday?",
        "title=\"unread\">2<",
        "+1 (555) 014-2277",
        ">2h<",
        "↪",
        "See you on Monday",
        "Choose a conversation",
    ];
    assert!(in_order(&page.body, &parts), "{}", page.body);
    assert!(!page.body.contains("Someone Else"));
    assert!(
        page.body.contains(&format!("href=\"/l/{THERE_ID}\"")),
        "the other location is one click away"
    );
}

#[tokio::test]
async fn a_thread_groups_messages_and_tells_days_channels_and_states() {
    let house = House::open();
    let maya = house.person(HERE, Some("Maya Okafor"), Some("+14155550119"));
    house.stage.contacts.lock().unwrap().get_mut(&maya).unwrap().unread = 1;
    house.record(text(maya, "From yesterday", ago(24 * 60)));
    let mut reply = text(maya, "See you at three!", ago(61));
    reply.direction = Direction::Outbound;
    house.record(reply.clone());
    reply.status = MessageStatus::Failed;
    reply.detail.error = Some("the number is not in service".to_owned());
    reply.occurred_at = ago(60);
    house.record(reply);
    let mut whatsapp = text(maya, "By another way", ago(30));
    whatsapp.channel = Channel::WhatsApp;
    whatsapp.provider = ProviderKey(Channel::WhatsApp.code());
    whatsapp.created_at = ago(10);
    house.record(whatsapp);

    let page = house.get(&house.thread_path(maya)).await;
    let thread = page.body.split_once("id=\"messages\"").unwrap().1;
    let parts = [
        ">Yesterday<",
        "From yesterday",
        ">SMS<",
        ">Today<",
        "See you at three!",
        "✓✓",
        "class=\"message out joins\"",
        "Not sent: the number is not in service",
        "class=\"fresh\"",
        "By another way",
        ">WhatsApp<",
        "sent 11:30 · received 11:50",
    ];
    assert!(in_order(thread, &parts), "{thread}");
    assert!(page.body.contains("+1 (415) 555-0119"));
}

#[tokio::test]
async fn long_lists_and_threads_come_page_by_page() {
    let house = House::open();
    let mut first = None;
    for number in 0..60 {
        let contact = house.person(HERE, Some(&format!("Person <{number:02}>")), None);
        house.record(text(contact, "Hello", ago(number)));
        first.get_or_insert(contact);
    }
    let talker = first.unwrap();
    for number in 1..=69 {
        house.record(text(
            talker,
            &format!("Message number {number:02}."),
            ago(1000 - number),
        ));
    }
    let link = |body: &str, mark: &str| {
        let links = body.split("class=\"older\" href=\"").skip(1);
        let mut links = links.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
        links.find(|link| link.contains(mark)).unwrap()
    };
    let thread = house.get(&house.thread_path(talker)).await;
    let rows = |body: &str| body.matches("<li class=\"row").count();
    let messages = |body: &str| body.matches("<article").count();
    assert_eq!((rows(&thread.body), messages(&thread.body)), (50, 50));

    let older_rows = house.get(&link(&thread.body, "after=")).await;
    assert_eq!(rows(&older_rows.body), 10);
    assert!(older_rows.body.contains("Person &#60;59&#62;") && !older_rows.body.contains("Person &#60;49&#62;"));

    let older = house.get(&link(&thread.body, "before=")).await;
    assert_eq!(messages(&older.body), 20);
    assert!(older.body.contains("Newest messages") && !older.body.contains("Older messages"));
    assert!(!older.body.contains("Message number 69.") && older.body.contains("Message number 01."));
}

#[tokio::test]
async fn fragments_hold_what_changed_and_nothing_else() {
    let house = House::open();
    let maya = house.person(HERE, Some("Maya"), None);
    let first = house.record(text(maya, "First", ago(10)));
    let here = house.thread_path(maya);
    let after = |key| format!("{here}/after/{}", house.shared.ids.message(key));
    let nothing = house.get(&after(first)).await;
    assert_eq!((nothing.status, nothing.body.trim()), (StatusCode::OK, ""));

    let second = house.record(text(maya, "Second", ago(8)));
    let new = house.get(&after(first)).await;
    assert!(new.body.contains("Second") && !new.body.contains("First") && !new.body.contains("<html"));
    assert!(new.body.contains("joins") && !new.body.contains("class=\"day\""));
    let one = house
        .get(&format!("{here}/m/{}", house.shared.ids.message(first)))
        .await;
    assert!(one.body.contains("First") && !one.body.contains("Second"));
    let row = house
        .get(&format!("/l/{HERE_ID}/rows/{}", house.conversation(maya)))
        .await;
    assert!(row.body.trim().starts_with("<li class=\"row\" role=") && row.body.contains("Second"));

    house.record(text(maya, "Written before the others", ago(9)));
    assert_eq!(
        house.get(&after(second)).await.status,
        StatusCode::RESET_CONTENT,
        "it belongs further up"
    );
    for number in 0..50 {
        house.record(text(maya, &format!("Many {number}"), ago(7)));
    }
    assert_eq!(
        house.get(&after(second)).await.status,
        StatusCode::RESET_CONTENT,
        "too many at once"
    );
}

#[tokio::test]
async fn what_is_foreign_or_unknown_is_answered_alike() {
    let house = House::open();
    let maya = house.person(HERE, Some("Maya"), None);
    let first = house.record(text(maya, "First", ago(10)));
    let stranger = house.person(THERE, Some("Stranger"), None);
    let foreign = house.record(text(stranger, "Foreign", ago(10)));
    let other = house.person(HERE, Some("Other"), None);
    let others = house.record(text(other, "Other's", ago(10)));
    let ids = &house.shared.ids;
    let unknown = ids.encode(IdKind::Conversation, 77);
    let foreign_id = house.conversation(stranger);
    let thread = house.thread_path(maya);
    let paths = [
        "/l/unknown".to_owned(),
        format!("/l/unknown/c/{}", house.conversation(maya)),
        "/l/unknown/events".to_owned(),
        format!("/l/{HERE_ID}/c/{unknown}"),
        format!("/l/{HERE_ID}/c/{foreign_id}"),
        format!("/l/{HERE_ID}/c/{}", ids.message(first)),
        format!("/l/{HERE_ID}/c/{}", ids.contact(maya)),
        format!("/l/{HERE_ID}/rows/{foreign_id}"),
        format!("/l/{HERE_ID}?after=0.{}", ids.message(first)),
        format!("/l/{HERE_ID}?after=soon"),
        format!("{thread}?before=first"),
        format!("{thread}/m/{}", ids.message(foreign)),
        format!("{thread}/m/{}", ids.message(others)),
        format!("{thread}/after/nonsense"),
    ];
    let mut bodies = Vec::new();
    for path in paths {
        let answer = house.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "one page for all of them");
    assert!(!bodies[0].contains("Foreign") && !bodies[0].contains("Stranger"));
}

#[tokio::test]
async fn an_empty_inbox_is_the_guide_with_this_installations_own_words() {
    let house = House::open();
    let page = house.get(&format!("/l/{HERE_ID}")).await;
    let commands = [
        format!("curl {URL}/conversations/messages/inbound"),
        format!("inlet token add --location {HERE_ID}"),
        format!("inlet provider add --location {HERE_ID} --adapter twilio"),
        "inlet simulate twilio --provider".to_owned(),
    ];
    for command in commands {
        assert!(page.body.contains(&command), "{command}");
    }
    house.person(HERE, Some("Maya"), None);
    let page = house.get(&format!("/l/{HERE_ID}")).await;
    assert!(
        !page.body.contains("inlet token add"),
        "the guide goes with the first conversation"
    );
}

#[tokio::test]
async fn every_page_is_shut_to_scripts_and_frames_and_files_are_kept_for_long() {
    let house = House::open();
    let maya = house.person(HERE, Some("Maya"), None);
    let page = house.get(&house.thread_path(maya)).await;
    for answer in [&page, &house.get("/l/unknown").await, &house.get("/login/x").await] {
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'self' '"));
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let assets: Vec<_> = page
        .body
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    assert_eq!(assets.len(), 2);
    for asset in assets {
        let file = house.get(asset).await;
        assert_eq!(file.status, StatusCode::OK, "{asset}");
        assert!(file.header("cache-control").contains("immutable") && file.body.len() > 1000);
    }
    assert_eq!(house.get("/assets/inlet-0.css").await.status, StatusCode::NOT_FOUND);
    for forbidden in ["<script>", " onclick=", "javascript:", "http://www.w3.org/1999"] {
        assert!(!page.body.contains(forbidden), "{forbidden}");
    }
}
