//! `inlet provider`: add one, list them, show one, test one, try what a request would become, and record what was missed.

use std::{fmt::Write, path::PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::{Desk, query},
    print::{cell, items, table, text},
    reconcile::Reconcile,
};
use crate::config;

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Add a provider; with an adapter it gets a webhook URL to paste at the vendor.
    #[command(after_help = "Examples:
  inlet provider add --location ID --adapter twilio --number +14155550123 --secret-env TWILIO_AUTH_TOKEN
  inlet provider add --location ID --adapter meta --number instagram:17841405822304914 --beside ID
  inlet provider add --location ID --beside PROVIDER --number +14155550124     another number at the same webhook
  inlet provider add --location ID --type SMS          messages come by HighLevel's API")]
    Add(Add),
    /// List the providers.
    List {
        /// Those of one location only.
        #[arg(long, value_name = "ID")]
        location: Option<String>,
    },
    /// Show a provider, with its webhook URL.
    Show {
        /// Its id.
        id: String,
    },
    /// Set what opens the vendor's own API, so that it sends what this provider is to send: Twilio has one.
    #[command(after_help = "Examples:
  inlet provider credentials ID --account AC…          with the auth token that its webhook has
  inlet provider credentials ID --account AC… --user SK… --secret-env TWILIO_API_SECRET")]
    Credentials(Credentials),
    /// Give its webhook another secret, such as a vendor's auth token that was changed there.
    #[command(after_help = "Examples:
  inlet provider secret ID --secret-env NEW_TOKEN --keep-old     before the change: both count
  inlet provider secret ID --secret-env NEW_TOKEN                after it: this one alone")]
    Secret(Anew),
    /// Verify and read a signed sample without recording it, and say whether the vendor can reach this server.
    Test {
        /// Its id.
        id: String,
    },
    /// Show what a request of a file becomes, without recording it: its body, or all of it as it is on the wire.
    #[command(after_help = "Examples:
  inlet provider try sample.json --template vendor.toml
  inlet provider try request.http --adapter clicksend")]
    Try(Try),
    /// Ask the vendor for what it kept, and record what was missed: Twilio's messages, ClickSend's inbound SMS.
    #[command(after_help = "Examples:
  inlet provider reconcile ID
  inlet provider reconcile ID --since 7d

It may be stopped and run again: what is recorded is recognised.")]
    Reconcile(Reconcile),
}

#[derive(Args, Debug)]
pub(super) struct Credentials {
    /// The provider's id.
    id: String,
    /// The vendor's name for the account [default: the provider's].
    #[arg(long)]
    account: Option<String>,
    /// Who asks, where it is a key and not the account itself.
    #[arg(long, value_name = "KEY")]
    user: Option<String>,
    /// The variable that holds the secret [default: what its webhook is verified with].
    #[arg(long, value_name = "VAR", conflicts_with = "secret_file")]
    secret_env: Option<String>,
    /// The file that holds the secret.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Where the API is, instead of where it usually is.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

impl Credentials {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let wish = json!({
            "account": self.account,
            "user": self.user,
            "secret": secret(self.secret_env.as_deref(), self.secret_file.as_ref())?,
            "base_url": self.base_url,
        });
        let path = format!("/providers/{}/credentials", path_part(&self.id));
        let set = desk.post(&path, &wish).await?;
        desk.printer.show(&set, |set| {
            let deaf = match set.get("public") {
                Some(Value::Bool(false)) => {
                    "\n\nNo public URL is set, so the vendor cannot tell what becomes of a message: start `inlet serve` with \
                     --public-url."
                }
                _ => "",
            };
            format!(
                "What provider {} is to send goes to its vendor's own API, as destination {}.{deaf}",
                text(set, "id"),
                text(set, "destination"),
            )
        })
    }
}

#[derive(Args, Debug)]
pub(super) struct Anew {
    /// The provider's id.
    id: String,
    /// The variable that holds the secret.
    #[arg(long, value_name = "VAR", conflicts_with = "secret_file")]
    secret_env: Option<String>,
    /// The file that holds the secret.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Let those that the webhook has count as well.
    #[arg(long)]
    keep_old: bool,
}

impl Anew {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let wish = json!({
            "secret": secret(self.secret_env.as_deref(), self.secret_file.as_ref())?,
            "keep_old": self.keep_old,
        });
        let path = format!("/providers/{}/secret", path_part(&self.id));
        let changed = desk.post(&path, &wish).await?;
        desk.printer.show(&changed, |changed| {
            let count = match changed.get("secrets").and_then(Value::as_u64) {
                Some(count) if count > 1 => {
                    format!("{count} secrets count now: without --keep-old, only the new one does.")
                }
                _ => "Only the new secret counts from now on.".to_owned(),
            };
            let copies = match cell(changed, "sends_by").as_str() {
                "-" => String::new(),
                of => format!(
                    "\n\nWhat is sent goes out by credentials of their own ({of}): set them anew by `inlet provider \
                     credentials`, if they changed too."
                ),
            };
            format!(
                "The webhook of provider {} is verified anew. {count}{copies}",
                text(changed, "id")
            )
        })
    }
}

/// The secret in a variable or a file, if one of them is named.
fn secret(variable: Option<&str>, file: Option<&PathBuf>) -> Result<Option<String>, Trouble> {
    match (variable, file) {
        (Some(name), _) => config::environment(name)
            .map(Some)
            .ok_or_else(|| Trouble::new(format!("the variable {name} is not set: export it first"))),
        (None, Some(path)) => Ok(Some(config::read_file(path)?)),
        (None, None) => Ok(None),
    }
}

#[derive(Args, Debug)]
pub(super) struct Try {
    /// The file with the request.
    #[arg(value_name = "FILE")]
    request: PathBuf,
    /// How it is read, with the adapter custom; HighLevel's bodies, unless said.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Whose language it is in.
    #[arg(long, value_name = "NAME", default_value = "custom")]
    adapter: String,
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The location it belongs to.
    #[arg(long, value_name = "ID")]
    location: String,
    /// The vendor whose webhooks it takes, such as twilio.
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// What messages it fits [default: what the vendor sends].
    #[arg(long = "type", value_name = "TYPE", value_parser = ["SMS", "Email", "Call", "Custom"])]
    kind: Option<String>,
    /// The vendor's name for the account, such as AC…; any, unless said.
    #[arg(long)]
    account: Option<String>,
    /// The number it serves; any, unless said.
    #[arg(long, value_name = "+1…")]
    number: Option<String>,
    /// The variable that holds the vendor's secret, such as Twilio's auth token.
    #[arg(long, value_name = "VAR", conflicts_with = "secret_file")]
    secret_env: Option<String>,
    /// The file that holds the vendor's secret.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// How its requests are read, with the adapter custom: see docs/custom.md.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// A provider whose webhook brings this one's messages too: the same address and secret, for another number or page.
    #[arg(long, value_name = "PROVIDER", alias = "endpoint-of", conflicts_with_all = ["secret_env", "secret_file", "template", "unsigned"])]
    beside: Option<String>,
    /// Where outbound messages are handed over.
    #[arg(long, value_name = "URL")]
    delivery_url: Option<String>,
    /// Take webhooks without a signature: whoever knows the URL can send messages.
    #[arg(long)]
    unsigned: bool,
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Add(add) => add.run(desk).await,
        Verb::List { location } => {
            let found = desk.get(&query("/providers", &[("location", location)])).await?;
            let columns = ["id", "location", "adapter", "type", "account", "number", "unsigned"];
            let none = "There is no provider yet: `inlet provider add --location ID --adapter twilio --secret-env VAR` adds one.";
            desk.printer
                .show(&found, |found| table(found, "providers", &columns, none))
        }
        Verb::Show { id } => {
            let found = desk.get(&format!("/providers/{}", path_part(&id))).await?;
            desk.printer.show(&found, shown)
        }
        Verb::Credentials(credentials) => credentials.run(desk).await,
        Verb::Secret(anew) => anew.run(desk).await,
        Verb::Test { id } => {
            let tested = desk
                .post(&format!("/providers/{}/test", path_part(&id)), &json!({}))
                .await?;
            desk.printer.show(&tested, steps)?;
            if tested.get("ok") == Some(&Value::Bool(true)) {
                return Ok(());
            }
            Err(Trouble::new("the provider does not work yet: see the step that failed"))
        }
        Verb::Try(tried) => tried.run(desk).await,
        Verb::Reconcile(reconcile) => reconcile.run(desk).await,
    }
}

impl Add {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let wish = json!({
            "location": self.location,
            "adapter": self.adapter,
            "type": self.kind,
            "account": self.account,
            "number": self.number,
            "secret": secret(self.secret_env.as_deref(), self.secret_file.as_ref())?,
            "unsigned": self.unsigned,
            "template": read(self.template.as_ref())?,
            "delivery_url": self.delivery_url,
            "beside": self.beside,
        });
        let added = desk.post("/providers", &wish).await?;
        let suffix = desk.suffix.clone();
        desk.printer.show(&added, |added| {
            let id = text(added, "id");
            let door = match added.get("webhook_url").and_then(Value::as_str) {
                Some(url) => {
                    let private = match added.get("public") {
                        Some(Value::Bool(false)) => {
                            "\n\nNo public URL is set, so this address works on this machine only: start `inlet serve` with \
                             --public-url."
                        }
                        _ => "",
                    };
                    format!(
                        "Provider {id} is there. This is its address:\n\n{url}\n\n{}{private}\n\nTry it: inlet provider \
                         test {id}{suffix}",
                        text(added, "advice")
                    )
                }
                None => format!("Provider {id} is there: use the id as conversationProviderId."),
            };
            match added.get("destination").and_then(Value::as_str) {
                Some(destination) => format!(
                    "{door}\n\nWhat it is to send goes to its delivery URL, as destination {destination}, signed with the secret \
                     {} (shown this once) and under this public key:\n\n{}",
                    text(added, "secret"),
                    text(added, "public_key"),
                ),
                None => door,
            }
        })
    }
}

impl Try {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let wish = json!({
            "adapter": self.adapter,
            "template": read(self.template.as_ref())?,
            "request": config::read_file(&self.request)?,
        });
        let becomes = desk.post("/providers/try", &wish).await?;
        desk.printer.show(&becomes, messages)?;
        if becomes.get("ok") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        Err(Trouble::new("not all of it is understood: see what it says"))
    }
}

fn read(file: Option<&PathBuf>) -> Result<Option<String>, Trouble> {
    Ok(file.map(|path| config::read_file(path)).transpose()?)
}

fn messages(becomes: &Value) -> String {
    let all = items(becomes, "messages");
    if all.is_empty() {
        return "It is understood, and brings no message.".to_owned();
    }
    let one = |message: &Value| {
        let mut lines = String::new();
        for key in [
            "says",
            "id",
            "channel",
            "direction",
            "from",
            "to",
            "account",
            "text",
            "written_at",
            "files",
        ] {
            if message.get(key).is_some() {
                // Writing to a string does not fail.
                let _ = writeln!(lines, "{:<12}{}", key.replace('_', " "), cell(message, key));
            }
        }
        lines
    };
    all.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn shown(found: &Value) -> String {
    let mut lines = String::new();
    for key in [
        "id",
        "location",
        "adapter",
        "type",
        "account",
        "number",
        "unsigned",
        "delivery_url",
        "sends_by",
        "heard_at",
        "webhook_url",
        "advice",
    ] {
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{:<14}{}", key.replace('_', " "), cell(found, key));
    }
    lines
}

fn steps(tested: &Value) -> String {
    let line = |step: &Value| {
        let mark = if step.get("ok") == Some(&Value::Bool(true)) {
            "ok"
        } else {
            "failed"
        };
        format!("{mark:<8}{:<16}{}", text(step, "step"), text(step, "says"))
    };
    items(tested, "steps").iter().map(line).collect::<Vec<_>>().join("\n")
}

/// An id as one part of a path, whatever was typed.
pub(super) fn path_part(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}
