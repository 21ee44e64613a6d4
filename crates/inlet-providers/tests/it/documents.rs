//! What is said to people: every vendor is in `docs/vendors.md`, and tells what to do with a webhook's address.

use std::{collections::BTreeSet, fs, path::Path};

use inlet_providers::ALL;

#[test]
fn the_page_on_vendors_names_each_of_them() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/vendors.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let named: BTreeSet<_> = rows.filter_map(|row| row.split('`').next()).collect();
    let missing: Vec<_> = ALL
        .iter()
        .map(|adapter| adapter.name())
        .filter(|name| !named.contains(name))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn each_vendor_tells_what_to_do_with_its_address() {
    for adapter in ALL {
        let advice = adapter.advice();
        assert!(
            advice.len() > 40 && !advice.contains("  "),
            "{}: {advice}",
            adapter.name()
        );
    }
}
