//! `inlet token`: add one (shown this once), list them, revoke one.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::{Desk, query},
    print::{table, text},
};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Add a private integration token; it is printed this once.
    #[command(after_help = "Example:\n  inlet token add --location ID --scope conversations/message.write")]
    Add {
        /// The location it opens.
        #[arg(long, value_name = "ID")]
        location: String,
        /// What it may do, once for each scope; everything unless said.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// List the tokens, without showing them.
    List {
        /// Those of one location only.
        #[arg(long, value_name = "ID")]
        location: Option<String>,
    },
    /// Make a token worthless.
    Revoke {
        /// Its id, or the token itself.
        #[arg(value_name = "ID")]
        token: String,
    },
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Add { location, scopes } => {
            let added = desk
                .post("/tokens", &json!({ "location": location, "scopes": scopes }))
                .await?;
            desk.printer.show(&added, |added| {
                format!(
                    "{}\n\nKeep it: it is not shown again. Its id, to revoke it by, is {}.",
                    text(added, "token"),
                    text(added, "id")
                )
            })
        }
        Verb::List { location } => {
            let found = desk.get(&query("/tokens", &[("location", location)])).await?;
            let columns = [
                "id",
                "hint",
                "location",
                "scopes",
                "created_at",
                "used_at",
                "revoked_at",
            ];
            desk.printer.show(&found, |found| {
                table(
                    &spelled_out(found),
                    "tokens",
                    &columns,
                    "There is no token yet: `inlet token add --location ID` adds one.",
                )
            })
        }
        Verb::Revoke { token } => {
            let revoked = desk.post("/tokens/revoke", &json!({ "token": token })).await?;
            desk.printer.show(&revoked, |revoked| {
                format!("Token {} is worthless now.", text(revoked, "id"))
            })
        }
    }
}

/// The list with a word where no scope means every scope.
fn spelled_out(found: &Value) -> Value {
    let mut found = found.clone();
    let tokens = found.get_mut("tokens").and_then(Value::as_array_mut);
    for scopes in tokens.into_iter().flatten().filter_map(|token| token.get_mut("scopes")) {
        if scopes.as_array().is_some_and(Vec::is_empty) {
            *scopes = json!("everything");
        }
    }
    found
}
