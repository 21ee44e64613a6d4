//! What the documents list is held against the code: metrics, and the schedules of retries.

use std::{collections::BTreeSet, fs, path::Path};

use inlet_core::schedule::Schedule;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The cells of a document's rows whose first cell is one piece of code.
fn rows(document: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    let lines = text.lines().filter(|line| line.starts_with("| `"));
    lines.map(cells).collect()
}

#[test]
fn the_metrics_that_are_listed_are_those_that_are_kept() {
    let mut kept = BTreeSet::new();
    for krate in fs::read_dir(root().join("crates")).unwrap() {
        gather(&krate.unwrap().path().join("src"), &mut kept);
    }
    let listed: BTreeSet<String> = rows("docs/operating.md")
        .into_iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .filter(|name| name.starts_with("inlet_"))
        .collect();
    assert!(kept.len() > 20, "{kept:?}");
    assert_eq!(listed, kept);
}

/// The names that stand in the macros of a folder's files.
fn gather(folder: &Path, kept: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, kept);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for kind in ["counter!(", "gauge!(", "histogram!("] {
            for after in text.split(kind).skip(1) {
                let name = after
                    .trim_start()
                    .strip_prefix('"')
                    .and_then(|rest| rest.split('"').next());
                kept.extend(name.map(str::to_owned));
            }
        }
    }
}

#[test]
fn the_schedules_that_are_promised_are_those_that_are_kept() {
    let rows = rows("docs/delivery.md");
    for (name, schedule) in [("standard", Schedule::Standard), ("highlevel", Schedule::Highlevel)] {
        assert_eq!(Schedule::parse(name), Some(schedule.clone()));
        let row = rows.iter().find(|row| row[0].trim_matches('`') == name).unwrap();
        let waits: Vec<String> = schedule.delays().iter().map(u32::to_string).collect();
        let attempts = (waits.len() + 1).to_string();
        assert_eq!(
            (row[1].as_str(), row[2].as_str()),
            (waits.join(", ").as_str(), attempts.as_str()),
            "{name}"
        );
    }
}
