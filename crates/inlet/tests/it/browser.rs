//! Stories of the pages in a real browser: Debian's Chromium, without a screen, driven as a person would. They are run by
//! `script/browser`, one at a time; where Chromium is missing, that says the line to type.

mod axe;
mod canary;
mod crowd;
mod deeds;
mod driver;
mod first_message;
mod gallery;
mod hostile;
mod hostile_files;
mod house;
mod keyboard;
mod live;
mod phone;
mod search;
mod widget;
