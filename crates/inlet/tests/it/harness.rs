//! Runs the real binary: a server on a port of its own over a store of its own, and the command line beside it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::engine::Engine;

/// A running `inlet serve`; it dies with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server over the store in `data` and waits until it accepts.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        Self::start_at(data, "127.0.0.1:0", more)
    }

    /// The same at an address, so that it can come back where it was.
    pub(crate) fn start_at(data: &Path, address: &str, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_inlet"))
            .args(["serve", "--json", "--listen", address, "--data"])
            .arg(data)
            .args(Engine::flags(data))
            .args(more)
            // No story calls a vendor but one that stands on loopback.
            .env("INLET_RECONCILE_EVERY_MINUTES", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut line).expect("a line when it accepts");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("serve said {line:?}"));
        let address = said["listening"]
            .as_str()
            .and_then(|url| url.strip_prefix("http://"))
            .expect("an address");
        Self {
            child,
            address: address.parse().expect("host and port"),
        }
    }

    /// Sends the process a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(kill.expect("kill runs").success(), "{name}");
    }

    /// Asks the process to end, and waits until it has.
    pub(crate) fn end(mut self) {
        self.signal("TERM");
        for _ in 0..30_000 {
            if let Some(ended) = self.child.try_wait().expect("its state") {
                assert!(ended.success(), "it ended with {ended}");
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("it does not end");
    }

    /// Takes the process away in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("SIGKILL is sent");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already: that is what was wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a verb over the store in `data` and answers what it printed.
pub(crate) fn cli(data: &Path, arguments: &[&str]) -> Value {
    cli_with(data, arguments, &[])
}

/// The same with variables in its environment.
pub(crate) fn cli_with(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let (done, said, complained) = cli_run(data, arguments, variables);
    assert!(done, "inlet {arguments:?}: {complained}");
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("inlet {arguments:?} said {said:?}"))
}

/// Runs a verb: whether it was done, what it printed, and what it complained of.
pub(crate) fn cli_run(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_inlet"))
        .args(arguments)
        .arg("--json")
        .arg("--data")
        .arg(data)
        .args(Engine::flags(data))
        // Receivers of stories are on loopback.
        .env("INLET_GUARD_ALLOW", "127.0.0.1")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// A location with a token, and a webhook destination that is paused, so that its deliveries are only written.
pub(crate) struct Place {
    pub(crate) location: String,
    pub(crate) token: String,
}

impl Place {
    pub(crate) fn make(data: &Path) -> Self {
        let text = |value: &Value, key: &str| {
            value[key]
                .as_str()
                .unwrap_or_else(|| panic!("no {key} in {value}"))
                .to_owned()
        };
        let location = text(&cli(data, &["location", "add", "--name", "Harbour Dental"]), "id");
        let token = text(&cli(data, &["token", "add", "--location", &location]), "token");
        let url = "https://subscriber.example/hook";
        let destination = text(
            &cli(data, &["destination", "add", "--location", &location, "--url", url]),
            "id",
        );
        cli(data, &["destination", "pause", &destination]);
        Self { location, token }
    }
}
