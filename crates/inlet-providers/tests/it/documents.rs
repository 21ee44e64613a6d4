//! What `docs/vendors.md` promises: every vendor is in it.

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
