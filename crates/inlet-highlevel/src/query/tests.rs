//! Query strings as tables: what they ask, and what is wrong with them.

use super::*;
use crate::{
    fault::Words,
    sample::{self, HERE, at},
};

const CONTACT: ContactKey = ContactKey(5_000_001);

fn messages(query: &str) -> Result<Ask<MessageQuery>, Fault> {
    Query::new(HERE, &sample::ids(), query).messages(CONTACT)
}

fn search(query: &str) -> Result<Ask<ConversationQuery>, Fault> {
    let ids = sample::ids();
    let query = query
        .replace("$contact", &ids.contact(CONTACT))
        .replace("$conversation", &ids.conversation(CONTACT))
        .replace("$other", &ids.conversation(ContactKey(9)));
    Query::new(HERE, &ids, &format!("locationId=here&{query}")).search()
}

fn refused<T: std::fmt::Debug>(asked: Result<T, Fault>) -> String {
    match asked.unwrap_err().message {
        Words::Each(sentences) => sentences.join("; "),
        Words::One(sentence) => panic!("{sentence} should be in a list"),
    }
}

#[test]
fn pages_of_messages() {
    let usual = MessageQuery {
        location: HERE,
        contact: CONTACT,
        before: None,
        channels: Vec::new(),
        limit: 20,
    };
    let with = |change: fn(&mut MessageQuery)| {
        let mut query = usual.clone();
        change(&mut query);
        Ask::This(query)
    };
    let last = format!("lastMessageId={}", sample::ids().message(MessageKey(7)));
    let cases = [
        ("", with(|_| {})),
        ("limit=&lastMessageId=", with(|_| {})),
        ("limit=100", with(|query| query.limit = 100)),
        (&last, with(|query| query.before = Some(MessageKey(7)))),
        (
            "type=TYPE_GMB,TYPE_RCS",
            with(|query| query.channels = vec![Channel::GoogleBusiness, Channel::Rcs]),
        ),
        ("type=TYPE_ACTIVITY_CONTACT", Ask::Nothing),
    ];
    for (query, expected) in cases {
        assert_eq!(messages(query).unwrap(), expected, "{query}");
    }
    let limit = "limit must be a number from 1 to 100";
    let kind = "each value in type must be a message type such as TYPE_SMS, TYPE_EMAIL or TYPE_CALL";
    let cases = [
        ("limit=0", limit.to_owned()),
        ("limit=101", limit.to_owned()),
        ("limit=ten", limit.to_owned()),
        ("type=SMS", kind.to_owned()),
        ("type=SMS&limit=-1", format!("{limit}; {kind}")),
        (
            "lastMessageId=ve9EPM428h8vShlRW1KT",
            "lastMessageId must be the id of a message of this conversation".to_owned(),
        ),
    ];
    for (query, sentence) in cases {
        assert_eq!(refused(messages(query)), sentence, "{query}");
    }
}

#[test]
fn searches() {
    let usual = ConversationQuery::newest(HERE, 20);
    let with = |change: fn(&mut ConversationQuery)| {
        let mut query = usual.clone();
        change(&mut query);
        Ask::This(query)
    };
    let cases = [
        ("", with(|_| {})),
        ("status=all&sortBy=last_message_date&sort=desc", with(|_| {})),
        ("assignedTo=unassigned,u1", with(|_| {})),
        ("status=unread", with(|query| query.unread = Some(true))),
        ("status=read", with(|query| query.unread = Some(false))),
        ("status=starred", with(|query| query.starred = Some(true))),
        ("contactId=$contact", with(|query| query.contact = Some(CONTACT))),
        (
            "id=$conversation&contactId=$contact",
            with(|query| query.contact = Some(CONTACT)),
        ),
        ("query=+Maya%20O+", with(|query| query.text = Some("Maya O".into()))),
        (
            "sort=asc&limit=5",
            with(|query| (query.oldest_first, query.limit) = (true, 5)),
        ),
        (
            "lastMessageDirection=outbound&lastMessageType=TYPE_WHATSAPP",
            with(|query| {
                query.last_direction = Some(Direction::Outbound);
                query.last_channels = vec![Channel::WhatsApp];
            }),
        ),
        (
            "startAfterDate=1722268288071",
            with(|query| query.after = Some((at("2024-07-29T15:51:28.071Z"), None))),
        ),
        (
            "startAfterDate=[1722268288071,\"$conversation\"]",
            with(|query| query.after = Some((at("2024-07-29T15:51:28.071Z"), Some(CONTACT)))),
        ),
        (
            "startAfterDate[]=1722268288071&startAfterDate[]=$conversation",
            with(|query| query.after = Some((at("2024-07-29T15:51:28.071Z"), Some(CONTACT)))),
        ),
        ("contactId=ve9EPM428h8vShlRW1KT", Ask::Nothing),
        ("contactId=$contact&id=$other", Ask::Nothing),
        ("assignedTo=u1", Ask::Nothing),
    ];
    for (query, expected) in cases {
        assert_eq!(search(query).unwrap(), expected, "{query}");
    }
}

#[test]
fn searches_by_dates_and_by_what_is_not_kept_here() {
    let usual = ConversationQuery::newest(HERE, 20);
    let with = |change: fn(&mut ConversationQuery)| {
        let mut query = usual.clone();
        change(&mut query);
        Ask::This(query)
    };
    let cases = [
        ("lastMessageAction=automated", Ask::Nothing),
        ("lastMessageAction=manual", with(|_| {})),
        (
            "followers=u1&mentions=u2&scoreProfile=p&scoreProfileMin=1&scoreProfileMax=9&sortScoreProfile=p",
            with(|_| {}),
        ),
        ("sortBy=score_profile", with(|_| {})),
        (
            "startDate=1722268288071&endDate=1722268288072",
            with(|query| {
                query.made_since = Some(at("2024-07-29T15:51:28.071Z"));
                query.made_until = Some(at("2024-07-29T15:51:28.072Z"));
            }),
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(search(query).unwrap(), expected, "{query}");
    }
}

#[test]
fn wrong_searches_are_named_parameter_by_parameter() {
    let cases = [
        (
            "status=open",
            "status must be one of all, read, unread, starred, recents",
        ),
        ("sort=up", "sort must be asc or desc"),
        (
            "lastMessageDirection=in",
            "lastMessageDirection must be inbound or outbound",
        ),
        (
            "startAfterDate=yesterday",
            "startAfterDate must be the sort of the last conversation, or its first number",
        ),
        ("startDate=yesterday", "startDate must be a number of milliseconds"),
        (
            "endDate=99999999999999999999",
            "endDate must be a number of milliseconds",
        ),
        ("lastMessageAction=x", "lastMessageAction must be automated or manual"),
        (
            "sortBy=body",
            "sortBy must be one of last_manual_message_date, last_message_date, score_profile, overdue_at, due_at",
        ),
        ("limit=1000", "limit must be a number from 1 to 100"),
    ];
    for (query, sentence) in cases {
        assert_eq!(refused(search(query)), sentence, "{query}");
    }
    let missing = Query::new(HERE, &sample::ids(), "status=all").search();
    assert_eq!(refused(missing), "locationId is required");
}
