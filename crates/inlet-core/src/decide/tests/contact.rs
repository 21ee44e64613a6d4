//! Contacts made, changed and forgotten, and what is announced of it.

use super::{ELSEWHERE, HERE, MAYA, World, destination, from, inbound, message, phone};
use crate::{
    address::{EmailAddress, IdentityKind, Phone},
    change::Change,
    contact::{Contact, ContactChange, DndSetting, Edit, Fields, MOST_NOTES, NoteText, Text},
    decide::{Decision, Forgotten, Kept},
    event::EventKind,
    ids::ContactKey,
    inbound::Who,
    intake::Refusal,
    registry::{Destination, DestinationState},
};

pub(super) fn everything() -> Destination {
    Destination {
        events: EventKind::ALL.to_vec(),
        ..destination(1, 1, DestinationState::Active)
    }
}

fn fields(name: &str, number: &str, address: &str) -> Box<Fields> {
    Box::new(Fields {
        name: Some(Some(name.to_owned())),
        phone: (!number.is_empty()).then(|| Some(Phone::parse(number, None).unwrap())),
        email: (!address.is_empty()).then(|| Some(EmailAddress::parse(address).unwrap())),
        ..Fields::default()
    })
}

impl World {
    fn keep(&mut self, change: ContactChange) -> Kept {
        match self.decide(&[Change::contact(HERE, change)]).pop() {
            Some(Decision::Contact(kept)) => *kept,
            other => panic!("not kept: {other:?}"),
        }
    }

    fn forget(&mut self, change: ContactChange) -> Forgotten {
        match self.decide(&[Change::contact(HERE, change)]).pop() {
            Some(Decision::Forget(forgotten)) => *forgotten,
            other => panic!("not forgotten: {other:?}"),
        }
    }

    fn edit(&mut self, contact: ContactKey, edit: Edit) -> Kept {
        self.keep(ContactChange::Edit(contact, edit))
    }

    fn refuse_contact(&mut self, change: ContactChange) -> Refusal {
        self.refuse(Change::contact(HERE, change))
    }
}

fn kinds(events: &[crate::event::Event]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

#[test]
fn a_number_that_a_message_brought_before_is_not_written_down_again() {
    let mut world = World::new(Vec::new());
    world.record(message(inbound(from(&["+14155550119", "+14155550120"])), None));
    let maya = world.keep(ContactChange::Create(fields("Ann", "", ""))).contact;
    let maya = Contact { key: MAYA, ..maya };
    world.known.contacts.insert(MAYA, maya);
    let kept = world.edit(MAYA, Edit::Fields(fields("Ann", "+14155550120", "")));
    assert_eq!(kept.contact.phone.as_deref(), Some("+14155550120"));
    assert_eq!(kept.identities, [], "it is Maya's already");
}

#[test]
fn a_number_or_address_makes_one_contact_only() {
    let mut world = World::new(vec![everything()]);
    let made = world.keep(ContactChange::Create(fields("Ann Lee", "+14155552671", "ann@lee.org")));
    assert_eq!((made.new, kinds(&made.events)), (true, vec![EventKind::ContactCreate]));
    assert_eq!(made.contact.profile.text(Text::FirstName), Some("Ann"));
    let key = made.contact.key;
    for (same, by) in [
        (fields("B", "", "ann@lee.org"), IdentityKind::Email),
        (fields("B", "+14155552671", ""), IdentityKind::Phone),
    ] {
        let refusal = world.refuse_contact(ContactChange::Create(same));
        assert_eq!(refusal, Refusal::Duplicate { contact: key, by });
    }
    let other = world.keep(ContactChange::Create(fields("C", "", ""))).contact.key;
    let taken = ContactChange::Edit(other, Edit::Fields(fields("C", "", "ann@lee.org")));
    let by = IdentityKind::Email;
    assert_eq!(world.refuse_contact(taken), Refusal::Duplicate { contact: key, by });
    let upsert = world.keep(ContactChange::Upsert(fields("Ann B", "", "ann@lee.org")));
    assert_eq!((upsert.contact.key, upsert.new), (key, false));
    assert_eq!(kinds(&upsert.events), [EventKind::ContactUpdate]);
    let again = world.decide(&[Change::contact(
        HERE,
        ContactChange::Upsert(fields("Ann B", "", "ann@lee.org")),
    )]);
    assert!(
        matches!(&again[..], [Decision::Seen(receipt)] if receipt.contact == key),
        "{again:?}"
    );
    let new = world.keep(ContactChange::Upsert(fields("D", "", "d@d.org")));
    assert!(new.new);
}

#[test]
fn an_upsert_that_names_two_contacts_changes_the_first_and_leaves_the_second_its_number() {
    let mut world = World::new(Vec::new());
    let by_mail = world
        .keep(ContactChange::Create(fields("A", "", "a@a.org")))
        .contact
        .key;
    let by_phone = world
        .keep(ContactChange::Create(fields("B", "+14155552671", "")))
        .contact
        .key;
    let kept = world.keep(ContactChange::Upsert(fields("C", "+14155552671", "a@a.org")));
    assert_eq!((kept.contact.key, kept.contact.phone), (by_mail, None));
    assert_eq!(world.known.people.get(&(HERE, phone("+14155552671"))), Some(&by_phone));
}

#[test]
fn each_change_is_announced_under_its_own_name_once() {
    use EventKind::{ContactDndUpdate as Dnd, ContactTagUpdate as Tags, ContactUpdate as Update};

    let mut world = World::new(vec![everything()]);
    let key = world.keep(ContactChange::Create(fields("Ann", "", ""))).contact.key;
    let tags = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
    let quiet = Fields {
        dnd_settings: [(
            "SMS".to_owned(),
            DndSetting {
                status: "active".to_owned(),
                message: None,
                code: None,
            },
        )]
        .into(),
        ..Fields::default()
    };
    let both = Fields {
        dnd: Some(true),
        tags: Some(tags(&["x"])),
        texts: vec![(Text::City, Some("Oslo".to_owned()))],
        ..Fields::default()
    };
    let steps = [
        (Edit::AddTags(tags(&["a", "b", "a"])), Some(vec![Tags])),
        (Edit::AddTags(tags(&["b"])), None),
        (Edit::RemoveTags(tags(&["a"])), Some(vec![Tags])),
        (Edit::RemoveTags(tags(&["a"])), None),
        (Edit::Fields(Box::new(quiet.clone())), Some(vec![Dnd])),
        (Edit::Fields(Box::new(quiet)), None),
        (Edit::Fields(Box::new(both)), Some(vec![Update, Tags, Dnd])),
        (Edit::AddNote(NoteText::default()), Some(vec![])),
    ];
    for (edit, expected) in steps {
        let decided = world.decide(&[Change::contact(HERE, ContactChange::Edit(key, edit.clone()))]);
        let found = match &decided[..] {
            [Decision::Contact(kept)] => Some(kinds(&kept.events)),
            [Decision::Seen(_)] => None,
            other => panic!("{edit:?}: {other:?}"),
        };
        assert_eq!(found, expected, "{edit:?}");
    }
}

#[test]
fn names_and_their_halves_follow_one_another() {
    let text = |text, value: &str| (text, Some(value.to_owned()));
    let cases = [
        (
            fields("Ann van Lee", "", ""),
            Some("Ann van Lee"),
            Some("Ann"),
            Some("van Lee"),
        ),
        (fields("Ann", "", ""), Some("Ann"), Some("Ann"), None),
        (
            Box::new(Fields {
                texts: vec![text(Text::FirstName, "Ann"), text(Text::LastName, "Lee")],
                ..Fields::default()
            }),
            Some("Ann Lee"),
            Some("Ann"),
            Some("Lee"),
        ),
        (Box::default(), None, None, None),
    ];
    for (given, name, first, last) in cases {
        let mut world = World::new(Vec::new());
        let contact = world.keep(ContactChange::Create(given.clone())).contact;
        let halves = (
            contact.profile.text(Text::FirstName),
            contact.profile.text(Text::LastName),
        );
        assert_eq!((contact.name.as_deref(), halves), (name, (first, last)), "{given:?}");
    }
}

#[test]
fn a_number_that_is_given_up_finds_its_contact_no_longer() {
    let mut world = World::new(Vec::new());
    let key = world
        .keep(ContactChange::Create(fields("A", "+14155552671", "")))
        .contact
        .key;
    let kept = world.edit(key, Edit::Fields(fields("A", "+14155552672", "")));
    assert_eq!(kept.dropped, [phone("+14155552671")]);
    assert_eq!(kept.identities, [phone("+14155552672")]);
    let record = world.record(message(inbound(from(&["+14155552672"])), None));
    assert_eq!(record.message.contact, key);
    let record = world.record(message(inbound(from(&["+14155552671"])), None));
    assert!(record.new_contact.is_some());
}

#[test]
fn notes_are_kept_changed_and_removed() {
    let mut world = World::new(Vec::new());
    let key = world.keep(ContactChange::Create(fields("A", "", ""))).contact.key;
    let text = |body: &str| NoteText {
        body: body.to_owned(),
        ..NoteText::default()
    };
    let note = world.edit(key, Edit::AddNote(text("one"))).contact.profile.notes[0].key;
    let notes = world.edit(key, Edit::EditNote(note, text("two"))).contact.profile.notes;
    assert_eq!((notes.len(), notes[0].text.body.as_str()), (1, "two"));
    let unknown = ContactChange::Edit(key, Edit::EditNote(note + 1, text("three")));
    assert_eq!(world.refuse_contact(unknown), Refusal::NoSuchNote);
    assert!(world.edit(key, Edit::RemoveNote(note)).contact.profile.notes.is_empty());
    let gone = ContactChange::Edit(key, Edit::RemoveNote(note));
    assert_eq!(world.refuse_contact(gone), Refusal::NoSuchNote);
    for _ in 0..MOST_NOTES {
        world.edit(key, Edit::AddNote(text("more")));
    }
    let full = world.refuse_contact(ContactChange::Edit(key, Edit::AddNote(text("too many"))));
    assert!(matches!(full, Refusal::Full(_)));
}

#[test]
fn what_is_forgotten_is_gone_for_later_changes() {
    let mut world = World::new(vec![everything()]);
    let key = world
        .keep(ContactChange::Create(fields("A", "+14155552671", "")))
        .contact
        .key;
    let record = world.record(message(inbound(Who::Known(key)), None));
    assert_eq!(
        kinds(&record.events),
        [EventKind::InboundMessage, EventKind::ConversationUnreadUpdate]
    );
    let forgotten = world.forget(ContactChange::DeleteConversation(key));
    assert_eq!(forgotten.last_messages, [record.message.key]);
    assert_eq!(kinds(&forgotten.events), [EventKind::ConversationUnreadUpdate]);
    let record = world.record(message(inbound(Who::Known(key)), None));
    assert_eq!((record.message.seq, record.message.before), (1, None), "it begins anew");
    let forgotten = world.forget(ContactChange::Delete(key));
    assert_eq!(
        (forgotten.with_contact, kinds(&forgotten.events)),
        (true, vec![EventKind::ContactDelete])
    );
    let refusal = world.refuse(message(inbound(Who::Known(key)), None));
    assert_eq!(refusal, Refusal::NoSuchContact);
    assert_eq!(world.refuse_contact(ContactChange::Delete(key)), Refusal::NoSuchContact);
    let record = world.record(message(inbound(from(&["+14155552671"])), None));
    assert!(record.new_contact.is_some(), "the number is nobody's again");
    assert_eq!(record.events[0].kind, EventKind::ContactCreate);
}

#[test]
fn contacts_stay_at_their_location() {
    let mut world = World::new(Vec::new());
    let key = world.keep(ContactChange::Create(fields("A", "", ""))).contact.key;
    for change in [
        ContactChange::Delete(key),
        ContactChange::Edit(key, Edit::AddTags(vec!["x".to_owned()])),
        ContactChange::DeleteConversation(MAYA),
    ] {
        let elsewhere = Change::contact(ELSEWHERE, change);
        assert_eq!(world.refuse(elsewhere), Refusal::NoSuchContact);
    }
}
