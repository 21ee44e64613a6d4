//! One number written in two ways is one contact, whoever brings which first.

use super::*;
use crate::{
    contact::{ContactChange, Fields},
    decide::Kept,
};

const TWO_WAYS: [(&str, &str); 3] = [
    ("+5511987654321", "+551187654321"),
    ("+525512345678", "+5215512345678"),
    ("+541123456789", "+5491123456789"),
];

fn fields(number: &str) -> Box<Fields> {
    Box::new(Fields {
        phone: Some(Some(Phone::parse(number, None).unwrap())),
        ..Fields::default()
    })
}

fn kept(world: &mut World, change: ContactChange) -> Kept {
    match world.decide(&[Change::contact(HERE, change)]).pop() {
        Some(Decision::Contact(kept)) => *kept,
        other => panic!("not kept: {other:?}"),
    }
}

#[test]
fn messages_from_either_way_are_of_one_contact() {
    for (one, two) in TWO_WAYS.into_iter().chain(TWO_WAYS.map(|(one, two)| (two, one))) {
        let mut world = World::new(Vec::new());
        let first = world.record(message(inbound(from(&[one])), None));
        assert_eq!(first.identities, [phone(one), phone(two)], "both are taken at once");
        assert_eq!(
            first.new_contact.unwrap().phone.as_deref(),
            Some(one),
            "it is shown as it came"
        );
        let second = world.record(message(inbound(from(&[two])), None));
        assert_eq!(second.message.contact, first.message.contact);
        assert_eq!((second.new_contact, second.identities), (None, Vec::new()));
    }
}

#[test]
fn a_contact_with_either_way_is_no_second_one() {
    for (one, two) in TWO_WAYS {
        let mut world = World::new(Vec::new());
        let made = kept(&mut world, ContactChange::Create(fields(one)));
        assert_eq!(made.identities, [phone(one), phone(two)]);
        let refused = world.refuse(Change::contact(HERE, ContactChange::Create(fields(two))));
        assert!(matches!(refused, Refusal::Duplicate { contact, .. } if contact == made.contact.key));
        let written = kept(&mut world, ContactChange::Upsert(fields(two)));
        assert_eq!(written.contact.key, made.contact.key);
        assert_eq!(
            (written.identities, written.dropped),
            (Vec::new(), Vec::new()),
            "nothing else names it now"
        );
    }
}
