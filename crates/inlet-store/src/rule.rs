//! The schema rule, kept by a test over every statement of this crate: what runs on one file here must run on PostgreSQL,
//! and on many of those divided by location, unchanged.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::difference::{DIFFERENCES, Said, on_postgres};

/// Tables whose rows belong to a location.
const OF_A_LOCATION: [&str; 22] = [
    "contact",
    "identity",
    "conversation",
    "message",
    "seen",
    "early_word",
    "mail_thread",
    "call_under_way",
    "delivery",
    "attempt",
    "blob_reference",
    "media",
    "provider",
    "destination",
    "destination_health",
    "lane",
    "upstream_contact",
    "upstream_identity",
    "upstream_message",
    "upstream_ledger",
    "upstream_grant",
    "search_entry",
];

/// First list of exceptions: what must be found before the location is known. Small, or found by a key of its own.
const FOUND_FIRST: [&str; 14] = [
    "setting",
    "location",
    "app",
    "token",
    "endpoint",
    "session",
    "request",
    "blob",
    "lease",
    "replay",
    "app_grant",
    "voucher",
    "person",
    "deed",
];

/// Second list of exceptions: statements that read across locations. They only read.
const SCANS: [(&str, &str); 13] = [
    ("blob.rs", "PENDING"),
    ("inbox.rs", "OVERDUE"),
    ("search.rs", "NEXT"),
    ("outbox.rs", "LEASES_OVER"),
    ("outbox/keep.rs", "STUCK"),
    ("outbox/keep.rs", "OLD"),
    ("outbox/keep.rs", "OLD_ATTEMPTS"),
    ("outbox/keep.rs", "OLD_WORDS"),
    ("outbox/order.rs", "FIND"),
    ("outbox/list.rs", "OF_ALL"),
    ("directory/load.rs", "TOKENS"),
    ("directory/load.rs", "PROVIDERS"),
    ("directory/load.rs", "DESTINATIONS"),
];

mod plans;
mod young;

/// What is no statement of the store, but an engine's own text or words about texts.
const ENGINES_OWN: [&str; 8] = [
    "rule",
    "difference.rs",
    "sqlite",
    "postgres/migrate.rs",
    "postgres/connect.rs",
    "postgres/joined.rs",
    "postgres/tests.rs",
    "postgres/widen.rs",
];

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

#[test]
fn every_table_is_in_one_of_the_lists_on_both_engines() {
    let known: BTreeSet<&str> = OF_A_LOCATION.into_iter().chain(FOUND_FIRST).collect();
    let postgres = tables_made("postgres");
    assert_eq!(postgres.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    let mut sqlite: BTreeSet<String> = tables_made("sqlite").into_keys().collect();
    // One process has a file: nothing is leased there.
    sqlite.insert("lease".to_owned());
    // Their rows are those of others.
    for own in [
        "seen_young",
        "conversation_young",
        "delivery_ready",
        "delivery_ready_young",
    ] {
        assert!(sqlite.remove(own), "{own}");
    }
    // FTS5 makes a table of another kind.
    assert!(migrations("sqlite").contains("create virtual table search_entry"));
    sqlite.insert("search_entry".to_owned());
    assert_eq!(sqlite.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
}

#[test]
fn on_postgresql_the_location_comes_first_in_every_key() {
    let tables = tables_made("postgres");
    for table in OF_A_LOCATION {
        let keys = tables[table]
            .lines()
            .filter(|line| line.contains("primary key") || line.contains("unique"));
        let keys: Vec<&str> = keys.collect();
        assert!(keys.iter().any(|key| key.contains("primary key")), "{table}");
        for key in keys {
            assert!(key.contains("(location_id"), "{table}: {key}");
        }
    }
    let unique = migrations("postgres");
    assert!(
        !unique.contains("create unique index"),
        "write it into the table, where this test sees it"
    );
}

/// What `docs/operating.md` tells Citus of each table is what the lists say.
#[test]
fn citus_is_told_of_every_table() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, commands) = page.split_once("select create_reference_table").unwrap();
    let (reference, rest) = commands.split_once("]) name;").unwrap();
    let (distributed, _) = rest.split_once("]) name;").unwrap();
    let named = |text: &str| {
        let quoted = text.split('\'').skip(1).step_by(2).map(str::to_owned);
        quoted
            .filter(|name| name != "location_id")
            .collect::<BTreeSet<String>>()
    };
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<String>>()
    };
    assert_eq!(named(distributed), owned(&OF_A_LOCATION));
    let mut found_first = owned(&FOUND_FIRST);
    found_first.insert("inlet_schema".to_owned());
    assert_eq!(named(reference), found_first);
}

#[test]
fn every_difference_is_the_end_of_one_statement_and_keeps_the_rule() {
    let statements = statements();
    for one in &DIFFERENCES {
        let ended: Vec<&Statement> = statements.iter().filter(|text| text.text.ends_with(one.says)).collect();
        assert!(!ended.is_empty(), "no statement ends with: {}", one.says);
        for statement in ended {
            let text = on_postgres(&statement.text, one.said == Said::Writing);
            assert_ne!(text, statement.text);
            let words = [" for update skip locked", " for update", "lateral "];
            let locks = words.iter().fold(text, |text, word| text.replace(word, ""));
            let text = Statement {
                text: locks,
                file: statement.file.clone(),
                name: statement.name.clone(),
            };
            assert_eq!(breaches(&text), Vec::<String>::new(), "{}", text.text);
        }
        assert_eq!(one.instead.contains("for update"), one.said == Said::Writing);
    }
}

fn migrations(engine: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let mut files = Vec::new();
    gather(&folder, &mut files);
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// What each `create table` of an engine says.
fn tables_made(engine: &str) -> BTreeMap<String, String> {
    let text = migrations(engine);
    let made = text.split("create table ").skip(1);
    made.map(|table| {
        let name = table.split(' ').next().unwrap_or_default();
        let columns = table.split("\n)").next().unwrap_or_default();
        (name.to_owned(), columns.to_owned())
    })
    .collect()
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
        if !OF_A_LOCATION.contains(table) && !FOUND_FIRST.contains(table) && !["chain", "waiting"].contains(table) {
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
        .filter(|pair| pair[1] != "select")
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
            if counts && !ENGINES_OWN.iter().any(|own| file.starts_with(own)) {
                let name = before.rsplit("const ").next().unwrap_or_default();
                let name = name.split(':').next().unwrap_or_default().to_owned();
                let file = file.clone();
                found.push(Statement { file, name, text });
            }
        }
    }
    let derived = crate::inbox::list::derived().map(|(name, text)| Statement {
        file: "inbox/list.rs".to_owned(),
        name: name.to_owned(),
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
    });
    found.extend(derived);
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
