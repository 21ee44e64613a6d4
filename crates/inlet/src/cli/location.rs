//! `inlet location`: add one, list them, and give one another name or country.

use clap::Subcommand;
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
    /// Give a location another name or country.
    #[command(after_help = "Example:\n  inlet location edit ID --country US")]
    Edit {
        /// Its id.
        id: String,
        /// Its name from now on.
        #[arg(long, required_unless_present = "country")]
        name: Option<String>,
        /// The country in which numbers without a country code are read from now on, as two letters.
        #[arg(long, value_name = "US")]
        country: Option<String>,
    },
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
        Verb::Edit { id, name, country } => {
            let wish = json!({ "name": name, "country": country });
            let edited = desk.post(&format!("/locations/{}", path_part(&id)), &wish).await?;
            desk.printer.show(&edited, |edited| {
                format!(
                    "Location {} is \"{}\", country {}.",
                    text(edited, "id"),
                    text(edited, "name"),
                    cell(edited, "country")
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
