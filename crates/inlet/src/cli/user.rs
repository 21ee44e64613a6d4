//! `inlet user`: who may see the pages, what they may do, and links that log in.

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::{Desk, query},
    print::{table, text},
    provider::path_part,
};
use crate::config;

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Add a user of the pages.
    #[command(after_help = "Example:\n  inlet user add --name maya --location ID --role agent --password-env MAYA")]
    Add {
        /// The name to log in by.
        #[arg(long, value_name = "NAME")]
        name: String,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        password: NewPassword,
    },
    /// List the users with their roles.
    List {
        /// Those of one location only.
        #[arg(long, value_name = "ID")]
        location: Option<String>,
    },
    /// Give a user a role at a location, or take it away.
    Role {
        /// The user's name or id.
        #[arg(value_name = "USER")]
        user: String,
        #[command(flatten)]
        at: At,
    },
    /// Set a user's password; every browser has to log in again.
    #[command(group = ArgGroup::new("new").required(true).args(["password_env", "password_file"]))]
    Password {
        /// The user's name or id.
        #[arg(value_name = "USER")]
        user: String,
        #[command(flatten)]
        password: NewPassword,
    },
    /// Remove a user; their sessions end at once.
    Remove {
        /// The user's name or id.
        #[arg(value_name = "USER")]
        user: String,
    },
    /// Make a link that opens the pages once, within 15 minutes: for yourself as the owner of all, or for a user.
    LoginLink {
        /// The user's name or id.
        #[arg(value_name = "USER")]
        user: Option<String>,
    },
    /// The log of what was changed, from the pages and from the command line.
    Log {
        /// At one location only.
        #[arg(long, value_name = "ID")]
        location: Option<String>,
        /// At most so many.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
}

/// A role at a location.
#[derive(Args, Debug)]
pub(super) struct At {
    /// The location.
    #[arg(long, value_name = "ID")]
    location: String,
    /// What the user may do there; `none` takes a role away.
    #[arg(long, value_name = "ROLE", value_parser = ["owner", "agent", "read-only", "none"])]
    role: String,
}

/// Where a password stands.
#[derive(Args, Debug)]
pub(super) struct NewPassword {
    /// The variable that holds the password; without one the user comes by links.
    #[arg(long, value_name = "VAR", conflicts_with = "password_file")]
    password_env: Option<String>,
    /// The file that holds the password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<std::path::PathBuf>,
}

impl NewPassword {
    fn read(&self) -> Result<Option<String>, Trouble> {
        let read = match (&self.password_env, &self.password_file) {
            (Some(name), _) => config::environment(name)
                .ok_or_else(|| Trouble::new(format!("the variable {name} is not set: export it first")))?,
            (None, Some(file)) => config::read_file(file)?,
            (None, None) => return Ok(None),
        };
        Ok(Some(read.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Add { name, at, password } => add(&name, &at, password.read()?, desk).await,
        Verb::List { location } => list(location, desk).await,
        Verb::Role { user, at } => {
            let role = Some(&at.role).filter(|role| *role != "none");
            let body = json!({ "location": at.location, "role": role });
            let path = format!("/users/{}/role", path_part(&user));
            let told = desk.post(&path, &body).await?;
            desk.printer.show(&told, |told| match role {
                Some(role) => format!("{} is {role} at {} now.", text(told, "name"), at.location),
                None => format!("{} has no role at {} any more.", text(told, "name"), at.location),
            })
        }
        Verb::Password { user, password } => {
            let body = json!({ "password": password.read()? });
            let path = format!("/users/{}/password", path_part(&user));
            let told = desk.post(&path, &body).await?;
            desk.printer.show(&told, |told| {
                format!(
                    "{} has a new password; every browser has to log in again.",
                    text(told, "name")
                )
            })
        }
        Verb::Remove { user } => {
            let path = format!("/users/{}/remove", path_part(&user));
            let told = desk.post(&path, &json!({})).await?;
            desk.printer
                .show(&told, |told| format!("{} is no user any more.", text(told, "name")))
        }
        Verb::LoginLink { user } => {
            let link = desk.post("/login_links", &json!({ "user": user })).await?;
            desk.printer.show(&link, |link| {
                format!(
                    "{}\n\nIt opens the pages once, until {}.",
                    text(link, "url"),
                    text(link, "valid_until")
                )
            })
        }
        Verb::Log { location, limit } => log(location, limit, desk).await,
    }
}

async fn add(name: &str, at: &At, password: Option<String>, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let has_password = password.is_some();
    let body = json!({ "name": name, "location": at.location, "role": at.role, "password": password });
    let added = desk.post("/users", &body).await?;
    let suffix = desk.suffix.clone();
    desk.printer.show(&added, |added| {
        let name = text(added, "name");
        if has_password {
            format!("{name} can log in.")
        } else {
            format!("{name} is added. `inlet user login-link {name}{suffix}` makes a link that logs in.")
        }
    })
}

async fn list(location: Option<String>, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let found = desk.get(&query("/users", &[("location", location)])).await?;
    desk.printer.show(&found, |found| {
        table(
            &spelled_out(found),
            "users",
            &["name", "roles", "has_password", "created_at", "id"],
            "There is no user yet: `inlet user add --name NAME --location ID --role ROLE` adds one.",
        )
    })
}

/// The list with each user's roles in one cell.
fn spelled_out(found: &Value) -> Value {
    let mut found = found.clone();
    let users = found.get_mut("users").and_then(Value::as_array_mut);
    for roles in users.into_iter().flatten().filter_map(|user| user.get_mut("roles")) {
        let all = roles.as_object().into_iter().flatten();
        let words: Vec<String> = all
            .map(|(location, role)| format!("{} at {location}", role.as_str().unwrap_or_default()))
            .collect();
        *roles = json!(words.join(", "));
    }
    found
}

async fn log(location: Option<String>, limit: Option<usize>, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let limit = limit.map(|limit| limit.to_string());
    let path = query("/deeds", &[("location", location), ("limit", limit)]);
    let found = desk.get(&path).await?;
    desk.printer.show(&found, |found| {
        let columns = ["at", "who", "what", "location"];
        table(found, "deeds", &columns, "Nothing was changed yet.")
    })
}
