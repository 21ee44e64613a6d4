//! `inlet trace`: the whole life of a message.

use std::fmt::Write;

use clap::Args;
use serde_json::Value;

use super::{
    Trouble,
    delivery::tries,
    desk::{Desk, query},
    print::{cell, items},
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  inlet trace +14155550100\n  inlet trace SM0123456789abcdef0123456789abcdef")]
pub(super) struct Flags {
    /// A phone number, an e-mail address, the vendor's id of a message, or an id of ours: message, webhook, delivery,
    /// contact or conversation.
    #[arg(value_name = "PHONE|EMAIL|EXTERNAL-ID|MESSAGE-ID")]
    what: String,
    /// At one location only.
    #[arg(long, value_name = "ID")]
    location: Option<String>,
    /// Of how many messages of one contact, the newest ones [default: 20].
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) async fn run(flags: Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let limit = flags.limit.map(|limit| limit.to_string());
    let pairs = [
        ("what", Some(flags.what)),
        ("location", flags.location),
        ("limit", limit),
    ];
    let found = desk.get(&query("/trace", &pairs)).await?;
    desk.printer.show(&found, |found| {
        let mut lives: Vec<String> = items(found, "messages").iter().map(life).collect();
        let most = found.get("limit").and_then(Value::as_u64);
        if most.is_some_and(|most| u64::try_from(lives.len()).is_ok_and(|told| told >= most)) {
            let told = lives.len();
            lives.push(format!(
                "These are the newest {told}; there may be older ones: --limit N tells more."
            ));
        }
        lives.join("\n")
    })
}

fn life(message: &Value) -> String {
    let mut lines = format!(
        "Message {} ({} {}, {})\n",
        cell(message, "id"),
        cell(message, "direction"),
        cell(message, "channel"),
        cell(message, "status")
    );
    // Writing to a string does not fail.
    let mut line = |name: &str, value: String| {
        let _ = writeln!(lines, "  {name:<14}{value}");
    };
    line("vendor's id", cell(message, "external_id"));
    line("location", cell(message, "location"));
    line(
        "conversation",
        format!(
            "{}, number {}",
            cell(message, "conversation_id"),
            cell(message, "sequence")
        ),
    );
    line("contact", cell(message, "contact_id"));
    line("provider", cell(message, "provider_id"));
    line("verified", cell(message, "verified"));
    line("written at", cell(message, "occurred_at"));
    line("on disk at", cell(message, "recorded_at"));
    line("says", cell(message, "body"));
    for file in items(message, "attachments") {
        line("file", format!("{} ({})", cell(file, "url"), cell(file, "state")));
    }
    for delivery in items(message, "deliveries") {
        let what = format!(
            "{} {} to {}",
            cell(delivery, "event"),
            cell(delivery, "status"),
            cell(delivery, "url")
        );
        let _ = writeln!(
            lines,
            "  {what}\n  webhook {}\n{}",
            cell(delivery, "webhook_id"),
            tries(delivery)
        );
    }
    lines
}
