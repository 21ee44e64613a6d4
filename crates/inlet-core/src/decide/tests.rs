//! The rule as cases, with no database and no await.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Decision, Record, Rule};
mod aliases;
mod calls;
mod consent;
mod contact;
mod later;
mod mail;
mod mark;
mod merge;
mod plain;
mod repeats;
mod revised;
mod sending;

use plain::Plain;

use crate::{
    address::{Identity, Phone},
    change::{Change, What},
    channel::{Channel, Direction},
    delivery::DeliveryStatus,
    ids::{AppKey, ContactKey, DestinationKey, KeyMaker, LocationKey, ProviderKey},
    inbound::{Detail, Email, Inbound, Person, Who},
    intake::Refusal,
    known::{Conversation, Known},
    registry::{App, Destination, DestinationState, Entries, Location, Registry},
    seen::{SeenHasher, SeenKey},
};

const HERE: LocationKey = LocationKey(1);
const ELSEWHERE: LocationKey = LocationKey(2);
const MAYA: ContactKey = ContactKey(500);

struct World {
    keys: KeyMaker,
    hasher: SeenHasher,
    known: Known,
}

impl World {
    fn new(destinations: Vec<Destination>) -> Self {
        let location = |key| Location {
            key,
            id: format!("loc{key}"),
            name: String::new(),
            country: None,
            agency: None,
            created_at: now(),
            words: crate::consent::ConsentWords::default(),
            views: Vec::new(),
        };
        let app = |key: i64, id: &str| App {
            key: AppKey(key),
            id: id.to_owned(),
            name: String::new(),
            client: None,
        };
        let registry = Registry::new(Entries {
            locations: vec![location(HERE), location(ELSEWHERE)],
            apps: vec![app(1, "one"), app(2, "two")],
            destinations,
            ..Entries::default()
        });
        let mut known = Known {
            registry: Arc::new(registry),
            ..Known::default()
        };
        known.conversations.insert(MAYA, Conversation::empty(HERE));
        known.people.insert((HERE, phone("+14155550119")), MAYA);
        Self {
            keys: KeyMaker::new(0),
            hasher: SeenHasher::new([1; 16]),
            known,
        }
    }

    fn decide(&mut self, batch: &[Change]) -> Vec<Decision> {
        let rule = Rule {
            keys: &self.keys,
            hasher: &self.hasher,
            announcer: &Plain,
        };
        rule.decide_all(batch, &mut self.known, now())
    }

    fn record(&mut self, change: Change) -> Record {
        match self.decide(&[change]).pop() {
            Some(Decision::Record(record)) => *record,
            other => panic!("not recorded: {other:?}"),
        }
    }

    fn refuse(&mut self, change: Change) -> Refusal {
        match self.decide(&[change]).pop() {
            Some(Decision::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn phone(number: &str) -> Identity {
    Identity::phone(&Phone::parse(number, None).unwrap())
}

fn destination(key: i64, app: i64, state: DestinationState) -> Destination {
    Destination {
        key: DestinationKey(key),
        location: HERE,
        app: AppKey(app),
        state,
        ..Destination::to("")
    }
}

fn inbound(who: Who) -> Inbound {
    Inbound {
        channel: Channel::Sms,
        direction: Direction::Inbound,
        who,
        body: Some("hi".to_owned()),
        occurred_at: None,
        detail: Detail::default(),
        files: Vec::new(),
        answers: Vec::new(),
    }
}

fn from(numbers: &[&str]) -> Who {
    let identities = numbers.iter().map(|number| phone(number)).collect();
    Who::Person(Person {
        identities,
        name: Some("Maya".to_owned()),
    })
}

fn message(inbound: Inbound, id: Option<&str>) -> Change {
    Change {
        location: HERE,
        provider: ProviderKey(1),
        keys: id.map(SeenKey::message).into_iter().collect(),
        fingerprint: 7,
        what: What::Message(Box::new(inbound)),
    }
}

#[test]
fn a_batch_is_gapless_and_each_change_sees_the_one_before() {
    let mut world = World::new(Vec::new());
    let batch: Vec<_> = (0..3).map(|_| message(inbound(Who::Known(MAYA)), None)).collect();
    let records: Vec<_> = world
        .decide(&batch)
        .into_iter()
        .map(|decision| match decision {
            Decision::Record(record) => *record,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        records.iter().map(|record| record.message.seq).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(records[0].message.before, None);
    assert_eq!(records[2].message.before, Some(records[1].message.key));
    assert_eq!(records[2].conversation.unread, 3);
    assert!(records[2].message.key > records[1].message.key);
}

#[test]
fn people_are_found_by_any_identity_or_made_once() {
    let mut world = World::new(Vec::new());
    assert_eq!(
        world
            .record(message(inbound(from(&["+14155550119"])), None))
            .message
            .contact,
        MAYA
    );

    let batch = [
        message(inbound(from(&["+4930123456"])), None),
        message(inbound(from(&["+4930123456"])), None),
    ];
    let decisions = world.decide(&batch);
    let [Decision::Record(first), Decision::Record(second)] = decisions.as_slice() else {
        panic!("{decisions:?}")
    };
    let made = first.new_contact.as_ref().expect("a new contact");
    assert_eq!(
        (made.phone.as_deref(), made.name.as_deref()),
        (Some("+4930123456"), Some("Maya"))
    );
    assert_eq!((second.message.contact, second.new_contact.as_ref()), (made.key, None));
    assert_eq!((first.message.seq, second.message.seq), (1, 2));

    let both = world.record(message(inbound(from(&["+14155550119", "+14155550120"])), None));
    assert_eq!((both.message.contact, both.new_contact.is_none()), (MAYA, true));
    assert_eq!(
        both.identities,
        [phone("+14155550120")],
        "what is nobody's yet is written down"
    );
}

#[test]
fn who_is_not_here_is_refused() {
    let mut world = World::new(Vec::new());
    world
        .known
        .conversations
        .insert(ContactKey(600), Conversation::empty(ELSEWHERE));
    for contact in [ContactKey(1), ContactKey(600)] {
        assert_eq!(
            world.refuse(message(inbound(Who::Known(contact)), None)),
            Refusal::NoSuchContact
        );
    }
}

#[test]
fn nothing_to_store_is_refused_but_for_calls() {
    let empty = |channel| Inbound {
        channel,
        body: Some("  ".to_owned()),
        ..inbound(Who::Known(MAYA))
    };
    let mut world = World::new(Vec::new());
    assert_eq!(world.refuse(message(empty(Channel::Sms), None)), Refusal::Nothing);
    assert_eq!(world.refuse(message(empty(Channel::Email), None)), Refusal::Nothing);
    world.record(message(empty(Channel::Call), None));
    let subject = Email {
        subject: Some("Re: x".to_owned()),
        ..Email::default()
    };
    let detail = Detail {
        email: Some(subject),
        ..Detail::default()
    };
    world.record(message(
        Inbound {
            detail,
            ..empty(Channel::Email)
        },
        None,
    ));
}

#[test]
fn events_are_rendered_once_an_app_and_promised_to_each_destination() {
    let mut world = World::new(vec![
        destination(1, 1, DestinationState::Active),
        destination(2, 2, DestinationState::Paused),
        destination(3, 1, DestinationState::Disabled),
    ]);
    let record = world.record(message(inbound(Who::Known(MAYA)), None));
    let promised: Vec<Vec<_>> = record
        .events
        .iter()
        .map(|event| {
            event
                .promises
                .iter()
                .map(|promise| (promise.destination.0, promise.status))
                .collect()
        })
        .collect();
    let expected = [
        vec![(1, DeliveryStatus::Ready), (3, DeliveryStatus::Held)],
        vec![(2, DeliveryStatus::Ready)],
    ];
    assert_eq!(promised, expected);
    assert!(record.events[1].body.starts_with("InboundMessage two"));
    assert_eq!(record.events[0].key.0, record.events[0].promises[0].delivery.0);
}

#[test]
fn an_outbound_message_leaves_the_unread_count_alone_and_has_its_own_subscribers() {
    let mut world = World::new(vec![destination(1, 1, DestinationState::Active)]);
    let record = world.record(message(
        Inbound {
            direction: Direction::Outbound,
            ..inbound(Who::Known(MAYA))
        },
        None,
    ));
    assert_eq!((record.conversation.unread, record.events.len()), (0, 0));
}
