//! `inlet request`: the journal of requests.

use std::fmt::Write;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::{Desk, query},
    print::{cell, items, table},
    provider::path_part,
};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// List requests, newest first.
    List {
        /// Those of one verdict only.
        #[arg(long, value_parser = ["accepted", "parked", "refused", "failed"])]
        verdict: Option<String>,
        /// At most so many.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Show a request as it came, without what opens something.
    Show {
        /// Its id.
        id: String,
    },
    /// Record what requests say that were parked or failed, at the providers there are now; doing it again is harmless.
    #[command(
        after_help = "A number that arrives at the webhook of another one is added beside it first:
  inlet provider add --location ID --beside PROVIDER --number +1…
  inlet request process --parked"
    )]
    Process {
        /// Their ids.
        #[arg(value_name = "ID", required_unless_present = "parked")]
        ids: Vec<String>,
        /// All that are parked, the newest 1000.
        #[arg(long)]
        parked: bool,
    },
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::List { verdict, limit } => {
            let none = match verdict.as_deref() {
                Some("accepted") => {
                    "The journal leaves accepted requests out, unless INLET_JOURNAL_ACCEPTED=true: `inlet trace` finds \
                     their messages."
                }
                _ => "The journal has no such request.",
            };
            let limit = limit.map(|limit| limit.to_string());
            let found = desk
                .get(&query("/requests", &[("verdict", verdict), ("limit", limit)]))
                .await?;
            let columns = [
                "id",
                "received_at",
                "verdict",
                "status",
                "target",
                "provider_ids",
                "reason",
            ];
            desk.printer
                .show(&found, |found| table(found, "requests", &columns, none))
        }
        Verb::Show { id } => {
            let found = desk.get(&format!("/requests/{}", path_part(&id))).await?;
            desk.printer.show(&found, shown)
        }
        Verb::Process { ids, parked } => {
            let done = desk
                .post("/requests/process", &json!({ "ids": ids, "parked": parked }))
                .await?;
            let columns = ["id", "verdict", "message_ids", "reason"];
            desk.printer
                .show(&done, |done| table(done, "requests", &columns, "No request is parked."))?;
            let all = items(&done, "requests");
            let left = all.iter().filter(|one| cell(one, "verdict") != "accepted").count();
            if left == 0 {
                return Ok(());
            }
            Err(Trouble::new(format!(
                "{left} of {} were not recorded: see the reasons",
                all.len()
            )))
        }
    }
}

fn shown(found: &Value) -> String {
    let mut lines = String::new();
    for key in [
        "id",
        "received_at",
        "verdict",
        "reason",
        "status",
        "took_ms",
        "location",
        "provider_ids",
        "message_ids",
    ] {
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{:<14}{}", key.replace('_', " "), cell(found, key));
    }
    let _ = writeln!(lines, "\n{} {}", cell(found, "method"), cell(found, "target"));
    for header in items(found, "headers") {
        let part = |index: usize| header.get(index).and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(lines, "{}: {}", part(0), part(1));
    }
    let _ = writeln!(lines, "\n{}", cell(found, "body"));
    lines
}
