//! The rules of the house that no lint knows: layering, licences, file length, opening lines, and documents that must
//! be true of the code.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot be read should stop them"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Which rooms each room may look into. The binary knows all, and nothing knows it.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("inlet-core", &[]),
    ("inlet-highlevel", &["inlet-core"]),
    ("inlet-providers", &["inlet-core", "inlet-highlevel"]),
    ("inlet-store", &["inlet-core"]),
    ("inlet-delivery", &["inlet-core", "inlet-highlevel"]),
    ("inlet-http", &["inlet-core", "inlet-highlevel"]),
    (
        "inlet",
        &[
            "inlet-core",
            "inlet-delivery",
            "inlet-highlevel",
            "inlet-http",
            "inlet-providers",
            "inlet-store",
        ],
    ),
];

/// Libraries that only these rooms may use.
const KEPT_TO: &[(&str, &[&str])] = &[
    ("axum", &["inlet", "inlet-http"]),
    ("rusqlite", &["inlet-store"]),
    ("tokio-postgres", &["inlet-store"]),
    ("reqwest", &["inlet-delivery"]),
    ("tokio", &["inlet", "inlet-delivery", "inlet-http", "inlet-store"]),
];

/// Licences that let anyone use Inlet under its own.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Lines in a file, at most.
const FILE_LINES: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .exec()
        .unwrap()
}

/// Files that git would commit, by ending.
fn sources(endings: &[&str]) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(listed.status.success(), "git ls-files failed");
    let names = String::from_utf8(listed.stdout).unwrap();
    let wanted = names
        .lines()
        .filter(|name| endings.iter().any(|ending| name.ends_with(ending)));
    wanted
        .filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?)))
        .collect()
}

#[test]
fn rooms_know_only_what_lies_below() {
    let metadata = metadata();
    let mut breaches = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let (_, known) = MAY_KNOW
            .iter()
            .find(|(room, _)| *room == name)
            .expect("a room that MAY_KNOW lists");
        for dependency in package
            .dependencies
            .iter()
            .filter(|one| one.kind == DependencyKind::Normal)
        {
            let used = dependency.name.as_str();
            if used.starts_with("inlet") && !known.contains(&used) {
                breaches.push(format!("{name} looks into {used}"));
            }
            let kept = KEPT_TO.iter().find(|(library, _)| *library == used);
            if kept.is_some_and(|(_, rooms)| !rooms.contains(&name)) {
                breaches.push(format!("{name} uses {used}"));
            }
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn dependencies_are_free_and_come_from_the_registry() {
    let mut breaches = BTreeSet::new();
    for package in &metadata().packages {
        let Some(source) = &package.source else { continue };
        if !source.is_crates_io() && !source.repr.starts_with("registry+") && !source.repr.starts_with("sparse+") {
            breaches.insert(format!("{} comes from {source}", package.name));
        }
        let licence = package.license.as_deref().unwrap_or("none");
        if !is_free(licence) {
            breaches.insert(format!("{} is under {licence}", package.name));
        }
    }
    assert_eq!(breaches, BTreeSet::new());
}

/// Whether a licence expression can be met with [`LICENCES`]: all that `AND` joins, any that `OR` joins.
fn is_free(expression: &str) -> bool {
    let bare = expression.replace(['(', ')'], " ").replace('/', " OR ");
    bare.split(" AND ")
        .all(|part| part.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut breaches = Vec::new();
    for (name, text) in sources(&[".rs"]) {
        let lines = text.lines().count();
        if lines > FILE_LINES {
            breaches.push(format!("{name} has {lines} lines"));
        }
        if !text.starts_with("//! ") {
            breaches.push(format!("{name} does not open with a line that says what it is for"));
        }
        if name.ends_with("/mod.rs") {
            breaches.push(format!("{name}: write foo.rs beside foo/"));
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn scripts_and_statements_say_what_they_are_for() {
    for (name, text) in sources(&[".sql", ".py", ".js", ".css", ".toml"]) {
        let first = text.lines().find(|line| !line.starts_with("#!")).unwrap_or_default();
        let opened = ["-- ", "# ", "\"\"\"", "// ", "/* ", "[package]"]
            .iter()
            .any(|opening| first.starts_with(opening));
        assert!(
            opened || name == "rustfmt.toml" || name == "clippy.toml",
            "{name} opens with {first:?}"
        );
    }
}

#[test]
fn the_compatibility_table_lists_exactly_the_routes() {
    let document = fs::read_to_string(root().join("docs/compatibility.md")).unwrap();
    let listed: BTreeSet<String> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(route, _)| route.to_owned())
        .filter(|route| route.split_once(' ').is_some_and(|(_, path)| path.starts_with('/')))
        .collect();
    let routes: BTreeSet<String> = inlet_http::router::ROUTES
        .iter()
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    assert_eq!(listed, routes, "left: docs/compatibility.md, right: the router");
}

/// An operation without the names of its parameters, which differ between HighLevel's files.
fn bare(operation: &str) -> String {
    let mut bare = String::new();
    let mut inside = false;
    for letter in operation.trim_end_matches('/').chars() {
        inside = letter == '{' || (inside && letter != '}');
        if !inside {
            bare.push(letter);
        }
    }
    bare
}

#[test]
fn each_official_operation_is_served_or_refused_in_the_table() {
    let official = fs::read_to_string(root().join("docs/official.tsv")).unwrap();
    let official: BTreeSet<String> = official
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once('\t'))
        .map(|(operation, _)| bare(&operation.replace('\t', " ")))
        .collect();
    assert!(official.len() > 90, "the list is whole: {}", official.len());
    let served: BTreeSet<String> = inlet_http::router::ROUTES
        .iter()
        .map(|(method, path)| bare(&format!("{method} {path}")))
        .collect();
    let document = fs::read_to_string(root().join("docs/compatibility.md")).unwrap();
    let refused: BTreeSet<String> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| refused | `")?.split_once('`'))
        .map(|(operation, _)| bare(operation))
        .collect();
    let expected: BTreeSet<String> = official.difference(&served).cloned().collect();
    assert_eq!(
        refused, expected,
        "left: refused in docs/compatibility.md, right: official and not in the router"
    );
}

/// The walk names code by path; a path that no longer exists would be a lie.
#[test]
fn the_architecture_names_code_that_exists() {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let names: BTreeSet<&str> = document
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains("crates/"))
        .collect();
    assert!(names.len() >= 12, "the walk names its code");
    for name in names {
        let (path, item) = name.split_once("::").unwrap_or((name, ""));
        let text =
            fs::read_to_string(root().join(path)).or_else(|_| fs::read_dir(root().join(path)).map(|_| String::new()));
        let text = text.unwrap_or_else(|_| panic!("ARCHITECTURE.md names {path}, which is not there"));
        let there = item.is_empty()
            || ["fn ", "struct ", "enum ", "trait "]
                .iter()
                .any(|kind| text.contains(&format!("{kind}{item}")));
        assert!(there, "ARCHITECTURE.md names {name}, and {path} has no {item}");
    }
}
