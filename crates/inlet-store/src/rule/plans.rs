//! The plans that SQLite makes for the statements that must stay quick however much is stored.

use rusqlite::Connection;

use super::statements;
use crate::sqlite::{as_read, reader_says};

const PLANS: [(&str, &str, &str); 24] = [
    ("look.rs", "SEEN", "USING PRIMARY KEY (hash>? AND hash<?)"),
    ("look.rs", "IDENTITY", "USING PRIMARY KEY"),
    ("look/conversation.rs", "CONVERSATION", "USING INTEGER PRIMARY KEY"),
    (
        "inbox/union.rs",
        "WHO",
        "USING COVERING INDEX contact_alias (location_id=? AND alias_of=?)",
    ),
    (
        "inbox/union.rs",
        "OTHERS",
        "USING COVERING INDEX contact_alias (location_id=? AND alias_of=?)",
    ),
    ("inbox.rs", "CHAIN", "SEARCH m USING INTEGER PRIMARY KEY"),
    (
        "inbox/list.rs",
        "NEWEST",
        "SEARCH v USING INDEX conversation_recent (location_id=? AND bucket<?)",
    ),
    (
        "inbox/list.rs",
        "STARRED",
        "SEARCH v USING INDEX conversation_starred (location_id=? AND bucket<?)",
    ),
    (
        "inbox/list.rs",
        "COUNT_STARRED",
        "USING COVERING INDEX conversation_starred",
    ),
    (
        "inbox/list.rs",
        "UNREAD",
        "SEARCH v USING INDEX conversation_unread (location_id=? AND bucket<?)",
    ),
    (
        "inbox/list.rs",
        "OLDEST",
        "SEARCH v USING INDEX conversation_recent (location_id=? AND bucket>?)",
    ),
    (
        "inbox/list.rs",
        "COUNT_UNREAD",
        "USING COVERING INDEX conversation_unread",
    ),
    ("inbox/list.rs", "COUNT_ALL", "USING COVERING INDEX conversation_recent"),
    (
        "outbox.rs",
        "NEXT_DUE",
        "SEARCH delivery_ready USING PRIMARY KEY (destination_id=? AND class=?)",
    ),
    ("outbox.rs", "NEXT_DUE", "MERGE (UNION ALL)"),
    (
        "outbox/keep.rs",
        "READY",
        "SEARCH delivery_ready USING PRIMARY KEY (destination_id=?)",
    ),
    (
        "outbox/keep.rs",
        "BLOCKED",
        "INDEX delivery_blocked (location_id=? AND destination_id=?)",
    ),
    ("outbox.rs", "LEASES_OVER", "USING INDEX delivery_leased"),
    ("outbox/list.rs", "OF_MESSAGE", "USING INDEX delivery_later"),
    (
        "outbox/claim.rs",
        "CLAIM",
        "SEARCH delivery_ready USING PRIMARY KEY (destination_id=? AND class=? AND due_at<?)",
    ),
    ("outbox/claim.rs", "CLAIM", "MERGE (UNION ALL)"),
    (
        "outbox/lane.rs",
        "ADVANCE",
        "USING INDEX delivery_lane (destination_id=? AND lane_id=?",
    ),
    ("outbox/replay.rs", "NEXT_DEAD", "USING INDEX delivery_dead"),
    ("outbox/replay.rs", "NEXT_HELD", "USING INDEX delivery_held"),
];

/// How SQLite goes about a statement.
fn steps(store: &Connection, text: &str) -> Vec<String> {
    let mut statement = store.prepare(&format!("explain query plan {text}")).unwrap();
    let steps = statement.raw_query().mapped(|row| row.get(3));
    steps.collect::<Result<_, _>>().unwrap()
}

fn empty() -> Connection {
    let store = Connection::open_in_memory().unwrap();
    store.execute_batch(&super::migrations("sqlite")).unwrap();
    store
}

/// A reader, who does not see the writer's memory, goes through the log, and through nothing else.
#[test]
fn a_reader_finds_a_repeat_by_its_hash() {
    for (_, text) in reader_says() {
        let steps = steps(&empty(), &text);
        let is_sought = |step: &&String| step.starts_with("SEARCH seen USING PRIMARY KEY");
        let is_gone_through = |step: &&String| step.starts_with("SCAN");
        assert_eq!(steps.iter().filter(is_sought).count(), 1, "{steps:#?}");
        let gone_through: Vec<&String> = steps.iter().filter(is_gone_through).collect();
        assert_eq!(gone_through, ["SCAN seen_young"], "{steps:#?}");
    }
}

#[test]
fn what_must_stay_quick_is_planned_so() {
    let store = empty();
    let statements = statements();
    for (file, name, expected) in PLANS {
        let found = statements.iter().find(|one| one.file == file && one.name == name);
        let text = &found.unwrap_or_else(|| panic!("{file} has no {name}")).text;
        let steps = steps(&store, &as_read(text));
        assert!(
            steps.iter().any(|step| step.contains(expected)),
            "{file} {name}: {steps:#?}"
        );
        // What the statement itself has found so far: the chain, the page, or what waits; and a log that is kept short.
        let own = [
            "SCAN c",
            "SCAN chain",
            "SCAN p",
            "SCAN waiting",
            "SCAN conversation_young",
            "SCAN delivery_ready_young",
        ];
        let own = |step: &str| own.contains(&step);
        let scans = steps
            .iter()
            .filter(|step| step.starts_with("SCAN") && !step.contains("USING"));
        let scans: Vec<&String> = scans.filter(|step| !own(step)).collect();
        assert_eq!(scans, Vec::<&String>::new(), "{file} {name}");
    }
}
