//! Contacts who opt out and in by a word.

use super::{HERE, MAYA, World, contact::everything, from, inbound, message, now};
use crate::{
    change::Change,
    channel::Channel,
    consent::Consent,
    contact::{Contact, DndSetting, Profile},
    decide::{Decision, Record, concerns_contact},
    event::EventKind,
    ids::ContactKey,
    inbound::{Inbound, Who},
    registry::Destination,
};

/// How texts stand, what is said, what is heard in it, and how they stand then, if that is another.
type Case = (
    Option<&'static str>,
    &'static str,
    Option<Consent>,
    Option<&'static str>,
);

fn maya(status: Option<&str>) -> Contact {
    let setting = |status: &str| DndSetting {
        status: status.to_owned(),
        message: None,
        code: None,
    };
    let mut profile = Profile::default();
    profile
        .dnd_settings
        .extend(status.map(|status| ("SMS".to_owned(), setting(status))));
    Contact {
        key: MAYA,
        location: HERE,
        name: None,
        phone: Some("+14155550119".to_owned()),
        email: None,
        created_at: now(),
        updated_at: now(),
        profile,
    }
}

fn said(who: Who, body: &str) -> Inbound {
    Inbound {
        body: Some(body.to_owned()),
        ..inbound(who)
    }
}

/// Where sending texts stands after a message, if it changed that.
fn stands(record: &Record) -> Option<&str> {
    let contact = record.contact.as_ref()?;
    contact
        .profile
        .dnd_settings
        .get("SMS")
        .map(|setting| setting.status.as_str())
}

fn told(record: &Record) -> usize {
    let events = record.events.iter();
    events.filter(|event| event.kind == EventKind::ContactDndUpdate).count()
}

#[test]
fn a_word_switches_sending_once_and_is_recorded_as_any_message() {
    use Consent::{Help, In, Out, Unsure};
    let cases: [Case; 13] = [
        (None, "Stop", Some(Out), Some("active")),
        (Some("inactive"), "Stop", Some(Out), Some("active")),
        (Some("active"), "Stop", Some(Out), None),
        (Some("permanent"), "Stop", Some(Out), None),
        (Some("active"), "START", Some(In), Some("inactive")),
        (Some("active"), "yes", Some(In), Some("inactive")),
        (Some("permanent"), "START", None, None),
        (None, "yes", None, None),
        (Some("inactive"), "start", None, None),
        (None, "help", Some(Help), None),
        (Some("active"), "help", Some(Help), None),
        (None, "please stop texting me", Some(Unsure), None),
        (None, "see you at the bus stop", None, None),
    ];
    for (before, body, consent, after) in cases {
        let mut world = World::new(vec![everything()]);
        world.known.contacts.insert(MAYA, maya(before));
        let record = world.record(message(said(from(&["+14155550119"]), body), None));
        let what = format!("{body}, {before:?}");
        assert_eq!(record.message.body.as_deref(), Some(body), "{what}");
        assert_eq!(record.message.detail.consent, consent, "{what}");
        assert_eq!(stands(&record), after, "{what}");
        assert_eq!(told(&record), usize::from(after.is_some()), "{what}");
    }
}

#[test]
fn a_batch_knows_what_an_earlier_message_of_it_switched() {
    let mut world = World::new(vec![everything()]);
    let texts = ["hello", "stop", "STOP", "start", "stop"];
    let batch: Vec<Change> = texts
        .iter()
        .map(|text| message(said(from(&["+4930123456"]), text), None))
        .collect();
    let records: Vec<_> = world
        .decide(&batch)
        .into_iter()
        .map(|decision| match decision {
            Decision::Record(record) => *record,
            other => panic!("{other:?}"),
        })
        .collect();
    let switched: Vec<_> = records.iter().map(stands).collect();
    let (off, on) = (Some("active"), Some("inactive"));
    assert_eq!(switched, [None, off, None, on, off], "of a contact that is new with it");
    let last = records[4].contact.as_ref().unwrap();
    assert_eq!(
        (last.name.as_deref(), &last.phone),
        (Some("Maya"), &Some("+4930123456".to_owned()))
    );
}

#[test]
fn a_repeat_switches_nothing() {
    let mut world = World::new(vec![everything()]);
    world.known.contacts.insert(MAYA, maya(None));
    let stop = message(said(from(&["+14155550119"]), "stop"), Some("SM1"));
    world.record(stop.clone());
    world.record(message(said(from(&["+14155550119"]), "start"), Some("SM2")));
    assert!(matches!(world.decide(&[stop])[..], [Decision::Seen(_)]));
    assert_eq!(
        world.known.contacts[&MAYA].profile.dnd_settings["SMS"].status,
        "inactive"
    );
}

#[test]
fn the_vendors_own_word_counts_by_the_channel_it_came_by() {
    let mut world = World::new(vec![everything()]);
    world.known.contacts.insert(MAYA, maya(None));
    for (channel, name) in [
        (Channel::WhatsApp, Some("WhatsApp")),
        (Channel::Rcs, Some("SMS")),
        (Channel::Instagram, None),
    ] {
        let mut inbound = said(from(&["+14155550119"]), "no thanks");
        inbound.channel = channel;
        inbound.detail.consent = Some(Consent::Out);
        let record = world.record(message(inbound, None));
        assert_eq!(record.message.detail.consent, Some(Consent::Out));
        let switched = record.contact.as_ref().and_then(|contact| {
            let settings = &contact.profile.dnd_settings;
            settings.get(name?).map(|setting| setting.status.as_str())
        });
        assert_eq!(switched, name.map(|_| "active"), "{channel:?}");
    }
}

#[test]
fn only_what_switches_something_asks_for_the_contact_or_a_filter_by_tags() {
    let of = |body| message(said(Who::Known(ContactKey(1)), body), None);
    let asks = |world: &World, body| concerns_contact(&of(body), &world.known.registry);
    let world = World::new(vec![filtered("channel = sms")]);
    for (body, expected) in [("stop", true), ("start", true), ("help", false), ("hello", false)] {
        assert_eq!(asks(&world, body), expected, "{body}");
    }
    let world = World::new(vec![filtered("channel = sms or tag = vip")]);
    assert!(asks(&world, "hello"));
    let elsewhere = Change {
        location: super::ELSEWHERE,
        ..of("hello")
    };
    assert!(
        !concerns_contact(&elsewhere, &world.known.registry),
        "another location's filter"
    );
}

fn filtered(filter: &str) -> Destination {
    Destination {
        filters: vec![filter.parse().unwrap()],
        ..everything()
    }
}

#[test]
fn who_hears_of_a_message_follows_from_the_tags_of_its_contact() {
    for (tags, heard) in [(vec![], 0), (vec!["gold"], 0), (vec!["gold", "vip"], 1)] {
        let mut world = World::new(vec![filtered("tag = vip and event = InboundMessage")]);
        let mut contact = maya(None);
        contact.profile.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        world.known.contacts.insert(MAYA, contact);
        let record = world.record(message(said(Who::Known(MAYA), "hello"), None));
        let kinds = record.events.iter().filter(|one| one.kind == EventKind::InboundMessage);
        assert_eq!(kinds.count(), heard, "{tags:?}");
    }
}
