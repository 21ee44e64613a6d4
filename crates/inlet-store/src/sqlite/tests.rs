//! How a connection to the file is set up.

use rusqlite::StatementStatus;

use super::*;

#[test]
fn a_statement_is_planned_once_whatever_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inlet.db");
    let writer = Sqlite::writer(&path, Sabotage::default()).unwrap();
    let reader = Sqlite::reader(&path).unwrap();
    for waist in [writer, reader] {
        let text = "select id from delivery where destination_id = ?1 order by id limit ?2";
        for given in 1..=3 {
            run(&waist.connection, text, &[&[Value::Int(given), Value::Int(given)]]).unwrap();
        }
        let statement = waist.connection.prepare_cached(text).unwrap();
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
