//! The server under the load: the release binary over a fresh store, with ten locations and ten thousand contacts.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use super::load::Target;

const LOCATIONS: usize = 10;
const CONTACTS: usize = 1000;
/// What `/proc/PID/stat` counts in, on every Linux that Rust runs on.
const TICK_MICROS: u64 = 10_000;

/// A running server; it dies with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    tokens: Vec<String>,
    _data: tempfile::TempDir,
}

impl Server {
    /// A server whose ten locations have so many paused destinations each.
    pub(crate) fn start(destinations: usize) -> Self {
        let data = tempfile::Builder::new()
            .prefix("inlet-bench")
            .tempdir_in(scratch())
            .unwrap();
        let tokens = (0..LOCATIONS).map(|_| location(data.path(), destinations)).collect();
        let mut child = Command::new(env!("CARGO_BIN_EXE_inlet"))
            .args([
                "serve",
                "--json",
                "--echo",
                "--workers",
                "2",
                "--listen",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let address = said["listening"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://")
            .parse()
            .unwrap();
        Self {
            address,
            child,
            tokens,
            _data: data,
        }
    }

    /// Makes the contacts by their first message.
    pub(crate) fn contacts(&self) -> Vec<Target> {
        let made = self.tokens.iter().flat_map(|token| {
            let mut stream = TcpStream::connect(self.address).unwrap();
            (0..CONTACTS).map(move |number| Target {
                token: token.clone(),
                contact: make_contact(&mut stream, token, number),
            })
        });
        let mut targets: Vec<Target> = made.collect();
        // Neighbours in the list should not be neighbours in the store.
        targets.sort_by_cached_key(|target| target.contact.chars().rev().collect::<String>());
        targets
    }

    /// CPU time used so far, in microseconds.
    pub(crate) fn cpu_micros(&self) -> u64 {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * TICK_MICROS
    }

    /// Bytes sent to the disk so far.
    pub(crate) fn written(&self) -> u64 {
        field(&self.proc("io"), "write_bytes:")
    }

    /// Memory in use, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        field(&self.proc("status"), "VmRSS:") * 1024
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already: that is what was wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// On the disk that the build is on, not on a memory file system.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_inlet")).parent().unwrap().to_owned()
}

fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// A new location with its destinations; answers its token.
fn location(data: &Path, destinations: usize) -> String {
    let id = cli(data, &["location", "add", "--name", "bench"])["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..destinations {
        let added = cli(
            data,
            &[
                "destination",
                "add",
                "--location",
                &id,
                "--url",
                "https://subscriber.example/hook",
            ],
        );
        cli(data, &["destination", "pause", added["id"].as_str().unwrap()]);
    }
    cli(data, &["token", "add", "--location", &id])["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn cli(data: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_inlet"))
        .args(arguments)
        .arg("--json")
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn make_contact(stream: &mut TcpStream, token: &str, number: usize) -> String {
    let body = json!({ "type": "SMS", "phone": format!("+1415555{number:04}"), "message": "hi" }).to_string();
    let head = format!(
        "POST /conversations/messages/inbound HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Version: 2021-04-15\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
    let mut buffer = vec![0; 16 * 1024];
    let read = stream.read(&mut buffer).unwrap();
    let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
    let body = text.split("\r\n\r\n").nth(1).unwrap_or_else(|| panic!("{text}"));
    let answer: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{text}"));
    answer["contactId"]
        .as_str()
        .unwrap_or_else(|| panic!("{text}"))
        .to_owned()
}
