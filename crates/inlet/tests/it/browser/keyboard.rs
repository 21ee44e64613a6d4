//! Without a mouse: from the login to the inspector, and back to the same row.

use super::{
    driver::{Browser, DESK, ENTER, ESCAPE, RIGHT, TAB},
    house::{House, text},
};
use crate::harness::cli;

const FOCUSED: &str = "document.activeElement.closest('.row')?.querySelector('.name').textContent";

#[test]
#[ignore = "it needs Chromium: script/browser"]
fn from_the_login_to_the_inspector_and_back_to_the_same_row() {
    let house = House::new();
    let names = ["Maya Okafor", "Noor Haddad", "Sam Wu", "Ines Prado", "Tom Berg"];
    for (index, name) in names.iter().enumerate() {
        house.person(name, &format!("+1415555010{index}"), "Good morning");
    }
    let browser = Browser::open(DESK);
    browser.goto(&text(&cli(house.data(), &["user", "login-link"]), "url"));
    browser.press(TAB);
    browser.press(ENTER);
    browser.until("document.body.dataset.live === 'on'");

    // Down to the third row, and into it. The newest stands first.
    browser.keys("jjj");
    browser.until(&format!("{FOCUSED} === 'Sam Wu'"));
    browser.press(ENTER);
    browser.until("document.querySelector('.thread h2')?.textContent === 'Sam Wu'");
    browser.press('u');
    browser.until("!document.querySelector('.row.unread [aria-current]')");
    browser.press('s');
    browser.until("document.querySelector('.row [aria-current] .star')");

    // What became of it, its second part, and out again.
    browser.press('i');
    browser.until("document.querySelector('#side [role=tab][aria-selected=true]')?.textContent === 'Message'");
    browser.until("document.activeElement.closest('#side')");
    browser.press(RIGHT);
    browser.until("document.activeElement.textContent === 'Request'");
    browser.until("!document.querySelector('#side-request').hidden");
    browser.press(ESCAPE);
    browser.until("!document.querySelector('#side .inspector')");
    browser.until("document.activeElement.matches('#thread .message')");
    browser.press(ESCAPE);
    browser.until(&format!("{FOCUSED} === 'Sam Wu'"));

    // The same row stays the one in hand when another conversation comes in above it.
    house.receive("+14155550100", "One more thing");
    browser.until("document.querySelector('.row .name').textContent === 'Maya Okafor'");
    assert_eq!(browser.text(FOCUSED), "Sam Wu");
    browser.press('j');
    browser.until(&format!("{FOCUSED} === 'Noor Haddad'"));

    // The sheet of keys opens and closes, and nothing fires while somebody types.
    browser.press('?');
    browser.until("document.querySelector('#help').open");
    browser.press(ESCAPE);
    browser.until("!document.querySelector('#help').open");
    browser.press('/');
    browser.keys("sus?i");
    browser.until("document.querySelector('#q').value === 'sus?i'");
    assert_eq!(browser.value("document.querySelector('#help').open"), false);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
