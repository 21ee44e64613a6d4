//! `inlet ledger`: the calls made to HighLevel, day by day, beside what others would have made.

use std::fmt::Write;

use clap::Args;
use serde_json::Value;

use super::{
    Trouble,
    desk::{Desk, query},
    print::{items, table, text},
};

#[derive(Args, Debug)]
pub(super) struct Flags {
    /// Those for one location only.
    #[arg(long, value_name = "ID")]
    location: Option<String>,
    /// Those to one destination only.
    #[arg(long, value_name = "ID")]
    destination: Option<String>,
    /// How many days [default: 30].
    #[arg(long, value_name = "N")]
    days: Option<u32>,
}

pub(super) async fn run(flags: Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let asked = [
        ("location", flags.location),
        ("destination", flags.destination),
        ("days", flags.days.map(|days| days.to_string())),
    ];
    let found = desk.get(&query("/ledger", &asked)).await?;
    desk.printer.show(&found, words)
}

fn words(found: &Value) -> String {
    let columns = [
        "day",
        "destination",
        "messages",
        "contacts",
        "calls",
        "bridge_estimate",
        "polling_estimate",
    ];
    let none = "No call was made yet: `inlet destination add --location ID --upstream …` adds an upstream.";
    let mut said = table(found, "ledger", &columns, none);
    let number = |of: &Value, key: &str| of.get(key).and_then(Value::as_u64).unwrap_or_default();
    for one in items(found, "forecast") {
        // Writing to a string does not fail.
        let _ = write!(
            said,
            "\nAt this pace {} will have made {} calls by the end of the day; its limit is {}.",
            text(one, "destination"),
            number(one, "expected"),
            number(one, "limit"),
        );
    }
    said.push_str("\n\nEstimates: a bridge of three calls a message and one more for somebody new; asking for each contact every five minutes.");
    said
}
