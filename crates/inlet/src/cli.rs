//! The command line: its grammar, and what every verb is given. A verb a file; each asks the admin API, of a running
//! server over its socket, or in this process.

use std::{ffi::OsString, io::Write, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use toml::{Table, Value};

mod admin;
mod app;
mod contact;
mod delivery;
mod demo;
mod desk;
mod destination;
mod doctor;
mod explain;
mod import;
mod ledger;
mod location;
mod print;
mod provider;
mod receive;
mod reconcile;
mod request;
mod serve;
mod simulate;
#[cfg(test)]
mod tests;
mod token;
mod trace;
mod trouble;
mod upstream;
mod user;
mod warm;

pub(crate) use admin::here as in_process;
pub use trouble::Trouble;

use crate::config::{self, Config, Sources};

const EXAMPLES: &str = "Examples:
  inlet demo                                                  see everything at once
  inlet serve                                                 start; it says what to do next
  inlet location add --name 'Harbour Dental' --country US
  inlet token add --location ID                               for HighLevel's API
  inlet provider add --location ID --adapter twilio --secret-env TWILIO_AUTH_TOKEN
  inlet destination add --location ID --url https://example.com/hook
  inlet trace +14155550100                                    the whole life of a message";

/// Takes in every inbound message once, keeps it, puts it in the right conversation, shows it, and passes it on.
#[derive(Parser, Debug)]
#[command(name = "inlet", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    verb: Verb,
}

/// What goes with every verb.
#[derive(Args, Clone, Debug)]
struct Everywhere {
    /// Print one JSON object instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    /// The data folder [default: ./inlet-data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where messages are kept: sqlite:PATH or a URL of PostgreSQL [default: inlet.db in the data folder].
    #[arg(long, global = true, value_name = "URL")]
    store: Option<String>,
    /// A file with settings, such as a copy of inlet.default.toml with changes.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// See everything at once, on a throw-away store.
    Demo(demo::Flags),
    /// Start the server.
    Serve(serve::Flags),
    /// Locations: the tenants that contacts, conversations and messages belong to.
    #[command(subcommand)]
    Location(location::Verb),
    /// Apps: OAuth clients, and what they were granted.
    #[command(subcommand)]
    App(app::Verb),
    /// Tokens for HighLevel's API.
    #[command(subcommand)]
    Token(token::Verb),
    /// Providers: a vendor's account, number or page at a location.
    #[command(subcommand)]
    Provider(provider::Verb),
    /// Destinations: the webhooks to which events are sent, and HighLevel as the upstream.
    #[command(subcommand)]
    Destination(destination::Verb),
    /// Say how things stand with HighLevel, by harmless calls, and what to change.
    Doctor(doctor::Flags),
    /// Record old messages of a file, in a slow lane, silently.
    Import(import::Flags),
    /// Say what HighLevel will do with a body, and what to change.
    Explain(explain::Flags),
    /// The calls made to HighLevel, and what others would have made.
    Ledger(ledger::Flags),
    /// Send the running server webhooks as a vendor would sign and send them.
    Simulate(simulate::Flags),
    /// Record an inbound message by hand.
    Receive(receive::Flags),
    /// Contacts that are one person, or are two after all.
    #[command(subcommand)]
    Contact(contact::Verb),
    /// Tell the whole life of a message.
    Trace(trace::Flags),
    /// The journal: requests that were refused, parked or failed, with the reason.
    #[command(subcommand)]
    Request(request::Verb),
    /// Deliveries of events to destinations, with their attempts.
    #[command(subcommand)]
    Delivery(delivery::Verb),
    /// Who may see the pages.
    #[command(subcommand)]
    User(user::Verb),
}

/// Runs the command line. What it prints goes to `out`, complaints to `err`; the answer is the process's exit code: 0,
/// or 1 for what could not be done, or 2 for what was not understood.
pub fn run(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(told) => {
            // Nobody may be reading any more: that changes nothing.
            let _ = if told.use_stderr() {
                write!(err, "{}", told.render())
            } else {
                write!(out, "{}", told.render())
            };
            return u8::try_from(told.exit_code()).unwrap_or(2);
        }
    };
    match start(cli, out) {
        Ok(()) => 0,
        Err(trouble) => {
            let _ = writeln!(err, "inlet: {trouble}");
            1
        }
    }
}

fn start(cli: Cli, out: &mut dyn Write) -> Result<(), Trouble> {
    let config = settings(&cli)?;
    crate::telemetry::start(&config.log).map_err(Trouble::new)?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.workers.min(cores))
        .enable_all()
        .build()
        .map_err(|error| Trouble::new(format!("the runtime could not be started: {error}")))?;
    let printer = print::Printer::new(cli.everywhere.json, out);
    let makes = matches!(cli.verb, Verb::Location(location::Verb::Add { .. }));
    runtime.block_on(dispatch(
        cli.verb,
        desk::Desk::new(config, cli.everywhere.suffix(), printer, makes),
    ))
}

async fn dispatch(verb: Verb, mut desk: desk::Desk<'_>) -> Result<(), Trouble> {
    let done = run_verb(verb, &mut desk).await;
    let closed = desk.close().await;
    done.and(closed)
}

async fn run_verb(verb: Verb, desk: &mut desk::Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Demo(flags) => demo::run(&flags, desk).await,
        Verb::Serve(flags) => serve::run(&flags, desk).await,
        Verb::Location(verb) => location::run(verb, desk).await,
        Verb::App(verb) => app::run(verb, desk).await,
        Verb::Token(verb) => token::run(verb, desk).await,
        Verb::Provider(verb) => provider::run(verb, desk).await,
        Verb::Destination(verb) => destination::run(verb, desk).await,
        Verb::Doctor(flags) => doctor::run(flags, desk).await,
        Verb::Import(flags) => import::run(flags, desk).await,
        Verb::Explain(flags) => explain::run(&flags, desk),
        Verb::Ledger(flags) => ledger::run(flags, desk).await,
        Verb::Simulate(flags) => simulate::run(flags, desk).await,
        Verb::Receive(flags) => receive::run(flags, desk).await,
        Verb::Contact(verb) => contact::run(verb, desk).await,
        Verb::Trace(flags) => trace::run(flags, desk).await,
        Verb::Request(verb) => request::run(verb, desk).await,
        Verb::Delivery(verb) => delivery::run(verb, desk).await,
        Verb::User(verb) => user::run(verb, desk).await,
    }
}

/// Waits so long, between two questions to the server.
async fn pause(long: std::time::Duration) {
    if long.is_zero() {
        return;
    }
    let mut wait = tokio::time::interval(long);
    // The first tick comes at once.
    wait.tick().await;
    wait.tick().await;
}

/// The settings from all sources, the flags being the strongest.
fn settings(cli: &Cli) -> Result<Config, Trouble> {
    let mut flags = match &cli.verb {
        Verb::Demo(flags) => flags.settings(),
        Verb::Serve(flags) => flags.settings(),
        _ => Table::new(),
    };
    if let Some(data) = &cli.everywhere.data {
        flags.insert("data".to_owned(), Value::String(data.display().to_string()));
    }
    if let Some(store) = &cli.everywhere.store {
        flags.insert("store".to_owned(), Value::String(store.clone()));
    }
    Ok(Config::load(Sources {
        file: cli.everywhere.config.as_deref(),
        environment: &config::environment,
        flags,
    })?)
}

impl Everywhere {
    /// What a command that is suggested must repeat so that it finds the same store.
    fn suffix(&self) -> String {
        let flag =
            |name: &str, value: Option<String>| value.map(|value| format!(" --{name} {value}")).unwrap_or_default();
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        [
            flag("data", path(&self.data)),
            flag("store", self.store.clone()),
            flag("config", path(&self.config)),
        ]
        .concat()
    }
}
