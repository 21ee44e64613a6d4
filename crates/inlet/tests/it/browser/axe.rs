//! Axe finds nothing serious or critical on any page, light or dark: contrast, names, roles, and the order of headings.

use std::fs;

use serde_json::{Value, json};

use super::{driver::DESK, gallery, house::House};

/// Complaints that stop a person, in words: the rule, its page, and where.
fn complaints(browser: &super::driver::Browser, axe: &str) -> Vec<String> {
    browser.value("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    let run = "axe.run(document, { iframes: false, resultTypes: ['violations'] }).then((found) => found.violations)";
    browser.value(&format!("(() => {{ {axe} }})()"));
    let found = browser.value(run);
    let serious = |one: &&Value| matches!(one["impact"].as_str(), Some("serious" | "critical"));
    let found = found.as_array().unwrap().iter().filter(serious);
    found
        .map(|one| {
            format!(
                "{} {}: {}",
                browser.text("location.pathname"),
                one["id"],
                one["nodes"][0]["html"]
            )
        })
        .collect()
}

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn axe_finds_nothing_serious() {
    let path = std::env::var("INLET_AXE").expect("run it by script/browser, which names axe");
    let axe = fs::read_to_string(path).unwrap();
    let house = House::with(&["--allow", "127.0.0.0/8"]);
    let empty = house.browser(DESK);
    let mut found = Vec::new();
    for scheme in ["light", "dark"] {
        empty.prefer(scheme);
        empty.goto(&house.url(""));
        empty.until("document.querySelector('.guide')");
        found.extend(complaints(&empty, &axe));
    }
    drop(empty);
    let pages = gallery::fill(&house);
    let browser = house.browser(DESK);
    let sections = browser.value("[...document.querySelectorAll('.rail a')].map((link) => link.href)");
    let mut pages: Vec<String> = pages
        .into_iter()
        .chain(["/docs", "/docs/inbound", "/login/used", "/l/nowhere"].map(|path| house.site(path)))
        .collect();
    pages.extend(
        sections
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned),
    );
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        for page in &pages {
            browser.goto(page);
            found.extend(complaints(&browser, &axe));
            for part in ["request", "webhooks", "forward", "history"] {
                if browser.value(&format!("Boolean(document.getElementById('tab-{part}'))")) == json!(true) {
                    browser.click(&format!("#tab-{part}"));
                    found.extend(complaints(&browser, &axe));
                }
            }
        }
        browser.goto(&pages[0]);
        browser.press('?');
        browser.until("document.querySelector('#help')?.open");
        found.extend(complaints(&browser, &axe));
    }
    found.sort();
    found.dedup();
    println!(
        "axe: {} pages, light and dark: {} serious or critical",
        pages.len() + 1,
        found.len()
    );
    assert_eq!(found, Vec::<String>::new());
}
