//! The server under the load: the release binary over a fresh store, with ten locations and ten thousand contacts; on
//! PostgreSQL as many nodes as asked.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{database::Database, load::Target};

const LOCATIONS: usize = 10;
const CONTACTS: usize = 1000;
/// What `/proc/PID/stat` counts in, on every Linux that Rust runs on.
const TICK_MICROS: u64 = 10_000;

/// Running nodes over one store; they die with this value, the store after them.
pub(crate) struct Server {
    nodes: Vec<Node>,
    tokens: Vec<String>,
    _database: Option<Database>,
}

struct Node {
    address: SocketAddr,
    child: Child,
    _data: TempDir,
}

impl Server {
    /// Nodes over a store whose ten locations have so many paused destinations each: one over a file, or any number over
    /// a database.
    pub(crate) fn start(destinations: usize, nodes: usize, database: Option<Database>) -> Self {
        let store = database.as_ref().map(Database::url);
        let folders: Vec<TempDir> = (0..nodes).map(|_| folder()).collect();
        let first = Home {
            data: folders[0].path(),
            store: store.as_deref(),
        };
        let tokens = (0..LOCATIONS).map(|_| first.location(destinations)).collect();
        for other in &folders[1..] {
            fs::copy(first.data.join("inlet.key"), other.path().join("inlet.key")).unwrap();
        }
        Self {
            nodes: folders
                .into_iter()
                .map(|data| Node::start(data, store.as_deref()))
                .collect(),
            tokens,
            _database: database,
        }
    }

    /// Where the nodes listen.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.address).collect()
    }

    /// Makes the contacts by their first message.
    pub(crate) fn contacts(&self) -> Vec<Target> {
        let made = self.tokens.iter().flat_map(|token| {
            let mut stream = TcpStream::connect(self.nodes[0].address).unwrap();
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
        self.nodes.iter().map(Node::cpu_micros).sum()
    }

    /// Bytes sent to the disk so far; a database's are not among them.
    pub(crate) fn written(&self) -> u64 {
        self.nodes
            .iter()
            .map(|node| field(&node.proc("io"), "write_bytes:"))
            .sum()
    }

    /// Memory in use, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        self.nodes
            .iter()
            .map(|node| field(&node.proc("status"), "VmRSS:") * 1024)
            .sum()
    }
}

impl Node {
    fn start(data: TempDir, store: Option<&str>) -> Self {
        let home = Home {
            data: data.path(),
            store,
        };
        let serve = ["serve", "--echo", "--workers", "2", "--listen", "127.0.0.1:0"];
        let mut child = home
            .command(&serve)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let address = said["listening"].as_str().unwrap().trim_start_matches("http://");
        Self {
            address: address.parse().unwrap(),
            child,
            _data: data,
        }
    }

    fn cpu_micros(&self) -> u64 {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * TICK_MICROS
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may be gone already: that is what was wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where commands find their store.
#[derive(Clone, Copy)]
struct Home<'h> {
    data: &'h Path,
    store: Option<&'h str>,
}

impl Home<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_inlet"));
        command.args(arguments).arg("--json").arg("--data").arg(self.data);
        command.args(self.store.iter().flat_map(|store| ["--store", *store]));
        command
    }

    fn say(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A new location with its destinations; answers its token.
    fn location(&self, destinations: usize) -> String {
        let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
        let id = text(&self.say(&["location", "add", "--name", "bench"]), "id");
        for _ in 0..destinations {
            let url = "https://subscriber.example/hook";
            let added = self.say(&["destination", "add", "--location", &id, "--url", url]);
            self.say(&["destination", "pause", &text(&added, "id")]);
        }
        text(&self.say(&["token", "add", "--location", &id]), "token")
    }
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("inlet-bench")
        .tempdir_in(scratch())
        .unwrap()
}

/// On the disk that the build is on, not on a memory file system.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_inlet")).parent().unwrap().to_owned()
}

fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
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
