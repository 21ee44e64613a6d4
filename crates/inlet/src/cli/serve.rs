//! `inlet serve`: its flags, and what it prints once it accepts.

use std::{fmt::Write, net::SocketAddr};

use clap::Args;
use serde_json::json;
use toml::{Table, Value};

use super::{Trouble, desk::Desk};
use crate::{
    config,
    serve::{self, Welcome},
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  inlet serve
  inlet serve --public-url https://inbox.example.com        behind a tunnel or a reverse proxy
  inlet serve --listen 0.0.0.0:8700 --data /var/lib/inlet
  inlet serve --quirks --fault 'POST /conversations/messages/inbound:429@5%'    what production does, to test against")]
pub(super) struct Flags {
    /// The address to listen on [default: 127.0.0.1:8700].
    #[arg(long, value_name = "ADDR", value_parser = address)]
    listen: Option<SocketAddr>,
    /// The address by which the world reaches this server; vendors sign it.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// A network that webhooks may be sent to beside the public internet, once for each.
    #[arg(long, value_name = "CIDR")]
    allow: Vec<String>,
    /// Answer as HighLevel does where its documents say nothing, or something else; the rate limit is enforced too.
    #[arg(long)]
    quirks: bool,
    /// Let something go wrong, once for each: METHOD PATH:KIND@PERCENT%, where KIND is 429, 429-daily, 500,
    /// timeout-after-write, reset or expired-token.
    #[arg(long, value_name = "SPEC")]
    fault: Vec<String>,
    /// Threads that answer requests [default: 2].
    #[arg(long, value_name = "N")]
    workers: Option<u32>,
    /// Answer on an extra path without storing anything, for script/bench.
    #[arg(long, hide = true)]
    echo: bool,
    /// Break the promise that an answer means "on disk", for the test that must notice.
    #[cfg(feature = "sabotage")]
    #[arg(long, hide = true)]
    reply_before_commit: bool,
    /// Take guards of mails and files away, `cleaner` or `sandbox`, for the test that the other is enough.
    #[cfg(feature = "sabotage")]
    #[arg(long, hide = true)]
    without: Option<String>,
}

/// An address to listen on: a name or a port alone is not enough, and is told so.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an IP address and a port, such as 127.0.0.1:8700 or 0.0.0.0:8700".to_owned())
}

impl Flags {
    /// What the flags change, in the shape of the configuration file.
    pub(super) fn settings(&self) -> Table {
        let mut settings = Table::new();
        if let Some(listen) = self.listen {
            settings.insert("listen".to_owned(), Value::String(listen.to_string()));
        }
        if let Some(url) = &self.public_url {
            settings.insert("public_url".to_owned(), Value::String(url.clone()));
        }
        if let Some(workers) = self.workers {
            settings.insert("workers".to_owned(), Value::Integer(workers.into()));
        }
        if self.quirks {
            settings.insert("quirks".to_owned(), Value::Boolean(true));
        }
        if !self.fault.is_empty() {
            let faults = self.fault.iter().cloned().map(Value::String).collect();
            settings.insert("faults".to_owned(), Value::Array(faults));
        }
        if !self.allow.is_empty() {
            let allow = self.allow.iter().cloned().map(Value::String).collect();
            let guard = Table::from_iter([("allow".to_owned(), Value::Array(allow))]);
            settings.insert("guard".to_owned(), Value::Table(guard));
        }
        settings
    }
}

pub(super) async fn run(flags: &Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let mut setup = crate::node::Setup::of(desk.config.clone());
    setup.echo = flags.echo;
    #[cfg(feature = "sabotage")]
    {
        setup.reply_before_commit = flags.reply_before_commit;
        for guard in flags.without.iter().flat_map(|all| all.split(',')) {
            setup.guards = match guard {
                "cleaner" => setup.guards.without_cleaner(),
                "sandbox" => setup.guards.without_sandbox(),
                _ => setup.guards,
            };
        }
    }
    let mut started = serve::start(setup).await?;
    let unknown = config::strangers(config::variables())?;
    started.welcome.warnings.extend(unknown.iter().map(|name| {
        format!("the variable {name} is set, but no setting has that name: inlet.default.toml lists them all")
    }));
    let welcome = &started.welcome;
    let said = json!({
        "listening": welcome.listening,
        "login": welcome.login,
        "location": welcome.location,
        "token": welcome.token,
        "warnings": welcome.warnings,
    });
    let suffix = desk.suffix.clone();
    // Whoever reads that it listens may ask it to end at once.
    let signals = serve::signals()?;
    desk.printer.show(&said, |_| words(&started.welcome, &suffix))?;
    started.run(signals).await
}

/// What to do next, for people.
fn words(welcome: &Welcome, suffix: &str) -> String {
    let mut warnings = String::new();
    for warning in &welcome.warnings {
        // Writing to a string does not fail.
        let _ = writeln!(warnings, "\nWarning: {warning}.");
    }
    format!(
        "Inlet listens on {}\n\nThe inbox opens once, within 15 minutes, at\n  {}\n  \
         (`inlet user login-link{suffix}` makes another link)\n\n{}\n{}{warnings}\nCtrl-C ends it; nothing is lost.",
        welcome.listening,
        welcome.login,
        first_message(welcome, suffix),
        vendors(welcome, suffix),
    )
}

fn first_message(welcome: &Welcome, suffix: &str) -> String {
    let Some(token) = &welcome.token else {
        return format!(
            "Another token for HighLevel's API:\n  inlet token add --location {}{suffix}\n",
            welcome.location
        );
    };
    format!(
        "A location was made, \"{}\" ({}), and a token for HighLevel's API. Keep it, it is not shown again:\n  \
         {token}\n\nA first message, as it can be pasted into a terminal:\n  \
         curl -X POST {}/conversations/messages/inbound -H 'Authorization: Bearer {token}' -H 'Version: 2021-04-15' \
         -H 'Content-Type: application/json' -d '{{\"type\":\"SMS\",\"phone\":\"+14155550100\",\"message\":\"Hello\"}}'\n",
        serve::FIRST_LOCATION,
        welcome.location,
        welcome.listening,
    )
}

fn vendors(welcome: &Welcome, suffix: &str) -> String {
    if welcome.webhooks.is_empty() {
        return format!(
            "A Twilio number: put the account's auth token into the variable TWILIO_AUTH_TOKEN; then this prints the \
             address to paste at Twilio:\n  inlet provider add --location {} --adapter twilio --number +1… \
             --secret-env TWILIO_AUTH_TOKEN{suffix}\n",
            welcome.location
        );
    }
    let mut lines = String::new();
    for (vendor, url) in &welcome.webhooks {
        // Writing to a string does not fail.
        let _ = writeln!(lines, "  {vendor}  {url}");
    }
    format!("Addresses to paste at the vendors:\n{lines}")
}
