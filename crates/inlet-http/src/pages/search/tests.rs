//! What is typed, as a table of what is asked for.

use inlet_core::ids::LocationKey;

use super::*;

fn read(typed: &str, query: ConversationQuery) -> Asked {
    super::read(typed, query, Zone::new(0), &|name, value| match (name, value) {
        ("provider", "twilio") => Some(Mark::Provider(inlet_core::ids::ProviderKey(7))),
        ("conversation" | "contact", "id") => Some(Mark::Contact(ContactKey(9))),
        _ => None,
    })
}

type Change = fn(&mut ConversationQuery);

#[test]
fn what_is_typed_says_which_conversations_are_asked_for() {
    let all = ConversationQuery::newest(LocationKey(1), 50);
    let cases: [(&str, Change); 14] = [
        ("", |_| {}),
        ("  Maya  Okafor ", |query| query.text = Some("Maya Okafor".to_owned())),
        ("\"Maya  O\"", |query| query.text = Some("Maya  O".to_owned())),
        ("(415) 555-01", |query| query.text = Some("41555501".to_owned())),
        ("+1 415.555.0119", |query| query.text = Some("14155550119".to_owned())),
        ("12", |query| query.text = Some("12".to_owned())),
        ("maya@okafor.studio", |query| {
            query.text = Some("maya@okafor.studio".to_owned());
        }),
        ("from:maya is:unread", |query| {
            query.text = Some("maya".to_owned());
            query.unread = Some(true);
        }),
        ("IS:starred direction:out", |query| {
            query.starred = Some(true);
            query.last_direction = Some(Direction::Outbound);
        }),
        ("channel:E-mail", |query| {
            query.last_channels = vec![Channel::Email, Channel::CustomEmail];
        }),
        ("channel:pigeon", |query| query.text = Some("channel:pigeon".to_owned())),
        ("after:2026-11-24 before:2026-11-25", |query| {
            query.since = Some("2026-11-24T00:00:00Z".parse().unwrap());
            query.until = Some("2026-11-25T00:00:00Z".parse().unwrap());
        }),
        ("before:soon", |query| query.text = Some("before:soon".to_owned())),
        ("conversation:id", |query| query.contact = Some(ContactKey(9))),
    ];
    for (typed, change) in cases {
        let mut expected = all.clone();
        change(&mut expected);
        assert_eq!(read(typed, all.clone()).people, Some(expected), "{typed}");
    }
    let tight = ConversationQuery {
        since: Some("2026-11-25T00:00:00Z".parse().unwrap()),
        ..all.clone()
    };
    let found = read("after:2026-11-01", tight.clone()).people;
    assert_eq!(found, Some(tight), "a search only cuts down");
    for typed in [
        "has:attachment",
        "subject:invoice",
        "to:lena@example.org",
        "-spam",
        "status:failed",
        "altid:SM1",
    ] {
        assert_eq!(read(typed, all.clone()).people, None, "{typed} is said of messages");
    }
}

#[test]
fn what_is_typed_says_which_messages_are_asked_for() {
    let term = |words: &str, begins, not| Term {
        words: words.split(' ').map(str::to_owned).collect(),
        begins,
        not,
    };
    let marked = |mark, not| Term {
        not,
        ..Term::marked(&mark)
    };
    let cases: [(&str, Vec<Term>); 8] = [
        ("Good morn", vec![term("good", false, false), term("morn", true, false)]),
        (
            "\"good morning\" -spam ",
            vec![term("good morning", false, false), term("spam", false, true)],
        ),
        (
            "(415) 555-0119",
            vec![marked(Mark::Number("5550119".to_owned()), false)],
        ),
        ("-has:attachment", vec![marked(Mark::File, true)]),
        (
            "subject:invoice",
            vec![marked(Mark::Subject("invoice".to_owned()), false)],
        ),
        (
            "from:lena@x.org",
            vec!["lena", "x", "org"]
                .into_iter()
                .map(|word| marked(Mark::From(word.to_owned()), false))
                .collect(),
        ),
        (
            "to:+14155550119",
            vec![marked(Mark::ToNumber("5550119".to_owned()), false)],
        ),
        (
            "provider:twilio conversation:id",
            vec![
                marked(Mark::Provider(inlet_core::ids::ProviderKey(7)), false),
                marked(Mark::Contact(ContactKey(9)), false),
            ],
        ),
    ];
    for (typed, expected) in cases {
        let asked = read(typed, ConversationQuery::newest(LocationKey(1), 50));
        assert_eq!(asked.messages.map(|query| query.terms), Some(expected), "{typed}");
    }
}

#[test]
fn what_is_said_of_conversations_asks_for_no_message() {
    for typed in [
        "",
        "from:maya",
        "is:unread",
        "is:starred maya",
        "after:2026-11-24",
        "altid:SM1",
    ] {
        let asked = read(typed, ConversationQuery::newest(LocationKey(1), 50));
        assert_eq!(asked.messages, None, "{typed} is said of conversations");
    }
    let asked = read("status:failed x", ConversationQuery::newest(LocationKey(1), 50));
    assert_eq!(asked.status, Some(MessageStatus::Failed));
    assert_eq!(
        read("altid:<SM1>", ConversationQuery::newest(LocationKey(1), 50))
            .external_id
            .as_deref(),
        Some("SM1")
    );
}
