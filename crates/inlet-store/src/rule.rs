//! The schema rule, kept by a test over every statement of this crate: what runs on one file here must run on PostgreSQL,
//! and on many of those divided by location, unchanged.

use std::{collections::BTreeSet, fs, path::Path};

/// Tables whose rows belong to a location.
const OF_A_LOCATION: [&str; 13] = [
    "contact",
    "identity",
    "conversation",
    "message",
    "seen",
    "mail_thread",
    "call_under_way",
    "delivery",
    "attempt",
    "blob_reference",
    "media",
    "provider",
    "destination",
];

/// First list of exceptions: what must be found before the location is known. Small, or found by a key of its own.
const FOUND_FIRST: [&str; 8] = [
    "setting", "location", "app", "token", "endpoint", "session", "request", "blob",
];

/// Second list of exceptions: statements that read across locations. They only read.
const SCANS: [(&str, &str); 10] = [
    ("open.rs", "LAST_KEY"),
    ("blob.rs", "PENDING"),
    ("inbox.rs", "OVERDUE"),
    ("outbox.rs", "LEASES_OVER"),
    ("outbox/list.rs", "OF_ALL"),
    ("outbox/list.rs", "OF_MESSAGE"),
    ("outbox/list.rs", "ONE"),
    ("directory/load.rs", "TOKENS"),
    ("directory/load.rs", "PROVIDERS"),
    ("directory/load.rs", "DESTINATIONS"),
];

mod plans;

struct Statement {
    file: String,
    name: String,
    text: String,
}

#[test]
fn every_statement_obeys_the_schema_rule() {
    let statements = statements();
    assert!(statements.len() > 50, "the statements are found: {}", statements.len());
    let breaches: Vec<String> = statements
        .iter()
        .flat_map(|one| {
            breaches(one)
                .into_iter()
                .map(|why| format!("{} {}: {why}", one.file, one.name))
        })
        .collect();
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn every_exception_is_needed() {
    let statements = statements();
    for (file, name) in SCANS {
        let found = statements.iter().find(|one| one.file == file && one.name == name);
        let text = &found.unwrap_or_else(|| panic!("{file} has no {name}")).text;
        assert!(text.starts_with("select"), "{file} {name} only reads");
        assert!(!text.contains("location_id = $1"), "{file} {name} needs no exception");
    }
}

/// All migrations of SQLite, in order.
fn schema() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut steps: Vec<_> = fs::read_dir(folder).unwrap().map(|step| step.unwrap().path()).collect();
    steps.sort();
    steps.iter().map(|step| fs::read_to_string(step).unwrap()).collect()
}

#[test]
fn every_table_is_in_one_of_the_lists() {
    let schema = schema();
    let made: BTreeSet<&str> = schema
        .lines()
        .filter_map(|line| line.strip_prefix("create table ")?.split(' ').next())
        .collect();
    let known: BTreeSet<&str> = OF_A_LOCATION.into_iter().chain(FOUND_FIRST).collect();
    assert_eq!(made, known);
}

#[test]
fn breaches_are_noticed() {
    let cases = [
        ("select body from message where id = $1", "location"),
        ("update contact set name = $2 where id = $1", "location"),
        ("insert into contact (id, location_id) values ($1, $2)", "location"),
        (
            "select m.id from message m join contact c on c.id = m.contact_id where m.location_id = $1",
            "tied",
        ),
        ("select id from token where created_at < now()", "now()"),
        ("insert or ignore into app (id) values ($1)", "insert or"),
        (
            "insert into app (id) values ($1) on conflict (id) do update set id = 3",
            "excluded",
        ),
        ("select id from app where id = ?1", "?"),
        ("select id from app where id = 'a' -- all", "--"),
        ("select id from unheard_of", "unheard_of"),
    ];
    for (text, expected) in cases {
        let one = Statement {
            file: String::new(),
            name: String::new(),
            text: text.to_owned(),
        };
        let found = breaches(&one).join("; ");
        assert!(found.contains(expected), "{text}: {found:?}");
    }
}

fn breaches(statement: &Statement) -> Vec<String> {
    let text = statement.text.as_str();
    let mut found = Vec::new();
    for word in [
        "now()",
        "random()",
        "insert or",
        "for update",
        "autoincrement",
        "?",
        "--",
        ";",
        "select *",
    ] {
        if text.contains(word) {
            found.push(format!("it says {word}"));
        }
    }
    if text.contains("do update set") && !text.contains("excluded.") {
        found.push("an upsert takes its values from excluded".to_owned());
    }
    let tables = tables(text);
    for table in &tables {
        if !OF_A_LOCATION.contains(table) && !FOUND_FIRST.contains(table) && *table != "chain" {
            found.push(format!("no list has the table {table}"));
        }
    }
    let scan = SCANS.contains(&(statement.file.as_str(), statement.name.as_str()));
    let of_a_location = tables.iter().filter(|table| OF_A_LOCATION.contains(table)).count();
    if of_a_location > 0 && !scan {
        if !names_the_location(text) {
            found.push("it does not name the location first".to_owned());
        }
        if text.matches("location_id").count() < of_a_location {
            found.push("a table is not tied to the location".to_owned());
        }
    }
    found
}

fn names_the_location(text: &str) -> bool {
    match text.strip_prefix("insert into ") {
        Some(rest) => rest.contains("(location_id, ") && rest.contains("values ($1, "),
        None => text.contains("location_id = $1"),
    }
}

/// The tables that a statement reads or writes, each time it names them.
fn tables(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text
        .split([' ', '(', ')', ','])
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .filter(|pair| matches!(pair[0], "from" | "join" | "into") || (pair[0] == "update" && pair[1] != "set"))
        .map(|pair| pair[1])
        .collect()
}

/// Every string of the crate that begins like a statement, with the constant it stands in.
fn statements() -> Vec<Statement> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    gather(&source, &mut files);
    let mut found = Vec::new();
    for path in files {
        let file = path.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        for (before, literal) in literals(&text) {
            let text = literal.split_whitespace().collect::<Vec<_>>().join(" ");
            let verb = text.split(' ').next().unwrap_or_default();
            let counts = matches!(verb, "select" | "insert" | "update" | "delete" | "with");
            if counts && file != "rule.rs" && !file.starts_with("sqlite") {
                let name = before.rsplit("const ").next().unwrap_or_default();
                let name = name.split(':').next().unwrap_or_default().to_owned();
                let file = file.clone();
                found.push(Statement { file, name, text });
            }
        }
    }
    found
}

fn gather(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// String literals, each with what stands before it. Lines that are only a comment do not count.
fn literals(source: &str) -> Vec<(String, String)> {
    let code: Vec<&str> = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n").replace("\\\"", "'").replace("'\"'", "");
    let parts: Vec<&str> = code.split('"').collect();
    parts
        .chunks(2)
        .filter(|pair| pair.len() == 2)
        .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
        .collect()
}
