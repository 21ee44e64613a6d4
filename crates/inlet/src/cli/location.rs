//! `inlet location`: add one, list them, and give one another name, country or words by which contacts opt out and in.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::{
    Trouble,
    desk::Desk,
    print::{cell, table, text},
    provider::path_part,
};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Add a location.
    #[command(after_help = "Example:\n  inlet location add --name 'Harbour Dental' --country US")]
    Add {
        /// Its name.
        #[arg(long)]
        name: String,
        /// Its id, such as the one it has at HighLevel; a fresh one unless said.
        #[arg(long)]
        id: Option<String>,
        /// The country in which numbers without a country code are read, as two letters.
        #[arg(long, value_name = "US")]
        country: Option<String>,
        /// The id of the agency that owns it.
        #[arg(long, value_name = "ID")]
        agency: Option<String>,
    },
    /// List the locations.
    List,
    /// Give a location another name, country or words by which contacts opt out and in.
    #[command(
        after_help = "Examples:\n  inlet location edit ID --country US\n  inlet location edit ID --stop-words stop,basta \
                      --words-on sms,whatsapp"
    )]
    Edit(Edit),
}

#[derive(Args, Serialize, Debug)]
pub(super) struct Edit {
    /// Its id.
    #[serde(skip)]
    id: String,
    /// Its name from now on.
    #[arg(long, required_unless_present_any = ["country", "stop_words", "start_words", "help_words", "words_on"])]
    name: Option<String>,
    /// The country in which numbers without a country code are read from now on, as two letters.
    #[arg(long, value_name = "US")]
    country: Option<String>,
    /// The words by which a contact opts out, each the whole of a message; they take the place of those before.
    #[arg(long, value_name = "WORD,…", value_delimiter = ',')]
    stop_words: Option<Vec<String>>,
    /// The words by which a contact opts in again.
    #[arg(long, value_name = "WORD,…", value_delimiter = ',')]
    start_words: Option<Vec<String>>,
    /// The words by which a contact asks for help.
    #[arg(long, value_name = "WORD,…", value_delimiter = ',')]
    help_words: Option<Vec<String>>,
    /// By what such a message must come: sms, rcs, `custom_sms`, whatsapp, facebook; sms unless said.
    #[arg(long, value_name = "CHANNEL,…", value_delimiter = ',')]
    words_on: Option<Vec<String>>,
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Add {
            name,
            id,
            country,
            agency,
        } => {
            let wish = json!({ "name": name, "id": id, "country": country, "agency": agency });
            let added = desk.post("/locations", &wish).await?;
            desk.printer
                .show(&added, |added| format!("Location {} is there.", text(added, "id")))
        }
        Verb::Edit(edit) => {
            let path = format!("/locations/{}", path_part(&edit.id));
            let edited = desk.post(&path, &json!(edit)).await?;
            desk.printer.show(&edited, |edited| {
                format!(
                    "Location {} is \"{}\", country {}. Contacts opt out with {}.",
                    text(edited, "id"),
                    text(edited, "name"),
                    cell(edited, "country"),
                    cell(edited, "stop_words"),
                )
            })
        }
        Verb::List => {
            let found = desk.get("/locations").await?;
            let columns = ["id", "name", "country", "created_at"];
            desk.printer.show(&found, |found| {
                table(
                    found,
                    "locations",
                    &columns,
                    "There is no location yet: `inlet location add --name NAME` adds one.",
                )
            })
        }
    }
}
