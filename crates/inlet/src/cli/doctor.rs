//! `inlet doctor`: how things stand with each upstream, found out by harmless calls; what is wrong, with what to change.

use std::fmt::Write;

use clap::Args;
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::Desk,
    print::{items, text},
};

#[derive(Args, Debug)]
pub(super) struct Flags {
    /// The upstreams of one location only.
    #[arg(long, value_name = "ID")]
    location: Option<String>,
    /// One destination only.
    #[arg(long, value_name = "ID")]
    destination: Option<String>,
}

pub(super) async fn run(flags: Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let wish = json!({ "location": flags.location, "destination": flags.destination });
    let report = desk.post("/doctor", &wish).await?;
    desk.printer.show(&report, words)?;
    if report.get("ok") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    Err(Trouble::new("not all is well: see what is marked with a cross"))
}

fn words(report: &Value) -> String {
    let checks = items(report, "checks");
    if checks.is_empty() {
        return "There is no upstream yet: `inlet destination add --location ID --upstream …` adds one.".to_owned();
    }
    let (mut said, mut of) = (String::new(), "");
    for check in checks {
        let destination = text(check, "destination");
        if destination != of {
            let gap = if of.is_empty() { "" } else { "\n\n" };
            // Writing to a string does not fail.
            let _ = write!(
                said,
                "{gap}Destination {destination} of location {}",
                text(check, "location")
            );
            of = destination;
        }
        let mark = match text(check, "verdict") {
            "good" => '✓',
            "odd" => '!',
            _ => '✗',
        };
        let _ = write!(said, "\n  {mark} {:<9} {}", text(check, "check"), text(check, "words"));
        if let Some(cure) = check.get("cure").and_then(Value::as_str) {
            let _ = write!(said, "\n              {cure}");
        }
    }
    said
}
