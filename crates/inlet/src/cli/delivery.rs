//! `inlet delivery`: the promises of events to destinations.

use std::fmt::Write;

use clap::Subcommand;
use serde_json::Value;

use super::{
    Trouble,
    desk::{Desk, query},
    print::{cell, items, table},
    provider::path_part,
};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// List deliveries, newest first.
    List {
        /// Those of one location only.
        #[arg(long, value_name = "ID")]
        location: Option<String>,
        /// Those to one destination only.
        #[arg(long, value_name = "ID")]
        destination: Option<String>,
        /// Those in one state only.
        #[arg(long, value_parser = ["ready", "leased", "blocked", "delivered", "dead", "cancelled", "held"])]
        status: Option<String>,
        /// At most so many.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Show a delivery with its body and attempts.
    Show {
        /// Its id.
        id: String,
    },
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::List {
            location,
            destination,
            status,
            limit,
        } => {
            let limit = limit.map(|limit| limit.to_string());
            let pairs = [
                ("location", location),
                ("destination", destination),
                ("status", status),
                ("limit", limit),
            ];
            let found = desk.get(&query("/deliveries", &pairs)).await?;
            let columns = ["id", "created_at", "event", "status", "attempts", "url", "last"];
            desk.printer.show(&found, |found| {
                table(found, "deliveries", &columns, "There is no such delivery.")
            })
        }
        Verb::Show { id } => {
            let found = desk.get(&format!("/deliveries/{}", path_part(&id))).await?;
            desk.printer.show(&found, shown)
        }
    }
}

fn shown(found: &Value) -> String {
    let mut lines = String::new();
    for key in [
        "id",
        "event",
        "webhook_id",
        "location",
        "destination",
        "url",
        "conversation_id",
        "message_id",
        "status",
        "created_at",
        "due_at",
        "finished_at",
    ] {
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{:<17}{}", key.replace('_', " "), cell(found, key));
    }
    lines.push_str(&tries(found));
    let _ = writeln!(lines, "\n{}", cell(found, "body"));
    lines
}

/// The attempts of a delivery, a line each.
pub(super) fn tries(delivery: &Value) -> String {
    let mut lines = String::new();
    for (number, attempt) in items(delivery, "tries").iter().enumerate() {
        let answer = match attempt.get("error") {
            Some(Value::String(error)) => error.clone(),
            _ => format!("answered {}", cell(attempt, "status")),
        };
        let _ = writeln!(
            lines,
            "  attempt {:<3} {}  {} ms  {answer}",
            number + 1,
            cell(attempt, "at"),
            cell(attempt, "took_ms")
        );
    }
    lines
}
