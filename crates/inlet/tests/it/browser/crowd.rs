//! A list of very many conversations: its first page is soon there, and it scrolls on and on without a freeze. The store is
//! filled past Inlet, by one statement a table: what is looked at here is the reading.

use inlet_core::{Timestamp, ids::first_key};

use super::{driver::DESK, house::House};

/// Conversations unless `INLET_CONVERSATIONS` says otherwise, and messages of each.
const CONVERSATIONS: i64 = 3_000;
const MESSAGES: i64 = 10;
/// What the first page may take on the server, in milliseconds: the median of its loads, and how many those are.
const SOON: u64 = 100;
const LOADS: usize = 15;
/// Rows that are scrolled through, at least.
const ROWS: u64 = 1_500;
/// What between two frames is a freeze, in milliseconds.
const FREEZE: u64 = 400;

fn fill(house: &House, conversations: i64) {
    let store = rusqlite::Connection::open(house.data().join("inlet.db")).unwrap();
    let location: i64 = store
        .query_row("select id from location", [], |row| row.get(0))
        .unwrap();
    let begun = Timestamp::now().as_millisecond() - conversations * (MESSAGES + 1) - 1000;
    let key = |millis: i64| first_key(Timestamp::from_millisecond(millis).unwrap());
    let (base, step) = (key(begun), key(begun + 1) - key(begun));
    let all = conversations * MESSAGES;
    let counting =
        |to: i64| format!("with recursive n (i) as (select 0 union all select i + 1 from n where i < {to} - 1)");
    let (n, m) = (counting(conversations), counting(all));
    let last = format!("{base} + ({conversations} * {MESSAGES} + i) * {step}");
    let at = format!("{begun} + {conversations} * {MESSAGES} + i");
    store
        .execute_batch(&format!(
            "begin;
             {n} insert into contact (id, location_id, name, phone, created_at)
               select {base} + i * {step}, {location}, 'Person ' || i, '+1415' || (1000000 + i), {begun} + i from n;
             {n} insert into conversation (id, location_id, last_seq, last_message_id, last_channel, last_at, unread, bucket, waits)
               select {base} + i * {step}, {location}, {MESSAGES}, {last}, 1, {at}, i % 3, ({at}) >> 16, i % 3 > 0 from n;
             {m} insert into message (id, location_id, contact_id, seq, before_id, provider_id, channel, direction, status, body,
                                      occurred_at, created_at)
               select {base} + ({conversations} + i) * {step}, {location}, {base} + (i % {conversations}) * {step},
                      i / {conversations} + 1,
                      case when i < {conversations} then null else {base} + i * {step} end,
                      1, 1, 1, 5, 'message ' || i, {begun} + {conversations} + i, {begun} + {conversations} + i from n;
             commit;"
        ))
        .unwrap();
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn a_long_list_scrolls_without_a_freeze() {
    let wanted = std::env::var("INLET_CONVERSATIONS")
        .ok()
        .and_then(|text| text.parse().ok());
    let conversations = wanted.unwrap_or(CONVERSATIONS);
    let mut house = House::new();
    house.stop();
    fill(&house, conversations);
    house.start_again();
    let browser = house.browser(DESK);
    browser.until("document.querySelectorAll('.row').length === 50");
    let total = browser
        .text("document.querySelector('#total').textContent")
        .replace(',', "");
    assert_eq!(total, format!("{conversations} conversations"));

    let mut took: Vec<u64> = (0..LOADS)
        .map(|_| {
            browser.goto(&house.url(""));
            let entry = "Math.round(performance.getEntriesByType('navigation')[0].responseEnd - performance.getEntriesByType('navigation')[0].requestStart)";
            browser.value(entry).as_u64().unwrap()
        })
        .collect();
    took.sort_unstable();
    browser.until("document.body.dataset.live === 'on'");
    browser.value("(() => { let last = performance.now(); window.longest = 0; const look = (now) => { window.longest = Math.max(window.longest, now - last); last = now; requestAnimationFrame(look); }; requestAnimationFrame(look); })()");
    let rows = || {
        browser
            .value("document.querySelectorAll('.row').length")
            .as_u64()
            .unwrap()
    };
    while rows() < ROWS.min(u64::try_from(conversations).unwrap()) {
        let before = rows();
        browser.value("document.querySelector('#rows').scrollTo(0, 1e9)");
        browser.until(&format!("document.querySelectorAll('.row').length > {before}"));
    }
    let longest = browser.value("Math.round(window.longest)").as_u64().unwrap();
    println!(
        "{conversations} conversations, {} messages: first page {} ms (median of {LOADS}), {} rows scrolled, longest frame {longest} ms",
        conversations * MESSAGES,
        took[LOADS / 2],
        rows()
    );
    assert!(took[LOADS / 2] < SOON, "{took:?}");
    assert!(longest < FREEZE, "{longest} ms");
    browser.value("document.querySelector('#rows').scrollTo(0, 0)");
    browser.press('j');
    browser.until("document.activeElement.matches('#rows [role=option]')");
}
