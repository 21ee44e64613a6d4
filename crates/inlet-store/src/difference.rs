//! Where the engines must differ, all of it. The tables have their own files in `migrations/`; beside them PostgreSQL says
//! something else only here. Most of it are row locks, said only where it writes: SQLite has one writer and needs none.

/// The end of one statement, and what PostgreSQL says instead.
#[derive(Debug)]
pub(crate) struct Difference {
    /// How the statement ends, spaces counted once.
    pub(crate) says: &'static str,
    /// What stands there on PostgreSQL.
    pub(crate) instead: &'static str,
    /// Where PostgreSQL says so.
    pub(crate) said: Said,
}

/// Where a difference is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// In transactions that write: it locks rows.
    Writing,
    /// Everywhere.
    Always,
}

/// The list.
pub(crate) const DIFFERENCES: [Difference; 10] = [
    // The next sequence follows from the conversation's row, so whoever reads it holds it.
    Difference {
        says: "select last_seq, last_message_id, last_channel, last_at, unread, starred, alias_of from conversation v \
               where v.location_id = $1 and v.id = $2",
        instead: "select last_seq, last_message_id, last_channel, last_at, unread, starred, alias_of from conversation v \
                  where v.location_id = $1 and v.id = $2 for update",
        said: Said::Writing,
    },
    // Whom a contact answers as must not change before what is written to it is there.
    Difference {
        says: "select id, alias_of from contact where location_id = $1 and id = $2",
        instead: "select id, alias_of from contact where location_id = $1 and id = $2 for update",
        said: Said::Writing,
    },
    // A later word is laid over what the message says, so whoever reads it holds it.
    Difference {
        says: "created_at, detail from message where location_id = $1 and id = $2",
        instead: "created_at, detail from message where location_id = $1 and id = $2 for update",
        said: Said::Writing,
    },
    // What comes before what it speaks of is laid over what is known already, so whoever reads it holds it.
    Difference {
        says: "select detail from early_word where location_id = $1 and hash = $2 and check_hash = $3",
        instead: "select detail from early_word where location_id = $1 and hash = $2 and check_hash = $3 for update",
        said: Said::Writing,
    },
    // A change of a contact is laid over what is known of it, so whoever reads it holds it.
    Difference {
        says: "created_at, updated_at, detail from contact where location_id = $1 and id = $2",
        instead: "created_at, updated_at, detail from contact where location_id = $1 and id = $2 for update",
        said: Said::Writing,
    },
    // The version of the directory counts up by one, so whoever reads it holds it.
    Difference {
        says: "select value from setting where name = $1",
        instead: "select value from setting where name = $1 for update",
        said: Said::Writing,
    },
    // What is heard of a destination is added to what was heard before, so whoever reads it holds it.
    Difference {
        says: "select health from destination_health where location_id = $1 and destination_id = $2",
        instead: "select health from destination_health where location_id = $1 and destination_id = $2 for update",
        said: Said::Writing,
    },
    // Whoever claims passes by what another node is claiming, and chooses once.
    Difference {
        says: "id in ( with waiting as materialized ( \
               select id, due_at from delivery r where r.location_id = $1 and r.destination_id = $2 and r.class = $3 \
               and r.status = 0 and r.due_at <= $4 order by r.due_at limit $5) select id from waiting) \
               returning id, event_id, kind, lane_id, attempts, lease, created_at, expires_at, body, due_at, message_id",
        instead: "id = any (array(select id from delivery where location_id = $1 and destination_id = $2 and class = $3 \
                  and status = 0 and due_at <= $4 order by due_at limit $5 for update skip locked)) \
                  returning id, event_id, kind, lane_id, attempts, lease, created_at, expires_at, body, due_at, message_id",
        said: Said::Writing,
    },
    // A location's rows are in order by themselves, all locations' rows are not: the newest of each are asked for.
    Difference {
        says: "from delivery where (destination_id = $1 or $1 is null) and (status = $2 or $2 is null) \
               order by id desc limit $3",
        instead: "from delivery where (location_id, id) in (\
                  select d.location_id, d.id from location l cross join lateral (\
                  select location_id, id from delivery where location_id = l.id \
                  and (destination_id = $1 or $1 is null) and (status = $2 or $2 is null) \
                  order by id desc limit $3) d order by d.id desc limit $3) order by id desc",
        said: Said::Always,
    },
    // Words are looked for by the engine's own means.
    Difference {
        says: "and e.words match $4 order by e.rowid desc limit $5",
        instead: "and cast(e.words as tsvector) @@ cast(cast($4 as text) as tsquery) order by e.rowid desc limit $5",
        said: Said::Always,
    },
];

/// A statement as PostgreSQL is to hear it, spaces counted once; `writes` tells whether it is said in a transaction that
/// writes.
pub(crate) fn on_postgres(text: &str, writes: bool) -> String {
    let text = nothing_last(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let is_said = |one: &&Difference| writes || one.said == Said::Always;
    let other = DIFFERENCES.iter().filter(is_said).find_map(|one| {
        let begin = text.strip_suffix(one.says)?;
        Some(format!("{begin}{}", one.instead))
    });
    other.unwrap_or(text)
}

/// `($2 is null or id = $2)` becomes `(id = $2 or $2 is null)`, which is the same: PostgreSQL wants to know what an
/// argument is when it first hears of it.
fn nothing_last(text: &str) -> String {
    let Some((before, rest)) = text.split_once(" is null or ") else {
        return text.to_owned();
    };
    let opening = before.rfind("($").and_then(|at| before.split_at_checked(at));
    let closing = closing(rest).and_then(|at| rest.split_at_checked(at));
    match (opening, closing) {
        (Some((before, argument)), Some((other, after))) if argument.len() < 5 => {
            let argument = argument.trim_start_matches('(');
            format!("{before}({other} or {argument} is null{}", nothing_last(after))
        }
        _ => format!("{before} is null or {}", nothing_last(rest)),
    }
}

/// Where the parenthesis ends that was opened before this text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    text.char_indices().find_map(|(at, letter)| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        (depth < 0).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_that_may_be_nothing_is_first_heard_of_as_what_it_is() {
        let cases = [
            ("a where ($2 is null or id = $2) b", "a where (id = $2 or $2 is null) b"),
            (
                "x ($3 is null or ($3 = 1 and u > 0) or (u = 0)) and ($4 is null or k = $4)",
                "x (($3 = 1 and u > 0) or (u = 0) or $3 is null) and (k = $4 or $4 is null)",
            ),
            ("y (at is null or at < $3)", "y (at is null or at < $3)"),
        ];
        for (text, expected) in cases {
            assert_eq!(on_postgres(text, false), expected);
        }
    }
}
