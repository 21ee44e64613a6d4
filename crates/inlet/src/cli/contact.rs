//! `inlet contact`: contacts that are one person, or are two after all.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Trouble, desk::Desk, print::text};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Make one contact answer as another: ids, numbers and addresses of both lead to the second, which shows what both
    /// wrote. Nothing is moved.
    #[command(after_help = "Example:\n  inlet contact merge --location ID OLD-CONTACT CONTACT-THAT-STAYS")]
    Merge(Two),
    /// Take a merge back.
    Unmerge(One),
}

#[derive(Args, Debug)]
pub(super) struct Two {
    /// The location of both.
    #[arg(long, value_name = "ID")]
    location: String,
    /// The contact that is to answer as the other.
    #[arg(value_name = "CONTACT")]
    contact: String,
    /// The contact that stays.
    #[arg(value_name = "INTO")]
    into: String,
}

#[derive(Args, Debug)]
pub(super) struct One {
    /// Its location.
    #[arg(long, value_name = "ID")]
    location: String,
    /// The contact that was merged into another.
    #[arg(value_name = "CONTACT")]
    contact: String,
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Merge(two) => merge(&two, desk).await,
        Verb::Unmerge(one) => unmerge(&one, desk).await,
    }
}

async fn merge(two: &Two, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let wish = json!({ "location": two.location, "contact": two.contact, "into": two.into });
    let merged = desk.post("/contacts/merge", &wish).await?;
    let undo = format!(
        "inlet contact unmerge --location {} {}{}",
        two.location, two.contact, desk.suffix
    );
    desk.printer.show(&merged, |merged| {
        let stays = text(merged, "contact_id");
        match merged.get("repeated").and_then(Value::as_bool) {
            Some(true) => format!("They were one before: both answer as {stays}."),
            Some(false) | None => format!(
                "Contact {} answers as {stays} now.\nTo take it back: {undo}",
                two.contact
            ),
        }
    })
}

async fn unmerge(one: &One, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let wish = json!({ "location": one.location, "contact": one.contact });
    let parted = desk.post("/contacts/unmerge", &wish).await?;
    desk.printer.show(&parted, |parted| {
        format!(
            "Contact {} is itself again, with conversation {}.",
            text(parted, "contact_id"),
            text(parted, "conversation_id")
        )
    })
}
