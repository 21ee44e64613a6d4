//! What was learned of an upstream: whom contacts are there, what is on its way, what opens it, and what it was asked.

use std::{collections::BTreeMap, time::Duration};

use inlet_core::{
    address::{Identity, Phone},
    clock::{Clock, later},
    ids::{ContactKey, DestinationKey, MessageKey},
    relay::{
        CallKind, Grant, LedgerDay, Line, Memory, Note, Posted, RemoteContact, RemoteMessage, Renewal, Standing,
        Subject, day,
    },
    secret::Secret,
};

use crate::{
    engine::on_both,
    world::{ELSEWHERE, Engine, HERE, World},
};

const LINE: Line = Line {
    location: HERE,
    destination: DestinationKey(9),
};
const MAYA: ContactKey = ContactKey(5);
const HELLO: MessageKey = MessageKey(7);

fn phone() -> Identity {
    Identity::phone(&Phone::parse("+14155550119", None).unwrap())
}

fn contact(id: &str, conversation: Option<&str>) -> RemoteContact {
    RemoteContact {
        id: id.to_owned(),
        conversation: conversation.map(str::to_owned),
    }
}

fn message(id: &str) -> RemoteMessage {
    RemoteMessage {
        id: id.to_owned(),
        email: Some(format!("mail of {id}")),
    }
}

async fn standing(world: &World, line: Line) -> Standing {
    let identities = [phone()];
    let subject = Subject {
        message: HELLO,
        contact: MAYA,
        identities: &identities,
        reply_to: Some(MessageKey(6)),
    };
    world.store.standing(line, subject).await.unwrap()
}

async fn note(world: &World, notes: &[Note]) {
    world.store.note(LINE, notes.to_vec()).await.unwrap();
}

async fn contacts_are_remembered_and_forgotten(world: &World) {
    assert_eq!(standing(world, LINE).await, Standing::default());
    note(world, &[Note::Known(phone(), "c1".into())]).await;
    assert_eq!(
        standing(world, LINE).await.contact,
        Some(contact("c1", None)),
        "by the number"
    );
    note(world, &[Note::Contact(MAYA, contact("c2", None))]).await;
    note(world, &[Note::Contact(MAYA, contact("c2", Some("v2")))]).await;
    note(world, &[Note::Contact(MAYA, contact("c2", None))]).await;
    assert_eq!(standing(world, LINE).await.contact, Some(contact("c2", Some("v2"))));
    note(world, &[Note::Contact(MAYA, contact("c3", None))]).await;
    assert_eq!(
        standing(world, LINE).await.contact,
        Some(contact("c3", None)),
        "merged: another conversation"
    );
    for other in [
        Line {
            location: ELSEWHERE,
            ..LINE
        },
        Line {
            destination: DestinationKey(8),
            ..LINE
        },
    ] {
        assert_eq!(
            standing(world, other).await,
            Standing::default(),
            "{other:?} learned nothing"
        );
    }
    note(world, &[Note::Known(phone(), "c3".into()), Note::Forget(MAYA)]).await;
    assert_eq!(standing(world, LINE).await.contact, None, "nor what else led there");
    note(
        world,
        &[Note::Known(phone(), "c4".into()), Note::ForgetRemote("c4".into())],
    )
    .await;
    assert_eq!(standing(world, LINE).await.contact, None);
}

/// What the upstream tells of itself: who leads to whom.
async fn what_the_upstream_tells_mends_what_is_known(world: &World) {
    let other = || Identity::phone(&Phone::parse("+14155550120", None).unwrap());
    let found = |id: &str, identities: Vec<Identity>| Note::Found(id.into(), identities);
    let known = async || standing(world, LINE).await.contact;
    note(world, &[found("c5", vec![phone()])]).await;
    assert_eq!(
        known().await,
        Some(contact("c5", None)),
        "by the number, before they write"
    );
    note(
        world,
        &[
            Note::Contact(MAYA, contact("c5", None)),
            Note::Conversation("c5".into(), "v5".into()),
        ],
    )
    .await;
    assert_eq!(known().await, Some(contact("c5", Some("v5"))));
    note(world, &[found("c5", vec![phone()]), found("c6", vec![other()])]).await;
    assert_eq!(known().await, Some(contact("c5", Some("v5"))), "nothing new");
    note(world, &[found("c6", vec![phone()])]).await;
    assert_eq!(known().await, Some(contact("c6", None)), "the number is another's now");
    note(
        world,
        &[Note::Contact(MAYA, contact("c6", None)), found("c6", vec![other()])],
    )
    .await;
    assert_eq!(
        known().await,
        None,
        "c6 has another number now: who has this one is asked for"
    );
    note(world, &[Note::Contact(MAYA, contact("c6", None)), found("c6", vec![])]).await;
    assert_eq!(
        known().await,
        Some(contact("c6", None)),
        "a number that is not told is not another"
    );
    note(world, &[Note::ForgetRemote("c6".into())]).await;
}

async fn what_is_on_its_way_is_known_until_it_is_there_or_refused(world: &World) {
    let now = world.hands.now();
    note(world, &[Note::Posting(HELLO, MAYA, now)]).await;
    assert_eq!(
        standing(world, LINE).await.posted,
        Some(Posted::Uncertain { since: now })
    );
    note(world, &[Note::Refused(HELLO)]).await;
    assert_eq!(standing(world, LINE).await.posted, None);
    note(world, &[Note::Contact(MAYA, contact("c1", None))]).await;
    for (key, id) in [(HELLO, "m7"), (MessageKey(6), "m6")] {
        let sent = Note::Sent(key, message(id), now);
        note(world, &[Note::Posting(key, MAYA, now), sent.clone(), sent]).await;
    }
    note(world, &[Note::Refused(HELLO)]).await;
    let found = standing(world, LINE).await;
    assert_eq!(
        found.posted,
        Some(Posted::Sent(message("m7"))),
        "what is there is not refused any more"
    );
    assert_eq!(found.reply_to.as_deref(), Some("mail of m6"));
    let asked = ["m6", "theirs", "m7"].map(str::to_owned).to_vec();
    assert_eq!(world.store.ours(LINE, asked).await.unwrap(), ["m6", "m7"]);
}

async fn the_ledger_counts_each_day(world: &World) {
    let today = day(world.hands.now());
    let calls = [
        Note::Calls(today, CallKind::Post, 2),
        Note::Calls(today, CallKind::Post, 1),
        Note::Calls(today, CallKind::Upsert, 1),
        Note::Calls(today - 1, CallKind::Token, 1),
        Note::Heard(today, false),
        Note::Heard(today, true),
    ];
    note(world, &calls).await;
    let days = world.store.ledger(LINE, today - 1).await.unwrap();
    let expected = LedgerDay {
        day: today,
        calls: BTreeMap::from([(CallKind::Post, 3), (CallKind::Upsert, 1)]),
        messages: 2,
        contacts: 1,
        heard: 2,
        echoes: 1,
    };
    assert_eq!(
        days,
        [
            expected,
            LedgerDay {
                day: today - 1,
                calls: BTreeMap::from([(CallKind::Token, 1)]),
                ..LedgerDay::default()
            }
        ]
    );
    assert_eq!(world.store.ledger(LINE, today + 1).await.unwrap(), []);
}

async fn a_grant_is_renewed_by_one_at_a_time(world: &World) {
    let store = &world.store;
    assert_eq!(store.grant(LINE).await.unwrap(), None);
    let grant = |access: &str| Grant {
        access: Secret::new(access),
        expires_at: Some(world.hands.now()),
        renewal: Some(Renewal {
            client_id: "app".into(),
            client_secret: Secret::new("secret"),
            refresh: Secret::new("refresh"),
        }),
    };
    store.save_grant(LINE, grant("one")).await.unwrap();
    assert_eq!(store.grant(LINE).await.unwrap(), Some((grant("one"), 1)));
    let (now, until) = (world.hands.now(), later(world.hands.now(), Duration::from_secs(30)));
    assert!(store.begin_renewal(LINE, now, until).await.unwrap());
    assert!(!store.begin_renewal(LINE, now, until).await.unwrap(), "one at a time");
    assert!(
        store.begin_renewal(LINE, until, until).await.unwrap(),
        "whoever was at it has gone"
    );
    store.save_grant(LINE, grant("two")).await.unwrap();
    assert_eq!(store.grant(LINE).await.unwrap(), Some((grant("two"), 2)));
    assert!(store.begin_renewal(LINE, now, until).await.unwrap());
}

async fn an_upstream_is_remembered(engine: Engine) {
    let world = World::new(engine).await;
    contacts_are_remembered_and_forgotten(&world).await;
    what_the_upstream_tells_mends_what_is_known(&world).await;
    what_is_on_its_way_is_known_until_it_is_there_or_refused(&world).await;
    the_ledger_counts_each_day(&world).await;
    a_grant_is_renewed_by_one_at_a_time(&world).await;
    let world = world.reopen().await;
    assert_eq!(standing(&world, LINE).await.posted, Some(Posted::Sent(message("m7"))));
}

on_both!(an_upstream_is_remembered);
