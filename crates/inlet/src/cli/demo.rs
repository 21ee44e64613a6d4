//! `inlet demo`: its flags, and what it prints.

use std::net::SocketAddr;

use clap::Args;
use toml::{Table, Value};

use super::{Trouble, desk::Desk};
use crate::{demo, serve::signals};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  inlet demo                              then open the page that it names
  inlet demo --once                       exits with 0 if all went as it should")]
pub(super) struct Flags {
    /// End after the last step, with exit code 1 and the reason if something did not go as it should.
    #[arg(long)]
    once: bool,
    /// The address to listen on [default: 127.0.0.1:8700; any free port with --once].
    #[arg(long, value_name = "ADDR", value_parser = super::serve::address)]
    listen: Option<SocketAddr>,
}

impl Flags {
    /// What the flags change, in the shape of the configuration file.
    pub(super) fn settings(&self) -> Table {
        let free = || self.once.then(|| "127.0.0.1:0".to_owned());
        let listen = self.listen.map(|address| address.to_string()).or_else(free);
        listen
            .map(|address| ("listen".to_owned(), Value::String(address)))
            .into_iter()
            .collect()
    }
}

pub(super) async fn run(flags: &Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let config = desk.config.clone();
    let printer = &mut desk.printer;
    printer.progress("Everything at once, on a throw-away store: each webhook is checked with the public key.\n")?;
    printer.progress(demo::HEAD)?;
    let played = demo::play(config, &mut |line| printer.progress(&demo::line(line))).await?;
    let failures = played.failures();
    let words = |_: &serde_json::Value| ending(&played.listening, flags.once, failures.is_empty());
    printer.show(&played.json(), words)?;
    if !flags.once {
        signals()?.await;
    }
    played.end().await?;
    if flags.once && !failures.is_empty() {
        return Err(Trouble::new(failures.join("; ")));
    }
    Ok(())
}

fn ending(listening: &str, once: bool, well: bool) -> String {
    match (once, well) {
        (true, true) => "\nAll went as it should.".to_owned(),
        (true, false) => "\nNot all went as it should.".to_owned(),
        (false, _) => format!(
            "\nOpen {listening} to see the conversations. Ctrl-C ends the demo and takes its store away.\n\
             `inlet serve` starts one that keeps."
        ),
    }
}
