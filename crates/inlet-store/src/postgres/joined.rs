//! What answers nothing waits for its like, and all of it is one statement: `with j0 as (insert …), j1 as (update …)
//! insert …`. PostgreSQL has one to begin and to end then, and sends one answer. Parts of one statement do not see what the
//! others do, so they change different tables, and read none.

use std::fmt::Write;

use super::bind::Param;

/// Statements that wait to be sent.
#[derive(Default)]
pub(super) struct Joined {
    texts: Vec<String>,
    tables: Vec<String>,
    params: Vec<Param>,
}

impl Joined {
    /// Whether a statement that changes this table may be one with those that wait.
    pub(super) fn takes(&self, table: &str) -> bool {
        self.tables.iter().all(|other| other != table)
    }

    /// Adds one that changes this table.
    pub(super) fn add(&mut self, table: &str, text: &str, mut params: Vec<Param>) {
        self.texts.push(numbered_from(text, self.params.len()));
        self.tables.push(table.to_owned());
        self.params.append(&mut params);
    }

    /// All of them as one; nothing where none waits.
    pub(super) fn take(&mut self) -> Option<(String, Vec<Param>)> {
        let Self { mut texts, params, .. } = std::mem::take(self);
        let last = texts.pop()?;
        if texts.is_empty() {
            return Some((last, params));
        }
        let parts = texts.iter().enumerate();
        let parts: Vec<String> = parts.map(|(number, text)| format!("j{number} as ({text})")).collect();
        Some((format!("with {} {last}", parts.join(", ")), params))
    }
}

/// The table that a statement changes, if it answers nothing and reads no other.
pub(super) fn changed(text: &str) -> Option<&str> {
    let verbs = ["insert into ", "update ", "delete from "];
    let rest = verbs.iter().find_map(|verb| text.strip_prefix(verb))?;
    let speaks = text.contains(" returning ") || text.contains("select ");
    rest.split(' ').next().filter(|_| !speaks)
}

/// `$1` becomes `$5` where four arguments stand before it.
fn numbered_from(text: &str, before: usize) -> String {
    let mut parts = text.split('$');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
        let (digits, rest) = part.split_at(end);
        let number: usize = digits.parse().unwrap_or_default();
        // Writing to a text does not fail.
        let _ = write!(numbered, "${}{rest}", number + before);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use tokio_postgres::types::Type;

    use super::*;
    use crate::{postgres::bind::one, waist::Value};

    fn params(count: usize) -> Vec<Param> {
        (0..count).map(|_| one(Value::Int(1), &Type::INT8).unwrap()).collect()
    }

    #[test]
    fn those_that_change_different_tables_are_one() {
        let mut joined = Joined::default();
        assert!(joined.take().is_none());
        joined.add("thing", "insert into thing (id, at) values ($1, $2)", params(2));
        assert!(joined.takes("other") && !joined.takes("thing"));
        joined.add("other", "update other set at = $12 where id = $1", params(12));
        joined.add("third", "delete from third where id = $1", params(1));
        let (text, given) = joined.take().unwrap();
        let expected = "with j0 as (insert into thing (id, at) values ($1, $2)), j1 as (update other set at = $14 \
                        where id = $3) delete from third where id = $15";
        assert_eq!((text.as_str(), given.len()), (expected, 15));
        assert!(joined.takes("thing") && joined.take().is_none());
    }

    #[test]
    fn one_alone_is_sent_as_it_is() {
        let mut joined = Joined::default();
        joined.add("thing", "delete from thing where id = $1", params(1));
        assert_eq!(joined.take().unwrap().0, "delete from thing where id = $1");
    }

    #[test]
    fn what_answers_or_reads_is_not_joined() {
        let cases = [
            (
                "insert into thing (id) values ($1) on conflict do nothing",
                Some("thing"),
            ),
            ("update thing set at = $2 where id = $1", Some("thing")),
            ("delete from thing where id = $1", Some("thing")),
            ("insert into thing (id) values ($1) returning id", None),
            ("delete from thing where id in (select id from other)", None),
            ("select id from thing", None),
        ];
        for (text, expected) in cases {
            assert_eq!(changed(text), expected, "{text}");
        }
    }
}
