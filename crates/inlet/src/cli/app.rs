//! `inlet app`: OAuth clients. Add one (its secret is shown this once), list them, say yes for one without a browser, and
//! show or take back what they were granted.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::{Desk, query},
    print::{table, text},
};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Add an app; its secret is printed this once.
    #[command(after_help = "Example:\n  inlet app add --name 'My app' --redirect-uri https://app.example/callback")]
    Add {
        /// Its name, which the consent page shows.
        #[arg(long)]
        name: String,
        /// Where a browser may be sent back to, exactly; once for each.
        #[arg(long = "redirect-uri", value_name = "URL")]
        redirect_uris: Vec<String>,
        /// What it may ask for, once for each scope; everything unless said.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// List the apps, without their secrets.
    List,
    /// Say yes for an app, without a browser; prints the code that it exchanges for tokens.
    #[command(after_help = "Example:\n  inlet app authorize APP-ID --location ID")]
    Authorize {
        /// The app's id.
        #[arg(value_name = "ID")]
        app: String,
        /// The location that it may open.
        #[arg(
            long,
            value_name = "ID",
            conflicts_with = "agency",
            required_unless_present = "agency"
        )]
        location: Option<String>,
        /// The agency whose locations it may open, those to come too.
        #[arg(long, value_name = "ID")]
        agency: Option<String>,
        /// One of its addresses; the first unless said.
        #[arg(long, value_name = "URL")]
        redirect_uri: Option<String>,
        /// What it may do, once for each scope; all that it registered unless said.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// List what apps were granted.
    Grants {
        /// Those of one app only.
        #[arg(long, value_name = "ID")]
        app: Option<String>,
    },
    /// Take a grant back, with every token that came of it.
    Revoke {
        /// Its id.
        #[arg(value_name = "ID")]
        grant: String,
    },
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Add {
            name,
            redirect_uris,
            scopes,
        } => {
            let new = json!({ "name": name, "redirect_uris": redirect_uris, "scopes": scopes });
            let added = desk.post("/apps", &new).await?;
            desk.printer.show(&added, |added| {
                format!(
                    "client id      {}\nclient secret  {}\n\nKeep the secret: it is not shown again. The app's id is {}.",
                    text(added, "client_id"),
                    text(added, "client_secret"),
                    text(added, "id")
                )
            })
        }
        Verb::List => {
            let found = desk.get("/apps").await?;
            let columns = ["id", "name", "client_id", "redirect_uris", "scopes"];
            desk.printer
                .show(&found, |found| table(found, "apps", &columns, "There is no app yet."))
        }
        Verb::Authorize {
            app,
            location,
            agency,
            redirect_uri,
            scopes,
        } => {
            let yes = json!({ "location": location, "agency": agency, "redirect_uri": redirect_uri, "scopes": scopes });
            let authorized = desk.post(&format!("/apps/{app}/authorize"), &yes).await?;
            desk.printer.show(&authorized, |authorized| {
                format!(
                    "{}\n\nThe code is good once, for ten minutes, at POST /oauth/token. A browser would be sent to\n{}",
                    text(authorized, "code"),
                    text(authorized, "url")
                )
            })
        }
        Verb::Grants { app } => {
            let found = desk.get(&query("/grants", &[("app", app)])).await?;
            desk.printer.show(&found, listed)
        }
        Verb::Revoke { grant } => {
            let revoked = desk.post("/grants/revoke", &json!({ "grant": grant })).await?;
            desk.printer.show(&revoked, |revoked| {
                format!("Grant {} and all its tokens are worthless now.", text(revoked, "id"))
            })
        }
    }
}

fn listed(found: &Value) -> String {
    let columns = ["id", "app", "location", "agency", "scopes", "created_at", "revoked_at"];
    table(found, "grants", &columns, "No app was granted anything yet.")
}
