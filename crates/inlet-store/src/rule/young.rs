//! What the logs of SQLite (`sqlite/young`) rely on.

use super::statements;

/// Under that name, a log counts on SQLite.
#[test]
fn what_every_message_changes_of_a_conversation_is_read_as_v() {
    for one in statements()
        .iter()
        .filter(|one| one.text.contains("from conversation where"))
    {
        for column in ["last_seq", "last_message_id", "last_channel", "last_at", "unread"] {
            assert!(!one.text.contains(column), "{} {}: {column}", one.file, one.name);
        }
    }
    let joined = statements().iter().any(|one| one.text.contains("join conversation"));
    assert!(!joined, "it is read first, so that its rows are looked up by their key");
}

/// There, what is ready is logged (`young/ready.rs`); the rest is followed by triggers (`0022_ready.sql`).
#[test]
fn deliveries_come_by_one_statement_and_stay_where_they_are() {
    let statements = statements();
    let insert = statements
        .iter()
        .filter(|one| one.text.contains("insert into delivery "));
    let insert: Vec<_> = insert.map(|one| (one.file.as_str(), one.name.as_str())).collect();
    assert_eq!(insert, [("apply.rs", "DELIVERY")]);
    for one in statements.iter().filter(|one| one.text.starts_with("update delivery ")) {
        let set = one.text.split(" where ").next().unwrap_or_default();
        for column in [" id =", "location_id =", "destination_id ="] {
            assert!(!set.contains(column), "{} {}: {column}", one.file, one.name);
        }
    }
}
