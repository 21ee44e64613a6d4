//! `inlet user`: a link that opens the pages.

use clap::Subcommand;
use serde_json::json;

use super::{Trouble, desk::Desk, print::text};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Make a link that opens the pages once, within 15 minutes.
    LoginLink,
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::LoginLink => {
            let link = desk.post("/login_links", &json!({})).await?;
            desk.printer.show(&link, |link| {
                format!(
                    "{}\n\nIt opens the pages once, until {}.",
                    text(link, "url"),
                    text(link, "valid_until")
                )
            })
        }
    }
}
