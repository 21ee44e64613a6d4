//! Contacts merged and parted: who answers, what is taken over and given back, and what is announced of it.

use super::{HERE, World, contact::everything, now};
use crate::{
    change::{Change, Mark},
    contact::{Before, Contact, ContactChange, DndSetting, Note, NoteText, Profile, Text, fill, give_back},
    decide::{Decision, Joined},
    event::EventKind,
    ids::ContactKey,
    intake::Refusal,
    known::{Conversation, Merged},
};

const A: ContactKey = ContactKey(700);
const B: ContactKey = ContactKey(701);
const C: ContactKey = ContactKey(702);

fn contact(key: ContactKey) -> Contact {
    Contact {
        key,
        location: HERE,
        name: None,
        phone: None,
        email: None,
        created_at: now(),
        updated_at: now(),
        profile: Profile::default(),
    }
}

fn talk(last_seq: i64, unread: i64, at: i64) -> Conversation {
    Conversation {
        stored: true,
        last_seq,
        unread,
        last_at: jiff::Timestamp::from_second(at).unwrap(),
        ..Conversation::empty(HERE)
    }
}

/// B is merged into A, and C into B before that.
fn merged() -> Vec<Merged> {
    let of = |key, into, conversation| Merged {
        key,
        into,
        before: Before::default(),
        conversation: Some(conversation),
    };
    vec![of(B, A, talk(3, 2, 300)), of(C, B, talk(1, 0, 500))]
}

fn world() -> World {
    let mut world = World::new(vec![everything()]);
    for key in [A, B, C] {
        world.known.contacts.insert(key, contact(key));
    }
    world.known.contacts.get_mut(&B).unwrap().phone = Some("+14155552671".to_owned());
    world.known.conversations.insert(A, talk(5, 1, 200));
    world.known.conversations.insert(B, talk(3, 2, 300));
    world.known.conversations.insert(C, Conversation::empty(HERE));
    world
}

fn join(world: &mut World, change: ContactChange) -> Joined {
    match world.decide(&[Change::contact(HERE, change)]).pop() {
        Some(Decision::Join(joined)) => *joined,
        other => panic!("not joined: {other:?}"),
    }
}

fn kinds(joined: &Joined) -> Vec<EventKind> {
    joined.events.iter().map(|event| event.kind).collect()
}

#[test]
fn the_one_that_stays_shows_both_and_the_other_is_gone_for_whoever_listens() {
    use EventKind::{ContactDelete as Delete, ContactUpdate as Update, ConversationUnreadUpdate as Unread};

    let mut world = world();
    let joined = join(&mut world, ContactChange::Merge { contact: B, into: A });
    assert_eq!((joined.contact, joined.answers_as), (B, Some(A)));
    assert_eq!((joined.receipt.contact, joined.receipt.repeated), (A, false));
    assert_eq!(joined.other.phone.as_deref(), Some("+14155552671"));
    let together = joined.conversation.clone().unwrap();
    assert_eq!(
        (together.unread, together.last_seq),
        (3, 5),
        "its own messages are as many"
    );
    assert_eq!(together.last_at.as_second(), 300);
    assert_eq!(kinds(&joined), [Update, Unread, Delete]);
    let silent = join(&mut world, ContactChange::Merge { contact: C, into: A });
    assert_eq!(kinds(&silent), [Delete], "nothing new is known of A");
}

#[test]
fn who_was_merged_answers_as_the_other() {
    let mut world = world();
    world.known.aliases.insert(B, A);
    let again = world.decide(&[
        Change::contact(HERE, ContactChange::Merge { contact: B, into: A }),
        Change::mark(HERE, B, Mark::Read),
        Change::contact(HERE, ContactChange::Merge { contact: C, into: B }),
    ]);
    assert!(
        matches!(&again[0], Decision::Seen(receipt) if receipt.contact == A),
        "{again:?}"
    );
    assert!(
        matches!(&again[1], Decision::Mark(marked) if marked.contact == A),
        "{again:?}"
    );
    let Decision::Join(joined) = &again[2] else {
        panic!("{again:?}")
    };
    assert_eq!((joined.contact, joined.answers_as), (C, Some(A)));
}

#[test]
fn parting_gives_each_its_own_and_what_came_since_stays() {
    // Unread before and after, of the one that stays and of the other.
    for (stands, left, own) in [(7, 5, 2), (3, 1, 2), (1, 0, 1), (0, 0, 0)] {
        let mut world = world();
        world.known.aliases.extend([(B, A), (C, A)]);
        world.known.merged.insert(A, merged());
        world.known.conversations.insert(A, talk(5, stands, 500));
        world.known.latest.insert(A, jiff::Timestamp::from_second(250).unwrap());
        let joined = join(&mut world, ContactChange::Unmerge(B));
        assert_eq!(
            (joined.contact, joined.answers_as, joined.receipt.contact),
            (B, None, B)
        );
        assert_eq!(joined.followers, [C], "it was merged into B");
        let stays = joined.conversation.clone().unwrap();
        assert_eq!((stays.unread, joined.unread), (left, own), "{stands} unread");
        assert_eq!(stays.last_at.as_second(), 250, "its own latest");
        assert_eq!(kinds(&joined)[0], EventKind::ContactCreate);
    }
}

#[test]
fn without_messages_of_its_own_it_has_no_conversation_after_parting() {
    let mut world = world();
    world.known.aliases.extend([(B, A), (C, A)]);
    world.known.conversations.insert(A, talk(0, 2, 300));
    world.known.merged.insert(A, merged());
    assert_eq!(join(&mut world, ContactChange::Unmerge(B)).conversation, None);
}

#[test]
fn only_who_was_merged_into_whom_answers_can_be_parted() {
    let mut world = world();
    assert!(matches!(refusal(&mut world, A), Refusal::NotApart(_)));
    world.known.aliases.extend([(B, A), (C, A)]);
    world.known.merged.insert(A, merged());
    let why = refusal(&mut world, C).to_string();
    assert!(why.contains("part that one first"), "{why}");
    assert_eq!(refusal(&mut world, ContactKey(9)), Refusal::NoSuchContact);
}

fn refusal(world: &mut World, contact: ContactKey) -> Refusal {
    world.refuse(Change::contact(HERE, ContactChange::Unmerge(contact)))
}

fn full(name: &str, tag: &str) -> Contact {
    let setting = |status: &str| DndSetting {
        status: status.to_owned(),
        message: None,
        code: None,
    };
    let mut contact = contact(A);
    contact.name = Some(name.to_owned());
    contact.profile = Profile {
        texts: [(Text::FirstName, name.to_owned()), (Text::City, format!("{name}ville"))].into(),
        tags: vec!["both".to_owned(), tag.to_owned()],
        dnd_settings: [(tag.to_owned(), setting("active"))].into(),
        custom_fields: [(tag.to_owned(), serde_json::json!(name))].into(),
        notes: vec![Note {
            key: i64::try_from(name.len()).unwrap(),
            text: NoteText::default(),
        }],
        dnd: false,
    };
    contact
}

#[test]
fn what_is_taken_over_is_given_back_exactly() {
    let (ann, benedict) = (full("Ann", "x"), full("Benedict", "y"));
    let bare = contact(A);
    for (stays, other) in [(&ann, &benedict), (&benedict, &ann), (&bare, &ann), (&ann, &bare)] {
        let filled = fill(stays, other);
        assert_eq!(give_back(&filled, other, &Before::of(stays, false)), *stays);
    }
    let filled = fill(&ann, &benedict);
    assert_eq!(filled.name.as_deref(), Some("Ann"), "it keeps its own");
    assert_eq!(filled.profile.tags, ["both", "x", "y"]);
    assert_eq!(filled.profile.notes.len(), 2);
    assert_eq!(
        filled.profile.dnd_settings.len(),
        2,
        "who may not be written to as one may not as both"
    );
    assert_eq!(fill(&bare, &ann).profile.text(Text::FirstName), Some("Ann"));
    let named = Contact {
        name: Some("Zoe".to_owned()),
        ..contact(A)
    };
    assert_eq!(fill(&named, &ann).profile.text(Text::FirstName), None, "no third name");
}

#[test]
fn what_was_changed_since_stays_changed() {
    let (stays, other) = (contact(A), full("Ann", "x"));
    let mut now = fill(&stays, &other);
    now.name = Some("Anna".to_owned());
    now.profile.texts.insert(Text::City, "Oslo".to_owned());
    now.profile.tags.push("later".to_owned());
    let parted = give_back(&now, &other, &Before::of(&stays, false));
    assert_eq!(parted.name.as_deref(), Some("Anna"));
    assert_eq!(parted.profile.text(Text::City), Some("Oslo"));
    assert_eq!(parted.profile.tags, ["later"]);
    assert_eq!(parted.profile.notes, []);
}
