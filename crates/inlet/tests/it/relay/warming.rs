//! The map warmed before the first message: whom the upstream has is read page by page, each page counted.

use std::time::Duration;

use super::world::{Trial, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_that_were_read_in_bulk_cost_no_call_when_they_write() {
    let world = World::new(&Trial::quirks()).await;
    world.people_upstream(250).await;
    // The upstream's search lags behind.
    world.pass(Duration::from_mins(1));
    let (mut after, mut pages, mut contacts) = (None, 0, 0);
    loop {
        let page = world.warm(after.as_deref()).await;
        assert_eq!(page["wait_until"], serde_json::Value::Null, "{page}");
        pages += 1;
        contacts += page["identities"].as_u64().unwrap();
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
        assert!(pages < 10, "it does not come to an end");
    }
    assert_eq!((pages, contacts), (3, 250));
    world.receive(1000..1250, 250).await;
    world.drain().await;
    assert_eq!(world.ledger_sum("warm").await, 3);
    assert_eq!(world.ledger_sum("upsert").await, 0, "each was known");
    assert_eq!(world.ledger_sum("post").await, 250);
    println!("relay: 250 contacts known by 3 calls; their first 250 messages: 250 calls");
}
