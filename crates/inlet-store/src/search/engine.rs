//! How each engine wants words and questions to be written. Words are letters and digits only, or a mark: nothing in them
//! has to be escaped.

use std::{collections::BTreeMap, fmt::Write};

use inlet_core::search::{Document, Mark, Term};

/// Positions that PostgreSQL tells apart.
const PLACES: usize = 16_383;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// What is kept of a message: for FTS5 its words in a row, for PostgreSQL a `tsvector` as text.
    pub(super) fn entry(self, document: &Document) -> String {
        let words = document.words.iter().chain(&document.marks);
        match self {
            Self::Sqlite => words.map(String::as_str).collect::<Vec<_>>().join(" "),
            Self::Postgres => {
                let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
                for (word, place) in words.zip(1_usize..) {
                    places.entry(word).or_default().push(place.min(PLACES).to_string());
                }
                let lexeme = |(word, places): (&str, Vec<String>)| format!("'{word}':{}", places.join(","));
                places.into_iter().map(lexeme).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// What is asked for: all that must be there, and then what must not.
    pub(super) fn question(self, terms: &[Term]) -> String {
        let (not, mut all): (Vec<_>, Vec<_>) = terms.iter().cloned().partition(|term| term.not);
        if all.is_empty() {
            all.push(Term::marked(&Mark::Any));
        }
        let (and, but) = match self {
            Self::Sqlite => (" AND ", " NOT "),
            Self::Postgres => (" & ", " & !"),
        };
        let all: Vec<_> = all.iter().map(|term| self.term(term)).collect();
        let mut question = all.join(and);
        for term in &not {
            // Writing to a text does not fail.
            let _ = write!(question, "{but}{}", self.term(term));
        }
        question
    }

    fn term(self, term: &Term) -> String {
        match self {
            Self::Sqlite => format!("\"{}\"{}", term.words.join(" "), if term.begins { " *" } else { "" }),
            Self::Postgres => {
                let words: Vec<_> = term.words.iter().map(|word| format!("'{word}'")).collect();
                format!("({}{})", words.join(" <-> "), if term.begins { ":*" } else { "" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_is_asked_in_its_own_words() {
        let term = |words: &[&str], begins, not| Term {
            words: words.iter().map(ToString::to_string).collect(),
            begins,
            not,
        };
        let terms = [
            term(&["good", "morn"], true, false),
            term(&["no"], false, true),
            term(&["x"], false, false),
        ];
        let cases = [
            (Engine::Sqlite, &terms[..], r#""good morn" * AND "x" NOT "no""#),
            (Engine::Postgres, &terms[..], "('good' <-> 'morn':*) & ('x') & !('no')"),
            (Engine::Sqlite, &terms[1..2], r#""¤m" NOT "no""#),
            (Engine::Postgres, &[], "('¤m')"),
        ];
        for (engine, terms, expected) in cases {
            assert_eq!(engine.question(terms), expected);
        }
        let document = Document {
            words: ["b", "a", "b"].map(str::to_owned).to_vec(),
            marks: ["¤m".to_owned()].into(),
        };
        assert_eq!(Engine::Sqlite.entry(&document), "b a b ¤m");
        assert_eq!(Engine::Postgres.entry(&document), "'a':2 'b':1,3 '¤m':4");
    }
}
