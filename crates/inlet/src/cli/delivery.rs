//! `inlet delivery`: the promises of events to destinations.

use std::{collections::BTreeMap, fmt::Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::{Desk, query},
    print::{cell, items, table, text},
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
    /// Send deliveries once more: those that are named, or all that fit a filter.
    Replay(Replay),
    /// List the replays of many, and how far they came.
    Replays,
    /// Stop a replay of many; what it took up is sent.
    StopReplay {
        /// Its id.
        id: String,
    },
    /// Take back deliveries that wait.
    Cancel {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Put away deliveries that were given up or are held.
    Discard {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  inlet delivery replay ID ID
  inlet delivery replay --destination ID --status dead --since 24h --rate 5 --dry-run")]
pub(super) struct Replay {
    /// Their ids.
    #[arg(required_unless_present = "destination", conflicts_with = "destination")]
    ids: Vec<String>,
    /// All to this destination that fit.
    #[arg(long, value_name = "ID")]
    destination: Option<String>,
    /// Those in this state [default: dead].
    #[arg(long, requires = "destination", value_parser = ["dead", "held", "delivered", "cancelled"])]
    status: Option<String>,
    /// Those that tell of this event.
    #[arg(long, requires = "destination", value_name = "NAME")]
    event: Option<String>,
    /// Those of one conversation.
    #[arg(long, requires = "destination", value_name = "ID")]
    conversation: Option<String>,
    /// Those promised since then: 2026-11-25T10:00:00Z, or so long ago: 90m, 24h, 7d.
    #[arg(long, requires = "destination", value_name = "TIME")]
    since: Option<String>,
    /// Those promised before then.
    #[arg(long, requires = "destination", value_name = "TIME")]
    until: Option<String>,
    /// How many in a second [default: 20].
    #[arg(long, requires = "destination", value_name = "N")]
    rate: Option<u32>,
    /// Only count them.
    #[arg(long, requires = "destination")]
    dry_run: bool,
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
                let listed = table(found, "deliveries", &columns, "There is no such delivery.");
                listed + &held(found)
            })
        }
        Verb::Show { id } => {
            let found = desk.get(&format!("/deliveries/{}", path_part(&id))).await?;
            desk.printer.show(&found, shown)
        }
        Verb::Replay(replay) => replay.run(desk).await,
        Verb::Replays => {
            let found = desk.get("/replays").await?;
            let columns = [
                "id",
                "created_at",
                "destination",
                "status",
                "rate",
                "replayed",
                "done_at",
            ];
            desk.printer.show(&found, |found| {
                table(found, "replays", &columns, "Nothing was replayed by filter yet.")
            })
        }
        Verb::StopReplay { id } => {
            let stopped = desk
                .post(&format!("/replays/{}/stop", path_part(&id)), &json!({}))
                .await?;
            desk.printer.show(&stopped, |stopped| {
                format!("Replay {} is stopped.", cell(stopped, "id"))
            })
        }
        Verb::Cancel { ids } => order(&ids, "cancel", desk).await,
        Verb::Discard { ids } => order(&ids, "discard", desk).await,
    }
}

/// What to do about those of a list that are held, a line for each of their destinations.
fn held(found: &Value) -> String {
    let mut counts = BTreeMap::new();
    for delivery in items(found, "deliveries") {
        if text(delivery, "status") == "held" {
            *counts.entry(text(delivery, "destination")).or_insert(0) += 1;
        }
    }
    let line = |(destination, count): (&str, usize)| {
        let held = counted(count, "is held", "are held");
        format!(
            "\n{held} for destination {destination}: `inlet destination enable {destination} --release` sends what is held."
        )
    };
    counts.into_iter().map(line).collect()
}

/// Carries an order out on each.
async fn order(ids: &[String], verb: &str, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    for id in ids {
        desk.post(&format!("/deliveries/{}/{verb}", path_part(id)), &json!({}))
            .await?;
    }
    let done = json!({ "done": verb, "ids": ids });
    desk.printer.show(&done, |_| {
        format!(
            "{} told to {verb}.",
            counted(ids.len(), "delivery is", "deliveries are")
        )
    })
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

impl Replay {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let Some(destination) = self.destination else {
            return order(&self.ids, "replay", desk).await;
        };
        let wish = json!({
            "destination": destination,
            "status": self.status,
            "event": self.event,
            "conversation": self.conversation,
            "since": self.since,
            "until": self.until,
            "rate": self.rate,
            "dry_run": self.dry_run,
        });
        let added = desk.post("/replays", &wish).await?;
        desk.printer.show(&added, |added| match added.get("id") {
            Some(Value::String(id)) => format!(
                "Replay {id} takes up {} deliveries while the server runs: `inlet delivery replays` shows how far it came.",
                cell(added, "deliveries")
            ),
            _ => format!("{} deliveries fit.", cell(added, "deliveries")),
        })
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
    if !text(found, "curl").is_empty() {
        let curl = text(found, "curl");
        let _ = writeln!(lines, "\nTo make the attempt once more by hand:\n{curl}");
    }
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
