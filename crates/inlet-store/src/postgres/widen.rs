//! Widening: a statement for one list of arguments becomes one for many, by its text alone. The lists arrive as one array
//! an argument; the first argument, the location, stays a single one where all lists share it.

use tokio_postgres::types::Type;

/// A statement for many lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wide {
    pub(super) text: String,
    pub(super) answer: Answer,
}

/// How its rows are told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// There are none.
    Nothing,
    /// The first column is the place of the list, from 1.
    Place,
    /// The columns are these arguments, from 0: an insert cannot return the place.
    Arguments(Vec<usize>),
}

/// A statement that changes rows, cut where it has to be widened.
struct Cut<'t> {
    before: &'t str,
    condition: &'t str,
    returning: Option<&'t str>,
}

/// The statement over arrays of these types, or `None` where it must be run list by list. `shared` tells that all lists
/// have the first argument in common.
pub(super) fn widen(text: &str, types: &[Type], shared: bool) -> Option<Wide> {
    let first = usize::from(shared);
    if text.contains("limit $") || types.len() <= first {
        return None;
    }
    let arrays = arrays(types, first)?;
    match text.split(' ').next()? {
        "select" => Some(Wide {
            text: format!(
                "select a.place, x.* from {arrays} cross join lateral ({}) x",
                with_columns(text, first)
            ),
            answer: Answer::Place,
        }),
        "insert" => insert(text, &arrays, first),
        "update" => Some(change(&cut(text), " from ", &arrays, first)),
        "delete" => Some(change(&cut(text), " using ", &arrays, first)),
        _ => None,
    }
}

/// The arguments, from 0, by which a changed row is found: two lists that agree in them must not be run together.
pub(super) fn found_by(text: &str) -> Option<Vec<usize>> {
    if !text.starts_with("update ") && !text.starts_with("delete ") {
        return None;
    }
    let words: Vec<&str> = cut(text).condition.split(' ').collect();
    let equal = words.windows(2).filter(|pair| pair.first() == Some(&"="));
    let named = equal.filter_map(|pair| {
        pair.last()?
            .trim_end_matches(')')
            .strip_prefix('$')?
            .parse::<usize>()
            .ok()
    });
    Some(named.map(|number| number.saturating_sub(1)).collect())
}

fn arrays(types: &[Type], first: usize) -> Option<String> {
    let numbers = || (1..=types.len()).skip(first);
    let arrays = types
        .iter()
        .zip(1..)
        .skip(first)
        .map(|(of, number)| Some(format!("${number}::{}[]", name(of)?)));
    let columns: Vec<String> = numbers().map(|number| format!("p{number}")).collect();
    Some(format!(
        "unnest({}) with ordinality as a ({}, place)",
        arrays.collect::<Option<Vec<_>>>()?.join(", "),
        columns.join(", ")
    ))
}

/// What the store's values can be on PostgreSQL.
fn name(of: &Type) -> Option<&'static str> {
    match *of {
        Type::INT8 => Some("bigint"),
        Type::INT4 => Some("integer"),
        Type::TEXT => Some("text"),
        Type::BYTEA => Some("bytea"),
        _ => None,
    }
}

/// `$3` becomes `a.p3`.
fn with_columns(text: &str, first: usize) -> String {
    let mut parts = text.split('$');
    let mut widened = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        let number: usize = part
            .get(..digits)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default();
        widened.push_str(if number <= first { "$" } else { "a.p" });
        widened.push_str(part);
    }
    widened
}

fn insert(text: &str, arrays: &str, first: usize) -> Option<Wide> {
    let (head, rest) = text.split_once(" values (")?;
    let (values, tail) = rest.split_once(')')?;
    if tail.contains("do update") {
        return None;
    }
    let answer = match tail.split_once(" returning ") {
        None => Answer::Nothing,
        Some((_, returned)) => Answer::Arguments(returned_arguments(head, values, returned)?),
    };
    let values = with_columns(values, first);
    let text = format!("{head} select {values} from {arrays}{tail}");
    Some(Wide { text, answer })
}

fn returned_arguments(head: &str, values: &str, returned: &str) -> Option<Vec<usize>> {
    let (_, columns) = head.trim_end_matches(')').split_once('(')?;
    let columns: Vec<&str> = columns.split(", ").collect();
    let values: Vec<&str> = values.split(", ").collect();
    let argument = |name: &str| {
        let place = columns.iter().position(|column| *column == name)?;
        let number: usize = values.get(place)?.strip_prefix('$')?.parse().ok()?;
        number.checked_sub(1)
    };
    returned.split(", ").map(argument).collect()
}

fn cut(text: &str) -> Cut<'_> {
    let (before, rest) = text.split_once(" where ").unwrap_or((text, ""));
    let (condition, returning) = match rest.split_once(" returning ") {
        Some((condition, returning)) => (condition, Some(returning)),
        None => (rest, None),
    };
    Cut {
        before,
        condition,
        returning,
    }
}

fn change(cut: &Cut<'_>, joined: &str, arrays: &str, first: usize) -> Wide {
    let before = with_columns(cut.before, first);
    let condition = with_columns(cut.condition, first);
    let mut text = format!("{before}{joined}{arrays} where {condition}");
    let mut answer = Answer::Nothing;
    if let Some(returning) = cut.returning {
        text.push_str(" returning a.place, ");
        text.push_str(&with_columns(returning, first));
        answer = Answer::Place;
    }
    Wide { text, answer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_statement_is_widened_by_its_text() {
        let (int, text) = (Type::INT8, Type::TEXT);
        let cases: [(&str, &[Type], bool, Option<&str>); 6] = [
            (
                "select value from thing where location_id = $1 and id = $2",
                &[int.clone(), int.clone()],
                true,
                Some(
                    "select a.place, x.* from unnest($2::bigint[]) with ordinality as a (p2, place) \
                     cross join lateral (select value from thing where location_id = $1 and id = a.p2) x",
                ),
            ),
            (
                "select value from thing where location_id = $1",
                std::slice::from_ref(&int),
                false,
                Some(
                    "select a.place, x.* from unnest($1::bigint[]) with ordinality as a (p1, place) \
                     cross join lateral (select value from thing where location_id = a.p1) x",
                ),
            ),
            (
                "insert into thing (location_id, id, name, tries) values ($1, $2, $3, 0) on conflict do nothing returning id",
                &[int.clone(), int.clone(), text.clone()],
                true,
                Some(
                    "insert into thing (location_id, id, name, tries) select $1, a.p2, a.p3, 0 \
                     from unnest($2::bigint[], $3::text[]) with ordinality as a (p2, p3, place) \
                     on conflict do nothing returning id",
                ),
            ),
            (
                "update thing set name = $3 where location_id = $1 and id = $2 returning id",
                &[int.clone(), int.clone(), text],
                true,
                Some(
                    "update thing set name = a.p3 from unnest($2::bigint[], $3::text[]) with ordinality \
                     as a (p2, p3, place) where location_id = $1 and id = a.p2 returning a.place, id",
                ),
            ),
            (
                "select id from thing where location_id = $1 limit $2",
                &[int.clone(), int.clone()],
                true,
                None,
            ),
            (
                "insert into thing (id) values ($1) on conflict (id) do update set id = excluded.id",
                std::slice::from_ref(&int),
                false,
                None,
            ),
        ];
        for (one, types, shared, expected) in cases {
            let wide = widen(one, types, shared);
            assert_eq!(wide.as_ref().map(|wide| wide.text.as_str()), expected, "{one}");
        }
    }

    #[test]
    fn a_deletion_is_widened_too() {
        let text = "delete from thing where location_id = $1 and id = $2";
        let wide = widen(text, &[Type::INT8, Type::INT8], true).unwrap();
        let expected = "delete from thing using unnest($2::bigint[]) with ordinality as a (p2, place) \
                        where location_id = $1 and id = a.p2";
        assert_eq!((wide.text.as_str(), wide.answer), (expected, Answer::Nothing));
    }

    #[test]
    fn an_insert_tells_its_rows_apart_by_what_it_was_given() {
        let text = "insert into thing (location_id, hash, name) values ($1, $3, $2) returning hash, name";
        let wide = widen(text, &[Type::INT8, Type::TEXT, Type::INT8], true).unwrap();
        assert_eq!(wide.answer, Answer::Arguments(vec![2, 1]));
    }

    #[test]
    fn lists_that_find_the_same_row_are_noticed() {
        let park = "update thing set at = $3 where location_id = $1 and id = $2 and (at is null or at < $3)";
        assert_eq!(found_by(park), Some(vec![0, 1]));
        assert_eq!(found_by("select id from thing where id = $1"), None);
    }
}
