//! The page for receivers is true: its tables say what the code does, and its example of a filter can be read.

use std::{fs, path::Path};

use inlet_core::{filter::Filter, registry::Ordering, schedule::Schedule};

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/delivery.md");
    fs::read_to_string(page).expect("docs/delivery.md")
}

#[test]
fn the_table_of_schedules_is_the_codes() {
    let page = page();
    for (name, schedule) in [("standard", Schedule::Standard), ("highlevel", Schedule::Highlevel)] {
        let waits: Vec<String> = schedule.delays().iter().map(u32::to_string).collect();
        let row = format!("| `{name}` | {} | {} |", waits.join(", "), waits.len() + 1);
        assert!(page.contains(&row), "docs/delivery.md should say: {row}");
    }
    let total: u32 = Schedule::Standard.delays().iter().sum();
    let reach = format!("reaches {} hours and {} minutes", total / 3600, total % 3600 / 60);
    assert!(page.contains(&reach), "docs/delivery.md should say: {reach}");
}

#[test]
fn every_ordering_has_its_row() {
    let page = page();
    for ordering in Ordering::ALL {
        assert!(page.contains(&format!("| `{}` |", ordering.name())));
    }
}

#[test]
fn its_filter_can_be_read() {
    let page = page();
    let (_, rest) = page.split_once("```text\n").expect("an example");
    let example = rest.lines().next().expect("a line");
    let read: Result<Filter, _> = example.parse();
    assert!(read.is_ok(), "{example}: {read:?}");
}
