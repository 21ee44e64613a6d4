//! Words that come before what they speak of: a recording before its call, a deletion before its message. They wait in the
//! store, whichever node they came to, and go into it once.

use std::time::Duration;

use futures_util::future::join;
use inlet_core::{
    backlog::Backlog,
    blobs::Blobs,
    change::{Change, What},
    channel::{CallStatus, Channel},
    inbound::{Attachment, MediaState, Revised},
    inbox::Inbox,
    intake::{Intake, Receipt, Refusal},
    outbox::{DeliveryQuery, Outbox},
    seen::SeenKey,
};

use crate::calls::{caller, nobody, word};
use crate::engine::on_both;
use crate::nodes::another;
use crate::search::{found, index};
use crate::world::{Engine, HERE, World, sms};

/// Words on the call of that number.
fn of_call(number: usize, change: Change) -> Change {
    Change {
        keys: vec![SeenKey::call(format!("CA{number}"))],
        ..change
    }
}

fn waiting(world: &World) -> i64 {
    world.engine.number("select count(*) from early_word")
}

async fn announced(world: &World, receipt: &Receipt) -> usize {
    let query = DeliveryQuery {
        message: Some(receipt.message),
        limit: 10,
        ..DeliveryQuery::default()
    };
    world.store.list(&query).await.unwrap().len()
}

async fn a_recording_is_with_its_call_whichever_comes_first(engine: Engine) {
    let mut world = World::new(engine).await;
    world.subscribe(1).await;
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (number, order) in orders.into_iter().enumerate() {
        let words = [
            word(caller(), CallStatus::Pending, false),
            word(caller(), CallStatus::Completed, false),
            word(nobody(), CallStatus::Voicemail, true),
        ];
        let mut receipt = None;
        for place in order {
            for _ in 0..2 {
                let said = world.submit(of_call(number, words[place].clone())).await;
                match said {
                    Ok(known) => receipt = Some(known),
                    Err(refusal) => {
                        assert_eq!((refusal, place), (Refusal::Early, 2), "{order:?}");
                        assert_eq!((receipt.is_none(), waiting(&world)), (true, 1), "{order:?}");
                    }
                }
            }
            world = world.reopen().await;
        }
        let receipt = receipt.unwrap();
        let kept = world.store.message(HERE, receipt.message).await.unwrap().unwrap();
        let status = kept.detail.call.map(|call| call.status);
        assert_eq!(
            (status, kept.detail.attachments.len()),
            (Some(CallStatus::Voicemail), 1),
            "{order:?}"
        );
        assert_eq!(
            (announced(&world, &receipt).await, waiting(&world)),
            (1, 0),
            "{order:?}"
        );
        assert_eq!(world.store.pending(99).await.unwrap().len(), number + 1, "{order:?}");
    }
}

/// A recording and its call come to two nodes at once, again and again.
async fn whichever_node_each_comes_to_none_is_lost(engine: Engine) {
    const CALLS: usize = 60;
    let world = World::new(engine).await;
    let other = if world.engine.is_postgres() {
        another(&world).await
    } else {
        world.store.clone()
    };
    for number in 0..CALLS {
        let early = of_call(number, word(nobody(), CallStatus::Voicemail, true));
        let call = of_call(number, word(caller(), CallStatus::Completed, false));
        let (early, call) = join(other.submit(vec![early]), world.store.submit(vec![call])).await;
        assert!(matches!(early.as_slice(), [Ok(_) | Err(Refusal::Early)]), "{early:?}");
        assert!(matches!(call.as_slice(), [Ok(_)]), "{call:?}");
    }
    assert_eq!(waiting(&world), 0);
    assert_eq!(world.engine.number("select count(*) from message"), 60);
    assert_eq!(world.store.pending(99).await.unwrap().len(), CALLS);
    other.close().await;
}

async fn what_never_gets_its_call_is_forgotten_after_a_month(engine: Engine) {
    let world = World::new(engine).await;
    let early = word(nobody(), CallStatus::Voicemail, true);
    assert_eq!(world.submit(early).await, Err(Refusal::Early));
    world.hands.advance(Duration::from_hours(30 * 24 - 1));
    assert_eq!((world.store.tidy().await, waiting(&world)), (Ok(false), 1));
    world.hands.advance(Duration::from_hours(1));
    assert_eq!((world.store.tidy().await, waiting(&world)), (Ok(true), 0));
}

fn chat(text: &str, revised: Option<Revised>) -> Change {
    let mut change = sms("m1", "+14155550119", text);
    if let What::Message(said) = &mut change.what {
        said.channel = Channel::Facebook;
        said.detail.revised = revised;
        said.detail.attachments.push(Attachment {
            url: "https://vendor.example/1".to_owned(),
            content_type: None,
            state: MediaState::Pending,
        });
    }
    change
}

async fn what_was_edited_or_taken_back_is_found_no_more(engine: Engine) {
    let world = World::new(engine).await;
    let edit = |text, version| {
        let revised = Revised {
            version,
            withdrawn: false,
        };
        chat(text, Some(revised))
    };
    let first = world.submit(chat("apples", None)).await.unwrap();
    world.submit(sms("SM2", "+14155550120", "plums")).await.unwrap();
    index(&world).await;
    world.submit(edit("pears", 2)).await.unwrap();
    world.submit(edit("figs", 1)).await.unwrap();
    index(&world).await;
    for (word, count) in [("apples", 0), ("pears", 1), ("figs", 0), ("plums", 1)] {
        assert_eq!(found(&world, word).await.len(), count, "{word}");
    }
    assert_eq!(world.store.pending(9).await.unwrap().len(), 1);
    world.submit(chat("", Some(Revised::WITHDRAWN))).await.unwrap();
    index(&world).await;
    assert!(found(&world, "pears").await.is_empty());
    assert_eq!(found(&world, "plums").await.len(), 1);
    let world = world.reopen().await;
    let kept = world.store.message(HERE, first.message).await.unwrap().unwrap();
    assert_eq!((kept.body.as_deref(), kept.detail.attachments.len()), (None, 0));
    assert!(kept.detail.is_withdrawn());
    assert!(
        world.store.pending(9).await.unwrap().is_empty(),
        "nobody fetches its file"
    );
}

async fn a_deletion_that_comes_first_waits_for_its_message(engine: Engine) {
    let world = World::new(engine).await;
    let deletion = chat("", Some(Revised::WITHDRAWN));
    assert_eq!(world.submit(deletion).await, Err(Refusal::Early));
    let world = world.reopen().await;
    let receipt = world.submit(chat("apples", None)).await.unwrap();
    let kept = world.store.message(HERE, receipt.message).await.unwrap().unwrap();
    assert_eq!((kept.body, kept.detail.is_withdrawn()), (None, true));
    assert_eq!(waiting(&world), 0);
}

on_both! {
    a_recording_is_with_its_call_whichever_comes_first,
    whichever_node_each_comes_to_none_is_lost,
    what_never_gets_its_call_is_forgotten_after_a_month,
    what_was_edited_or_taken_back_is_found_no_more,
    a_deletion_that_comes_first_waits_for_its_message,
}
