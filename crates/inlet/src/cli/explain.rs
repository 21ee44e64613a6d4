//! `inlet explain`: what HighLevel will do with a body, and what to change.

use std::{fmt::Write, path::PathBuf};

use clap::Args;
use inlet_highlevel::explain::{Explanation, Fate, explain};
use serde_json::{Value, json};

use super::{Trouble, desk::Desk, print::items};
use crate::config::read_file;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  inlet explain body.json")]
pub(super) struct Flags {
    /// The file with the body of POST /conversations/messages/inbound.
    file: PathBuf,
}

pub(super) fn run(flags: &Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let body = read_file(&flags.file)?;
    let Explanation { fate, sentences } = explain(body.as_bytes());
    let said = json!({ "fate": fate.name(), "sentences": sentences });
    desk.printer.show(&said, |said| words(fate, said))
}

fn words(fate: Fate, said: &Value) -> String {
    let mut lines = match fate {
        Fate::Written => "HighLevel writes it.".to_owned(),
        Fate::Astray => "HighLevel writes it, but not where it was meant to go.".to_owned(),
        Fate::Lost => "HighLevel says yes to it, and loses it.".to_owned(),
        Fate::Refused => "HighLevel refuses it.".to_owned(),
    };
    for sentence in items(said, "sentences") {
        // Writing to a string does not fail.
        let _ = write!(lines, "\n- {}", sentence.as_str().unwrap_or_default());
    }
    lines
}
